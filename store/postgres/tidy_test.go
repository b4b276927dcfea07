package postgres

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// held is what a connection waits at, once, when it has met certain rows, from when it is armed on. The writer waits for
// the drainer if that is far behind.
type held struct {
	*conn
	*place
	met bool
}

type place struct {
	query       string // that tells them
	row         func(sqlstore.Row) bool
	armed       atomic.Bool
	once        sync.Once
	found, seen chan struct{}
}

// hold has connections of an engine that write wait for rows of a query, which are certain ones.
func hold(e *sqlstore.Engine, query string, row func(sqlstore.Row) bool) *place {
	p := &place{query: query, row: row, found: make(chan struct{}), seen: make(chan struct{})}
	connect := e.Connect
	e.Connect = func(ctx context.Context, write bool) (sqlstore.Conn, error) {
		c, err := connect(ctx, write)
		if err != nil || !write {
			return c, err
		}
		return &held{conn: c.(*conn), place: p}, nil
	}
	return p
}

func (h *held) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	if row == nil || !strings.Contains(query, h.query) {
		return h.conn.Send(ctx, query, args, row)
	}
	return h.conn.Send(ctx, query, args, func(r sqlstore.Row) error {
		h.met = h.met || h.row(r)
		return row(r)
	})
}

func (h *held) Commit(ctx context.Context) error {
	if h.met && h.armed.Load() {
		h.once.Do(func() {
			close(h.found)
			<-h.seen
		})
	}
	h.met = false
	return h.conn.Commit(ctx)
}

// What changes while the drainer looks for what has ended is forgotten as it is by then: an act that is settled
// meanwhile is not open again.
func TestTidyBesideActs(t *testing.T) {
	ctx := context.Background()
	dsn := testpostgres.Schema(t, t.Name())
	e, err := engineOf(dsn, Options{})
	require.NoError(t, err)
	h := hold(e, "kept_until < ", func(sqlstore.Row) bool { return true })
	e.Drain = 8
	later := storetest.Noon.Add(48 * time.Hour)
	s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1, Now: func() time.Time { return later.Add(time.Hour) }})
	require.NoError(t, err)
	l, n := s.Ledger(), 0
	reserve := func() {
		n++
		_, err := l.Reserve(ctx, storetest.Act("act "+time.Duration(n).String(), later.Add(time.Duration(n)), 1, 1000))
		require.NoError(t, err)
	}
	ended := storetest.Act("ended", storetest.Noon, 1, 1000)
	_, err = l.Reserve(ctx, ended)
	require.NoError(t, err)
	h.armed.Store(true)
	for waiting := true; waiting; {
		select {
		case <-h.found:
			waiting = false
		default:
			reserve()
		}
	}
	before := s.Stats().Transactions
	require.NoError(t, l.Settle(ctx, verify.Settlement{
		Decision: ended.Record.Decision, Outcome: verify.Done, At: storetest.Noon,
	}))
	require.Equal(t, before+1, s.Stats().Transactions, "it is a group")
	close(h.seen)

	c, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	for kept := true; kept; {
		reserve()
		_, err := s.Totals(ctx) // the groups until then are in the tables
		require.NoError(t, err)
		var state verify.HoldState
		err = c.QueryRow(ctx, "SELECT state FROM holds WHERE decision = $1", ended.Record.Decision).Scan(&state)
		if kept = err == nil; !kept {
			require.ErrorIs(t, err, pgx.ErrNoRows)
			continue
		}
		require.Equal(t, verify.HoldSpent, state)
	}
	require.NoError(t, c.Close(ctx))
	require.NoError(t, s.Check(ctx))
	require.NoError(t, s.Close())
}

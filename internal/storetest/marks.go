package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// meddler does something before a statement of the writing connection, once.
type meddler struct {
	begin, commit func()
}

func (m *meddler) wrap(e *sqlstore.Engine) *sqlstore.Engine {
	return writing(e, func(c sqlstore.Conn) sqlstore.Conn { return &meddled{c, m} })
}

type meddled struct {
	sqlstore.Conn
	m *meddler
}

func once(f *func()) {
	if do := *f; do != nil {
		*f = nil
		do()
	}
}

func (c *meddled) Begin(ctx context.Context, write bool) error {
	once(&c.m.begin)
	return c.Conn.Begin(ctx, write)
}

func (c *meddled) Alone(ctx context.Context) error {
	once(&c.m.begin)
	return c.Conn.Alone(ctx)
}

func (c *meddled) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	if strings.HasPrefix(query, "WITH head") { // what was read is judged, and is about to be written
		once(&c.m.commit)
	}
	return c.Conn.Send(ctx, query, args, row)
}

func (c *meddled) Commit(ctx context.Context) error {
	once(&c.m.commit)
	return c.Conn.Commit(ctx)
}

// MarksMove lets another process forget something while a reservation is judged that may be
// part of it: before its transaction begins, and, where the engine lets two write at a time,
// before it commits. The mark that the judgement stands on has moved, so it is judged
// again, and refused.
func MarksMove(t *testing.T, engine func(t testing.TB, name string) *sqlstore.Engine) {
	for kind, name := range map[int]string{1: "replay keys", 2: "accounts", 3: "a restored copy"} {
		for _, atCommit := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, at COMMIT %t", name, atCommit), func(t *testing.T) {
				e := engine(t, fmt.Sprint(t.Name(), kind, atCommit))
				if atCommit && e.Disk {
					t.Skip("nobody else writes while a transaction does")
				}
				m := &meddler{}
				s, err := sqlstore.New(ctx, m.wrap(e), store.Options{MaxClockDrift: -1})
				require.NoError(t, err)
				defer func() { require.NoError(t, s.Close()) }()
				// What is remembered of the marks is in use.
				_, err = s.Ledger().Reserve(ctx, Act("before", Noon, 1, 100))
				require.NoError(t, err)

				move := func() {
					other, err := e.Connect(ctx, true)
					require.NoError(t, err)
					defer func() { require.NoError(t, other.Close()) }()
					require.NoError(t, other.Begin(ctx, true))
					require.NoError(t, other.Send(ctx, fmt.Sprintf("INSERT INTO forgotten (space, kind, at) "+
						"SELECT space, %d, %d FROM spaces", kind, Noon.Add(2000*day).UnixNano()), nil, nil))
					require.NoError(t, other.Send(ctx, "UPDATE redo_heads SET number = number + 1, token = token + 1",
						nil, nil))
					require.NoError(t, other.Commit(ctx))
				}
				if m.begin = move; atCommit {
					m.begin, m.commit = nil, move
				}
				r := Act("meanwhile", Noon.Add(time.Second), 1, 100)
				r.Charges[2].Name = "new" // an account that is not there yet
				again := func() int64 { return s.Stats().Retried + s.Stats().Overtaken }
				before := again()
				_, err = s.Ledger().Reserve(ctx, r)
				require.ErrorIs(t, err, verify.LedgerUnavailable)
				require.Equal(t, atCommit || e.Redo, again() > before)
				_, err = s.Ledger().Entry(ctx, r.Record.Decision)
				require.ErrorIs(t, err, verify.ErrUnknownDecision)
			})
		}
	}
}

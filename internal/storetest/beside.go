package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
)

// locks counts statements that forget decisions while the lock of the ledger is held.
type locks struct{ under, others atomic.Int64 }

func (l *locks) wrap(e *sqlstore.Engine) *sqlstore.Engine {
	return writing(e, func(c sqlstore.Conn) sqlstore.Conn { return &locksConn{Conn: c, l: l} })
}

type locksConn struct {
	sqlstore.Conn
	l    *locks
	held bool
}

func (c *locksConn) Begin(ctx context.Context, write bool) error {
	c.held = false
	return c.Conn.Begin(ctx, write)
}

func (c *locksConn) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	c.held = c.held || strings.HasPrefix(query, "UPDATE redo_heads SET")
	switch {
	case !strings.HasPrefix(query, "DELETE FROM records"):
	case c.held:
		c.l.under.Add(1)
	default:
		c.l.others.Add(1)
	}
	return c.Conn.Send(ctx, query, args, row)
}

// PruneBeside forgets decisions that are kept no longer: whoever acts meanwhile, in other processes too, does not wait.
func PruneBeside(t *testing.T, e *sqlstore.Engine) {
	l, now := &locks{}, Noon
	s, err := sqlstore.New(ctx, l.wrap(e), store.Options{MaxClockDrift: -1, Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for i := range 20 {
		_, err := s.Ledger().Reserve(ctx, Act(fmt.Sprint("act ", i), Noon, 1, 100))
		require.NoError(t, err)
	}
	now = Noon.Add(200 * day)
	require.NoError(t, s.Prune(ctx))
	require.Zero(t, l.under.Load(), "statements that others wait for")
	require.Positive(t, l.others.Load())
	require.NoError(t, s.Check(ctx))
}

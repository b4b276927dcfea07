package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
)

// spelled counts the texts of statements that were sent.
type spelled struct {
	mu    sync.Mutex
	texts map[string]bool
}

func (h *spelled) wrap(e *sqlstore.Engine) *sqlstore.Engine {
	return connected(e, func(c sqlstore.Conn, _ bool) sqlstore.Conn { return &spelledConn{c, h} })
}

type spelledConn struct {
	sqlstore.Conn
	h *spelled
}

func (c *spelledConn) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	c.h.mu.Lock()
	c.h.texts[query] = true
	c.h.mu.Unlock()
	return c.Conn.Send(ctx, query, args, row)
}

func (h *spelled) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.texts)
}

// Statements forgets now and again: texts of statements are kept, and what is prepared of them, so there are only so
// many.
func Statements(t *testing.T, e *sqlstore.Engine) {
	h, now := &spelled{texts: map[string]bool{}}, Noon
	s, err := sqlstore.New(ctx, h.wrap(e), store.Options{MaxClockDrift: -1, Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	forget := func() int {
		for range 10 {
			now = now.Add(time.Second)
			require.NoError(t, s.Prune(ctx))
		}
		return h.count()
	}
	require.Equal(t, forget(), forget())
}

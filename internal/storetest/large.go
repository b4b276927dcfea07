package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

var errTooLarge = errors.New("storetest: that is too much for one transaction")

// small is a connection to a server that takes only so many groups in one transaction of the drainer's.
type small struct {
	sqlstore.Conn
	most   int
	groups int
	writer bool // nobody else asks for the number
}

func (c *small) Begin(ctx context.Context, write bool) error {
	c.groups = 0
	return c.Conn.Begin(ctx, write)
}

func (c *small) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	c.writer = c.writer || strings.Contains(query, "redo_heads")
	if c.groups > c.most && !c.writer {
		return errTooLarge
	}
	if strings.HasPrefix(query, "DELETE FROM redo ") {
		return c.Conn.Send(ctx, query, args, func(r sqlstore.Row) error { c.groups++; return row(r) })
	}
	return c.Conn.Send(ctx, query, args, row)
}

// TooLarge lets more be behind than a server takes in one transaction, or than it gets done while anybody waits. What
// is behind gets into the tables in parts.
func TooLarge(t *testing.T, e *sqlstore.Engine) {
	wrapped := writing(e, func(c sqlstore.Conn) sqlstore.Conn { return &small{Conn: c, most: 5} })
	s, memory := open(t, wrapped), ledger.NewMemory(ledger.Options{})
	for i := range 100 {
		r := Act(fmt.Sprint("act ", i), Noon, 1, 1<<30)
		_, err := memory.Reserve(ctx, r)
		require.NoError(t, err)
		_, err = s.Ledger().Reserve(ctx, r)
		require.NoError(t, err)
	}
	same(t, s, memory, Noon)
	require.NoError(t, s.Check(ctx))
}

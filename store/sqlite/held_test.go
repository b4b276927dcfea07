package sqlite

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
)

// hasty is a connection that waits for nobody.
type hasty struct {
	sqlstore.Conn
	begun *int
}

func (c hasty) Begin(ctx context.Context, write bool) error {
	*c.begun++
	return c.Conn.Begin(ctx, write)
}

// STO-09: a file that another process holds and does not let go is not waited for any longer than a call would wait.
func TestSTO09HeldByAnother(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "ledger.db"), context.Background()
	s, err := Open(ctx, path, Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	other, err := dial(path)
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, other.Begin(ctx, true))

	begun, e := 0, engineOf(path, Options{})
	connect := e.Connect
	e.Patience = time.Nanosecond
	e.Connect = func(ctx context.Context, write bool) (sqlstore.Conn, error) {
		c, err := connect(ctx, write)
		if err == nil {
			err = c.Send(ctx, "PRAGMA busy_timeout = 0", nil, nil)
		}
		return hasty{c, &begun}, err
	}
	_, err = sqlstore.New(ctx, e, store.Options{})
	require.ErrorContains(t, err, "another process has held the database for 1ns: ")
	require.Less(t, begun, 50, "it was asked for again and again")

	require.NoError(t, other.Rollback())
	e.Patience = 0
	free, err := sqlstore.New(ctx, e, store.Options{})
	require.NoError(t, err)
	require.NoError(t, free.Close())
}

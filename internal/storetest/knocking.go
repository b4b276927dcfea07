package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
)

// Knocking lets a server take no more connections, as one does that has as many as it may, while the writer has his.
// Acts go on, and the store does not knock with each of them.
func Knocking(t *testing.T, e *sqlstore.Engine) {
	var full atomic.Bool
	var knocks atomic.Int64
	wrapped := *e
	wrapped.Connect = func(ctx context.Context, write bool) (sqlstore.Conn, error) {
		if full.Load() {
			knocks.Add(1)
			return nil, errors.New("storetest: too many connections")
		}
		return e.Connect(ctx, write)
	}
	wrapped.Drain = 32
	s := open(t, &wrapped)
	act := func(i int) {
		_, err := s.Ledger().Reserve(ctx, Act(fmt.Sprint("act ", i), Noon, 1, 1<<30))
		require.NoError(t, err)
	}
	act(0)
	full.Store(true)
	for i := range 120 { // he does not wait for the drainer yet
		act(1 + i)
	}
	full.Store(false)
	require.Less(t, knocks.Load(), int64(45))
	require.NoError(t, s.Check(ctx))
}

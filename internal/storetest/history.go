package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// LostHistory lets a server lose what it had acknowledged while a store knows of it, and others write as much
// again: by the numbers nothing has changed. Behind a pooler the store's connection goes on. It does not judge by
// what it knew.
func LostHistory(t *testing.T, engine func(name string) *sqlstore.Engine, exec func(name, statement string)) {
	for _, more := range []int{0, 1} { // others have written as much, or more
		name := fmt.Sprint("more ", more)
		t.Run(name, func(t *testing.T) {
			e := engine(name)
			s, others := open(t, e), open(t, e)
			limit := int64(1 << 30)
			reserve := func(s store.Store, act string) error {
				r := Act(act, Noon, 10, limit)
				_, err := s.Ledger().Reserve(context.Background(), r)
				return err
			}
			require.NoError(t, reserve(s, "kept"))
			require.NoError(t, s.Check(ctx)) // who reads brings it into the tables
			exec(name, "CREATE TABLE heads_before AS SELECT * FROM redo_heads")
			require.NoError(t, reserve(s, "lost"))
			// The server is another one now, which has not heard of it.
			exec(name, "DELETE FROM redo; DELETE FROM redo_heads; INSERT INTO redo_heads SELECT * FROM heads_before")
			require.NoError(t, others.Close())
			others = open(t, e)
			for i := range 1 + more {
				require.NoError(t, reserve(others, fmt.Sprint("other ", i)))
			}
			require.ErrorIs(t, reserve(s, "other 0"), verify.LedgerReplay)
			limit = 30
			left := 1 - more // of three acts, without the lost one
			for i := range 2 {
				if err := reserve(s, fmt.Sprint("new ", i)); i < left {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, verify.LedgerBudgetExceeded)
				}
			}
			require.NoError(t, s.Check(ctx))
		})
	}
}

package postgres_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/registrytest"
)

func TestRegistryStore(t *testing.T) {
	testpostgres.DSN(t)
	registrytest.TestStore(t, func(t testing.TB) registry.Store {
		s := open(t, place(t, t.Name()))
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s.Registry()
	})
}

// Each store that is opened has a row by which it finds out what became of a COMMIT.
// Those of stores that are gone are removed, and no others.
func TestUpdatesAreBounded(t *testing.T) {
	dsn := place(t, t.Name())
	rows := func() (n int) {
		conn, err := pgx.Connect(ctx, dsn)
		require.NoError(t, err)
		require.NoError(t, conn.QueryRow(ctx, "SELECT COUNT(*) FROM updates").Scan(&n))
		require.NoError(t, conn.Close(ctx))
		return n
	}
	update := func(i int) {
		s := open(t, dsn)
		require.NoError(t, s.Registry().Update(ctx, func(tx registry.Tx) error {
			return tx.Put(registry.Doc{Kind: "thing", ID: fmt.Sprint(i), Body: []byte("{}")})
		}))
		require.NoError(t, s.Close())
	}
	for i := range 10 {
		update(i)
	}
	require.Equal(t, 10, rows(), "a COMMIT of just now may be looked for")
	const hour = "CAST(3600 AS BIGINT) * 1000000000"
	testpostgres.Exec(t, dsn, "UPDATE updates SET at = at - "+hour)
	update(10)
	require.Equal(t, 1, rows())
	s := open(t, dsn)
	testpostgres.Exec(t, dsn, "UPDATE updates SET at = at - "+hour)
	require.NoError(t, s.Prune(ctx))
	require.NoError(t, s.Close())
	require.Zero(t, rows())
}

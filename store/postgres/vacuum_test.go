package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
)

// Holds are vacuumed often, in a database of before, too; where the server does not know
// the word, or the role may not say it, everything else is as it was. STO-11.
func TestHoldsAreVacuumedOften(t *testing.T) {
	ctx := context.Background()
	dsn := testpostgres.Schema(t, t.Name())
	look := func(t *testing.T, vacuumed string) (options string) {
		e, err := engineOf(dsn, Options{})
		require.NoError(t, err)
		e.Vacuumed = vacuumed
		s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1})
		require.NoError(t, err)
		require.NoError(t, s.Check(ctx))
		total, err := s.Totals(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 1, total.Decisions)
		require.NoError(t, s.Close())
		conn, err := pgx.Connect(ctx, dsn)
		require.NoError(t, err)
		var version int
		require.NoError(t, conn.QueryRow(ctx, "SELECT COALESCE(CAST(c.reloptions AS TEXT), ''), MAX(v.version) "+
			"FROM pg_class c, versions v WHERE c.oid = CAST('holds' AS REGCLASS) GROUP BY 1").Scan(&options, &version))
		require.NoError(t, conn.Close(ctx))
		require.Equal(t, sqlstore.Version(), version)
		return options
	}
	before := func() {
		testpostgres.Exec(t, dsn, "DELETE FROM versions WHERE version > 2; DROP TABLE redo; DROP TABLE redo_heads; "+
			"ALTER TABLE holds RENAME COLUMN came_to TO done; ALTER TABLE holds RENAME COLUMN kept_until TO ends; "+
			"ALTER TABLE holds RESET (autovacuum_vacuum_scale_factor)")
	}
	e, err := engineOf(dsn, Options{})
	require.NoError(t, err)
	s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1})
	require.NoError(t, err)
	_, err = s.Ledger().Reserve(ctx, storetest.Act("one", storetest.Noon, 1, 1))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	const factor = "{autovacuum_vacuum_scale_factor=0.05}"
	require.Equal(t, factor, look(t, e.Vacuumed), "a new database")
	before()
	require.Empty(t, look(t, ""), "an engine without the word")
	before()
	require.Empty(t, look(t, "SET (nobody_knows = 1)"), "a server that does not know it")
	before()
	require.Equal(t, factor, look(t, e.Vacuumed), "a database of before")
	testpostgres.Exec(t, dsn, "ALTER TABLE holds SET (autovacuum_vacuum_scale_factor = 0.3)")
	require.Equal(t, "{autovacuum_vacuum_scale_factor=0.3}", look(t, e.Vacuumed), "what an operator says stays")
}

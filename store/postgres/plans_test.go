package postgres

import (
	"context"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
)

// Whatever the arrays are like, a statement of a transaction that writes is planned once.
func TestPlansAreKept(t *testing.T) {
	ctx := context.Background()
	c := writing(t, planning)
	const query = "SELECT version FROM versions WHERE version = ANY(CAST($1 AS BIGINT[])) ORDER BY version"
	anew := func(write bool) (times int64) {
		require.NoError(t, c.Begin(ctx, write))
		for n := range int64(10) {
			require.NoError(t, c.Send(ctx, query, []any{[]int64{n}}, nil))
		}
		require.NoError(t, c.Send(ctx, "SELECT custom_plans FROM pg_prepared_statements WHERE statement = $1", []any{query},
			func(r sqlstore.Row) error { times += r.Int(0); return nil }))
		require.NoError(t, c.Commit(ctx))
		return times
	}
	require.Zero(t, anew(true))
	require.Positive(t, anew(false), "a reading looks for the best plan each time")
}

// A server of another version, or one that only speaks PostgreSQL's language, does not know
// every setting.
func TestSettingsThatAServerDoesNotKnow(t *testing.T) {
	ctx := context.Background()
	list := maps.Clone(planning)
	list["nobody_knows"] = "on"
	c := writing(t, list)
	require.NoError(t, c.Begin(ctx, true))
	got := map[string]string{}
	for name := range planning {
		require.NoError(t, c.Send(ctx, "SELECT current_setting($1)", []any{name}, func(r sqlstore.Row) error {
			got[name] = r.Text(0)
			return nil
		}))
	}
	require.NoError(t, c.Commit(ctx))
	require.Equal(t, planning, got)
}

// writing opens a connection that writes, to an empty database, with a list of settings.
func writing(t *testing.T, list map[string]string) *conn {
	ctx := context.Background()
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	opened, err := e.Connect(ctx, true)
	require.NoError(t, err)
	c := opened.(*conn)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	require.NoError(t, c.prepareSettings(ctx, list))
	_, err = c.Exec(ctx, "CREATE TABLE versions (version BIGINT NOT NULL PRIMARY KEY)")
	require.NoError(t, err)
	return c
}

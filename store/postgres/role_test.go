package postgres

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// STO-11: where the tables are made, a role that may only read and write rows is enough.
func TestRoleThatMakesNoTables(t *testing.T) {
	ctx := context.Background()
	const role = "test_role_that_makes_no_tables"
	dsn := testpostgres.DSN(t)
	t.Cleanup(func() { testpostgres.Exec(t, dsn, "DROP ROLE IF EXISTS "+role) }) // when its schema is gone
	own := testpostgres.Schema(t, t.Name())
	testpostgres.Exec(t, own, "CREATE ROLE "+role+"; GRANT USAGE ON SCHEMA test_testrolethatmakesnotables TO "+role)
	u, err := url.Parse(own)
	require.NoError(t, err)
	q := u.Query()
	q.Set("role", role)
	u.RawQuery = q.Encode()
	options := Options{Options: store.Options{MaxClockDrift: -1}}

	_, err = Open(ctx, u.String(), options)
	require.ErrorContains(t, err, "permission denied", "nobody has made the tables")
	s, err := Open(ctx, own, options)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	testpostgres.Exec(t, own, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "+
		"test_testrolethatmakesnotables TO "+role)

	options.KeepDecisions = time.Nanosecond
	s, err = Open(ctx, u.String(), options)
	require.NoError(t, err)
	r := storetest.Act("one", storetest.Noon, 1, 1)
	held, err := s.Ledger().Reserve(ctx, r)
	require.NoError(t, err)
	require.NoError(t, s.Ledger().Settle(ctx, verify.Settlement{Decision: held.Decision, Outcome: verify.Done, At: r.At}))
	require.NoError(t, s.Check(ctx))
	require.NoError(t, s.Prune(ctx))
	total, err := s.Totals(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, total.Decisions)
	require.NoError(t, s.Close())
}

package postgres

import (
	"context"
	"maps"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// Whatever the arrays are like, a statement of a connection that writes is planned once.
func TestPlansAreKept(t *testing.T) {
	ctx := context.Background()
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	const query = "SELECT space FROM spaces WHERE space = ANY(CAST($1 AS BIGINT[])) ORDER BY space"
	s, err := sqlstore.New(ctx, e, store.Options{}) // so that there is a table
	require.NoError(t, err)
	require.NoError(t, s.Close())
	anew := func(write, direct bool) (times int64) {
		opened, err := e.Connect(ctx, write)
		require.NoError(t, err)
		c := opened.(*conn)
		defer func() { require.NoError(t, c.Close()) }()
		if write && !direct { // as behind a pooler
			_, err = c.Exec(ctx, "RESET ALL")
			require.NoError(t, err)
			require.NoError(t, c.prepareSettings(ctx, planning))
		}
		require.NoError(t, c.Begin(ctx, write))
		for n := range int64(10) {
			require.NoError(t, c.Send(ctx, query, []any{[]int64{n}}, nil))
		}
		require.NoError(t, c.Send(ctx, "SELECT custom_plans FROM pg_prepared_statements WHERE statement = $1", []any{query},
			func(r sqlstore.Row) error { times += r.Int(0); return nil }))
		require.NoError(t, c.Commit(ctx))
		return times
	}
	require.Zero(t, anew(true, true))
	require.Zero(t, anew(true, false))
	require.Positive(t, anew(false, true), "a reading looks for the best plan each time")
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

// A server is waited for as seldom as can be: who asks for what the writer knows waits for one statement, which
// writes; what has ended is looked for in all tables at once; what is looked for by its key is, too.
func TestRoundTrips(t *testing.T) {
	ctx := context.Background()
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	var trips int
	connect := e.Connect
	e.Connect = func(ctx context.Context, write bool) (sqlstore.Conn, error) {
		c, err := connect(ctx, write)
		if err != nil {
			return nil, err
		}
		return &counting{c.(*conn), &trips}, nil
	}
	s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1})
	require.NoError(t, err)
	l, at := s.Ledger(), storetest.Noon
	record := func() error { return l.Record(ctx, verify.Record{Decision: "refused", At: at, Proven: true}) }
	reserve := func(name string) func() error {
		return func() error { _, err := l.Reserve(ctx, storetest.Act(name, at, 1, 9)); return err }
	}
	for _, call := range []struct {
		name string
		want int
		do   func() error
	}{
		{"the first Record", 2, record}, {"Record", 1, record},
		{"the first Reserve", 2, reserve("one")}, {"Reserve", 1, reserve("two")},
		{"Settle", 1, func() error {
			two := storetest.Act("two", at, 1, 1).Record.Decision
			return l.Settle(ctx, verify.Settlement{Decision: two, Outcome: verify.Done, At: at})
		}},
		{"Forget", 3, func() error { return l.(verify.Forgetter).Forget(ctx, at) }},
	} {
		trips = 0
		require.NoError(t, call.do(), call.name)
		require.Equal(t, call.want, trips, call.name)
	}
	require.NoError(t, s.Close())
}

// What an act has the server read does not grow with what is kept, from the first day on: plans are made while tables
// are empty, and nobody has looked at these since. STO-11.
func TestRowsThatAreRead(t *testing.T) {
	const acts = 8192 // what has ended is looked for 32 times
	ctx := context.Background()
	dsn := testpostgres.Schema(t, t.Name())
	name := "reads " + t.Name()
	e, err := engineOf(dsn+"&application_name="+url.QueryEscape(name), Options{})
	require.NoError(t, err)
	s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1})
	require.NoError(t, err)
	require.NoError(t, storebench.NewActs(16, 24*time.Hour).Until(s.Ledger(), acts))
	require.NoError(t, s.Close())

	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	for open := 1; open > 0; { // they count when they end
		require.NoError(t, conn.QueryRow(ctx, "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = $1",
			name).Scan(&open))
	}
	rows, err := conn.Query(ctx, "SELECT indexrelname, idx_tup_read FROM pg_stat_user_indexes "+
		"WHERE schemaname = current_schema()")
	require.NoError(t, err)
	read := map[string]int64{}
	var index string
	var entries int64
	_, err = pgx.ForEachRow(rows, []any{&index, &entries}, func() error { read[index] = entries; return nil })
	require.NoError(t, err)
	require.Positive(t, read["nonces_pkey"])
	for index, entries := range read {
		require.LessOrEqual(t, entries, int64(4*acts), index)
	}
	for table, most := range map[string]int{
		"nonces": 2560, // they are good for five minutes, and there is an act in a second
		"uses":   acts + 3600 + 3500,
	} {
		var rows int
		require.NoError(t, conn.QueryRow(ctx, "SELECT COUNT(*) FROM "+table).Scan(&rows))
		require.Less(t, rows, most, "of %s, what has ended goes", table)
	}
	require.NoError(t, conn.Close(ctx))
}

// counting counts how often a server is waited for.
type counting struct {
	*conn
	trips *int
}

func (c *counting) Flush(ctx context.Context) error {
	if len(c.waiting) > 0 {
		*c.trips++
	}
	return c.conn.Flush(ctx)
}

func (c *counting) Commit(ctx context.Context) error {
	*c.trips++
	return c.conn.Commit(ctx)
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

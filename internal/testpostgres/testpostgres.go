// Package testpostgres gives tests a PostgreSQL database of their own.
package testpostgres

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// DSN returns the connection string of SAFECONDUCT_TEST_POSTGRES, a URL. Without it
// the test is skipped, or fails where SAFECONDUCT_CI is set.
func DSN(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("SAFECONDUCT_TEST_POSTGRES")
	if dsn == "" {
		if os.Getenv("SAFECONDUCT_CI") != "" {
			t.Fatal("SAFECONDUCT_TEST_POSTGRES is not set: it names the database that .ci/run has started")
		}
		t.Skip("SAFECONDUCT_TEST_POSTGRES is not set: it names a PostgreSQL database, as a URL")
	}
	return dsn
}

// Schema returns a connection string for a schema of that name, which is made if need
// be and dropped after the test.
func Schema(t testing.TB, name string) string {
	t.Helper()
	dsn := DSN(t)
	name = "test_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
	name = name[:min(len(name), 63)] // the longest that there is
	Exec(t, dsn, "CREATE SCHEMA IF NOT EXISTS "+name)
	t.Cleanup(func() { Exec(t, dsn, "SET client_min_messages = warning; DROP SCHEMA IF EXISTS "+name+" CASCADE") })
	return InSchema(t, dsn, name)
}

// Exec executes statements.
func Exec(t testing.TB, dsn, statement string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	require.NoError(t, err)
	_, err = conn.PgConn().Exec(context.Background(), statement).ReadAll()
	require.NoError(t, err)
	require.NoError(t, conn.Close(context.Background()))
}

// InSchema returns a connection string for a schema.
func InSchema(t testing.TB, dsn, name string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// Now returns the clock of the server.
func Now(t testing.TB, dsn string) (now time.Time) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	require.NoError(t, err)
	require.NoError(t, conn.QueryRow(context.Background(), "SELECT clock_timestamp()").Scan(&now))
	require.NoError(t, conn.Close(context.Background()))
	return now
}

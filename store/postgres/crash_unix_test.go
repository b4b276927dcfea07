//go:build unix

package postgres_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
)

// STO-01: the process is killed, and the server in every other round.
func TestCrash(t *testing.T) { crashed(t, storetest.Crash) }

// STO-01, G4, P11: no acknowledged revocation is lost.
func TestCrashOffice(t *testing.T) { crashed(t, storetest.CrashOffice) }

// STO-01, P3 to P7, E1, E3: no acknowledged change of a record, a key or a consent is lost.
func TestCrashRecords(t *testing.T) { crashed(t, storetest.CrashRecords) }

// STO-01, G8: the budget of a grant says what the ledger says.
func TestCrashBudgets(t *testing.T) { crashed(t, storetest.CrashBudgets) }

// STO-01: no rotation or revocation of a key of the issuer is lost.
func TestCrashIssuerKeys(t *testing.T) { crashed(t, storetest.CrashIssuerKeys) }

// STO-01: nobody is erased by half.
func TestCrashErase(t *testing.T) { crashed(t, storetest.CrashErase) }

// STO-01: no record comes over by half, and an import that broke off goes on.
func TestCrashImport(t *testing.T) { crashed(t, storetest.CrashImport) }

// P5, P6, P7, P10, P11: on a server, too, events are told in the order of commits.
func TestRaceOffice(t *testing.T) {
	dsn := place(t, t.Name())
	storetest.RaceOffice(t, func(o store.Options) (store.Store, error) {
		return postgres.Open(ctx, dsn, postgres.Options{Options: o})
	})
}

func crashed(t *testing.T, crash func(t *testing.T, rounds int, open storetest.Open, kill func(t testing.TB))) {
	const place = "SAFECONDUCT_CRASH_PLACE"
	var c *testpostgres.Cluster
	if os.Getenv(place) == "" {
		c = testpostgres.NewCluster(t)
		t.Setenv(place, c.DSN())
	}
	crash(t, 100, func(o store.Options) (store.Store, error) {
		if c != nil {
			alone(t, c.DSN())
		}
		return postgres.Open(ctx, os.Getenv(place), postgres.Options{Options: o})
	}, func(t testing.TB) {
		c.Quit(t)
		c.Start(t)
	})
}

// alone waits until the server has done what it was asked by those who were killed: else it changes while it is
// looked at.
func alone(t testing.TB, dsn string) {
	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	for others := 1; others > 0; {
		require.NoError(t, conn.QueryRow(ctx, "SELECT COUNT(*) FROM pg_stat_activity "+
			"WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()").Scan(&others))
	}
	require.NoError(t, conn.Close(ctx))
}

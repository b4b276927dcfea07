//go:build unix

package postgres_test

import (
	"os"
	"testing"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
)

// STO-01: the process is killed, and the server in every other round.
func TestCrash(t *testing.T) {
	const place = "SAFECONDUCT_CRASH_PLACE"
	var c *testpostgres.Cluster
	if os.Getenv(place) == "" {
		c = testpostgres.NewCluster(t)
		t.Setenv(place, c.DSN())
	}
	storetest.Crash(t, 100, func(o store.Options) (store.Store, error) {
		return postgres.Open(ctx, os.Getenv(place), postgres.Options{Options: o})
	}, func(t testing.TB) {
		c.Quit(t)
		c.Start(t)
	})
}

package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

// anyClock is for tests that keep their own time.
var anyClock = postgres.Options{Options: store.Options{MaxClockDrift: -1}}

func open(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(ctx, dsn, anyClock)
	require.NoError(t, err)
	return s
}

// place is a schema of an own name.
func place(t testing.TB, name string) string {
	sum := sha256.Sum256([]byte(name))
	return testpostgres.Schema(t, fmt.Sprintf("%x", sum[:8]))
}

func TestLedger(t *testing.T) {
	testpostgres.DSN(t)
	verifytest.TestLedger(t, func(t testing.TB) verify.Ledger {
		s := open(t, place(t, t.Name()))
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s.Ledger()
	})
}

// handle is a ledger with the store that it closes.
type handle struct {
	store.Ledger
	store *postgres.Store
}

func (h handle) Close() error { return h.store.Close() }

func TestDurableLedger(t *testing.T) {
	testpostgres.DSN(t)
	verifytest.TestDurableLedger(t, func(t testing.TB, folder string) verifytest.DurableLedger {
		s := open(t, place(t, folder))
		return handle{s.Ledger(), s}
	})
}

// S15.
func TestMarkStore(t *testing.T) {
	testpostgres.DSN(t)
	verifytest.TestMarkStore(t, func(t testing.TB) func() verify.MarkStore {
		dsn := place(t, t.Name())
		return func() verify.MarkStore {
			s := open(t, dsn)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			return s.Marks()
		}
	})
}

// Ten may begin at once on a database that has no tables yet.
func TestTenStartAtOnce(t *testing.T) {
	dsn := place(t, t.Name())
	var wg sync.WaitGroup
	failed := make([]error, 10)
	for i := range failed {
		wg.Go(func() {
			s, err := postgres.Open(ctx, dsn, anyClock)
			if failed[i] = err; err == nil {
				failed[i] = s.Close()
			}
		})
	}
	wg.Wait()
	for _, err := range failed {
		require.NoError(t, err)
	}
}

// A7, A8.
func TestStore(t *testing.T) {
	testpostgres.DSN(t)
	storetest.Test(t, func(t testing.TB) (storetest.Open, func(string)) {
		dsn := place(t, t.Name())
		return func(t testing.TB, o store.Options) store.Store {
			s, err := postgres.Open(ctx, dsn, postgres.Options{Options: o})
			require.NoError(t, err)
			return s
		}, func(statement string) { testpostgres.Exec(t, dsn, statement) }
	})
}

// A9, P15, MON-10: 32 connections write.
func TestTwoProcesses(t *testing.T) {
	const dsn = "SAFECONDUCT_TEST_PLACE"
	if os.Getenv(dsn) == "" {
		t.Setenv(dsn, place(t, t.Name()))
	}
	storetest.Race(t, 16, func(t testing.TB, o store.Options) store.Store {
		s, err := postgres.Open(ctx, os.Getenv(dsn), postgres.Options{Options: o})
		require.NoError(t, err)
		return s
	})
}

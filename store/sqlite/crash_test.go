package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
)

// shared opens a store at a place that the other process finds in the environment.
func shared(t *testing.T) storetest.Open {
	const place = "SAFECONDUCT_TEST_PLACE"
	if os.Getenv(place) == "" {
		t.Setenv(place, t.TempDir())
	}
	return func(o store.Options) (store.Store, error) {
		return sqlite.Open(ctx, filepath.Join(os.Getenv(place), "ledger.db"), sqlite.Options{Options: o})
	}
}

// STO-01, STO-09: whoever opens the file next is not stopped by what a killed process has locked.
func TestCrash(t *testing.T) { storetest.Crash(t, 500, shared(t), nil) }

// STO-01, G4, P11: no acknowledged revocation is lost.
func TestCrashOffice(t *testing.T) { storetest.CrashOffice(t, 500, shared(t), nil) }

// STO-01, P3 to P7, E1, E3: no acknowledged change of a record, a key or a consent is lost.
func TestCrashRecords(t *testing.T) { storetest.CrashRecords(t, 500, shared(t), nil) }

// STO-01, G8: the budget of a grant says what the ledger says.
func TestCrashBudgets(t *testing.T) { storetest.CrashBudgets(t, 500, shared(t), nil) }

// STO-01: no rotation or revocation of a key of the issuer is lost.
func TestCrashIssuerKeys(t *testing.T) { storetest.CrashIssuerKeys(t, 200, shared(t), nil) }

// STO-01: nobody is erased by half.
func TestCrashErase(t *testing.T) { storetest.CrashErase(t, 200, shared(t), nil) }

// STO-01: no record comes over by half, and an import that broke off goes on.
func TestCrashImport(t *testing.T) { storetest.CrashImport(t, 200, shared(t), nil) }

// P5, P6, P7, P10, P11.
func TestRaceOffice(t *testing.T) { storetest.RaceOffice(t, shared(t)) }

// A9, P15, MON-08, STO-09: a second process.
func TestTwoProcesses(t *testing.T) { storetest.Race(t, 1, shared(t)) }

package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
)

// STO-01. The other process finds the place in the environment.
func TestCrash(t *testing.T) {
	const place = "SAFECONDUCT_CRASH_PLACE"
	if os.Getenv(place) == "" {
		t.Setenv(place, t.TempDir())
	}
	storetest.Crash(t, 500, func(t testing.TB, o store.Options) store.Store {
		s, err := sqlite.Open(ctx, filepath.Join(os.Getenv(place), "ledger.db"), sqlite.Options{Options: o})
		require.NoError(t, err)
		return s
	}, nil)
}

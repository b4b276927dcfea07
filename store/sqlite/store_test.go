package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
)

// STO-02.
func TestFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	storetest.Faults(t, func() *sqlstore.Engine { return engineOf(path, Options{InsecureNoSync: true}) })
}

// STO-11: a migration that is killed half-way, at each statement.
func TestMigrations(t *testing.T) {
	storetest.Migrations(t, 1, func(t testing.TB, _ string) func() *sqlstore.Engine {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func() *sqlstore.Engine { return engineOf(path, Options{InsecureNoSync: true}) }
	})
}

func TestBatches(t *testing.T) { storetest.Batches(t, engineOf(Memory, Options{})) }

func TestCallerGone(t *testing.T) { storetest.Gone(t, engineOf(Memory, Options{})) }

// What another process forgets is seen.
func TestMarksMove(t *testing.T) {
	storetest.MarksMove(t, func(t testing.TB, _ string) *sqlstore.Engine {
		return engineOf(filepath.Join(t.TempDir(), "ledger.db"), Options{InsecureNoSync: true})
	})
}

// Two processes on one file see what the other one writes. STO-09.
func TestTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	storetest.Turns(t, func() *sqlstore.Engine { return engineOf(path, Options{InsecureNoSync: true}) })
}

func TestOrderOfBatches(t *testing.T) { storetest.Order(t, engineOf(Memory, Options{})) }

func TestForgetTwice(t *testing.T) { storetest.ForgetTwice(t, engineOf(Memory, Options{})) }

func TestHeld(t *testing.T) { storetest.Held(t, engineOf(Memory, Options{})) }

func TestReleased(t *testing.T) { storetest.Released(t, engineOf(Memory, Options{})) }

func TestSlowClock(t *testing.T) { storetest.SlowClock(t, engineOf(Memory, Options{})) }

func TestStatements(t *testing.T) { storetest.Statements(t, engineOf(Memory, Options{})) }

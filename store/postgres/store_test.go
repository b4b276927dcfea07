package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
)

// engineFor is the engine of a schema of that name.
func engineFor(t testing.TB, name string) *sqlstore.Engine {
	e, err := engineOf(testpostgres.Schema(t, name), Options{})
	require.NoError(t, err)
	return e
}

// STO-02.
func TestFaults(t *testing.T) {
	e := engineFor(t, t.Name())
	storetest.Faults(t, func() *sqlstore.Engine { return e })
}

// STO-11: a migration that is killed half-way, at every seventh statement.
func TestMigrations(t *testing.T) {
	storetest.Migrations(t, 7, func(t testing.TB, name string) func() *sqlstore.Engine {
		dsn := testpostgres.Schema(t, name)
		return func() *sqlstore.Engine {
			e, err := engineOf(dsn, Options{})
			require.NoError(t, err)
			return e
		}
	})
}

func TestBatches(t *testing.T) {
	storetest.Batches(t, engineFor(t, t.Name()))
}

func TestCallerGone(t *testing.T) {
	storetest.Gone(t, engineFor(t, t.Name()))
}

// What another process forgets is seen, also between the judgement and the COMMIT.
func TestMarksMove(t *testing.T) {
	storetest.MarksMove(t, func(t testing.TB, name string) *sqlstore.Engine {
		return engineFor(t, name)
	})
}

func TestTurns(t *testing.T) {
	e := engineFor(t, t.Name())
	storetest.Turns(t, func() *sqlstore.Engine { return e })
}

func TestForgetTwice(t *testing.T) {
	storetest.ForgetTwice(t, engineFor(t, t.Name()))
}

func TestHeld(t *testing.T) {
	storetest.Held(t, engineFor(t, t.Name()))
}

func TestReleased(t *testing.T) {
	storetest.Released(t, engineFor(t, t.Name()))
}

func TestTidyBeside(t *testing.T) {
	e := engineFor(t, t.Name())
	storetest.TidyBeside(t, func() *sqlstore.Engine { return e })
}

func TestLostHistory(t *testing.T) {
	testpostgres.DSN(t)
	dsn := func(name string) string { return testpostgres.Schema(t, "lost history "+name) }
	storetest.LostHistory(t, func(name string) *sqlstore.Engine {
		return engineFor(t, "lost history "+name)
	}, func(name, statement string) { testpostgres.Exec(t, dsn(name), statement) })
}

func TestOrderOfBatches(t *testing.T) {
	storetest.Order(t, engineFor(t, t.Name()))
}

func TestUndone(t *testing.T) {
	e := engineFor(t, t.Name())
	storetest.Undone(t, func() *sqlstore.Engine { return e })
}

func TestForgottenStays(t *testing.T) {
	storetest.ForgottenStays(t, engineFor(t, t.Name()))
}

func TestBornAgain(t *testing.T) {
	e := engineFor(t, t.Name())
	storetest.BornAgain(t, func() *sqlstore.Engine { return e })
}

func TestBornAgainAtOnce(t *testing.T) {
	e := engineFor(t, t.Name())
	storetest.BornAgainAtOnce(t, func() *sqlstore.Engine { return e })
}

func TestWordOfCorrections(t *testing.T) {
	e := engineFor(t, t.Name())
	storetest.Corrections(t, func() *sqlstore.Engine { return e })
}

func TestBacklog(t *testing.T) {
	storetest.Backlog(t, engineFor(t, t.Name()))
}

func TestClosedBehind(t *testing.T) {
	storetest.Closed(t, engineFor(t, t.Name()))
}

func TestStatements(t *testing.T) {
	storetest.Statements(t, engineFor(t, t.Name()))
}

func TestSlowClock(t *testing.T) {
	storetest.SlowClock(t, engineFor(t, t.Name()))
}

func TestTooLarge(t *testing.T) {
	storetest.TooLarge(t, engineFor(t, t.Name()))
}

func TestPruneBeside(t *testing.T) {
	storetest.PruneBeside(t, engineFor(t, t.Name()))
}

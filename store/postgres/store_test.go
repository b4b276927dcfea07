package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
)

// STO-02.
func TestFaults(t *testing.T) {
	dsn := testpostgres.Schema(t, t.Name())
	storetest.Faults(t, func() *sqlstore.Engine {
		e, err := engineOf(dsn, Options{})
		require.NoError(t, err)
		return e
	})
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
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.Batches(t, e)
}

func TestCallerGone(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.Gone(t, e)
}

// What another process forgets is seen, also between the judgement and the COMMIT.
func TestMarksMove(t *testing.T) {
	storetest.MarksMove(t, func(t testing.TB, name string) *sqlstore.Engine {
		e, err := engineOf(testpostgres.Schema(t, name), Options{})
		require.NoError(t, err)
		return e
	})
}

func TestTurns(t *testing.T) {
	dsn := testpostgres.Schema(t, t.Name())
	storetest.Turns(t, func() *sqlstore.Engine {
		e, err := engineOf(dsn, Options{})
		require.NoError(t, err)
		return e
	})
}

func TestForgetTwice(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.ForgetTwice(t, e)
}

func TestHeld(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.Held(t, e)
}

func TestReleased(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.Released(t, e)
}

func TestTidyBeside(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.TidyBeside(t, func() *sqlstore.Engine { return e })
}

func TestLostHistory(t *testing.T) {
	testpostgres.DSN(t)
	dsn := func(name string) string { return testpostgres.Schema(t, "lost history "+name) }
	storetest.LostHistory(t, func(name string) *sqlstore.Engine {
		e, err := engineOf(dsn(name), Options{})
		require.NoError(t, err)
		return e
	}, func(name, statement string) { testpostgres.Exec(t, dsn(name), statement) })
}

func TestOrderOfBatches(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.Order(t, e)
}

func TestUndone(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.Undone(t, func() *sqlstore.Engine { return e })
}

func TestForgottenStays(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.ForgottenStays(t, e)
}

func TestBornAgain(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.BornAgain(t, func() *sqlstore.Engine { return e })
}

func TestWordOfCorrections(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	storetest.Corrections(t, func() *sqlstore.Engine { return e })
}

package sqlite_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// The writer is a goroutine of the store's own: a clock of the host that panics there does not end the process. Acts
// go on, and what needs an instant says that there is none.
func TestAClockThatPanics(t *testing.T) {
	w := verifytest.NewWorld(t)
	broken := func() time.Time { panic("oh") }
	s, err := sqlite.Open(t.Context(), sqlite.Memory, sqlite.Options{
		InsecureNoSync: true, Options: store.Options{Now: broken},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	v := w.Verifier(func(c *verify.Config) { c.Ledger = s.Ledger() })
	pass := w.Issue(w.Passport())
	for range 100 { // the writer forgets now and then
		d, err := v.Verify(t.Context(), w.Present(pass, w.Intent()), w.Request())
		verifytest.AssertAllowed(t, err)
		require.NoError(t, d.Commit(t.Context()))
	}
	require.ErrorContains(t, s.Prune(t.Context()), "the clock of the store panicked: oh")
	require.NoError(t, s.Check(t.Context()))

	_, err = sqlite.Open(t.Context(), sqlite.Memory, sqlite.Options{
		InsecureNoSync: true, Options: store.Options{Now: broken, AfterRestore: true},
	})
	require.ErrorContains(t, err, "the clock of the store panicked: oh", "what was used up to now is not known")
}

package score_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/score"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A7: an act that is asked for again, and answered from what was stored, makes nobody better. It uses up no budget, so an
// agent could ask as often as it likes.
func TestA7RepetitionsAreNoActs(t *testing.T) {
	w := verifytest.NewWorld(t)
	l := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = l })
	pass := w.Issue(w.Passport())
	id, err := passport.NewIntentID(w.Clock.Now())
	require.NoError(t, err)
	in := w.Intent(func(in *passport.Intent) { in.ID = id })
	for i := range 10 {
		q := w.Request(func(q *verify.Request) { q.AcceptRepeat = true })
		d, err := v.Verify(context.Background(), w.Present(pass, in), q)
		require.NoError(t, err)
		require.Equal(t, i > 0, d.Repeated)
	}
	_, err = v.Verify(context.Background(), w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err)
	var h score.History
	for _, r := range l.Records() {
		h.Add(&r)
	}
	require.Equal(t, score.Totals{Allowed: 2}, h.Until(w.Clock.Now()))
}

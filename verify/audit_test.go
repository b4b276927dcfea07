package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// TIM-11: as of a past instant, by what held then.
func TestTIM11Audit(t *testing.T) {
	w := verifytest.NewWorld(t)
	ledger := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = ledger })
	p := w.Passport()
	raw := w.Present(w.Issue(p), w.Intent())
	then := w.Clock.Now()
	old := w.Lists.Get(verifytest.RevocationURL)
	oldS := w.Lists.Get(verifytest.SuspensionURL)
	w.Clock.Advance(48 * time.Hour)
	w.Lists.Set(p.Status[0], 1)
	_, err := v.Verify(ctx, raw, w.Request())
	verifytest.AssertDenied(t, err, verify.TimeExpired)
	rep := v.Audit(ctx, raw, w.Request(), then)
	require.Equal(t, verify.StatusEarly, rep.Code(), "today's list does not speak of then")
	w.Lists.Put(verifytest.RevocationURL, old)
	w.Lists.Put(verifytest.SuspensionURL, oldS)
	rep = v.Audit(ctx, raw, w.Request(), then)
	require.Equal(t, verify.Allow, rep.WouldBe, rep.Violations)
	require.Equal(t, then, rep.At)
	require.Len(t, ledger.Records(), 1, "only the decision was recorded")
}

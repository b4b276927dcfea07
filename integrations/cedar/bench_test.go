package verifycedar_test

import (
	"testing"

	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What two policies add to Verify.
func BenchmarkOverhead(b *testing.B) {
	const policies = `permit (principal, action in Action::"payments", resource);
		forbid (principal, action, resource) when { context.amount.greaterThan(decimal("40.00")) };`
	w := verifytest.NewWorld(b)
	ruled := adaptertest.Quiet(w, func(c *verify.Config) { c.Policy = []verify.Rule{rule(b, policies)} })
	adaptertest.Overhead(b, adaptertest.Show(w, w.Intent().Act, ""),
		adaptertest.Verify(b, ruled, w.Request()), adaptertest.Verify(b, adaptertest.Quiet(w), w.Request()))
}

package verifycedar_test

import (
	"testing"

	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What every adapter must do: a rule takes nothing away from the verifier, and what no
// policy speaks of is denied.
func TestAdapter(t *testing.T) {
	const policies = `permit (principal, action == Action::"payments.charge", resource);`
	adaptertest.Run(t, func(t *testing.T) *adaptertest.Adapter {
		w := verifytest.NewWorld(t)
		a := adaptertest.Direct{
			World: w, Passport: w.Issue(w.Passport()),
			Verifier: w.Verifier(func(c *verify.Config) { c.Policy = []verify.Rule{rule(t, policies)} }),
		}.Adapter(t)
		a.Undeclared = verify.PolicyDenied
		return a
	})
}

package verify

import (
	"context"
	"fmt"

	"github.com/safeconduct/safeconduct/passport"
)

// Step 8, ledger: is it new? Last, so that a refused attempt never uses up a
// good nonce.
//
// Budgets over time and rates are not counted yet, so a passport that states
// one is refused rather than half obeyed.
func (r *run) ledger(ctx context.Context) {
	for i := range r.links {
		if what := counted(&r.links[i].passport.Authority); what != "" {
			r.add(Violation{Code: LedgerUnavailable, Path: fmt.Sprintf("/verifiableCredential/%d/credentialSubject/%s", i, what), Detail: "limits over time are not counted by this version"})
		}
	}
	if len(r.decision.Violations) > 0 {
		return
	}
	res := Reservation{At: r.now}
	if r.presentation != nil {
		res.Key = ReplayKey{Agent: r.leaf().Agent, Audience: r.request.Audience, Challenge: r.presentation.Proofs()[0].Challenge}
		res.Until = r.intent.ExpiresAt.Add(2 * r.v.config.Skew)
	}
	r.because(r.v.config.Ledger.Reserve(ctx, res), LedgerUnavailable)
}

// counted names a member of the authority that needs counting over time.
func counted(a *passport.Authority) string {
	for _, l := range a.SpendLimits {
		if l.Per != passport.PerTransaction {
			return "spendLimits"
		}
	}
	for _, l := range a.Limits {
		if l.Kind == passport.LimitRate {
			return "limits"
		}
	}
	for _, c := range a.Capabilities {
		for _, p := range c.Params {
			if p.Kind == passport.ParamRate {
				return "capabilities"
			}
		}
	}
	return ""
}

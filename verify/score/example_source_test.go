package score_test

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/score"
)

// A score as a rule asks for it (policy.Trust), with what a store does not see, such as revocations, added by hand.
func ExampleSource() {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	source := score.Source{Model: score.Bayesian{}, Now: func() time.Time { return at },
		History: func(did.DID) (score.History, bool) {
			var h score.History
			h.Count(at.AddDate(0, 0, -7), score.Totals{Allowed: 400})
			h.Count(at.AddDate(0, 0, -1), score.Totals{Revocations: 1})
			return h, true
		}}
	trust, known := source.Trust(did.MustParse("did:web:agent.example"))
	fmt.Println(trust, known)

	var h score.History
	refused := verify.Record{At: at, Verdict: verify.Deny, Codes: []verify.Code{verify.AuthorityAmountExceeded}, Proven: true}
	h.Add(&refused)
	fmt.Println(score.IsViolation(&refused), h.Until(at).Violations, score.Bayesian{}.Score(h, at).Thousandths())
	// Output:
	// 957 true
	// true 1 25
}

package score_test

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/score"
)

func Example() {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	records := []verify.Record{
		{At: at.Add(-2 * time.Hour), Verdict: verify.Allow},
		{At: at.Add(-1 * time.Hour), Verdict: verify.Allow},
		{At: at, Verdict: verify.Deny, Codes: []verify.Code{verify.AuthorityAmountExceeded}},
	}
	var h score.History
	for i := range records {
		h.Add(&records[i])
	}
	fmt.Println(score.Bayesian{}.Score(h, at))
	fmt.Println(score.AIP1{}.Score(h, at))
	// Output:
	// 0.2481 (allowed +0.2227, violations -0.1194, revocations +0.0000, attestation_changes +0.0000)
	// 0.7030 (allowed +0.2333, violations +0.1667, revocations +0.1500, attestation_changes +0.1000, depth +0.0500, volume +0.0030)
}

// What was asked for again, and answered as before, is no further act.
func ExampleIsAct() {
	fmt.Println(score.IsAct(&verify.Record{Verdict: verify.Allow}))
	fmt.Println(score.IsAct(&verify.Record{Verdict: verify.Allow, Codes: []verify.Code{verify.LedgerRepeated}}))
	// Output:
	// true
	// false
}

// Package score tells how far an agent's record speaks for it.
//
// A [History] counts, day by day, what a verifier decided about one agent. A
// [Model] turns it into a [Score] as of an instant, together with the factors
// that led there:
//
//	var h score.History
//	for _, r := range records { // of the ledger, in any order
//		h.Add(&r)
//	}
//	s := score.Bayesian{}.Score(h, at)
//	fmt.Println(s) // 0.2481 (allowed +0.2227, violations -0.1194, …)
//
// There are two models. [Bayesian], the default, is the lower end of what can
// be believed of the agent: one success does not make a newcomer trusted, and
// what is long ago fades. [AIP1] is the weighted sum that the AIP-1 library
// computes, for hosts that compare with it.
//
// Both are pure functions of the counts and the instant: whoever has the same
// records gets the same score. A score is input to a rule of the host (see the
// trust threshold of package policy). It can refuse an act that the passport
// allows; nothing that it says turns a denial into an allow.
package score

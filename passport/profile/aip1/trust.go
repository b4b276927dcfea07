package aip1

import "strconv"

// Score is the trust score of AIP-1: 0 without a history, else a weighted sum,
// rounded to four places. It is not a probability.
func Score(fine, violations int) float64 {
	total := float64(fine + violations)
	if total <= 0 {
		return 0
	}
	// No revocation, no change of attestation, one link deep: that is all that the
	// verifier of the SDK ever records.
	score := float64(fine)/total*0.35 + (1-float64(violations)/total)*0.25 + 0.15 + 0.10 + 0.05 + min(1, total/100)*0.10
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(min(1, max(0, score)), 'f', 4, 64), 64)
	return rounded
}

// trusted asks for the least score, at tier 2 and of agents with a history; in
// the strict reading always.
func (a *attempt) trusted() *Error {
	if a.skips(Tier1) || a.MinTrust <= 0 {
		return nil
	}
	var fine, violations int
	if a.History != nil {
		fine, violations = a.History(a.agent())
	}
	if !a.strict() && fine+violations == 0 {
		return nil
	}
	if score := Score(fine, violations); score < a.MinTrust {
		return refuse(TrustScoreLow, "/agent/id", "the agent's score is %v, want %v", score, a.MinTrust)
	}
	return nil
}

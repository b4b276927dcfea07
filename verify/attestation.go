package verify

import (
	"slices"

	"github.com/safeconduct/safeconduct/passport"
)

// attestation judges the leaf's own, which is never inherited: what the agent
// is measured to run must be what its passport says, in the word of an anchor.
func (r *run) attestation() {
	says, runs := &r.leaf().Attestation, &r.request.Running
	if *runs == (passport.Attestation{}) {
		return
	}
	same := true
	mismatch := func(c Code, detail, limit, actual string) {
		same = false
		r.add(Violation{
			Code: c, Path: r.place(len(r.links)-1) + "/credentialSubject/attestation", Detail: detail,
			Limit: orAbsent(limit), Actual: orAbsent(actual),
		})
	}
	if runs.ModelDigest != says.ModelDigest || runs.ToolsDigest != says.ToolsDigest {
		mismatch(AttestationModelMismatch,
			"the agent runs another model or other tools than its passport says", says.ModelDigest, runs.ModelDigest)
	}
	if runs.PromptDigest != says.PromptDigest {
		mismatch(AttestationPromptMismatch,
			"the agent runs another prompt than its passport says", says.PromptDigest, runs.PromptDigest)
	}
	if runs.Framework != says.Framework {
		mismatch(AttestationFrameworkUnregistered,
			"the agent runs another framework than its passport says", says.Framework, runs.Framework)
	}
	if same && !r.vouched() {
		mismatch(AttestationFrameworkUnregistered,
			"what the agent runs is the word of another agent, which counts for nothing here",
			"an anchor's word, or that of an agent whom Config.DelegateAttestations names", r.leaf().Issuer.String())
	}
}

// vouched reports whether the attestation of the leaf counts: an anchor issued
// it, or an agent whom the host believes in this.
func (r *run) vouched() bool {
	return len(r.links) == 1 || slices.Contains(r.v.config.DelegateAttestations, r.leaf().Issuer)
}

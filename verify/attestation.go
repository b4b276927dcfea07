package verify

import "github.com/safeconduct/safeconduct/passport"

// attestation judges the leaf's own, which is never inherited: what the agent
// is measured to run must be what its passport says.
func (r *run) attestation() {
	says, runs := r.leaf().Attestation, r.request.Running
	if runs == (passport.Attestation{}) {
		return
	}
	mismatch := func(c Code, detail, limit, actual string) {
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
}

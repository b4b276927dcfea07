package verify

import (
	"slices"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// Attestations is a host's register of what agents are known to run. Digests
// are SHA-256 multihashes in multibase base64url, compared as text, for they
// have one spelling.
type Attestations struct {
	Frameworks map[string][]string  // framework → digests of its models; an empty list takes none
	Prompts    map[did.DID][]string // agent → digests of its prompts; an agent that is not listed may have any
	Required   bool                 // an agent without attestation is refused
}

// attestation judges the leaf's own: it is never inherited. What the agent is
// measured to run must be what its passport says.
func (r *run) attestation() {
	says, runs := r.leaf().Attestation, r.request.Running
	mismatch := func(c Code, detail, limit, actual string) {
		r.add(Violation{Code: c, Path: "/verifiableCredential/" + itoa(len(r.links)-1) + "/credentialSubject/attestation", Detail: detail, Limit: orAbsent(limit), Actual: orAbsent(actual)})
	}
	if runs != (passport.Attestation{}) {
		if runs.ModelDigest != says.ModelDigest || runs.ToolsDigest != says.ToolsDigest {
			mismatch(AttestationModelMismatch, "the agent runs another model or other tools than its passport says", says.ModelDigest, runs.ModelDigest)
		}
		if runs.PromptDigest != says.PromptDigest {
			mismatch(AttestationPromptMismatch, "the agent runs another prompt than its passport says", says.PromptDigest, runs.PromptDigest)
		}
		if runs.Framework != says.Framework {
			mismatch(AttestationFrameworkUnregistered, "the agent runs another framework than its passport says", says.Framework, runs.Framework)
		}
	}
	reg := r.v.config.Attestations
	if reg == nil || says.IsZero() && !reg.Required {
		return
	}
	models, known := reg.Frameworks[says.Framework]
	if !known {
		mismatch(AttestationFrameworkUnregistered, "the framework is not registered here", "", says.Framework)
	} else if !slices.Contains(models, says.ModelDigest) {
		mismatch(AttestationModelMismatch, "the model is not one of the framework's", "", says.ModelDigest)
	}
	if prompts, listed := reg.Prompts[r.leaf().Agent]; listed && !slices.Contains(prompts, says.PromptDigest) {
		mismatch(AttestationPromptMismatch, "the prompt is not one of the agent's", "", says.PromptDigest)
	}
}

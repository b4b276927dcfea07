package policy

import (
	"errors"
	"maps"
	"slices"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

// Attestations is a host's register of what agents are known to run. Digests
// are SHA-256 multihashes in multibase base64url, compared as text, for they
// have one spelling. That an agent runs what its passport says is judged
// without any rule, wherever Request.Running says what was measured.
//
// The word of a delegate on its own child meets no requirement: neither
// Required nor an entry of Prompts, unless verify.Config.DelegateAttestations
// names the delegate. What it says is held to the register all the same.
type Attestations struct {
	Frameworks map[string][]string  // framework → digests of its models; an empty list takes none
	Prompts    map[did.DID][]string // agent → digests of its prompts; an agent that is not listed may have any, or none
	Required   bool                 // an agent without attestation is refused
}

// Rule judges the attestation of the leaf, which is never inherited, with
// attestation.framework_unregistered, .model_mismatch and .prompt_mismatch.
func (a Attestations) Rule() verify.Rule {
	a.Frameworks, a.Prompts = cloneLists(a.Frameworks), cloneLists(a.Prompts)
	return verify.Rule{ID: "attestations", Check: a.check}
}

// cloneLists returns a copy of a map of lists that shares nothing with it.
func cloneLists[K comparable](m map[K][]string) map[K][]string {
	own := maps.Clone(m)
	for key, list := range own {
		own[key] = slices.Clone(list)
	}
	return own
}

func (a *Attestations) check(f verify.Facts) error {
	leaf := f.Leaf()
	says := leaf.Attestation
	prompts, listed := a.Prompts[leaf.Agent]
	if says.IsZero() && !a.Required && !listed {
		return nil
	}
	path := f.Path(len(f.Chain)-1, "/attestation")
	mismatch := func(c verify.Code, detail, actual string) error {
		return &verify.Violation{Code: c, Path: path, Detail: detail, Limit: "absent", Actual: orAbsent(actual)}
	}
	var errs []error
	if (a.Required || listed) && !says.IsZero() && !f.Vouched {
		errs = append(errs, mismatch(verify.AttestationFrameworkUnregistered,
			"the attestation is the word of another agent, which counts for nothing here", leaf.Issuer.String()))
	}
	switch models, known := a.Frameworks[says.Framework]; {
	case says.IsZero() && !a.Required: // the agent is listed: its prompt alone is asked for
	case !known:
		errs = append(errs, mismatch(verify.AttestationFrameworkUnregistered,
			"the framework is not registered here", says.Framework))
	case !slices.Contains(models, says.ModelDigest):
		errs = append(errs, mismatch(verify.AttestationModelMismatch,
			"the model is not one of the framework's", says.ModelDigest))
	}
	if listed && !slices.Contains(prompts, says.PromptDigest) {
		errs = append(errs, mismatch(verify.AttestationPromptMismatch,
			"the prompt is not one of the agent's", says.PromptDigest))
	}
	return errors.Join(errs...)
}

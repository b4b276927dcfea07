package verify

import (
	"context"
	"errors"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

// Step 5, delegation: did every hop only narrow, what all above it allow
// together?
func (r *run) delegation(ctx context.Context) {
	if r.circle(); r.failed == StepDelegation {
		return
	}
	if ctx.Err() == nil && narrowed(r.links) {
		r.narrows = true // the very same documents did
		return
	}
	d := &passport.Descent{}
	for i := range r.links {
		if err := ctx.Err(); err != nil {
			r.because(credential.KeyError(err, r.place(i)), ProofTimeout)
			return
		}
		var digest func() string // the last one's is not asked for
		if i < len(r.links)-1 {
			digest = r.links[i].digest
		}
		if err := d.Next(r.links[i].passport, digest); err != nil {
			r.because(code.At(inCredential(err), r.place(i)), DelegationInvalid)
			return
		}
	}
	r.narrows = true
	rememberNarrowing(r.links)
}

// circle refuses an agent that is in the chain already under another name: it
// signed with the same key. Names alone are for [passport.Descent].
func (r *run) circle() {
	party := func(s signer) int { // 0: who issued the root; 1: its agent; …
		if s.link == presented {
			return len(r.links)
		}
		return s.link
	}
	for i, s := range r.signers {
		for _, o := range r.signers[:i] {
			// An issuer may be its own agent, as far as names go, too.
			if s.key != o.key || party(s) == party(o) || party(s) < 2 {
				continue
			}
			r.add(Violation{
				Code: DelegationInvalid, Path: r.place(party(s)-1) + "/credentialSubject/id",
				Detail: "the agent has the key of another party of the chain: authority cannot go in a circle",
				Actual: r.links[party(s)-1].passport.Agent.String(),
			})
			return
		}
	}
}

// inCredential says where in a credential the refusals of a descent are. What
// is about the credential itself has its path; all else is in the subject.
func inCredential(err error) error {
	if many := code.Joined(err); many != nil {
		moved := make([]error, len(many))
		for i, e := range many {
			moved[i] = inCredential(e)
		}
		return errors.Join(moved...)
	}
	if e, ok := err.(*code.Error); ok && (e.Path == "/issuer" || e.Path == "/validFrom" || e.Path == "/validUntil") {
		return err
	}
	return code.At(err, "/credentialSubject")
}

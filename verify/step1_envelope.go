package verify

import (
	"context"
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

// Step 1, envelope: is it well formed, and of a kind I know?
func (r *run) envelope(context.Context) {
	if r.ofAnotherSystem() {
		return
	}
	vp, err := r.v.parser.Presentation(r.presented)
	if err != nil {
		r.notAPresentation(err)
		return
	}
	r.presentation = vp
	content := vp.Unverified()
	r.because(r.presentationForm(content), EnvelopeMalformed)
	r.because(r.sortCredentials(content.Credentials), EnvelopeMalformed)
}

// notAPresentation tells a bare passport from what is not a document at all.
func (r *run) notAPresentation(err error) {
	bare, bareErr := r.v.parser.Credential(r.presented)
	switch {
	case bareErr != nil:
		r.because(err, EnvelopeMalformed)
	case !r.v.config.InsecureAllowBarePassports:
		r.add(Violation{Code: PresentationRequired,
			Detail: "a passport without a presentation proves nothing about who shows it", Hint: "the agent makes one with passport.Present"})
	default:
		r.because(r.sortCredentials([]*credential.Signed{bare}), EnvelopeMalformed)
	}
}

func (r *run) presentationForm(c *credential.PresentationContent) error {
	bad := func(path, format string, args ...any) error {
		return &code.Error{Code: EnvelopeMalformed, Path: path, Detail: fmt.Sprintf(format, args...)}
	}
	switch {
	case len(c.Context) < 2 || c.Context[1] != passport.Context:
		return &code.Error{Code: EnvelopeContext, Path: "/@context", Detail: "the second context of a presentation is " + passport.Context}
	case len(c.Type) != 2 || !contains(c.Type, passport.PresentationType):
		return bad("/type", "want exactly %s and %s", credential.TypePresentation, passport.PresentationType)
	case c.Holder == "":
		return bad("/holder", "a presentation names its holder")
	}
	for _, m := range c.Extra {
		if m.Name != "intent" {
			return bad(m.Value.Path(), "%.80q is not a member of a presentation", m.Name)
		}
	}
	var err error
	if r.intent, err = passport.ReadIntentUnverified(c.Member("intent")); err != nil {
		return err
	}
	return proofShape(r.presentation)
}

// sortCredentials tells the chain of passports, root first, from the sibling
// credentials behind it.
func (r *run) sortCredentials(list []*credential.Signed) error {
	if len(list) == 0 {
		return &code.Error{Code: EnvelopeMissing, Path: "/verifiableCredential", Detail: "there is no passport in the presentation"}
	}
	for i, s := range list {
		if !s.Unverified().HasType(passport.Type) {
			if i == 0 {
				return &code.Error{Code: EnvelopeUnsupported, Path: r.place(i), Detail: "the first credential is not an " + passport.Type}
			}
			r.siblings = append(r.siblings, s)
			continue
		}
		if len(r.siblings) > 0 {
			return &code.Error{Code: EnvelopeMalformed, Path: r.place(i), Detail: "passports come first, other credentials after them"}
		}
		if i > r.v.config.Bounds.Links {
			return &code.Error{Code: EnvelopeTooLarge, Path: r.place(i),
				Detail: fmt.Sprintf("a chain has at most %d links below its root", r.v.config.Bounds.Links)}
		}
		if known := r.v.proven.of(s); known != nil {
			r.links = append(r.links, link{signed: s, passport: known.passport, proven: known})
			continue
		}
		p, err := readPassport(s, r.v.config.Bounds.AuthorityItems)
		if err == nil {
			err = proofShape(s)
		}
		if err != nil {
			return code.At(err, r.place(i))
		}
		r.links = append(r.links, link{signed: s, passport: p})
	}
	return nil
}

// proofShape holds the rule of passports and presentations: one proof, or two
// of different suites, none continuing another.
func proofShape(doc provable) error {
	n := doc.NumProofs()
	switch {
	case n == 0:
		return &code.Error{Code: ProofMissing, Path: "/proof", Detail: "there is no proof"}
	case n > 2:
		return &code.Error{Code: EnvelopeTooLarge, Path: "/proof", Detail: "a passport or presentation has at most two proofs, one per cryptosuite"}
	case n == 2 && doc.Proof(0).Cryptosuite == doc.Proof(1).Cryptosuite:
		return &code.Error{Code: EnvelopeMalformed, Path: "/proof", Detail: "two proofs of one cryptosuite"}
	}
	for i := range n {
		if len(doc.Proof(i).PreviousProof) > 0 {
			return &code.Error{Code: EnvelopeMalformed, Path: "/proof", Detail: "the proof of a passport or presentation continues no other (previousProof)"}
		}
	}
	return nil
}

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
		if err := d.Next(r.links[i].passport, r.links[i].digest); err != nil {
			r.because(code.At(inCredential(err), r.place(i)), DelegationInvalid)
			return
		}
	}
	r.narrows = true
	rememberNarrowing(r.links)
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
	if e, ok := err.(*code.Error); ok && (e.Path == "/issuer" || e.Path == "/validUntil") {
		return err
	}
	return code.At(err, "/credentialSubject")
}

package verify

import (
	"context"
	"errors"
	"fmt"

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
			r.because(credential.KeyError(err, linkPath(i)), ProofTimeout)
			return
		}
		if err := d.Next(r.links[i].passport, r.links[i].digest); err != nil {
			r.because(inLink(i, err), DelegationInvalid)
			return
		}
	}
	r.narrows = true
	rememberNarrowing(r.links)
}

// inLink moves the paths of errors to a link of the presented chain. What is
// about the credential itself has a path of its own.
func inLink(i int, err error) error {
	if many := joined(err); many != nil {
		var out []error
		for _, e := range many {
			out = append(out, inLink(i, e))
		}
		return errors.Join(out...)
	}
	var e *code.Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Path = fmt.Sprintf("/verifiableCredential/%d", i)
	switch e.Path {
	case "/issuer", "/validUntil":
		moved.Path += e.Path
	default:
		moved.Path += "/credentialSubject" + e.Path
	}
	return &moved
}

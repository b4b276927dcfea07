package verifyhttpsig

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// Agent returns a handler, to be put behind a verifyhttp.Guard, that lets a request
// through only if it is also signed with a key of the agent whose passport was shown: a
// second proof, over the request itself. What is refused gives back what its decision
// has reserved. Of the options Key is not looked at. Without a guard before it, and
// without a resolver, everything is refused.
//
// Required, if nil, is @method, @authority, @path and @query: a signature over less, as
// that of Web Bot Auth over @authority alone, was perhaps made for another request, and
// must be asked for by name. The body is bound by the passport's presentation. One whose
// presentation travels in the body (verifyhttp.MediaType) is not what the client has sent
// when it arrives here, so its content-digest must not be covered.
func Agent(resolver did.Resolver, o VerifyOptions, next http.Handler) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Required == nil {
		o.Required = []string{"@method", "@authority", "@path", "@query"}
	}
	if next == nil {
		next = http.NotFoundHandler()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, decided := verify.FromContext(r.Context())
		err := fmt.Errorf("%w: no decision was taken before", ErrInvalid)
		if decided && resolver != nil {
			mine := o
			mine.Key = func(keyID string) (did.PublicKey, error) {
				return keyOf(r.Context(), resolver, d.Subject.Agent, keyID, o.Now())
			}
			_, err = Verify(r, mine)
		}
		if err == nil {
			next.ServeHTTP(w, r)
			return
		}
		if decided {
			_ = d.SettleAs(r.Context(), verify.NotDone) // what is not given back ends by itself
		}
		code := verify.ProofInvalid
		if errors.Is(err, did.ErrUnavailable) {
			code = verify.ProofUnresolvable // it may hold: that could not be found out
		}
		d, err = verify.Refuse(o.Now(), &verify.Violation{Code: code, Err: err})
		verifyhttp.WriteProblem(w, r, d, err)
	})
}

// keyOf finds the key of an agent that has a thumbprint, among those that it lists for
// authentication.
func keyOf(ctx context.Context, resolver did.Resolver, agent did.DID, thumbprint string,
	at time.Time) (did.PublicKey, error) {
	var document *did.Document
	var err error
	if panicked := hostcall.Try("the resolver", func() { document, err = resolver.Resolve(ctx, agent) }); panicked != nil {
		err = fmt.Errorf("%w: %w", did.ErrUnavailable, panicked)
	}
	if err != nil {
		return did.PublicKey{}, err
	}
	for _, m := range document.Methods() {
		key, err := document.Key(m.ID, did.Authentication, at)
		if err == nil && Thumbprint(key) == thumbprint {
			return key, nil
		}
	}
	return did.PublicKey{}, fmt.Errorf("%s has no such key", agent)
}

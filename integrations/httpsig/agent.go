package verifyhttpsig

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// Directory paths and types of Web Bot Auth.
const (
	DirectoryPath      = "/.well-known/http-message-signatures-directory"
	DirectoryMediaType = "application/http-message-signatures-directory+json"
)

// Agent returns a handler, to be put behind a verifyhttp.Guard, that lets a request
// through only if it is also signed with a key of the agent whose passport was shown: a
// second proof, over the request itself. What is refused gives back what its decision
// has reserved. Of the options Key is not looked at. Without a guard before it, and
// without a resolver, everything is refused.
func Agent(resolver did.Resolver, o VerifyOptions, next http.Handler) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
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
		d, err = verify.Refuse(o.Now(), &verify.Violation{Code: verify.ProofInvalid, Err: err})
		verifyhttp.WriteProblem(w, r, d, err)
	})
}

// keyOf finds the key of an agent that has a thumbprint, among those that it lists for
// authentication.
func keyOf(ctx context.Context, resolver did.Resolver, agent did.DID, thumbprint string,
	at time.Time) (did.PublicKey, error) {
	document, err := resolver.Resolve(ctx, agent)
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

// Directory serves keys as the directory that a field Signature-Agent names: a set of
// JWKs, to be put at [DirectoryPath]. It is not signed itself.
func Directory(keys ...did.PublicKey) http.Handler {
	body := []byte(`{"keys":[`)
	for i, key := range keys {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, key.JWK()...)
	}
	body = append(body, `]}`...)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", DirectoryMediaType)
		w.Header().Set("Cache-Control", "max-age=86400")
		_, _ = w.Write(body)
	})
}

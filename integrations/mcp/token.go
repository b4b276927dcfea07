package verifymcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// TokenVerifier makes a guard of HTTP requests the verifier of bearer tokens of an
// HTTP server, for auth.RequireBearerToken: each HTTP request then carries a
// presentation in the field Authorization (the guard's Headers must name it), such
// as verifyhttp.RoundTripper sends. It says who is connected, and what the
// connection is for; what each call means is for a [Guard] to ask.
//
// The scopes are the actions of the passport, the user is its agent, so that a
// session serves one agent, and the token ends with the passport.
func TokenVerifier(g *verifyhttp.Guard) auth.TokenVerifier {
	return func(ctx context.Context, _ string, r *http.Request) (*auth.TokenInfo, error) {
		d, err := g.Check(r) // which reads the field itself, and gives r its verified body
		if err != nil {
			p := verifyhttp.NewProblem(d, err)
			kind := auth.ErrInvalidToken
			if p.Verdict == verify.Undetermined {
				kind = errUndetermined // which is no reason to fetch another token
			}
			return nil, fmt.Errorf("%w: %s: %s", kind, p.Code, p.Title)
		}
		if err := d.Commit(ctx); err != nil {
			return nil, fmt.Errorf("the ledger did not settle %s", d.ID)
		}
		info := &auth.TokenInfo{UserID: d.Subject.Agent.String(), Extra: map[string]any{"passport": d.Subject.Passport}}
		for _, link := range d.Chain {
			info.Expiration = earlier(info.Expiration, link.ValidUntil)
		}
		for _, c := range d.Authority().Capabilities() {
			info.Scopes = append(info.Scopes, c.Action)
		}
		return info, nil
	}
}

var errUndetermined = errors.New("it could not be decided")

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

package verifyhttpsig_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	verifyhttpsig "github.com/safeconduct/safeconduct/integrations/httpsig"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Behind a guard a request must be signed by the agent whose passport is shown: by
// another's key, or not at all, is refused, and nothing stays reserved.
func TestAgent(t *testing.T) {
	w := verifytest.NewWorld(t)
	verifier := w.Verifier()
	var chain []*passport.Passport
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: verifier, Audience: verifytest.Audience,
		Request: func(*http.Request) (verify.Request, error) { return verify.Request{Act: w.Intent().Act}, nil },
		Observe: func(_ *http.Request, d *verify.Decision, _ error) { chain = d.Chain },
	})
	require.NoError(t, err)
	ran := 0
	handler := guard.Handler(verifyhttpsig.Agent(w.Resolver(), verifyhttpsig.VerifyOptions{Now: w.Clock.Now},
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran++ })))
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("40.00", "USD"), Per: passport.PerDay}}
	}))
	cover := whole
	ask := func(key *did.KeyPair, id ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "https://shop.example/charge", nil)
		if key != nil {
			require.NoError(t, verifyhttpsig.Sign(t.Context(), r, key, verifyhttpsig.SignOptions{
				Components: cover, KeyID: strings.Join(id, ""), Key: key.PublicKey(),
				Created: w.Clock.Now(), Expires: w.Clock.Now().Add(time.Minute),
			}))
		}
		r.Header.Set("Agent-Passport", base64.RawURLEncoding.EncodeToString(w.Present(pass, w.Intent())))
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		return rec
	}
	for _, key := range []*did.KeyPair{nil, verifytest.Key("somebody")} {
		rec := ask(key)
		require.Equal(t, http.StatusUnauthorized, rec.Code)
		p, err := verifyhttp.ReadProblem(rec.Result())
		require.NoError(t, err)
		require.Equal(t, verify.ProofInvalid, p.Code)
		require.Zero(t, ran)
	}
	require.Equal(t, http.StatusUnauthorized, ask(w.Agent, "another").Code, "it names a key that the agent has not")
	for i := range whole {
		cover = slices.Delete(slices.Clone(whole), i, i+1)
		require.Equal(t, http.StatusUnauthorized, ask(w.Agent).Code, "%s is not covered", whole[i])
	}
	cover = whole
	require.Zero(t, ran)
	require.Equal(t, http.StatusOK, ask(w.Agent).Code)
	require.Equal(t, 1, ran)
	budgets, err := verifier.Budgets(t.Context(), chain)
	require.NoError(t, err)
	require.Equal(t, "12.50 USD", budgets[0].Text(budgets[0].Total()), "what was refused is free again")

	handler = guard.Handler(verifyhttpsig.Agent(w.Resolver(), verifyhttpsig.VerifyOptions{Now: w.Clock.Now}, nil))
	require.Equal(t, http.StatusNotFound, ask(w.Agent).Code, "there is nothing behind it")

	rec := httptest.NewRecorder()
	verifyhttpsig.Agent(w.Resolver(), verifyhttpsig.VerifyOptions{}, nil).
		ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusUnauthorized, rec.Code, "nothing was decided before")
}

// A key that could not be looked up is no proof, and no denial either.
func TestAgentUnresolved(t *testing.T) {
	w := verifytest.NewWorld(t)
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: w.Verifier(), Audience: verifytest.Audience,
		Request: func(*http.Request) (verify.Request, error) { return verify.Request{Act: w.Intent().Act}, nil },
	})
	require.NoError(t, err)
	panics := errors.New("it panics")
	for why, want := range map[error]int{
		did.ErrUnavailable: http.StatusServiceUnavailable, did.ErrNotFound: http.StatusUnauthorized,
		panics: http.StatusServiceUnavailable,
	} {
		down := did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) {
			if why == panics {
				panic("oh")
			}
			return nil, why
		})
		handler := guard.Handler(verifyhttpsig.Agent(down, verifyhttpsig.VerifyOptions{Now: w.Clock.Now}, nil))
		r := httptest.NewRequest(http.MethodGet, "https://shop.example/charge", nil)
		require.NoError(t, verifyhttpsig.Sign(t.Context(), r, w.Agent, verifyhttpsig.SignOptions{
			Components: whole, Key: w.Agent.PublicKey(), Created: w.Clock.Now(), Expires: w.Clock.Now().Add(time.Minute),
		}))
		r.Header.Set("Agent-Passport", base64.RawURLEncoding.EncodeToString(w.Present(w.Issue(w.Passport()), w.Intent())))
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		require.Equal(t, want, rec.Code)
	}
}

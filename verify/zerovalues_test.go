package verify_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/httpsource"
	"github.com/safeconduct/safeconduct/statuslist/listhttp"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// S20: a Verifier that New did not make refuses everything, and panics at
// nothing.
func TestS20ZeroVerifier(t *testing.T) {
	w := verifytest.NewWorld(t)
	raw := w.Present(w.Issue(w.Passport()), w.Intent())
	for name, v := range map[string]*verify.Verifier{"zero": {}, "nil": nil} {
		for what, presented := range map[string][]byte{"good": raw, "nothing": nil, "bytes": []byte("{")} {
			d, err := v.Verify(ctx, presented, w.Request())
			verifytest.AssertDenied(t, err, verify.InternalError)
			require.NotNil(t, d, "%s, %s", name, what)
			require.Equal(t, verify.Undetermined, d.Verdict)
			require.Nil(t, d.Passport)
			require.Equal(t, verify.Undetermined, v.Explain(ctx, presented, w.Request()).WouldBe)
			require.Equal(t, verify.InternalError, v.Audit(ctx, presented, w.Request(), w.Clock.Now()).Code())
		}
	}
}

// S20: so does everything else that a verifier asks and that no constructor
// made: it has an error for an answer, for the second caller as for the first.
func TestS20ZeroValuesHaveNoAnswers(t *testing.T) {
	id, url := did.MustParse("did:web:shop.example"), "https://issuer.example/list"
	resolve := func(r did.Resolver) func() error {
		return func() error { _, err := r.Resolve(ctx, id); return err }
	}
	list := func(s statuslist.Source) func() error {
		return func() error { _, err := s.StatusList(ctx, url); return err }
	}
	limit := func(l verifyhttp.Limiter) func() error {
		return func() error { _, err := l.Take(ctx, "192.0.2.1"); return err }
	}
	for name, ask := range map[string]func() error{
		"did.Cache":                         resolve(&did.Cache{}),
		"did.Cache, nil":                    resolve((*did.Cache)(nil)),
		"did.Mux":                           resolve(did.Mux{}),
		"did.Static, nil":                   resolve((*did.Static)(nil)),
		"verify.Verifier, budgets":          func() error { _, err := new(verify.Verifier).Budgets(ctx, nil); return err },
		"verify.Verifier, nil, budgets":     func() error { _, err := (*verify.Verifier)(nil).Budgets(ctx, nil); return err },
		"didweb.Resolver":                   resolve(&didweb.Resolver{}),
		"didweb.Resolver, nil":              resolve((*didweb.Resolver)(nil)),
		"bundle.Bundle, documents":          resolve(&bundle.Bundle{}),
		"bundle.Store, documents":           resolve(&bundle.Store{}),
		"statuslist.Cache":                  list(&statuslist.Cache{}),
		"statuslist.Cache, nil":             list((*statuslist.Cache)(nil)),
		"statuslist.Cache in the rear":      func() error { return new(statuslist.Cache).Run(ctx) },
		"statuslist.Static":                 list(statuslist.Static(nil)),
		"httpsource.Source":                 list(&httpsource.Source{}),
		"httpsource.Source, nil":            list((*httpsource.Source)(nil)),
		"httpsource.Source in the rear":     func() error { return new(httpsource.Source).Run(ctx) },
		"bundle.Bundle, lists":              list(&bundle.Bundle{}),
		"bundle.Store, lists":               list(&bundle.Store{}),
		"bundle.Bundle, consents":           func() error { _, err := new(bundle.Bundle).Sibling(ctx, "a", "b"); return err },
		"verifyhttp.MemoryLimiter":          limit(&verifyhttp.MemoryLimiter{}),
		"verifyhttp.MemoryLimiter, nil":     limit((*verifyhttp.MemoryLimiter)(nil)),
		"statuslist.Publisher, a place":     func() error { _, err := new(statuslist.Publisher).Entry(0); return err },
		"statuslist.Publisher, a status":    func() error { return new(statuslist.Publisher).Set(0, 1) },
		"statuslist.Publisher, a new place": func() error { _, err := new(statuslist.Publisher).Allocate(); return err },
	} {
		for _, when := range []string{"at first", "again"} {
			err := ask()
			require.Error(t, err, "%s, %s", name, when)
			require.NotContains(t, err.Error(), "panic", "%s, %s: it is not by luck", name, when)
		}
	}
	new(did.Cache).Forget(id)
	new(didweb.Resolver).Forget(id)
	require.Zero(t, (*verify.Verifier)(nil).Stats())
	answer := httptest.NewRecorder()
	new(listhttp.Handler).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/list", nil))
	require.Equal(t, http.StatusServiceUnavailable, answer.Code)
}

package verifyhttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// WEB-10: what is not configured is an error at construction, and allows
// nobody if it is used all the same.
func TestWEB10Configuration(t *testing.T) {
	w := verifytest.NewWorld(t)
	good := func() verifyhttp.GuardConfig {
		return verifyhttp.GuardConfig{Verifier: w.Verifier(), Audience: verifytest.Audience,
			Request: func(*http.Request) (verify.Request, error) { return w.Request(), nil }}
	}
	_, err := verifyhttp.NewGuard(good())
	require.NoError(t, err)
	for name, edit := range map[string]func(*verifyhttp.GuardConfig){
		"Verifier is nil":     func(c *verifyhttp.GuardConfig) { c.Verifier = nil },
		"Audience is empty":   func(c *verifyhttp.GuardConfig) { c.Audience = "" },
		"Audience \"a b\"":    func(c *verifyhttp.GuardConfig) { c.Audience = "a b" },
		"Audience \"a\\\"\"":  func(c *verifyhttp.GuardConfig) { c.Audience = `a"` },
		"Request is nil":      func(c *verifyhttp.GuardConfig) { c.Request = nil },
		"is listed twice":     func(c *verifyhttp.GuardConfig) { c.Headers = []string{"Agent-Passport", "agent-passport"} },
		"not the name":        func(c *verifyhttp.GuardConfig) { c.Headers = []string{"Agent Passport"} },
		"another meaning":     func(c *verifyhttp.GuardConfig) { c.Headers = []string{"content-type"} },
		"CONNECT":             func(c *verifyhttp.GuardConfig) { c.Methods = []string{"CONNECT"} },
		"Methods: \"get\"":    func(c *verifyhttp.GuardConfig) { c.Methods = []string{"get"} },
		"MaxHeader is -1":     func(c *verifyhttp.GuardConfig) { c.MaxHeader = -1 },
		"MaxHeader is 6":      func(c *verifyhttp.GuardConfig) { c.MaxHeader = 63<<10 + 1 },
		"MaxBody is 6":        func(c *verifyhttp.GuardConfig) { c.MaxBody = 64<<20 + 1 },
		"Timeout is 1m":       func(c *verifyhttp.GuardConfig) { c.Timeout = time.Minute + 1 },
		"IgnoreFields":        func(c *verifyhttp.GuardConfig) { c.IgnoreFields = []string{"X-Original-URL", "Content-Encoding"} },
		"RetryAfter is -1ns":  func(c *verifyhttp.GuardConfig) { c.RetryAfter = -1 },
		"RetryAfter is 1h0m0": func(c *verifyhttp.GuardConfig) { c.RetryAfter = time.Hour + 1 },
	} {
		c := good()
		edit(&c)
		_, err := verifyhttp.NewGuard(c)
		require.ErrorContains(t, err, name)
	}
	_, err = verifyhttp.NewGuard(verifyhttp.GuardConfig{})
	for _, word := range []string{"Verifier", "Audience", "Request"} {
		require.ErrorContains(t, err, word)
	}
	for _, g := range []*verifyhttp.Guard{nil, {}} {
		d, err := g.Check(httptest.NewRequest(http.MethodGet, "/", nil))
		verifytest.AssertDenied(t, err, verify.InternalError)
		require.Equal(t, verify.Undetermined, d.Verdict)
		rec := httptest.NewRecorder()
		g.Handler(http.HandlerFunc(func(http.ResponseWriter,
			*http.Request) {
			t.Error("the handler ran")
		})).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
		require.Equal(t, 503, rec.Code)
	}
	// A verifier that New did not make.
	c := good()
	c.Verifier = &verify.Verifier{}
	g, err := verifyhttp.NewGuard(c)
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Agent-Passport", encode(w.Present(w.Issue(w.Passport()), w.Intent())))
	_, err = g.Check(r)
	verifytest.AssertDenied(t, err, verify.InternalError)
}

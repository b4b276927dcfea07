package verifyhttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// WEB-05: decision and handler see one path; what has two readings is refused.
func TestWEB05Paths(t *testing.T) {
	var asked string
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		inner := c.Request
		c.Request = func(r *http.Request) (verify.Request, error) {
			asked = r.Method + " " + r.URL.EscapedPath() + " " + r.URL.Path
			return inner(r)
		}
	})
	var served string
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		served = r.Method + " " + r.URL.EscapedPath() + " " + r.URL.Path
	}
	send := func(target string) string {
		return s.raw("POST " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
			"24\r\nAgent-Passport: " + encode(s.shown(body)) + "\r\n\r\n" + body)
	}
	for _, target := range []string{
		"//charge", "/a//b", "/charge//", "/./charge", "/a/../charge", "/..", "/a/.", "/a/%2e%2e/charge", "/%2E/charge", "/a%2fb", "/a%2Fb", "/a%5cb", "/a%5Cb",
		"/charge;v=1", "/a;/b", "/charge%3Bv", "/a%00b", "/a%0Ab", "/a%7Fb", "/a%25b", "/a%252fb", `/a\b`, "*", "/a|b", `/a"b`,
		"http://x//charge", "http://x/a/../b", "/%", "/%4", "/%zz", "//evil.example/charge", "/..;/charge",
		"/%c0%ae/charge", "/%EF%BC%8E%EF%BC%8E/x", "/a%E2%80%8Bb",
	} {
		require.Regexp(t, `^HTTP/1.1 400 `, send(target), target)
	}
	require.Zero(t, s.ran.Load())
	for _, target := range []string{"/", "/charge", "/Charge", "/charge/", "/a/b.c/..d/e...", "/caf%C3%A9", "/a%20b",
		"/v1/items:get", "/a(b)*!$&'+,=@~-_", "/charge?x=//..;", "http://elsewhere.example/charge",
		// F4: what encodeURIComponent, quote(safe="") and other writers of URLs make.
		"/users/ann%40shop.example", "/agents/did%3Akey%3Az6Mk", "/caf%c3%a9", "/a%2Cb", "/a%2cb", "/a%28b%29",
		"/price/%245", "/a%3A", "/%63harge", "/%7Euser", "/a%27b%2A",
	} {
		require.Regexp(t, `^HTTP/1.1 200 `, send(target), target)
		require.Equal(t, asked, served)
	}
}

// F3: a field that overrides method or target may say what the request line
// says, and nothing else unless it is named as one that nobody reads.
func TestF3OverridingFields(t *testing.T) {
	s := newShop(t)
	var seen http.Header
	s.handler = func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }
	with := func(s *shop, name string, values ...string) *http.Request {
		return s.request(func(r *http.Request) { r.URL.RawQuery = "a=b"; r.Header[http.CanonicalHeaderKey(name)] = values })
	}
	methods := []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method"}
	targets := []string{"X-Original-URL", "X-Rewrite-URL"}
	for _, name := range methods {
		s.allowed(with(s, name, "POST"))
		s.allowed(with(s, name, "post", "POST"))
		for _, other := range [][]string{{"DELETE"}, {""}, {"POST", "DELETE"}, {"POST, DELETE"}, {"GET"}} {
			require.Contains(t, s.refused(with(s, name, other...), verify.EnvelopeMalformed), "X-HTTP-Method-Override")
		}
	}
	for _, name := range targets {
		s.allowed(with(s, name, "/charge?a=b"))
		s.allowed(with(s, name, s.server.URL+"/charge?a=b"))
		for _, other := range [][]string{{"/admin"}, {""}, {"/charge"}, {"/charge?a=b", "/admin"}, {"/charge?a=b#x"},
			{"/CHARGE?a=b"}, {"http://evil.example/charge?a=b"}, {"//" + s.server.Listener.Addr().String() + "/charge?a=b"}} {
			require.Contains(t, s.refused(with(s, name, other...), verify.EnvelopeMalformed), "X-Original-URL")
		}
	}

	ignoring := newShop(t, func(c *verifyhttp.GuardConfig) { c.IgnoreFields = []string{"x-original-url", "X-HTTP-Method"} })
	ignoring.handler = s.handler
	for _, name := range []string{"X-Original-URL", "X-HTTP-Method"} {
		ignoring.allowed(with(ignoring, name, "/public/charge"))
		require.NotContains(t, seen, http.CanonicalHeaderKey(name), "nobody behind the guard reads what it has not looked at")
	}
	ignoring.refused(with(ignoring, "X-Rewrite-URL", "/public/charge"), verify.EnvelopeMalformed)
}

// F4: a prefix that was cut off with its slash leaves a path without one.
func TestF4StripPrefix(t *testing.T) {
	s := newShop(t)
	for _, prefix := range []string{"/api", "/api/", "/api/v1"} {
		var asked string
		h := http.StripPrefix(prefix, s.guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = r.URL.Path })))
		for _, rest := range []string{"/v1/charge", "/v1/caf%C3%A9/x%40y", "/v1", "/v1/"} {
			r := httptest.NewRequest(http.MethodPost, "/api"+rest, nil)
			r.Header.Set("Agent-Passport", encode(s.shown("")))
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			require.Equal(t, 200, rec.Code, "%s of %s: %s", prefix, r.URL, rec.Body)
			require.Equal(t, strings.TrimPrefix(r.URL.Path, prefix), asked)
		}
		for _, bad := range []string{"/v1/a//b", "/v1/%2e%2e/x", "/v1/a;b", "/v1//x"} {
			r := httptest.NewRequest(http.MethodPost, "/api"+bad, nil)
			r.Header.Set("Agent-Passport", encode(s.shown("")))
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			require.Equal(t, 400, rec.Code, bad)
		}
	}
}

// F2: only the fields Upgrade and Connection together are an upgrade.
func TestF2ConnectionUpgrade(t *testing.T) {
	s := newShop(t)
	for _, h := range []http.Header{
		{"Connection": {"upgrade"}}, {"Connection": {"Upgrade"}}, {"Connection": {"keep-alive, upgrade"}}, {"Connection": {"close", "upgrade"}},
		{"Upgrade": {"h2c"}}, {"Upgrade": {"websocket"}, "Connection": {"keep-alive"}}, {"Upgrade": {"websocket"}, "Connection": {"upgraded"}},
	} {
		r := httptest.NewRequest(http.MethodPost, "/charge", nil)
		r.Header = h
		r.Header.Set("Agent-Passport", encode(s.shown("")))
		d, err := s.guard.Check(r)
		verifytest.AssertAllowed(t, err)
		require.NoError(t, d.Release(t.Context()))
	}
	for _, h := range []http.Header{
		{"Connection": {"upgrade"}, "Upgrade": {"websocket"}},
		{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"h2c"}}, {"Connection": {"close", "UPGRADE"}, "Upgrade": {"TLS/1.3"}},
	} {
		r := httptest.NewRequest(http.MethodPost, "/charge", nil)
		r.Header = h
		r.Header.Set("Agent-Passport", encode(s.shown("")))
		_, err := s.guard.Check(r)
		verifytest.AssertDenied(t, err, verify.AuthorityOperationUnknown)
	}
}

// WEB-08: OPTIONS, HEAD and paths that others skip: default deny.
func TestWEB08DefaultDeny(t *testing.T) {
	s := newShop(t)
	for _, method := range []string{"OPTIONS", "HEAD", "TRACE", "CONNECT", "PROPFIND", "post"} {
		r := httptest.NewRequest(method, "/charge", nil)
		r.Header.Set("Agent-Passport", encode(s.shown("")))
		_, err := s.guard.Check(r)
		verifytest.AssertDenied(t, err, verify.AuthorityOperationUnknown)
	}
	for _, path := range []string{"/healthz", "/metrics", "/favicon.ico", "/.well-known/x", "/healthz../admin"} {
		s.refused(s.request(func(r *http.Request) { r.URL.Path = path; r.Header.Del("Agent-Passport") }), verify.EnvelopeMissing)
	}
	require.Zero(t, s.ran.Load())

	// A method that is named is verified like any other.
	head := newShop(t, func(c *verifyhttp.GuardConfig) { c.Methods = []string{"HEAD"} })
	for present, want := range map[string]int{"": 401, encode(head.shown("")): 204} {
		r, err := http.NewRequest(http.MethodHead, head.server.URL+"/charge", nil)
		require.NoError(t, err)
		if present != "" {
			r.Header.Set("Agent-Passport", present)
		}
		resp, _ := head.do(r)
		require.Equal(t, want, resp.StatusCode)
	}
	head.refused(head.request(), verify.AuthorityOperationUnknown)
}

package verifyhttp_test

import (
	"net/http"
	"net/http/httptest"
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
		return s.raw("POST " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 24\r\nAgent-Passport: " + encode(s.shown(body)) + "\r\n\r\n" + body)
	}
	for _, target := range []string{
		"//charge", "/a//b", "/charge//", "/./charge", "/a/../charge", "/..", "/a/.", "/a/%2e%2e/charge", "/%2E/charge", "/a%2fb", "/a%2Fb", "/a%5cb", "/a%5Cb",
		"/charge;v=1", "/a;/b", "/charge%3Bv", "/%63harge", "/%7Euser", "/caf%c3%a9", "/a%00b", "/a%0Ab", "/a%7Fb", "/a%25b", "/a%252fb", `/a\b`, "/a%3A", "*", "/a|b", `/a"b`,
		"http://x//charge", "http://x/a/../b", "/%", "/%4", "/%zz", "/a%28b", "//evil.example/charge",
	} {
		require.Regexp(t, `^HTTP/1.1 400 `, send(target), target)
	}
	require.Zero(t, s.ran.Load())
	for _, target := range []string{"/", "/charge", "/Charge", "/charge/", "/a/b.c/..d/e...", "/caf%C3%A9", "/a%20b", "/v1/items:get", "/a(b)*!$&'+,=@~-_", "/charge?x=//..;", "http://elsewhere.example/charge"} {
		require.Regexp(t, `^HTTP/1.1 200 `, send(target), target)
		require.Equal(t, asked, served)
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"} {
		s.refused(s.request(func(r *http.Request) { r.Header.Set(name, "DELETE") }), verify.EnvelopeMalformed)
	}
}

// WEB-08: OPTIONS, HEAD, upgrades and paths that others skip: default deny.
func TestWEB08DefaultDeny(t *testing.T) {
	s := newShop(t)
	for _, method := range []string{"OPTIONS", "HEAD", "TRACE", "CONNECT", "PROPFIND", "post"} {
		r := httptest.NewRequest(method, "/charge", nil)
		r.Header.Set("Agent-Passport", encode(s.shown("")))
		_, err := s.guard.Check(r)
		verifytest.AssertDenied(t, err, verify.AuthorityOperationUnknown)
	}
	for _, edit := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Connection", "Upgrade"); r.Header.Set("Upgrade", "websocket") },
		func(r *http.Request) { r.Header.Set("Upgrade", "h2c") },
		func(r *http.Request) { r.Header.Set("Connection", "keep-alive, upgrade") },
	} {
		r := httptest.NewRequest(http.MethodGet, "/charge", nil)
		r.Header.Set("Agent-Passport", encode(s.shown("")))
		edit(r)
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

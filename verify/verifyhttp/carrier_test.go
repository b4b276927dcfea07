package verifyhttp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// WEB-01: no credential, two of them, or one in a wrong place: 401, and the
// handler does not run.
func TestWEB01CredentialField(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.Headers = []string{verifyhttp.HeaderPassport, verifyhttp.HeaderGrantex, verifyhttp.HeaderAuthorization}
	})
	text := func() string { return encode(s.shown(body)) }
	for _, test := range []struct {
		name string
		code verify.Code
		edit func(http.Header)
	}{
		{"none", verify.EnvelopeMissing, func(h http.Header) { h.Del("Agent-Passport") }},
		{"empty", verify.EnvelopeMissing, func(h http.Header) { h.Set("Agent-Passport", "") }},
		{"two fields", verify.EnvelopeUnsupported, func(h http.Header) { h.Add("Agent-Passport", text()) }},
		{"the same twice", verify.EnvelopeUnsupported, func(h http.Header) { h.Add("Agent-Passport", h.Get("Agent-Passport")) }},
		{"two names", verify.EnvelopeUnsupported, func(h http.Header) { h.Set("X-Grantex-Passport", text()) }},
		{"two schemes", verify.EnvelopeUnsupported, func(h http.Header) { h.Set("Authorization", "Bearer "+text()) }},
		{"comma", verify.EnvelopeUnsupported, func(h http.Header) { h.Set("Agent-Passport", h.Get("Agent-Passport")+", "+text()) }},
		{"comma without space", verify.EnvelopeUnsupported, func(h http.Header) { h.Set("Agent-Passport", h.Get("Agent-Passport")+","+text()) }},
		{"wrong scheme", verify.EnvelopeMissing, func(h http.Header) { h.Del("Agent-Passport"); h.Set("Authorization", "Basic "+text()) }},
		{"no scheme", verify.EnvelopeMissing, func(h http.Header) { h.Del("Agent-Passport"); h.Set("Authorization", text()) }},
		{"two authorizations", verify.EnvelopeUnsupported, func(h http.Header) {
			h.Del("Agent-Passport")
			h["Authorization"] = []string{"Payment abc", "Bearer " + text()}
		}},
		{"64 KiB", verify.EnvelopeUnsupported, func(h http.Header) { h.Set("Agent-Passport", strings.Repeat("A", 64<<10)) }},
		{"padding", verify.EnvelopeMalformed, func(h http.Header) { h.Set("Agent-Passport", "eyJ9fX0=") }},
		{"standard alphabet", verify.EnvelopeMalformed, func(h http.Header) { h.Set("Agent-Passport", "ey+/") }},
		{"trailing bits", verify.EnvelopeMalformed, func(h http.Header) { h.Set("Agent-Passport", "e31") }},
		{"not JSON", verify.EnvelopeMalformed, func(h http.Header) { h.Set("Agent-Passport", encode([]byte("hello"))) }},
		{"no presentation", verify.EnvelopeContext, func(h http.Header) { h.Set("Agent-Passport", encode([]byte("{}"))) }},
		{"JWT that no format opens", verify.EnvelopeUnsupported, func(h http.Header) { h.Set("Agent-Passport", "e30.e30.e30") }},
		{"JWT in base64url", verify.EnvelopeMalformed, func(h http.Header) { h.Set("Agent-Passport", encode([]byte("e30.e30.e30"))) }},
		{"bare passport", verify.PresentationRequired, func(h http.Header) { h.Set("Agent-Passport", encode(s.pass.Bytes())) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := s.on(t)
			s.refused(s.request(func(r *http.Request) { test.edit(r.Header) }), test.code)
		})
	}
	t.Run("folded", func(t *testing.T) {
		v := text()
		answer := s.raw("POST /charge HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
			"24\r\nAgent-Passport: " + v[:100] + "\r\n " + v[100:] + "\r\n\r\n" + body)
		// Go's server joins the lines with a space, or refuses them itself.
		require.Regexp(t, `^HTTP/1.1 40[01] `, answer)
	})
	require.Zero(t, s.ran.Load())
	for _, set := range []func(h http.Header, v string){
		func(h http.Header, v string) { h.Set("agent-passport", v) },
		func(h http.Header, v string) { h.Set("X-Grantex-Passport", v); h.Set("Authorization", "Payment x") },
		func(h http.Header, v string) { h.Set("Authorization", "bearer "+v) },
	} {
		s.allowed(s.request(func(r *http.Request) {
			v := r.Header.Get("Agent-Passport")
			r.Header.Del("Agent-Passport")
			set(r.Header, v)
		}))
	}
}

// G11: X-Grantex-Passport and Authorization count only where they are named.
func TestG11FieldsCountOnlyWhereNamed(t *testing.T) {
	s := newShop(t)
	for _, name := range []string{"X-Grantex-Passport", "Authorization"} {
		s.refused(s.request(func(r *http.Request) {
			r.Header.Set(name, "Bearer "+r.Header.Get("Agent-Passport"))
			r.Header.Del("Agent-Passport")
		}), verify.EnvelopeMissing)
	}
	named := newShop(t, func(c *verifyhttp.GuardConfig) { c.Headers = []string{"x-grantex-passport"} })
	named.refused(named.request(), verify.EnvelopeMissing)
}

// RES-01: the caps of a header field, at the cap and one above.
func TestRES01MaxHeader(t *testing.T) {
	token := encode(newShop(t).shown(body)) // of an agent that every shop knows
	for delta, code := range map[int]verify.Code{0: "", -1: verify.EnvelopeUnsupported} {
		s := newShop(t, func(c *verifyhttp.GuardConfig) { c.MaxHeader = len(token) + delta }) // HTTPHeaderBytes
		r := s.request(func(r *http.Request) { r.Header.Set("Agent-Passport", token) })
		if code == "" {
			s.allowed(r)
		} else {
			s.refused(r, code)
		}
	}
}

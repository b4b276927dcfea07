package verifyhttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// carry makes a request whose body is that text, as a body carrier.
func (s *shop) carry(text string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, s.server.URL+"/charge", strings.NewReader(text))
	require.NoError(s.t, err)
	r.Header.Set("Content-Type", verifyhttp.MediaType)
	return r
}

// The body carrier: what the handler gets is the request that is meant.
func TestBodyCarrier(t *testing.T) {
	s := newShop(t)
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, body, string(got))
		require.EqualValues(t, len(body), r.ContentLength)
		require.Equal(t, []string{"application/json; charset=utf-8"}, r.Header["Content-Type"])
		require.Equal(t, "24", r.Header.Get("Content-Length"))
	}
	member := func(name, value string) string { return `"` + name + `":"` + value + `"` }
	join := func(members ...string) string { return "{" + strings.Join(members, ",") + "}" }
	shown := func() string { return member("presentation", encode(s.shown(body))) }
	meant := member("body", encode([]byte(body)))
	typ := member("contentType", "application/json; charset=utf-8")
	s.allowed(s.carry(join(shown(), meant, typ)))
	s.allowed(s.carry(join(typ, meant, shown())))

	s.handler = func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Empty(t, got)
		require.Empty(t, r.Header["Content-Type"])
		require.Equal(t, "0", r.Header.Get("Content-Length"))
	}
	s.allowed(s.carry(join(member("presentation", encode(s.shown(""))))))
	s.handler = nil

	for name, test := range map[string]struct {
		code verify.Code
		text string
	}{
		"not JSON":          {verify.EnvelopeMalformed, "hello"},
		"an array":          {verify.EnvelopeMalformed, "[]"},
		"empty":             {verify.EnvelopeMissing, "{}"},
		"nothing":           {verify.EnvelopeMalformed, ""},
		"no presentation":   {verify.EnvelopeMissing, join(meant)},
		"unknown member":    {verify.EnvelopeMalformed, join(shown(), meant, member("method", "DELETE"))},
		"twice":             {verify.EnvelopeMalformed, join(shown(), meant, meant)},
		"case":              {verify.EnvelopeMalformed, join(shown(), member("Body", encode([]byte(body))))},
		"a number":          {verify.EnvelopeMalformed, join(shown(), `"body":1`)},
		"empty body":        {verify.EnvelopeMalformed, join(member("presentation", encode(s.shown(""))), member("body", ""))},
		"body not base64":   {verify.EnvelopeMalformed, join(shown(), member("body", "a+b/"))},
		"another body":      {verify.ProofIntentMismatch, join(shown(), member("body", encode([]byte("other"))))},
		"no body":           {verify.ProofIntentMismatch, join(shown())},
		"carrier inside":    {verify.EnvelopeMalformed, join(shown(), meant, member("contentType", verifyhttp.MediaType))},
		"no media type":     {verify.EnvelopeMalformed, join(shown(), meant, member("contentType", "a b"))},
		"not ASCII":         {verify.EnvelopeMalformed, join(shown(), meant, member("contentType", `text/plain; a=\"é\"`))},
		"line break":        {verify.EnvelopeMalformed, join(shown(), meant, member("contentType", `text/plain\r\nX: y`))},
		"presentation list": {verify.EnvelopeUnsupported, join(member("presentation", encode(s.shown(body))+","+encode(s.shown(body))), meant)},
		"after the end":     {verify.EnvelopeMalformed, join(shown(), meant) + "{}"},
	} {
		t.Run(name, func(t *testing.T) { s.on(t).refused(s.carry(test.text), test.code) })
	}
	t.Run("and a header", func(t *testing.T) {
		s := s.on(t)
		r := s.carry(join(shown(), meant))
		r.Header.Set("Agent-Passport", encode(s.shown(body)))
		s.refused(r, verify.EnvelopeUnsupported)
	})
	for _, types := range [][]string{{verifyhttp.MediaType + "; charset=utf-8"},
		{strings.ToUpper(verifyhttp.MediaType)}, {"application/json", verifyhttp.MediaType}, {" " + verifyhttp.MediaType + " ;x"}} {
		r := httptest.NewRequest(http.MethodPost, "/charge", strings.NewReader(join(shown(), meant)))
		r.Header["Content-Type"] = types
		r.Header.Set("Agent-Passport", encode(s.shown(body)))
		_, err := s.guard.Check(r)
		require.ErrorIs(t, err, verify.EnvelopeMalformed)
	}
}

// The cap on bodies is that on the body that is meant, at the cap and one above.
func TestRES01BodyInCarrier(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) { c.MaxBody = 30_000 }) // HTTPBodyBytes
	for n, code := range map[int]verify.Code{30_000: "", 30_001: verify.EnvelopeTooLarge} {
		text := strings.Repeat("x", n)
		r := s.carry(`{"presentation":"` + encode(s.shown(text)) + `","body":"` + encode([]byte(text)) + `"}`)
		if code == "" {
			s.allowed(r)
		} else {
			s.refused(r, code)
		}
	}
	s.refused(s.carry(`{"presentation":"`+strings.Repeat("A", 1<<20)+`"}`), verify.EnvelopeTooLarge)
}

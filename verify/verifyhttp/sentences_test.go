package verifyhttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/onepath"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// F5: what the guard finds wrong by itself reaches the client as the detail of
// the problem, in a fixed sentence that quotes nothing. Each sentence has a
// request that brings it.
func TestF5GuardSentencesTravel(t *testing.T) {
	full, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.Rate{Requests: 1000, Window: time.Hour}})
	require.NoError(t, err)
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.MaxBody, c.MaxHeader, c.Limiter = 1000, 8<<10, full
		c.LimitKey = func(r *http.Request) string { return r.Header.Get("Who") }
		ask := c.Request
		c.Request = func(r *http.Request) (verify.Request, error) {
			q, err := ask(r)
			q.Resource, q.Region = r.Header.Get("Resource"), r.Header.Get("Region")
			return q, err
		}
	})
	for range 1000 {
		_, _ = full.Take(t.Context(), "busy")
	}
	set := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
	}
	path := func(p string) func(*http.Request) {
		return func(r *http.Request) {
			u, err := url.ParseRequestURI(p)
			require.NoError(t, err)
			r.URL = u
		}
	}
	carrier := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header = http.Header{"Content-Type": {verifyhttp.MediaType}}
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		}
	}
	shown := `{"presentation":"` + encode(s.shown(body)) + `"`
	brought := map[string]bool{}
	for _, test := range []struct {
		about string // a word that the sentence must have
		edit  func(*http.Request)
	}{
		{"method", func(r *http.Request) { r.Method = "PURGE" }},
		{"upgrade", func(r *http.Request) { set("Upgrade", "websocket")(r); set("Connection", "upgrade")(r) }},
		{"X-HTTP-Method-Override", set("X-HTTP-Method", "DELETE")},
		{"X-Original-URL", set("X-Rewrite-URL", "/evil")},
		{"Content-Encoding", set("Content-Encoding", "gzip")},
		{"not a path", func(r *http.Request) { r.URL.Path = "*" }},
		{"percent-encoded", path("/a|b")},
		{"percent-encoded", path("/evil%2fx")},
		{"';'", path("/evil;x")},
		{"control", path("/evil%00")},
		{"UTF-8", path("/evil%ff")},
		{"fold", path("/evil%EF%BC%8E")},
		{"empty segment", path("/evil//x")},
		{"'..'", path("/evil/../x")},
		{"dots and blanks", path("/evil/..%20/x")},
		{"no presentation", set("Agent-Passport")},
		{"is empty", set("Agent-Passport", "")},
		{"more than one", set("Agent-Passport", "evil", "evil")},
		{"a list", set("Agent-Passport", "evil,evil")},
		{"too long", set("Agent-Passport", strings.Repeat("evil", 4<<10))},
		{"base64url", set("Agent-Passport", "evil+")},
		{"JSON object", set("Agent-Passport", encode([]byte("evil")))},
		{"three parts", set("Agent-Passport", "evil.evil")},
		{"part of the compact JWS", set("Agent-Passport", "evil.evil.+")},
		{"more than one field Content-Type", set("Content-Type", "evil/x", "evil/y")},
		{"media type", set("Content-Type", verifyhttp.MediaType+"; charset=evil")},
		{"not a JSON object", carrier("evil")},
		{"not a text", carrier(`{"presentation":""}`)},
		{"has a member other", carrier(shown + `,"evil":"evil"}`)},
		{"body in the body carrier", carrier(shown + `,"body":"evil+"}`)},
		{"contentType", carrier(shown + `,"contentType":"evil evil"}`)},
		{"holds no presentation", carrier(`{"contentType":"text/plain"}`)},
		{"longer", func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("evil", 500))), -1
		}},
		{"to its end", func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(iotestError{}), 4 }},
		{"another length", func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("evil")), 5 }},
		{"too many requests", set("Who", "busy")},
		// What the host takes from the request into its question is the client's fault, too: never a 500.
		{"white space", set("Resource", "/evil/*")},
		{"white space", set("Resource", "/evil x")},
		{"white space", set("Resource", "/evil\u202e")},
		{"too long", set("Resource", "/"+strings.Repeat("evil", 600))},
		{"ISO 3166", set("Region", "evil")},
	} {
		r := httptest.NewRequest(http.MethodPost, "/charge", strings.NewReader(body))
		r.Header.Set("Agent-Passport", encode(s.shown(body)))
		test.edit(r)
		rec := httptest.NewRecorder()
		s.server.Config.Handler.ServeHTTP(rec, r)
		require.GreaterOrEqual(t, rec.Code, 400, test.about)
		require.Less(t, rec.Code, 500, test.about)
		p, err := verifyhttp.ReadProblem(rec.Result())
		require.NoError(t, err, test.about)
		require.Contains(t, p.Detail, test.about)
		require.Contains(t, verifyhttp.Sentences(), p.Detail)
		require.NotContains(t, p.Detail, "evil")
		brought[p.Detail] = true
	}
	require.Zero(t, s.ran.Load())
	for _, sentence := range verifyhttp.Sentences() {
		switch sentence {
		case onepath.Encoding, onepath.Backslash: // net/url refuses the first, and spells the second %5C
		default:
			require.True(t, brought[sentence], "no request brings %q", sentence)
		}
	}

	// What would have been right and what was met are for logs.
	r := httptest.NewRequest(http.MethodPost, "/charge", strings.NewReader(body))
	r.Header.Set("Agent-Passport", "a.b")
	_, err = s.guard.Check(r)
	require.ErrorContains(t, err, "(limit 3, actual 2)")

	// Words of the verifier, of the host and of a store do not travel.
	for _, err := range []error{
		&verify.Violation{Code: verify.EnvelopeMalformed, Detail: "member evil at /a"},
		&verify.Violation{Code: verify.ProofInvalid, Detail: "the key did:web:evil is another"},
		&verify.Violation{Code: verify.LedgerUnavailable, Detail: "dial tcp 10.0.0.1: evil"},
		&verify.Violation{Code: verify.RequestInvalid, Detail: "GuardConfig.Request has no question for this request"},
	} {
		d, refusal := verify.Refuse(time.Now(), err)
		require.Empty(t, verifyhttp.NewProblem(d, refusal).Detail)
	}
}

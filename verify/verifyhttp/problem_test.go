package verifyhttp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// WEB-11: answers have one shape and no text of the request, the passport or
// the server.
func TestWEB11AnswersSayNothingElse(t *testing.T) {
	s := newShop(t)
	revoked := s.Passport()
	pass := s.Issue(revoked)
	s.Lists.Set(revoked.Status[0], 1)
	stranger := newShop(t)
	stranger.World.Issuer = verifytest.Key("nobody")
	stranger.World.Lists = s.Lists
	unknown := stranger.Issue(s.Passport())

	members := func(text string) (names []string) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		for name := range m {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	intent := s.Intent(func(in *passport.Intent) { in.BodyDigest = passport.Digest([]byte(body)) })
	show := func(vp []byte) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Agent-Passport", encode(vp)) }
	}
	forged := bytes.Replace(s.shown(body), []byte("50.00"), []byte("90.00"), 1)
	for name, test := range map[string]struct {
		code verify.Code
		edit func(*http.Request)
	}{
		// The verifier's refusals are alike.
		"revoked": {verify.StatusRevoked, show(s.Present(pass, intent))},
		"unknown": {verify.AnchorUntrustedIssuer, show(s.Present(unknown, intent))},
		"forged":  {verify.ProofInvalid, show(forged)},
		"missing": {verify.EnvelopeMissing, func(r *http.Request) { r.Header.Del("Agent-Passport") }},
		"garbage": {verify.EnvelopeMalformed, func(r *http.Request) {
			r.Header.Set("Agent-Passport", encode([]byte("{\"\x1b[31mevil\":\"<script>\"}")))
		}},
		"path": {verify.EnvelopeMalformed, func(r *http.Request) { r.URL.Path = "/a//<script>" }},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.on(t)
			r := s.request(test.edit)
			text := s.refused(r, test.code)
			want := []string{"code", "requestId", "status", "title", "type", "verdict"}
			if name == "missing" || name == "path" { // the guard's own: see TestF5GuardSentencesTravel
				want = slices.Insert(want, 1, "detail")
			}
			require.Equal(t, want, members(text))
			require.Regexp(t, `"requestId":"req_[0-9A-HJKMNP-TV-Z]{26}"`, text)
			info, _ := verify.Lookup(test.code)
			require.Contains(t, text, `"title":"`+strings.ReplaceAll(info.Meaning, `"`, `\"`)+`"`)
			require.Less(t, len(text), 600)
			for _, secret := range []string{"did:", "z6Mk", "goroutine", ".go", "script", "evil", "urn:uuid", "50.00"} {
				require.NotContains(t, text, secret)
			}
			if v := r.Header.Get("Agent-Passport"); v != "" {
				require.NotContains(t, text, v[:20])
			}
		})
	}
}

// STO-15: what goes to a log holds neither presentation nor raw control
// characters of a stranger.
func TestSTO15LogsHoldNoTokens(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	var plain bytes.Buffer
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.Observe = func(r *http.Request, d *verify.Decision, err error) {
			logger.Info("decision", "decision", d, "err", err)
			if err != nil {
				_, _ = io.WriteString(&plain, err.Error())
			}
			require.Empty(t, r.Header.Get("Nothing"))
		}
	})
	good := s.request()
	token := good.Header.Get("Agent-Passport")
	s.allowed(good)
	s.refused(s.request(func(r *http.Request) { r.Header.Set("Agent-Passport", token) }), verify.LedgerReplay)
	for text, code := range map[string]verify.Code{"{\"a\\n\\u001b[31m\":1}": verify.EnvelopeContext,
		"{\"\x1b[31m": verify.EnvelopeMalformed, strings.Repeat("{", 1000): verify.EnvelopeMalformed} {
		s.refused(s.request(func(r *http.Request) { r.Header.Set("Agent-Passport", encode([]byte(text))) }), code)
	}
	for _, out := range []string{log.String(), plain.String()} {
		require.NotEmpty(t, out)
		require.NotContains(t, out, token[:40])
		require.NotContains(t, out, "proofValue")
		require.NotContains(t, out, "\x1b")
		require.Less(t, len(out), 6000)
	}
}

// E7: a missing scope is named, with a code and a status of its own; what is
// not shown (401) is told apart from what is not allowed (403).
func TestE7ScopeIsNamed(t *testing.T) {
	refusal := func(code verify.Code, limit string) error {
		return &verify.Refusal{Violations: []verify.Violation{{Code: code, Limit: limit}}}
	}
	p := verifyhttp.NewProblem(nil, refusal(verify.AuthorityScopeMissing, "agreement:sign"))
	require.Equal(t, verifyhttp.Problem{
		Type: "urn:safeconduct:code:authority.scope_missing", Title: "the scope that the operation needs is missing",
		Status: 403, Code: verify.AuthorityScopeMissing, Scope: "agreement:sign",
	}, p)
	require.Empty(t, verifyhttp.NewProblem(nil, refusal(verify.AuthorityScopeMissing, "a\nb")).Scope)
	require.Empty(t, verifyhttp.NewProblem(nil, refusal(verify.AuthorityScopeMissing, strings.Repeat("x", 129))).Scope)
	require.Empty(t, verifyhttp.NewProblem(nil, refusal(verify.AuthorityAmountExceeded, "50")).Scope)
	require.Equal(t, 403, verifyhttp.NewProblem(nil, refusal(verify.AuthorityOperationUnknown, "")).Status)
	require.Equal(t, 401, verifyhttp.NewProblem(nil, refusal(verify.TimeExpired, "")).Status)
}

// Every code of the vocabulary is answered with its status, and read back.
func TestP12EveryCodeIsAnswered(t *testing.T) {
	for _, info := range verify.Codes() {
		err := &verify.Refusal{Violations: []verify.Violation{{Code: info.Code, Detail: "inner detail"}}}
		rec := httptest.NewRecorder()
		verifyhttp.WriteProblem(rec, nil, &verify.Decision{ID: "01J"}, err)
		require.Equal(t, info.HTTP, rec.Code)
		require.NotContains(t, rec.Body.String(), "inner detail")
		p, readErr := verifyhttp.ReadProblem(rec.Result())
		require.NoError(t, readErr)
		require.Equal(t, verifyhttp.NewProblem(&verify.Decision{ID: "01J"}, err), *p)
		require.Equal(t, info.Undetermined, p.Verdict == verify.Undetermined)
	}
	for _, err := range []error{nil, errors.New("x"), verify.StatusRevoked, &verify.Refusal{},
		&verify.Refusal{Violations: []verify.Violation{{Code: "made.up"}}}} {
		p := verifyhttp.NewProblem(nil, err)
		require.Equal(t, verify.InternalError, p.Code)
		require.Equal(t, 503, p.Status)
	}
}

func TestReadProblemRefuses(t *testing.T) {
	for name, test := range map[string]struct{ contentType, text, want string }{
		"type":    {"text/html", `{"code":"status.revoked"}`, "is not of type"},
		"json":    {"application/problem+json", `{"code":`, "reading a problem"},
		"code":    {"application/problem+json", `{"code":"made.up"}`, "has no code"},
		"none":    {"application/problem+json", `{}`, "has no code"},
		"foreign": {"application/problem+json", `{"type":"about:blank"}`, "has no code"},
		"long":    {"application/problem+json", `{"code":"status.revoked","detail":"` + strings.Repeat("x", 32<<10) + `"}`, "reading a problem"},
	} {
		resp := &http.Response{StatusCode: 403, Header: http.Header{"Content-Type": {test.contentType}}, Body: io.NopCloser(strings.NewReader(test.text))}
		_, err := verifyhttp.ReadProblem(resp)
		require.ErrorContains(t, err, test.want, name)
	}
	resp := &http.Response{StatusCode: 403, Header: http.Header{"Content-Type": {"application/problem+json; charset=utf-8"}},
		Body: io.NopCloser(strings.NewReader(`{"type":"urn:safeconduct:code:status.revoked"}`))}
	p, err := verifyhttp.ReadProblem(resp)
	require.NoError(t, err)
	require.Equal(t, verify.StatusRevoked, p.Code)
}

// The host may answer refusals in its own words; the fields that keep them out
// of caches are set all the same.
func TestDenyHandler(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.Headers = []string{"Agent-Passport", "Authorization"}
		c.Deny = func(w http.ResponseWriter, r *http.Request, d *verify.Decision, err error) {
			verifytest.AssertDenied(t, err, verify.EnvelopeMissing)
			require.Len(t, d.Steps, 8)
			http.Error(w, "no", http.StatusTeapot)
		}
	})
	resp, text := s.do(s.request(func(r *http.Request) { r.Header.Del("Agent-Passport") }))
	require.Equal(t, http.StatusTeapot, resp.StatusCode)
	require.Equal(t, "no\n", text)
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	require.Equal(t, []string{`AgentPassport audience="did:web:shop.example"`, `Bearer realm="did:web:shop.example"`}, resp.Header["Www-Authenticate"])
	require.Zero(t, s.ran.Load())
}

package verifyhttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
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
		answer := s.raw("POST /charge HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 24\r\nAgent-Passport: " + v[:100] + "\r\n " + v[100:] + "\r\n\r\n" + body)
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

// brokenLedger fails, or panics.
type brokenLedger struct {
	verify.Ledger
	reserve func(context.Context) error
}

func (l brokenLedger) Reserve(ctx context.Context, _ *verify.Reservation) (verify.Held, error) {
	return verify.Held{}, l.reserve(ctx)
}

// WEB-02: a panic, a timeout or a store that is gone, anywhere in
// verification: 5xx, and the handler does not run.
func TestWEB02FaultInsideVerification(t *testing.T) {
	ledger := func(f func(context.Context) error) func(*verifyhttp.GuardConfig) {
		return func(c *verifyhttp.GuardConfig) {
			w := verifytest.NewWorld(t)
			c.Verifier = w.Verifier(func(vc *verify.Config) { vc.Ledger = brokenLedger{vc.Ledger, f} })
		}
	}
	resolver := func(f func(context.Context) error) func(*verifyhttp.GuardConfig) {
		return func(c *verifyhttp.GuardConfig) {
			w := verifytest.NewWorld(t)
			c.Verifier = w.Verifier(func(vc *verify.Config) {
				vc.Resolver = did.ResolverFunc(func(ctx context.Context, _ did.DID) (*did.Document, error) { return nil, f(ctx) })
			})
		}
	}
	const secret = "super-secret-dsn"
	for _, test := range []struct {
		name string
		code verify.Code
		edit func(*verifyhttp.GuardConfig)
	}{
		{"the store is gone", verify.LedgerUnavailable, ledger(func(context.Context) error { return errors.New(secret) })},
		{"the store panics", verify.InternalError, ledger(func(context.Context) error { panic(secret) })},
		{"the resolver panics", verify.InternalError, resolver(func(context.Context) error { panic(secret) })},
		{"the store hangs", verify.LedgerUnavailable, func(c *verifyhttp.GuardConfig) {
			c.Timeout = 200 * time.Millisecond // HTTPDecisionTime: the cap on deciding
			ledger(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })(c)
		}},
		{"the question panics", verify.InternalError, func(c *verifyhttp.GuardConfig) {
			c.Request = func(*http.Request) (verify.Request, error) { panic(secret) }
		}},
		{"the question aborts", verify.InternalError, func(c *verifyhttp.GuardConfig) {
			c.Request = func(*http.Request) (verify.Request, error) { panic(http.ErrAbortHandler) }
		}},
		{"the question fails", verify.RequestInvalid, func(c *verifyhttp.GuardConfig) {
			c.Request = func(*http.Request) (verify.Request, error) { return verify.Request{}, errors.New(secret) }
		}},
		{"the question is empty", verify.RequestInvalid, func(c *verifyhttp.GuardConfig) {
			c.Request = func(*http.Request) (verify.Request, error) { return verify.Request{}, nil }
		}},
		{"the limiter fails", verify.LedgerUnavailable, func(c *verifyhttp.GuardConfig) {
			c.Limiter = limiterFunc(func(string) (verifyhttp.Quota, error) { return verifyhttp.Quota{}, errors.New(secret) })
		}},
		{"the limiter panics", verify.InternalError, func(c *verifyhttp.GuardConfig) {
			c.Limiter = limiterFunc(func(string) (verifyhttp.Quota, error) { panic(secret) })
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newShop(t, test.edit)
			info, _ := verify.Lookup(test.code)
			require.GreaterOrEqual(t, info.HTTP, 500)
			require.NotContains(t, s.refused(s.request(), test.code), secret)
		})
	}
}

// The host's question may refuse with a code of its own.
func TestQuestionRefusesWithItsCode(t *testing.T) {
	for _, err := range []error{verify.EnvelopeMalformed, fmt.Errorf("no such route: %w", verify.AuthorityOperationUnknown), fmt.Errorf("%w", &verify.Refusal{Violations: []verify.Violation{{Code: verify.ConsentMissing}}}), verify.Code("made.up")} {
		s := newShop(t, func(c *verifyhttp.GuardConfig) {
			c.Request = func(*http.Request) (verify.Request, error) { return verify.Request{}, err }
		})
		var code verify.Code
		switch {
		case errors.Is(err, verify.ConsentMissing):
			code = verify.ConsentMissing
		case !errors.As(err, &code), code == "made.up":
			code = verify.RequestInvalid
		}
		s.refused(s.request(), code)
	}
}

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

// WEB-06: nothing of a request has a say in the audience.
func TestWEB06AudienceFromConfigurationOnly(t *testing.T) {
	elsewhere := func(r *http.Request) {
		r.Host = "evil.example"
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "Forwarded", "Origin", "Referer", "X-Audience"} {
			r.Header.Set(name, "evil.example")
		}
	}
	s := newShop(t)
	s.allowed(s.request(elsewhere))
	for _, audience := range []string{"evil.example", "https://evil.example", "did:web:evil.example"} {
		vp, err := passport.Present(t.Context(), s.Agent, passport.Chain{s.pass}, s.Intent(func(in *passport.Intent) { in.BodyDigest = passport.Digest([]byte(body)) }), audience, passport.PresentOptions{Now: s.Clock.Now})
		require.NoError(t, err)
		s.refused(s.request(elsewhere, func(r *http.Request) { r.Header.Set("Agent-Passport", encode(vp.Bytes())) }), verify.ProofAudienceMismatch)
	}
	t.Run("not even through the host's question", func(t *testing.T) {
		s := newShop(t, func(c *verifyhttp.GuardConfig) {
			inner := c.Request
			c.Request = func(r *http.Request) (verify.Request, error) {
				q, err := inner(r)
				q.Audience = r.Host
				return q, err
			}
		})
		s.refused(s.request(elsewhere), verify.RequestInvalid)
	})
	t.Run("nor the digest", func(t *testing.T) {
		s := newShop(t, func(c *verifyhttp.GuardConfig) {
			inner := c.Request
			c.Request = func(r *http.Request) (verify.Request, error) {
				q, err := inner(r)
				q.BodyDigest = passport.Digest([]byte("other"))
				return q, err
			}
		})
		s.refused(s.request(), verify.RequestInvalid)
	})
}

// INT-06: an audience that is nearly ours is another.
func TestINT06Audience(t *testing.T) {
	s := newShop(t)
	for _, audience := range []string{"did:web:shop.exampl", "did:web:shop.example/", "did:web:Shop.example", "did:web:shop.example.evil", "did:web:shop.example,did:web:other.example"} {
		vp, err := passport.Present(t.Context(), s.Agent, passport.Chain{s.pass}, s.Intent(), audience, passport.PresentOptions{Now: s.Clock.Now})
		require.NoError(t, err)
		s.refused(s.request(func(r *http.Request) {
			r.Body, r.ContentLength = http.NoBody, 0
			r.Header.Set("Agent-Passport", encode(vp.Bytes()))
		}), verify.ProofAudienceMismatch)
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

// WEB-10: what is not configured is an error at construction, and allows
// nobody if it is used all the same.
func TestWEB10Configuration(t *testing.T) {
	w := verifytest.NewWorld(t)
	good := func() verifyhttp.GuardConfig {
		return verifyhttp.GuardConfig{Verifier: w.Verifier(), Audience: verifytest.Audience, Request: func(*http.Request) (verify.Request, error) { return w.Request(), nil }}
	}
	_, err := verifyhttp.NewGuard(good())
	require.NoError(t, err)
	for name, edit := range map[string]func(*verifyhttp.GuardConfig){
		"Verifier is nil":      func(c *verifyhttp.GuardConfig) { c.Verifier = nil },
		"Audience is empty":    func(c *verifyhttp.GuardConfig) { c.Audience = "" },
		"Audience \"a b\"":     func(c *verifyhttp.GuardConfig) { c.Audience = "a b" },
		"Audience \"a\\\"\"":   func(c *verifyhttp.GuardConfig) { c.Audience = `a"` },
		"Request is nil":       func(c *verifyhttp.GuardConfig) { c.Request = nil },
		"stands twice":         func(c *verifyhttp.GuardConfig) { c.Headers = []string{"Agent-Passport", "agent-passport"} },
		"not the name":         func(c *verifyhttp.GuardConfig) { c.Headers = []string{"Agent Passport"} },
		"another meaning":      func(c *verifyhttp.GuardConfig) { c.Headers = []string{"content-type"} },
		"CONNECT":              func(c *verifyhttp.GuardConfig) { c.Methods = []string{"CONNECT"} },
		"Methods: \"get\"":     func(c *verifyhttp.GuardConfig) { c.Methods = []string{"get"} },
		"HTTPHeaderBytes":      func(c *verifyhttp.GuardConfig) { c.MaxHeader = -1 },
		"HTTPHeaderBytes is 6": func(c *verifyhttp.GuardConfig) { c.MaxHeader = 63<<10 + 1 },
		"HTTPBodyBytes":        func(c *verifyhttp.GuardConfig) { c.MaxBody = 64<<20 + 1 },
		"HTTPDecisionTime":     func(c *verifyhttp.GuardConfig) { c.Timeout = time.Minute + 1 },
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
		g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler ran") })).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
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

package verifyhttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// One presentation sent 32 times at once is let through once.
func TestINT02OneOfManyIsLetThrough(t *testing.T) {
	s := newShop(t)
	token := encode(s.shown(body))
	var group sync.WaitGroup
	var refused atomic.Int64
	for range 32 {
		group.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/charge", strings.NewReader(body))
			r.Header.Set("Agent-Passport", token)
			rec := httptest.NewRecorder()
			s.server.Config.Handler.ServeHTTP(rec, r)
			if rec.Code == http.StatusUnauthorized && strings.Contains(rec.Body.String(), "ledger.replay") {
				refused.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, s.ran.Load())
	require.EqualValues(t, 31, refused.Load())
}

// The guard leaves the request that it was given as it was.
func TestHandlerDoesNotChangeTheRequest(t *testing.T) {
	s := newShop(t)
	r := s.request()
	header := r.Header.Clone()
	s.server.Config.Handler.ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, header, r.Header)
	require.EqualValues(t, 1, s.ran.Load())
	rec := httptest.NewRecorder()
	s.guard.Handler(nil).ServeHTTP(rec, s.request())
	require.Equal(t, http.StatusNotFound, rec.Code)
	_, ok := verify.FromContext(t.Context())
	require.False(t, ok)
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
		{"the store panics", verify.LedgerUnavailable, ledger(func(context.Context) error { panic(secret) })},
		{"the resolver panics", verify.ProofUnresolvable, resolver(func(context.Context) error { panic(secret) })},
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
		{"the limiter fails and the clock panics", verify.LedgerUnavailable, func(c *verifyhttp.GuardConfig) {
			c.Limiter = limiterFunc(func(string) (verifyhttp.Quota, error) { return verifyhttp.Quota{}, errors.New(secret) })
			c.Now = func() time.Time { panic(secret) }
		}},
		{"the question panics and the clock panics", verify.InternalError, func(c *verifyhttp.GuardConfig) {
			c.Request = func(*http.Request) (verify.Request, error) { panic(secret) }
			c.Now = func() time.Time { panic(secret) }
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
	for _, err := range []error{verify.EnvelopeMalformed,
		fmt.Errorf("no such route: %w", verify.AuthorityOperationUnknown),
		fmt.Errorf("%w", &verify.Refusal{Violations: []verify.Violation{{Code: verify.ConsentMissing}}}), verify.Code("made.up")} {
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
		vp, err := passport.Present(t.Context(), s.Agent, passport.Chain{s.pass},
			s.Intent(func(in *passport.Intent) { in.BodyDigest = passport.Digest([]byte(body)) }), audience, passport.PresentOptions{Now: s.Clock.Now})
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
	for _, audience := range []string{"did:web:shop.exampl", "did:web:shop.example/", "did:web:Shop.example",
		"did:web:shop.example.evil", "did:web:shop.example,did:web:other.example"} {
		vp, err := passport.Present(t.Context(), s.Agent, passport.Chain{s.pass}, s.Intent(), audience, passport.PresentOptions{Now: s.Clock.Now})
		require.NoError(t, err)
		s.refused(s.request(func(r *http.Request) {
			r.Body, r.ContentLength = http.NoBody, 0
			r.Header.Set("Agent-Passport", encode(vp.Bytes()))
		}), verify.ProofAudienceMismatch)
	}
}

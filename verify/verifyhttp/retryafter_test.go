package verifyhttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// F6: a rate of the passport refuses with when to come back, and without what
// another limiter has left.
func TestF6RateOfThePassport(t *testing.T) {
	limiter, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.OriginRate()})
	require.NoError(t, err)
	for name, edit := range map[string]func(*verifyhttp.GuardConfig){
		"alone":          func(*verifyhttp.GuardConfig) {},
		"with a limiter": func(c *verifyhttp.GuardConfig) { c.Limiter = limiter },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, edit)
			p := s.Passport()
			p.Authority.Limits = []passport.Limit{passport.RateOf("requests", time.Minute, 2)}
			s.pass = s.Issue(p)
			for range 2 {
				s.allowed(s.request())
				s.Clock.Advance(10 * time.Second)
			}
			resp, text := s.do(s.request())
			s.isProblem(resp, text, verify.LedgerRateExceeded)
			after := resp.Header.Get("Retry-After")
			require.Equal(t, "40", after, "the first of the two leaves the window after a minute")
			for _, field := range []string{"Limit", "Remaining", "Window", "Reset"} {
				require.Empty(t, resp.Header.Get("X-RateLimit-"+field))
			}
			problem := read(t, resp, text)
			require.Equal(t, s.Clock.Now().Add(40*time.Second).Unix(), problem.Until.Unix())
			s.Clock.Advance(problem.Until.Sub(s.Clock.Now()))
			s.allowed(s.request())
		})
	}
}

// F6: so does a budget.
func TestF6Budget(t *testing.T) {
	s := newShop(t)
	p := s.Passport()
	p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
	s.pass = s.Issue(p)
	s.allowed(s.request())
	resp, text := s.do(s.request())
	s.isProblem(resp, text, verify.LedgerBudgetExceeded)
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
	problem := read(t, resp, text)
	require.True(t, problem.Until.After(s.Clock.Now()))
	require.False(t, problem.Until.After(s.Clock.Now().Add(24*time.Hour+time.Second)))
}

func read(t *testing.T, resp *http.Response, text string) *verifyhttp.Problem {
	t.Helper()
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	rec.WriteHeader(resp.StatusCode)
	_, _ = rec.WriteString(text)
	p, err := verifyhttp.ReadProblem(rec.Result())
	require.NoError(t, err)
	return p
}

// F6: Retry-After follows the reasons: the last one that passes by itself, none
// if one does not, and a usual wait where it could not be found out.
func TestF6RetryAfter(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	in := func(c verify.Code, d time.Duration) error { return &verify.Violation{Code: c, Until: at.Add(d)} }
	for name, test := range map[string]struct {
		reasons []error
		want    string
		until   time.Duration // zero: no until
	}{
		"a budget":               {[]error{in(verify.LedgerBudgetExceeded, time.Hour)}, "3600", time.Hour},
		"a fraction of a second": {[]error{in(verify.LedgerRateExceeded, 1500*time.Millisecond)}, "2", 2 * time.Second},
		"passed meanwhile":       {[]error{in(verify.LedgerRateExceeded, -time.Second)}, "1", -time.Second},
		"an early passport":      {[]error{in(verify.TimeNotYetValid, time.Minute)}, "60", time.Minute},
		"an early list":          {[]error{in(verify.StatusUnavailable, 5*time.Second)}, "5", 5 * time.Second},
		"two that pass":          {[]error{in(verify.LedgerRateExceeded, time.Minute), in(verify.LedgerBudgetExceeded, time.Hour)}, "3600", time.Hour},
		"two, the later first":   {[]error{in(verify.LedgerBudgetExceeded, time.Hour), in(verify.LedgerRateExceeded, time.Minute)}, "3600", time.Hour},
		"one that does not":      {[]error{in(verify.LedgerRateExceeded, time.Minute), verify.AuthorityActionNotAllowed}, "", 0},
		"revoked":                {[]error{verify.StatusRevoked}, "", 0},
		"a list not fetched":     {[]error{verify.StatusUnavailable}, "30", 0},
		"a stale list":           {[]error{verify.StatusStale}, "30", 0},
		"the ledger is down":     {[]error{verify.LedgerUnavailable}, "30", 0},
		"denied and unknown":     {[]error{verify.StatusUnavailable, verify.AuthorityActionNotAllowed}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, refusal := verify.Refuse(at, test.reasons...)
			s := newShop(t, func(c *verifyhttp.GuardConfig) {
				c.Now = func() time.Time { return at }
				c.Request = func(*http.Request) (verify.Request, error) { return verify.Request{}, refusal }
			})
			resp, text := s.do(s.request())
			require.Equal(t, test.want, resp.Header.Get("Retry-After"), text)
			p := read(t, resp, text)
			if test.until == 0 {
				require.True(t, p.Until.IsZero(), text)
			} else {
				require.Equal(t, at.Add(test.until), p.Until, text)
			}
		})
	}
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.RetryAfter = 7 * time.Second
		c.Limiter = limiterFunc(func(string) (verifyhttp.Quota, error) { return verifyhttp.Quota{}, context.DeadlineExceeded })
	})
	resp, _ := s.do(s.request())
	require.Equal(t, "7", resp.Header.Get("Retry-After"))
}

// F6: the limiter's own refusal says both, and the verifier's clock has no part
// in it.
func TestF6LimiterSaysWhen(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.Limiter = limiterFunc(func(string) (verifyhttp.Quota, error) {
			return verifyhttp.Quota{Limit: 5, Window: time.Minute, Reset: 12 * time.Second}, nil
		})
	})
	resp, text := s.do(s.request())
	s.isProblem(resp, text, verify.LedgerRateExceeded)
	require.Equal(t, "12", resp.Header.Get("Retry-After"))
	require.Equal(t, "5", resp.Header.Get("X-RateLimit-Limit"))
	require.Equal(t, s.Clock.Now().Add(12*time.Second).Unix(), read(t, resp, text).Until.Unix())
}

package verifyhttp_test

import (
	"context"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

type limiterFunc func(string) (verifyhttp.Quota, error)

func (f limiterFunc) Take(_ context.Context, caller string) (verifyhttp.Quota, error) {
	return f(caller)
}

// A16: a limiter refuses with 429 and says when to come back; it is asked
// before anything is decoded.
func TestA16Limiter(t *testing.T) {
	var clock *verifytest.Clock
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		clock = verifytest.NewClock(time.Date(2026, 11, 21, 9, 0, 15, 500, time.UTC))
		l, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.Rate{Requests: 2, Window: time.Minute}, Now: clock.Now})
		require.NoError(t, err)
		c.Limiter = l
	})
	for left := range 2 {
		resp, text := s.do(s.request())
		require.Equal(t, 204, resp.StatusCode, text)
		require.Equal(t, "2", resp.Header.Get("X-RateLimit-Limit"))
		require.Equal(t, strconv.Itoa(1-left), resp.Header.Get("X-RateLimit-Remaining"))
		require.Empty(t, resp.Header.Get("Retry-After"))
	}
	for range 3 {
		resp, text := s.do(s.request(func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") }))
		s.isProblem(resp, text, verify.LedgerRateExceeded)
		require.Equal(t, 429, resp.StatusCode)
		require.Equal(t, "0", resp.Header.Get("X-RateLimit-Remaining"))
		require.Equal(t, "60s", resp.Header.Get("X-RateLimit-Window"))
		require.Equal(t, "45", resp.Header.Get("X-RateLimit-Reset"))
		require.Equal(t, "45", resp.Header.Get("Retry-After"))
	}
	clock.Advance(45 * time.Second)
	s.allowed(s.request())

	key := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.Limiter = limiterFunc(func(caller string) (verifyhttp.Quota, error) {
			require.Equal(t, "me", caller)
			return verifyhttp.Quota{}, nil // the zero Quota refuses
		})
		c.LimitKey = func(*http.Request) string { return "me" }
	})
	key.refused(key.request(), verify.LedgerRateExceeded)

	// What a limiter says that makes no sense reaches nobody.
	odd := newShop(t, func(c *verifyhttp.GuardConfig) {
		c.Limiter = limiterFunc(func(string) (verifyhttp.Quota, error) {
			return verifyhttp.Quota{Limit: -1, Remaining: -1, Window: math.MaxInt64, Reset: -time.Hour}, nil
		})
	})
	resp, _ := odd.do(odd.request())
	require.Equal(t, 429, resp.StatusCode)
	for name, want := range map[string]string{"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0",
		"X-RateLimit-Window": "9223372037s", "X-RateLimit-Reset": "0", "Retry-After": "1"} {
		require.Equal(t, want, resp.Header.Get(name), name)
	}
}

func TestOriginKey(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.7:1234": "192.0.2.7", "[2001:db8:1:2:3::4]:5": "2001:db8:1:2::/64", "[::ffff:192.0.2.7]:1": "192.0.2.7",
		"[fe80::1%eth0]:1": "fe80::/64", "@": "@", "": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = addr
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		require.Equal(t, want, verifyhttp.OriginKey(r))
		if host, _, err := net.SplitHostPort(addr); err == nil {
			require.Equal(t, want, verifyhttp.AddressKey(host))
		}
	}
}

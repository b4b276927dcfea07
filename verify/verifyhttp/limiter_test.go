package verifyhttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
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
		require.Equal(t, "60", resp.Header.Get("X-RateLimit-Window"))
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
}

func TestMemoryLimiter(t *testing.T) {
	for _, o := range []verifyhttp.MemoryLimiterOptions{{}, {Rate: verifyhttp.Rate{Requests: 1}}, {Rate: verifyhttp.Rate{Window: 1}}, {Rate: verifyhttp.OriginRate(), Keys: -1}, {Rate: verifyhttp.OriginRate(), Keys: 1<<20 + 1}} {
		_, err := verifyhttp.NewMemoryLimiter(o)
		require.Error(t, err)
	}
	clock := verifytest.NewClock(time.Date(1969, 12, 31, 23, 59, 50, 0, time.UTC))
	l, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.OriginRate(), Keys: 2, Now: clock.Now}) // RateKeys
	require.NoError(t, err)
	take := func(caller string) verifyhttp.Quota {
		q, err := l.Take(t.Context(), caller)
		require.NoError(t, err)
		return q
	}
	require.Equal(t, verifyhttp.Quota{OK: true, Limit: 60, Remaining: 59, Window: time.Minute, Reset: 10 * time.Second}, take("a"))
	require.Equal(t, 59, take("b").Remaining)
	// Callers beyond the cap share one count, and harm nobody below it.
	for i := range 60 {
		require.True(t, take("x"+strconv.Itoa(i)).OK)
	}
	require.False(t, take("y").OK)
	require.Equal(t, 58, take("a").Remaining)
	clock.Advance(10 * time.Second)
	require.Equal(t, 59, take("y").Remaining)

	var group sync.WaitGroup
	var ok atomic.Int64
	for range 100 {
		group.Go(func() {
			if q, _ := l.Take(context.Background(), "z"); q.OK {
				ok.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 60, ok.Load())
}

func TestRates(t *testing.T) {
	for want, got := range map[verifyhttp.Rate]verifyhttp.Rate{
		{Requests: 60, Window: time.Minute}:     verifyhttp.OriginRate(),
		{Requests: 300, Window: time.Minute}:    verifyhttp.KeyRate(),
		{Requests: 10, Window: 5 * time.Minute}: verifyhttp.LoginRate(),
		{Requests: 100, Window: time.Minute}:    verifyhttp.ReadRate(),
	} {
		require.Equal(t, want, got)
	}
	require.Equal(t, verifyhttp.Rate{Requests: 60, Window: time.Minute}, verifyhttp.WriteRate())
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
	}
}

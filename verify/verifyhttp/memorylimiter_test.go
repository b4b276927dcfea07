package verifyhttp_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestMemoryLimiter(t *testing.T) {
	for _, o := range []verifyhttp.MemoryLimiterOptions{{}, {Rate: verifyhttp.Rate{Requests: 1}},
		{Rate: verifyhttp.Rate{Window: 1}}, {Rate: verifyhttp.OriginRate(), Keys: -1},
		{Rate: verifyhttp.OriginRate(), Keys: 1<<20 + 1}, {Rate: verifyhttp.Rate{Requests: 1e8 + 1, Window: 1}}} {
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
	// Callers beyond the cap share counts, and harm nobody below it.
	for range 60 {
		require.True(t, take("x").OK)
	}
	require.False(t, take("x").OK)
	require.Equal(t, 58, take("a").Remaining)
	clock.Advance(10 * time.Second)
	require.Equal(t, 59, take("x").Remaining)

	var group sync.WaitGroup
	var ok atomic.Int64
	clock.Advance(time.Minute)
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

// B4: the 65,536 networks of one IPv6 site have the rate of 16 and leave room for
// others, and who finds no room shares a count with few.
func TestB4OneSiteDoesNotFillTheLimiter(t *testing.T) {
	clock := verifytest.NewClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))
	l, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.OriginRate(), Now: clock.Now})
	require.NoError(t, err)
	take := func(caller string) bool {
		q, err := l.Take(t.Context(), caller)
		require.NoError(t, err)
		return q.OK
	}
	passed := func(callers int, name func(i int) string) (n int) {
		for i := range callers {
			if take(name(i)) {
				n++
			}
		}
		return n
	}
	ofSite := func(site string) func(int) string {
		return func(i int) string { return fmt.Sprintf("2001:db8:%s:%x::/64", site, i) }
	}
	// In each of three sites: all of them together are 16 callers and no more.
	for _, site := range []string{"1", "2", "ffff"} {
		require.Equal(t, 16*60, passed(65536, ofSite(site)), site)
	}
	// One network of another site has its own rate.
	require.Equal(t, 60, passed(100, func(int) string { return "2001:db8:3:1::/64" }))
	require.False(t, take("2001:db8:1:ffff::/64"))
	// Elsewhere nobody notices: 1,000 addresses, a request of each.
	for _, form := range []string{"192.0.2.%d", "key-%d", "2001:db8:%x:1::/64", "2001:db8::%x/64"} {
		n := passed(250, func(i int) string { return fmt.Sprintf(form, i+16) })
		require.Equal(t, 250, n, form)
	}

	// Full: a flood of callers without room harms few of the others.
	small, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.OriginRate(), Keys: 64, Now: clock.Now})
	require.NoError(t, err)
	l = small
	require.Equal(t, 64, passed(64, strconv.Itoa))
	require.Equal(t, 60, passed(1000, func(int) string { return "flood" }))
	require.Greater(t, passed(100, func(i int) string { return "honest" + strconv.Itoa(i) }), 90)
	require.Equal(t, 60-1, passed(100, func(int) string { return "7" }), "who has room keeps it")

	// A site takes a 64th of the room at most, whatever the rate is.
	large, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.Rate{Requests: 1e6,
		Window: time.Minute}, Keys: 6400, Now: clock.Now})
	require.NoError(t, err)
	l = large
	require.Equal(t, 20000, passed(20000, ofSite("1")))
	require.Equal(t, 100, verifyhttp.Networks(large, "2001:db8:1::/48"))
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

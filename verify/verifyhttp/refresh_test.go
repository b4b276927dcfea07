package verifyhttp_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// G11: the passport is refreshed before it ends, by one request at a time.
func TestG11Refresh(t *testing.T) {
	s := newShop(t)
	lasts := func(d time.Duration) passport.Chain {
		return passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) { p.ValidFrom, p.ValidUntil = s.Clock.Now(), s.Clock.Now().Add(d) }))}
	}
	var calls atomic.Int64
	var fail atomic.Bool
	client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
		c.Chain = nil
		c.Refresh = func(context.Context) (passport.Chain, error) {
			calls.Add(1)
			if fail.Load() {
				return nil, errors.New("issuer is down")
			}
			return lasts(time.Hour), nil
		}
	})
	get := func(want int) {
		t.Helper()
		resp, err := client.Get(s.server.URL)
		require.NoError(t, err)
		require.Equal(t, want, resp.StatusCode, readAll(t, resp))
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			resp, err := client.Get(s.server.URL)
			if err == nil {
				_ = resp.Body.Close()
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, calls.Load(), "one fetch for all who waited")
	require.EqualValues(t, 8, s.ran.Load())

	s.Clock.Advance(55*time.Minute - time.Second)
	get(204)
	require.EqualValues(t, 1, calls.Load())
	s.Clock.Advance(time.Second) // five minutes before the end
	fail.Store(true)
	get(204) // the old one still serves
	require.EqualValues(t, 2, calls.Load())
	fail.Store(false)
	get(204)
	get(204)
	require.EqualValues(t, 3, calls.Load())
	s.Clock.Advance(time.Hour)
	fail.Store(true)
	_, err := client.Get(s.server.URL)
	require.ErrorContains(t, err, "issuer is down")

	t.Run("the margin is at most a quarter of the life", func(t *testing.T) {
		calls.Store(0)
		client := s.on(t).agent(func(c *verifyhttp.RoundTripperConfig) {
			c.Chain = lasts(4 * time.Minute)
			c.Refresh = func(context.Context) (passport.Chain, error) { calls.Add(1); return lasts(4 * time.Minute), nil }
		})
		for _, step := range []struct {
			after time.Duration
			calls int64
		}{{0, 0}, {3*time.Minute - time.Second, 0}, {time.Second, 1}, {0, 1}} {
			s.Clock.Advance(step.after)
			resp, err := client.Get(s.server.URL)
			require.NoError(t, err)
			require.Equal(t, 204, resp.StatusCode, readAll(t, resp))
			require.Equal(t, step.calls, calls.Load())
		}
	})
	t.Run("who waits may give up", func(t *testing.T) {
		begun, end := make(chan bool), make(chan bool)
		client := s.on(t).agent(func(c *verifyhttp.RoundTripperConfig) {
			c.Chain = nil
			c.Refresh = func(context.Context) (passport.Chain, error) { close(begun); <-end; return lasts(time.Hour), nil }
		})
		var group sync.WaitGroup
		group.Go(func() {
			if resp, err := client.Get(s.server.URL); err == nil {
				_ = resp.Body.Close()
			}
		})
		<-begun
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL, nil)
		require.NoError(t, err)
		_, err = client.Transport.RoundTrip(r)
		require.ErrorIs(t, err, context.Canceled)
		close(end)
		group.Wait()
	})
	t.Run("without Refresh the server says that it has ended", func(t *testing.T) {
		client := s.on(t).agent(func(c *verifyhttp.RoundTripperConfig) { c.Chain = lasts(time.Minute) })
		s.Clock.Advance(time.Minute)
		resp, err := client.Get(s.server.URL)
		require.NoError(t, err)
		p, err := verifyhttp.ReadProblem(resp)
		require.NoError(t, err)
		require.Equal(t, verify.TimeExpired, p.Code)
	})
}

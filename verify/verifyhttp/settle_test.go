package verifyhttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// watched is a ledger that tells how its holds were settled.
type watched struct {
	verify.Ledger
	mu   sync.Mutex
	said []string
	err  error
}

func (l *watched) say(ctx context.Context, word string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, word)
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.err
}

func (l *watched) Settle(ctx context.Context, s verify.Settlement) error {
	word := map[verify.ActOutcome]string{verify.Done: "commit", verify.NotDone: "release"}[s.Outcome]
	return errors.Join(l.say(ctx, word), l.Ledger.Settle(ctx, s))
}

func watchedShop(t *testing.T, edits ...func(*verifyhttp.GuardConfig)) (*shop, *watched) {
	l := &watched{Ledger: ledger.NewMemory(ledger.Options{})}
	edits = append([]func(*verifyhttp.GuardConfig){func(c *verifyhttp.GuardConfig) {
		c.Verifier = verifytest.NewWorld(t).Verifier(func(vc *verify.Config) { vc.Ledger = l })
	}}, edits...)
	return newShop(t, edits...), l
}

// What becomes of a reservation follows the handler's status; in doubt it is
// left open, and so counts.
func TestSettleFollowsTheHandler(t *testing.T) {
	status := func(n int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
	}
	for name, test := range map[string]struct {
		settle  func(*verify.Decision, int) verifyhttp.AfterAct
		handler func(http.ResponseWriter, *http.Request)
		want    []string
	}{
		"200":                 {nil, status(200), []string{"commit"}},
		"says nothing":        {nil, func(http.ResponseWriter, *http.Request) {}, []string{"commit"}},
		"writes":              {nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok"); w.WriteHeader(500) }, []string{"commit"}},
		"early hints, 500":    {nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(500) }, nil},
		"flushes":             {nil, func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() }, []string{"commit"}},
		"303":                 {nil, status(303), []string{"commit"}},
		"400":                 {nil, status(400), nil},
		"500":                 {nil, status(500), nil},
		"by status, 200":      {verifyhttp.SettleByStatus, status(200), []string{"commit"}},
		"by status, 409":      {verifyhttp.SettleByStatus, status(409), []string{"release"}},
		"by status, 502":      {verifyhttp.SettleByStatus, status(502), nil},
		"panic":               {nil, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil},
		"panic after writing": {nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); panic(http.ErrAbortHandler) }, nil},
		"hijacked": {nil, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			require.NoError(t, err)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			_ = conn.Close()
		}, nil},
		"handler released": {nil, func(w http.ResponseWriter, r *http.Request) {
			d, ok := verify.FromContext(r.Context())
			require.True(t, ok)
			require.Equal(t, verify.Allow, d.Verdict)
			require.NoError(t, d.Release(r.Context()))
		}, []string{"release", "commit"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := watchedShop(t, func(c *verifyhttp.GuardConfig) {
				c.Settle = test.settle
				c.Unsettled = func(_ *verify.Decision, err error) { t.Errorf("unsettled: %v", err) }
			})
			s.handler = test.handler
			resp, err := s.server.Client().Do(s.request())
			if err == nil {
				_ = resp.Body.Close()
			}
			s.server.Close() // the handler has returned
			require.Equal(t, test.want, l.said)
		})
	}
}

// S6: a client that hangs up gets nothing back, whatever the handler then
// answers; one that stays, and a handler that knows, do.
func TestS6HangingUpReleasesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		hangUp bool
		status int
		knows  bool
		want   []string
	}{
		"hangs up, 409":            {true, 409, false, nil},
		"hangs up, 499":            {true, 499, false, nil},
		"hangs up, 408":            {true, 408, false, nil},
		"stays, 409":               {false, 409, false, []string{"release"}},
		"hangs up, and was done":   {true, 200, false, []string{"commit"}},
		"the handler knows better": {true, 409, true, []string{"release"}},
	} {
		s, l := watchedShop(t, func(g *verifyhttp.GuardConfig) { g.Settle = verifyhttp.SettleByStatus })
		ctx, cancel := context.WithCancel(t.Context())
		h := s.guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c.hangUp {
				cancel()
			}
			if c.knows {
				d, _ := verify.FromContext(r.Context())
				require.NoError(t, d.Release(context.WithoutCancel(ctx)))
			}
			w.WriteHeader(c.status)
		}))
		h.ServeHTTP(httptest.NewRecorder(), s.request().WithContext(ctx))
		cancel()
		require.Equal(t, c.want, l.said, name)
	}
}

// A client that has gone does not keep an act that was done from being
// committed; a store that fails is told of.
func TestSettleWithoutTheClient(t *testing.T) {
	var told atomic.Int64
	s, l := watchedShop(t, func(c *verifyhttp.GuardConfig) {
		c.Unsettled = func(d *verify.Decision, err error) {
			require.ErrorContains(t, err, "disk")
			require.NotEmpty(t, d.ID)
			told.Add(1)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	h := s.guard.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }))
	h.ServeHTTP(httptest.NewRecorder(), s.request().WithContext(ctx))
	require.Equal(t, []string{"commit"}, l.said)
	require.Zero(t, told.Load())
	l.err = errors.New("disk")
	s.allowed(s.request())
	s.server.Close()
	require.EqualValues(t, 1, told.Load())
}

// A repeat reaches the handler for repeats, or nobody.
func TestRepeat(t *testing.T) {
	var repeats atomic.Int64
	accept := func(c *verifyhttp.GuardConfig) {
		inner := c.Request
		c.Request = func(r *http.Request) (verify.Request, error) {
			q, err := inner(r)
			q.AcceptRepeat = true
			return q, err
		}
	}
	repeat := func(c *verifyhttp.GuardConfig) {
		c.Repeat = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d, _ := verify.FromContext(r.Context())
			require.True(t, d.Repeated)
			repeats.Add(1)
			_, _ = io.WriteString(w, "as before")
		})
	}
	twice := func(s *shop) (*http.Request, *http.Request) {
		in := s.Intent()
		in.ID = "urn:safeconduct:intent:01JD6WZ9000000000000000000"
		make := func() *http.Request {
			r, err := http.NewRequest(http.MethodPost, s.server.URL+"/charge", nil)
			require.NoError(t, err)
			r.Header.Set("Agent-Passport", encode(s.Present(s.pass, in)))
			return r
		}
		return make(), make()
	}
	s := newShop(t, accept, repeat)
	one, two := twice(s)
	s.allowed(one)
	resp, text := s.do(two)
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "as before", text)
	require.EqualValues(t, 1, s.ran.Load())
	require.EqualValues(t, 1, repeats.Load())

	none := newShop(t, accept)
	one, two = twice(none)
	none.allowed(one)
	none.refused(two, verify.LedgerRepeated)

	// Check leaves it to the caller, who looks at Repeated.
	none = newShop(t, accept)
	one, two = twice(none)
	for i, r := range []*http.Request{one, two} {
		d, err := none.guard.Check(r)
		verifytest.AssertAllowed(t, err)
		require.Equal(t, i == 1, d.Repeated)
	}
}

package nginx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/httpsource"
	"github.com/safeconduct/safeconduct/statuslist/listhttp"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// wait is a clock that goes only when somebody waits.
type wait struct {
	mu sync.Mutex
	at time.Time
}

func (w *wait) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// until goes on to an instant, unless the others have waited as long already.
func (w *wait) until(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.After(w.at) {
		w.at = at
	}
}

// office is an issuer that publishes its list over HTTPS, freshly for whoever
// asks, but for the times when it is down.
type office struct {
	*did.KeyPair
	server *httptest.Server
	bits   *statuslist.Publisher
	down   atomic.Bool
	asked  atomic.Int64
}

func newOffice(t *testing.T, clock *wait) *office {
	key, err := did.GenerateKey()
	require.NoError(t, err)
	o := &office{KeyPair: key}
	lists := new(statuslist.Memory)
	o.server = httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(o.server.Listener.Addr().String())
	require.NoError(t, err)
	base := "https://example.com:" + port // the name in the certificate of the server
	serve, err := listhttp.New(lists, listhttp.Config{Base: base, Now: clock.now})
	require.NoError(t, err)
	o.bits, err = statuslist.NewPublisher(statuslist.PublisherOptions{URL: base + "/status/1", Purpose: statuslist.Revocation})
	require.NoError(t, err)
	var mu sync.Mutex
	var last time.Time
	o.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.asked.Add(1)
		if o.down.Load() {
			http.Error(w, "back soon", http.StatusBadGateway)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if now := clock.now(); now.After(last) {
			last = now
			editions, err := o.bits.Publish(context.WithoutCancel(r.Context()), o, statuslist.PublishOptions{Now: now, TTL: time.Minute})
			if err == nil {
				err = editions.PutTo(context.WithoutCancel(r.Context()), lists)
			}
			if err != nil {
				t.Error(err)
			}
		}
		serve.ServeHTTP(w, r)
	})
	o.server.StartTLS()
	t.Cleanup(o.server.Close)
	return o
}

// source fetches from the office.
func (o *office) source(t *testing.T, clock *wait) *httpsource.Source {
	pool := o.server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	s, err := httpsource.New(httpsource.Config{
		RootCAs: pool, Now: clock.now, InsecureAllowPrivateAddresses: true,
		LookupNetIP: func(context.Context, string, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		},
	})
	require.NoError(t, err)
	return s
}

// buyer buys until it has what it wants, as the problems tell it to.
type buyer struct {
	*http.Client
	clock *wait
	run   *agentRun
	down  *atomic.Bool
}

func (b *buyer) buy(address, key string) bool {
	for range 60 {
		resp, problem, err := post(b.Client, address, key)
		switch {
		case err != nil:
			b.run.note("lost")
			continue
		case resp.StatusCode == 204:
			b.run.note("204")
			return true
		case problem == nil && resp.StatusCode >= 500:
			b.run.note(fmt.Sprint(resp.StatusCode, " of the proxy"))
			continue
		case problem == nil:
			b.run.fault("%d without a problem", resp.StatusCode)
			return false
		}
		b.run.note(fmt.Sprint(resp.StatusCode, " ", problem.Code, map[bool]string{true: " down"}[b.down.Load()]))
		if problem.Title == "" || problem.RequestID == "" || problem.Status != resp.StatusCode {
			b.run.fault("%s names no cause: %+v", problem.Code, problem)
		}
		after, err := time.ParseDuration(resp.Header.Get("Retry-After") + "s")
		switch {
		case problem.Code == verify.LedgerRepeated:
			return true
		case problem.Code == verify.TimeIntentExpired:
			continue // an hour went by meanwhile, which a new intent makes good
		case err != nil:
			b.run.fault("%s does not say when to ask again", problem.Code)
			return false
		case !problem.Until.IsZero():
			b.clock.until(problem.Until)
		default:
			b.clock.until(b.clock.now().Add(after))
		}
	}
	b.run.fault("%s was never bought", key)
	return false
}

// A newcomer's shop, put together from the pages: lists over HTTPS, a budget for
// an hour, a limiter, nginx as its page says. The lists' host goes down and comes
// back, the server restarts, nginx reloads, answers get lost, the budget runs out
// again and again. Some agents have chains that fit into no header. Every act is
// done once, and every refusal says why, and when to come back.
func TestF1F6F8D8NewcomersShop(t *testing.T) {
	acts := int64(1000)
	if testing.Short() {
		acts = 250
	}
	const workers = 8
	ctx := context.Background()
	clock := &wait{at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	office := newOffice(t, clock)

	// The shop.
	v, err := verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: office.DID()}}, Resolver: did.KeyMethods(), Status: office.source(t, clock),
		Ledger: ledger.NewMemory(ledger.Options{}), Payments: []string{"payments.*"}, Now: clock.now,
		ProvenDocuments: 100, Bounds: verify.Bounds{StatusAge: 5 * time.Minute},
	})
	require.NoError(t, err)
	limiter, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{Rate: verifyhttp.OriginRate(), Now: clock.now})
	require.NoError(t, err)
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: v, Audience: "did:web:shop.example", Now: clock.now, Limiter: limiter,
		LimitKey: func(r *http.Request) string { return verifyhttp.AddressKey(r.Header.Get("X-Real-IP")) },
		Request: func(r *http.Request) (verify.Request, error) {
			return verify.Request{Act: charge(r.URL.EscapedPath())}, nil
		},
	})
	require.NoError(t, err)
	s := &shop{acts: map[string]int{}}
	s.handler = guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.acts[r.Header.Get("Idempotency-Key")]++
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.addr = l.Addr().String()
	s.serve(l)
	t.Cleanup(func() { _ = s.server.Close() })
	page, err := os.ReadFile("../../docs/howto/nginx.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?ms)^```nginx\n(.*?)^```").FindAllStringSubmatch(string(page), -1)
	p := startAs(t, "http://"+s.addr, blocks[1][1]+" keepalive_requests 7;", blocks[0][1])

	// The agents: two of the issuer's, and two that others handed a part to.
	run := &agentRun{answers: map[string]int{}, publish: func() { office.down.Store(false) }}
	var buyers []*buyer
	for i := range 4 {
		agent, chain := member(t, ctx, office, clock, i >= 2)
		base := &lossy{RoundTripper: p.transport(t)}
		rt, err := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
			Base: base, Agent: agent, Chain: chain, Audiences: map[string]string{p.http2: "did:web:shop.example"},
			Intent: func(r *http.Request) (passport.Intent, error) {
				return passport.Intent{Act: charge(r.URL.EscapedPath())}, nil
			},
			Present: passport.PresentOptions{Now: clock.now},
		})
		require.NoError(t, err)
		buyers = append(buyers, &buyer{&http.Client{Transport: rt}, clock, run, &office.down})
	}
	var next, done atomic.Int64
	var group sync.WaitGroup
	for i := range workers {
		b := buyers[i%len(buyers)]
		group.Go(func() {
			for {
				n := next.Add(1)
				if n > acts {
					return
				}
				switch {
				case n%150 == 0:
					p.reload(t)
				case n%130 == 0:
					if err := s.restart(); err != nil {
						run.fault("%v", err)
					}
				case n == acts/3: // nobody answers for the lists, and they get too old
					office.down.Store(true)
					clock.until(clock.now().Add(6 * time.Minute))
				}
				if b.buy(p.http2+"/shelf/"+url.PathEscape(fmt.Sprint("no ", n)), fmt.Sprint("act-", n)) {
					done.Add(1)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d acts until %s: %v; lists asked for %d times", acts, clock.now().Format(time.TimeOnly), run.answers, office.asked.Load())
	require.Empty(t, run.faults)
	require.EqualValues(t, acts, done.Load())
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Len(t, s.acts, int(acts))
	for key, times := range s.acts {
		require.Equal(t, 1, times, key)
	}
	require.Positive(t, run.answers["403 ledger.budget_exceeded"])
	require.GreaterOrEqual(t, run.answers["503 status.stale down"], 40)
}

func charge(resource string) passport.Act {
	return passport.Act{Action: "payments.charge", Resource: resource, Amount: passport.MustMoney("12.50", "USD"), Category: "compute"}
}

// member is an agent with a passport, or with a part of somebody else's whose
// chain is too long for a header.
func member(t *testing.T, ctx context.Context, office *office, clock *wait, delegated bool) (did.Signer, passport.Chain) {
	t.Helper()
	agent, err := did.GenerateKey()
	require.NoError(t, err)
	index, err := office.bits.Allocate()
	require.NoError(t, err)
	place, err := office.bits.Entry(index)
	require.NoError(t, err)
	p := &passport.Passport{
		Agent: agent.DID(), Status: []statuslist.Entry{place}, ValidFrom: clock.now(), ValidUntil: clock.now().Add(72 * time.Hour),
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge"}}, Categories: []string{"compute"},
			MaxTransaction: passport.MustMoney("50.00", "USD"), MaxDelegationDepth: 1,
			SpendLimits: []passport.SpendLimit{{Money: passport.MustMoney("500.00", "USD"), Per: passport.PerHour}},
		},
	}
	if delegated {
		for i := range 60 {
			p.Authority.DeniedActions = append(p.Authority.DeniedActions, fmt.Sprintf("never.%s.x%d", strings.Repeat("a", 90), i))
		}
	}
	o := passport.IssueOptions{Now: clock.now}
	signed, err := passport.Issue(ctx, office, p, o)
	require.NoError(t, err)
	if !delegated {
		return agent, passport.Chain{signed}
	}
	helper, err := did.GenerateKey()
	require.NoError(t, err)
	child := &passport.Passport{Agent: helper.DID(), ValidFrom: clock.now(), ValidUntil: clock.now().Add(71 * time.Hour), Authority: p.Authority}
	child.Authority.MaxDelegationDepth = 0
	chain, err := passport.Delegate(ctx, passport.Chain{signed}, agent, child, o)
	if err != nil {
		t.Fatal(errors.Unwrap(err), err)
	}
	return helper, chain
}

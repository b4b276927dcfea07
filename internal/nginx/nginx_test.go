package nginx

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// shop is a guarded server that can be stopped and started again: the process
// goes, its ledger stays.
type shop struct {
	*verifytest.World
	chain   passport.Chain
	addr    string
	handler http.Handler
	trust   receipt.Trust

	mu     sync.Mutex
	server *http.Server
	acts   map[string]int // by idempotency key: how often it was done
}

func open(t *testing.T) *shop {
	w := verifytest.NewWorld(t)
	s := &shop{World: w, acts: map[string]int{}}
	s.chain = passport.Chain{w.Issue(w.Passport())}
	key := verifytest.Key("shop")
	o := receipt.Options{Origin: "shop.example/receipts", Signer: key, Key: key.PublicKey()}
	log, err := receipt.Open(t.Context(), t.TempDir(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close(context.Background()) })
	s.trust = receipt.Trust{Verifier: key.DID(), Resolver: did.KeyMethods(), LogKey: log.Key()}
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: w.Verifier(func(c *verify.Config) { c.Bounds.StatusAge, c.Evidence = 2*time.Minute, true }),
		Receipt:  (&receipt.Keeper{Log: log, Signer: key}).Keep,
		Audience: verifytest.Audience, Now: w.Clock.Now, RetryAfter: time.Second,
		Request: func(r *http.Request) (verify.Request, error) {
			return w.Request(func(q *verify.Request) { q.Audience, q.Resource = "", r.URL.EscapedPath() }), nil
		},
	})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.Handle("/", guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.acts[r.Header.Get("Idempotency-Key")]++
		s.mu.Unlock()
		if r.Header.Get(verifyhttp.HeaderWantReceipt) != "" { // not all that the answer says
			w.Header().Set("Content-Security-Policy", strings.Repeat("x", 3<<10))
		}
		w.WriteHeader(http.StatusNoContent)
	})))
	s.handler = mux
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.addr = l.Addr().String()
	s.serve(l)
	t.Cleanup(func() { _ = s.server.Close() })
	return s
}

func (s *shop) serve(l net.Listener) {
	server := &http.Server{Handler: s.handler, ReadHeaderTimeout: time.Minute}
	s.mu.Lock()
	s.server = server
	s.mu.Unlock()
	go func() { _ = server.Serve(l) }()
}

// restart cuts every connection, whatever is under way, and listens again.
func (s *shop) restart() error {
	s.mu.Lock()
	server := s.server
	s.mu.Unlock()
	_ = server.Close()
	l, err := net.Listen("tcp", s.addr)
	if err == nil {
		s.serve(l)
	}
	return err
}

// client is an agent that asks at an origin.
func (s *shop) client(t *testing.T, origin string, base http.RoundTripper) *http.Client {
	rt, err := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
		Base: base, Agent: s.Agent, Chain: s.chain, Audiences: map[string]string{origin: verifytest.Audience},
		Intent: func(r *http.Request) (passport.Intent, error) {
			return s.Intent(func(in *passport.Intent) { in.Resource = r.URL.EscapedPath() }), nil
		},
		Present: passport.PresentOptions{Now: s.Clock.Now},
	})
	require.NoError(t, err)
	return &http.Client{Transport: rt}
}

// post sends one POST and tells what came of it.
func post(client *http.Client, url, key string) (*http.Response, *verifyhttp.Problem, error) {
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"item":"gpu"}`))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	p, _ := verifyhttp.ReadProblem(resp)
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp, p, nil
}

// F2, F3, F4: behind the lines that everybody copies, with the paths that clients
// write.
func TestF2F3F4UsualProxy(t *testing.T) {
	s := open(t)
	p := start(t, "http://"+s.addr, "")
	for _, origin := range []string{p.http1, p.http2} {
		client := s.client(t, origin, p.transport(t))
		for _, path := range []string{"/pay", "/users/ann%40shop.example/charge", "/agents/did%3Akey%3Az6Mk/charge",
			"/caf%c3%a9", "/caf%C3%A9", "/a%2Cb", "/a%28b%29", "/price/%245", "/pay?to=%2Fme"} {
			resp, problem, err := post(client, origin+path, "")
			require.NoError(t, err)
			require.Equal(t, protocol(origin), resp.Proto)
			require.Equal(t, 204, resp.StatusCode, "%s: %+v", path, problem)
		}
		for _, path := range []string{"/a%2Fb", "/a;b", "/a%5Cb", "/a%252e"} {
			resp, problem, err := post(client, origin+path, "")
			require.NoError(t, err)
			require.Equal(t, 400, resp.StatusCode, path)
			require.Contains(t, problem.Detail, "path")
		}
	}
}

// F1: a proxy that says goodbye after every seventh request (GOAWAY) costs an
// agent no more than it costs anybody.
func TestF1Keepalive7(t *testing.T) {
	const workers, each = 8, 60
	s := open(t)
	p := start(t, "http://"+s.addr, "keepalive_requests 7;")
	good := func(client *http.Client, url, proto string) int64 {
		var n atomic.Int64
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				for range each {
					resp, problem, err := post(client, url, "")
					switch {
					case err != nil:
						t.Log(err)
					case resp.StatusCode != 204 || resp.Proto != proto:
						t.Logf("%d by %s: %+v", resp.StatusCode, resp.Proto, problem)
					default:
						n.Add(1)
					}
				}
			})
		}
		group.Wait()
		return n.Load()
	}
	for _, origin := range []string{p.http1, p.http2} {
		without := good(&http.Client{Transport: p.transport(t)}, origin+"/plain", protocol(origin))
		with := good(s.client(t, origin, p.transport(t)), origin+"/pay", protocol(origin))
		t.Logf("%s: %d of %d without a passport, %d with one", protocol(origin), without, workers*each, with)
		require.EqualValues(t, workers*each, without)
		require.EqualValues(t, workers*each, with)
	}
}

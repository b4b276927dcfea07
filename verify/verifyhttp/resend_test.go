package verifyhttp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// F1: the body of a request that is sent can be had again, with the same bytes.
func TestF1GetBody(t *testing.T) {
	s := newShop(t)
	for name, most := range map[string]int{"header": 0, "body": 1} {
		for _, text := range []string{body, "", strings.Repeat("x", 100_000)} {
			client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
				c.MaxHeader = most
				c.Base = spy(func(r *http.Request) (*http.Response, error) {
					require.NotNil(t, r.GetBody, name)
					first, err := io.ReadAll(r.Body)
					require.NoError(t, err)
					for range 3 {
						again, err := r.GetBody()
						require.NoError(t, err)
						raw, err := io.ReadAll(again)
						require.NoError(t, err)
						require.Equal(t, string(first), string(raw), name)
						require.NoError(t, again.Close())
					}
					require.EqualValues(t, len(first), r.ContentLength)
					r.Body, _ = r.GetBody()
					return s.server.Client().Transport.RoundTrip(r)
				})
			})
			resp, err := client.Post(s.server.URL+"/charge", "application/json", strings.NewReader(text))
			require.NoError(t, err)
			require.Equal(t, 204, resp.StatusCode, readAll(t, resp))
		}
	}
}

// dying is a connection that turns out to be dead when it is written to.
type dying struct {
	net.Conn
	dead *atomic.Bool
}

func (d *dying) Write(b []byte) (int, error) {
	if d.dead.Load() {
		_ = d.Conn.Close()
		return 0, errors.New("broken pipe")
	}
	return d.Conn.Write(b)
}

// F1: nothing of the request was written, so the transport sends it again.
func TestF1DeadConnection(t *testing.T) {
	s := newShop(t)
	for _, most := range []int{0, 1} {
		var dead atomic.Bool
		dials := 0
		client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
			c.MaxHeader = most
			c.Base = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				dials++
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				if dials == 1 {
					return &dying{conn, &dead}, err
				}
				return conn, err
			}}
		})
		for range 2 {
			resp, err := client.Post(s.server.URL+"/charge", "application/json", strings.NewReader(body))
			require.NoError(t, err)
			require.Equal(t, 204, resp.StatusCode, readAll(t, resp))
			dead.Store(true)
		}
		require.Equal(t, 2, dials)
	}
}

// F1: an HTTP/2 server that says goodbye loses no POST.
func TestF1GoAway(t *testing.T) {
	s := newShop(t)
	var requests atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1)%7 == 0 {
			w.Header().Set("Connection", "close") // GOAWAY, in HTTP/2
		}
		s.server.Config.Handler.ServeHTTP(w, r)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
		c.Base = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs},
			ForceAttemptHTTP2: true}
		c.Audiences = map[string]string{server.URL: "did:web:shop.example"}
	})
	results := make(chan string, 8*30)
	for range 8 {
		go func() {
			for range 30 {
				resp, err := client.Post(server.URL+"/charge", "application/json", strings.NewReader(body))
				if err != nil {
					results <- err.Error()
					continue
				}
				_ = resp.Body.Close()
				results <- resp.Status
			}
		}()
	}
	for range 8 * 30 {
		require.Equal(t, "204 No Content", <-results)
	}
	require.EqualValues(t, 8*30, s.ran.Load())
}

// F1: the first sending had arrived, and the transport sent it once more. The act
// was done once, and the client learns so instead of "used already".
func TestF1SentTwiceByTheTransport(t *testing.T) {
	for name, test := range map[string]struct {
		times   int // how often the transport sends each request
		accept  bool
		want    int
		problem verify.Code
	}{
		"once":                  {1, false, 204, ""},
		"twice":                 {2, false, 409, verify.LedgerRepeated},
		"twice, server repeats": {2, true, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, func(c *verifyhttp.GuardConfig) {
				if test.accept {
					c.Repeat = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "as before") })
				}
				ask := c.Request
				c.Request = func(r *http.Request) (verify.Request, error) {
					q, err := ask(r)
					q.AcceptRepeat = test.accept
					return q, err
				}
			})
			sent := 0
			client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
				c.Base = spy(func(r *http.Request) (*http.Response, error) {
					sent++
					times := 1
					if sent == 1 {
						times = test.times
					}
					for range times - 1 {
						first := r.Clone(r.Context())
						first.Body, _ = r.GetBody()
						resp, err := s.server.Client().Transport.RoundTrip(first)
						if err != nil {
							return nil, err
						}
						_ = resp.Body.Close() // the answer is lost
					}
					return s.server.Client().Transport.RoundTrip(r)
				})
			})
			resp, err := client.Post(s.server.URL+"/charge", "application/json", strings.NewReader(body))
			require.NoError(t, err)
			require.Equal(t, test.want, resp.StatusCode)
			require.EqualValues(t, 1, s.ran.Load())
			if test.problem != "" {
				p, err := verifyhttp.ReadProblem(resp)
				require.NoError(t, err)
				require.Equal(t, test.problem, p.Code)
			}
			readAll(t, resp)
		})
	}
	// A server that always says so is asked twice and no more, and its answer is
	// handed on whole.
	asked := 0
	always := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, err := verify.Refuse(newShop(t).Clock.Now(), verify.LedgerReplay)
		verifyhttp.WriteProblem(w, nil, nil, err)
		_, _ = io.WriteString(w, strings.Repeat(" ", 10_000))
	}))
	defer always.Close()
	s := newShop(t)
	client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
		c.Audiences = map[string]string{always.URL: "did:web:a"}
		c.Intent = func(*http.Request) (passport.Intent, error) { return s.Intent(), nil }
	})
	resp, err := client.Get(always.URL)
	require.NoError(t, err)
	require.Equal(t, 401, resp.StatusCode)
	require.Greater(t, len(readAll(t, resp)), 10_000)
	require.LessOrEqual(t, asked, 2)
}

package verifyhttp_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// other is a server that keeps what it was sent.
func other(t *testing.T) (*httptest.Server, *[]http.Header) {
	var mu sync.Mutex
	var got []http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		raw, _ := io.ReadAll(r.Body)
		r.Header.Set("Seen-Body", string(raw))
		got = append(got, r.Header)
	}))
	t.Cleanup(server.Close)
	return server, &got
}

// Nothing is shown to an origin that is not named, whoever sends the agent there.
func TestRoundTripperKeepsToItsOrigins(t *testing.T) {
	evil, got := other(t)
	s := newShop(t)
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, evil.URL+"/take", http.StatusTemporaryRedirect)
	}
	for _, most := range []int{0, 1} {
		client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
			c.MaxHeader = most
			c.Redirected = func(*verifyhttp.RedirectError) error { return nil }
		})
		for _, url := range []string{s.server.URL, evil.URL} {
			r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
			require.NoError(t, err)
			r.Header.Set("agent-passport", "set by the caller")
			resp, err := client.Do(r)
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode, readAll(t, resp))
		}
	}
	require.Len(t, *got, 4)
	for _, h := range *got {
		require.Empty(t, h.Values("Agent-Passport"))
		require.Equal(t, body, h.Get("Seen-Body"))
		require.NotEqual(t, verifyhttp.MediaType, h.Get("Content-Type"))
	}
}

// F7: a server cannot choose by a redirect what the agent signs, and the client
// learns that the redirect is why.
func TestF7RedirectThatDropsThePassport(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		hops   []string // "307 /next": what each request is answered with; the last one is 200
		shown  []bool   // which requests arrive, and whether they carry a passport
		fails  bool
	}{
		"GET, same origin":               {"GET", []string{"302 /next"}, []bool{true, true}, false},
		"HEAD, same origin":              {"HEAD", []string{"308 /next"}, []bool{true, true}, false},
		"POST becomes a GET":             {"POST", []string{"303 /next"}, []bool{true, true}, false},
		"GET, to an origin not named":    {"GET", []string{"302 other:/"}, []bool{true, false}, false},
		"POST, same origin, 307":         {"POST", []string{"307 /next"}, []bool{true}, true},
		"POST, same origin, 308":         {"POST", []string{"308 /next"}, []bool{true}, true},
		"PUT, a slash is added":          {"PUT", []string{"307 /charge/"}, []bool{true}, true},
		"DELETE, same origin":            {"DELETE", []string{"307 /next"}, []bool{true}, true},
		"POST, to an origin not named":   {"POST", []string{"307 other:/"}, []bool{true}, true},
		"GET, to another named origin":   {"GET", []string{"302 named:/"}, []bool{true}, true},
		"GET, there and back":            {"GET", []string{"302 other:/", "302 /"}, []bool{true, false}, true},
		"GET, two hops on one origin":    {"GET", []string{"302 /a", "301 /b"}, []bool{true, true, true}, false},
		"POST as GET, then to the other": {"POST", []string{"303 /a", "302 other:/"}, []bool{true, true, false}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var shown []bool
			hops := test.hops
			var at map[string]*httptest.Server
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				shown = append(shown, r.Header.Get("Agent-Passport") != "")
				if len(hops) == 0 {
					return
				}
				status, to, _ := strings.Cut(hops[0], " ")
				hops = hops[1:]
				host, path, elsewhere := strings.Cut(to, ":")
				if !elsewhere {
					host, path = "here", to
				}
				code, _ := strconv.Atoi(status)
				http.Redirect(w, r, at[host].URL+path, code)
			})
			at = map[string]*httptest.Server{"here": httptest.NewServer(handler), "named": httptest.NewServer(handler), "other": httptest.NewServer(handler)}
			for _, server := range at {
				defer server.Close()
			}
			var told []*verifyhttp.RedirectError
			config := func(c *verifyhttp.RoundTripperConfig) {
				c.Audiences = map[string]string{at["here"].URL: "did:web:a", at["named"].URL: "did:web:b"}
			}
			send := func(client *http.Client) error {
				r, err := http.NewRequest(test.method, at["here"].URL+"/charge", strings.NewReader(body))
				require.NoError(t, err)
				resp, err := client.Do(r)
				if err == nil {
					require.Equal(t, 200, resp.StatusCode, readAll(t, resp))
				}
				return err
			}
			s := newShop(t)
			err := send(s.agent(config))
			var redirect *verifyhttp.RedirectError
			require.Equal(t, test.fails, errors.As(err, &redirect), "%v", err)
			require.Equal(t, test.shown, shown)
			if test.fails {
				require.ErrorContains(t, err, "redirect")
				require.NotZero(t, redirect.Status)
				require.Contains(t, redirect.Error(), redirect.From+" to "+redirect.To)
			} else {
				require.NoError(t, err)
			}

			// A host may be told, and follow without.
			hops, shown = test.hops, nil
			err = send(s.agent(config, func(c *verifyhttp.RoundTripperConfig) {
				c.Redirected = func(e *verifyhttp.RedirectError) error { told = append(told, e); return nil }
			}))
			require.NoError(t, err)
			require.Len(t, shown, len(test.hops)+1)
			dropped := 0
			for _, s := range shown {
				if !s {
					dropped++
				}
			}
			require.Len(t, told, dropped)

			// Or refuse in its own words.
			hops, shown = test.hops, nil
			err = send(s.agent(config, func(c *verifyhttp.RoundTripperConfig) {
				c.Redirected = func(*verifyhttp.RedirectError) error { return errors.New("not for me") }
			}))
			if dropped > 0 {
				require.ErrorContains(t, err, "not for me")
			}
		})
	}
}

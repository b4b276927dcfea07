package verifyhttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// agent is a client that shows the shop's passport to the shop.
func (s *shop) agent(edits ...func(*verifyhttp.RoundTripperConfig)) *http.Client {
	s.t.Helper()
	rt, err := verifyhttp.NewRoundTripper(s.roundTripper(edits...))
	require.NoError(s.t, err)
	return &http.Client{Transport: rt}
}

func (s *shop) roundTripper(edits ...func(*verifyhttp.RoundTripperConfig)) verifyhttp.RoundTripperConfig {
	c := verifyhttp.RoundTripperConfig{
		Base: s.server.Client().Transport, Agent: s.Agent, Chain: passport.Chain{s.pass},
		Audiences: map[string]string{s.server.URL: verifytest.Audience},
		Intent:    func(*http.Request) (passport.Intent, error) { return s.Intent(), nil },
		Present:   passport.PresentOptions{Now: s.Clock.Now},
	}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

func TestG11RoundTripperPresents(t *testing.T) {
	s := newShop(t)
	var got string
	var typ []string
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got, typ = string(raw), r.Header["Content-Type"]
	}
	for name, client := range map[string]*http.Client{
		"header": s.agent(),
		"body":   s.agent(func(c *verifyhttp.RoundTripperConfig) { c.MaxHeader = 1 }), // HTTPSentHeaderBytes
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // a fresh nonce and intent each time
				resp, err := client.Post(s.server.URL+"/charge", "application/json", strings.NewReader(body))
				require.NoError(t, err)
				require.Equal(t, 200, resp.StatusCode, readAll(t, resp))
				require.Equal(t, body, got)
				require.Equal(t, []string{"application/json"}, typ)
			}
			resp, err := client.Get(s.server.URL + "/charge")
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode, readAll(t, resp))
			require.Empty(t, got)
			require.Empty(t, typ)
		})
	}
	require.EqualValues(t, 6, s.ran.Load())

	bearer := newShop(t, func(c *verifyhttp.GuardConfig) { c.Headers = []string{"Authorization"} })
	resp, err := bearer.agent(func(c *verifyhttp.RoundTripperConfig) { c.Header = "authorization" }).Get(bearer.server.URL)
	require.NoError(t, err)
	require.Equal(t, 204, resp.StatusCode, readAll(t, resp))

	t.Run("vp+jwt as it is", func(t *testing.T) {
		f := vcjwt.Format()
		s := newShop(t, func(c *verifyhttp.GuardConfig) {
			c.Verifier = verifytest.NewWorld(t).Verifier(func(vc *verify.Config) { vc.Formats = []credential.Format{f} })
		})
		client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
			c.Present.Format = f
			c.Base = spy(func(r *http.Request) (*http.Response, error) {
				require.Equal(t, 2, strings.Count(r.Header.Get("Agent-Passport"), "."))
				return s.server.Client().Transport.RoundTrip(r)
			})
		})
		resp, err := client.Get(s.server.URL)
		require.NoError(t, err)
		require.Equal(t, 204, resp.StatusCode, readAll(t, resp))
	})
}

// The presentation goes into the header at the cap, into the body above it.
func TestRES01SentHeader(t *testing.T) {
	s := newShop(t)
	var sizes [2]int // in the header: Agent-Passport, or none
	for i, most := range []int{0, 1000} {
		client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
			c.MaxHeader = most // HTTPSentHeaderBytes
			c.Base = spy(func(r *http.Request) (*http.Response, error) {
				sizes[i] = len(r.Header.Get("Agent-Passport"))
				if sizes[i] == 0 {
					require.Equal(t, verifyhttp.MediaType, r.Header.Get("Content-Type"))
				}
				return s.server.Client().Transport.RoundTrip(r)
			})
		})
		resp, err := client.Get(s.server.URL)
		require.NoError(t, err)
		require.Equal(t, 204, resp.StatusCode, readAll(t, resp))
	}
	require.Greater(t, sizes[0], 1000)
	require.Less(t, sizes[0], 7<<10)
	require.Zero(t, sizes[1])
}

type spy func(*http.Request) (*http.Response, error)

func (f spy) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// closing tells whether it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// The caller's request stays as it is, its body is closed, and what cannot be
// presented is not sent.
func TestRoundTripperAndTheRequest(t *testing.T) {
	s := newShop(t)
	make := func(text string) (*http.Request, *closing) {
		b := &closing{Reader: strings.NewReader(text)}
		r, err := http.NewRequest(http.MethodPost, s.server.URL+"/charge", b)
		require.NoError(t, err)
		r.Header.Set("Agent-Passport", "mine")
		r.Trailer = http.Header{"X-Trailer": nil}
		return r, b
	}
	r, b := make(body)
	resp, err := s.agent().Transport.RoundTrip(r)
	require.NoError(t, err)
	require.Equal(t, 204, resp.StatusCode, readAll(t, resp))
	require.Same(t, r, resp.Request)
	require.Equal(t, http.Header{"Agent-Passport": {"mine"}}, r.Header)
	require.Same(t, b, r.Body)
	require.NotNil(t, r.Trailer)
	require.True(t, b.closed)

	for name, test := range map[string]struct {
		edit func(*verifyhttp.RoundTripperConfig)
		want string
	}{
		"the body is too long": {func(c *verifyhttp.RoundTripperConfig) { c.MaxBody = len(body) - 1 }, "more than 23 bytes"},
		"no intent": {func(c *verifyhttp.RoundTripperConfig) {
			c.Intent = func(*http.Request) (passport.Intent, error) { return passport.Intent{}, errors.New("not this") }
		}, "not this"},
		"bad intent": {func(c *verifyhttp.RoundTripperConfig) {
			c.Intent = func(*http.Request) (passport.Intent, error) { return passport.Intent{}, nil }
		}, "action"},
		"another digest": {func(c *verifyhttp.RoundTripperConfig) {
			c.Intent = func(*http.Request) (passport.Intent, error) {
				return s.Intent(func(in *passport.Intent) { in.BodyDigest = passport.Digest(nil) }), nil
			}
		}, "another digest"},
		"not the agent": {func(c *verifyhttp.RoundTripperConfig) { c.Agent = verifytest.Key("thief") }, "not the agent"},
		"no passport": {func(c *verifyhttp.RoundTripperConfig) {
			c.Chain, c.Refresh = nil, func(context.Context) (passport.Chain, error) { return nil, nil }
		}, "no passport was returned"},
		"a hole in the chain": {func(c *verifyhttp.RoundTripperConfig) {
			c.Chain, c.Refresh = nil, func(context.Context) (passport.Chain, error) { return passport.Chain{nil}, nil }
		}, "link 0 of the chain is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			r, b := make(body)
			_, err := s.on(t).agent(test.edit).Transport.RoundTrip(r)
			require.ErrorContains(t, err, test.want)
			require.True(t, b.closed)
		})
	}
	require.EqualValues(t, 1, s.ran.Load())
	r, b = make(body)
	_, err = (&verifyhttp.RoundTripper{}).RoundTrip(r)
	require.Error(t, err)
	require.True(t, b.closed)
	// The intent may be read from the body.
	client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
		c.Intent = func(r *http.Request) (passport.Intent, error) {
			raw, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			require.Equal(t, body, string(raw))
			r.Header.Set("X-Changed", "1")
			r.URL.Path = "/changed"
			return s.Intent(), nil
		}
		c.Base = spy(func(r *http.Request) (*http.Response, error) {
			require.Empty(t, r.Header.Get("X-Changed"))
			require.Equal(t, "/charge", r.URL.Path)
			return s.server.Client().Transport.RoundTrip(r)
		})
	})
	r, _ = make(body)
	resp, err = client.Do(r)
	require.NoError(t, err)
	require.Equal(t, 204, resp.StatusCode, readAll(t, resp))
}

func TestRoundTripperConfiguration(t *testing.T) {
	s := newShop(t)
	for want, edit := range map[string]func(*verifyhttp.RoundTripperConfig){
		"Agent is nil":         func(c *verifyhttp.RoundTripperConfig) { c.Agent = nil },
		"Intent is nil":        func(c *verifyhttp.RoundTripperConfig) { c.Intent = nil },
		"there is no passport": func(c *verifyhttp.RoundTripperConfig) { c.Chain = nil },
		"Chain[0] is nil":      func(c *verifyhttp.RoundTripperConfig) { c.Chain = passport.Chain{nil} },
		"every request needs":  func(c *verifyhttp.RoundTripperConfig) { c.Present.Challenge = "0123456789abcdef" },
		"Margin is -1ns":       func(c *verifyhttp.RoundTripperConfig) { c.Margin = -1 },
		"shown to nobody":      func(c *verifyhttp.RoundTripperConfig) { c.Audiences = nil },
		"empty audience":       func(c *verifyhttp.RoundTripperConfig) { c.Audiences = map[string]string{"https://a": ""} },
		"is listed twice": func(c *verifyhttp.RoundTripperConfig) {
			c.Audiences = map[string]string{"https://a": "a", "https://A:443": "b"}
		},
		"clear text":      func(c *verifyhttp.RoundTripperConfig) { c.Audiences = map[string]string{"http://shop.example": "a"} },
		"cannot carry":    func(c *verifyhttp.RoundTripperConfig) { c.Header = "Cookie" },
		"MaxHeader is 64": func(c *verifyhttp.RoundTripperConfig) { c.MaxHeader = 63<<10 + 1 },
		"MaxBody is -1":   func(c *verifyhttp.RoundTripperConfig) { c.MaxBody = -1 },
	} {
		_, err := verifyhttp.NewRoundTripper(s.roundTripper(edit))
		require.ErrorContains(t, err, want)
	}
	for _, origin := range []string{"", "shop.example", "https://", "https://a/", "https://a/b", "https://u@a",
		"https://a?x", "https://a?", "https://a#x", "https://a#", "ftp://a", "*", "https:a"} {
		_, err := verifyhttp.NewRoundTripper(s.roundTripper(func(c *verifyhttp.RoundTripperConfig) { c.Audiences = map[string]string{origin: "a"} }))
		require.ErrorContains(t, err, "is not an origin", origin)
	}
	for _, origin := range []string{"https://a", "https://A.example:8443", "http://127.0.0.1:80", "http://[::1]:8080", "http://localhost"} {
		_, err := verifyhttp.NewRoundTripper(s.roundTripper(func(c *verifyhttp.RoundTripperConfig) { c.Audiences = map[string]string{origin: "a"} }))
		require.NoError(t, err, origin)
	}
	_, err := verifyhttp.NewRoundTripper(s.roundTripper(func(c *verifyhttp.RoundTripperConfig) {
		c.Audiences, c.InsecureAllowHTTP = map[string]string{"http://shop.example": "a"}, true
	}))
	require.NoError(t, err)
}

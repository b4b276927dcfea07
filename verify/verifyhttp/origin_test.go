package verifyhttp_test

import (
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A host with U+0130 folds to the origin of another host, and is dialled as a
// third: the passport leaves for xn--paid-swc.example.
func TestWEBOriginsAreASCII(t *testing.T) {
	s := newShop(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	var stolen string
	go http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { stolen = r.Header.Get("Agent-Passport") }))
	client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
		c.InsecureAllowHTTP = true // only so that the test needs no certificate for the evil name
		c.Audiences = map[string]string{"http://paid.example": verifytest.Audience}
		c.Base = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("tcp", ln.Addr().String())
		}}
	})
	resp, err := client.Get("http://pa\u0130d.example/x")
	require.NoError(t, err)
	resp.Body.Close()
	require.Empty(t, stolen)
}

// An origin has one spelling, and another port or scheme is another origin.
func TestOrigins(t *testing.T) {
	s := newShop(t)
	var shown int
	client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
		c.Audiences = map[string]string{"https://shop.example": "a"}
		c.Base = spy(func(r *http.Request) (*http.Response, error) {
			if v := r.Header.Get("Agent-Passport"); v != "" {
				_, err := base64.RawURLEncoding.DecodeString(v)
				require.NoError(t, err)
				shown++
			}
			return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
		})
	})
	for url, want := range map[string]int{
		"https://shop.example/x": 1, "https://SHOP.example:443/": 1, "https://user:pw@shop.example/": 1,
		"http://shop.example/": 0, "https://shop.example:444/": 0, "https://shop.example.evil/": 0,
		"https://shop.example@evil.example/": 0, "https://www.shop.example/": 0, "https://shop.example./": 0,
	} {
		shown = 0
		resp, err := client.Get(url)
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Equal(t, want, shown, url)
	}
}

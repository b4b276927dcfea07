package verifyhttp_test

import (
	"context"
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

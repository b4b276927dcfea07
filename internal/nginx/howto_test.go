package nginx

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What docs/howto/nginx.md says to write is enough, for presentations that are
// longer than nginx takes unless told, and for receipts.
func TestHowtoPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/howto/nginx.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?ms)^```nginx\n(.*?)^```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 2)
	s := open(t)
	long := s.Issue(s.Passport(func(p *passport.Passport) {
		for i := range 60 {
			p.Authority.DeniedActions = append(p.Authority.DeniedActions, fmt.Sprintf("never.%s.x%d", strings.Repeat("a", 90), i))
		}
	}))
	require.Greater(t, len(long.Bytes()), 6<<10) // in base64, more than 8 KiB
	s.chain = passport.Chain{long}
	p := startAs(t, "http://"+s.addr, blocks[1][1], blocks[0][1])
	for _, origin := range []string{p.http1, p.http2} {
		rt, err := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
			Base: p.transport(t), Agent: s.Agent, Chain: s.chain, Audiences: map[string]string{origin: verifytest.Audience},
			Intent: func(*http.Request) (passport.Intent, error) {
				return s.Intent(func(in *passport.Intent) { in.Resource = "/pay" }), nil
			},
			Present: passport.PresentOptions{Now: s.Clock.Now}, WantReceipts: true,
			MaxHeader: 16 << 10, // and never into the body
		})
		require.NoError(t, err)
		resp, problem, err := post(&http.Client{Transport: rt}, origin+"/pay", "")
		require.NoError(t, err)
		require.Equal(t, protocol(origin), resp.Proto)
		require.Equal(t, 204, resp.StatusCode, "%+v", problem)
		got, err := verifyhttp.ReadReceipt(resp.Header)
		require.NoError(t, err)
		_, err = receipt.Verify(t.Context(), got.Text, got.Proof, s.trust)
		require.NoError(t, err)
	}
}

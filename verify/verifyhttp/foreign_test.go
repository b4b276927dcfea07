package verifyhttp_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// E1: what belongs to another account is not there, as far as the agent is told: 404, with the same words as for what
// does not exist. What is the principal's own, and not among the passport's resources, is refused with 403.
func TestE1AnothersResourceIsNotFound(t *testing.T) {
	var owner, resource string
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		asked := c.Request
		c.Request = func(r *http.Request) (verify.Request, error) {
			q, err := asked(r)
			q.ResourceOwner, q.Resource = owner, resource
			return q, err
		}
	})
	p := s.Passport(func(p *passport.Passport) { p.Authority.Resources = []string{"https://shop.example/orders/1"} })
	s.pass = s.Issue(p)
	ask := func(of, what string) (int, string) {
		owner, resource = of, what
		vp := s.Present(s.pass, s.Intent(func(in *passport.Intent) {
			in.BodyDigest, in.Resource = passport.Digest([]byte(body)), what
		}))
		resp, text := s.do(s.request(func(r *http.Request) { r.Header.Set(verifyhttp.HeaderPassport, encode(vp)) }))
		return resp.StatusCode, regexp.MustCompile(`req_[0-9A-Z]+`).ReplaceAllString(text, "req_")
	}
	const own, other = "https://shop.example/orders/1", "https://shop.example/orders/2"
	status, _ := ask(p.HumanPrincipal, own)
	require.Equal(t, 204, status)
	status, foreign := ask("mailto:somebody@example.org", own)
	require.Equal(t, 404, status)
	require.Contains(t, foreign, `"status":404`)
	status, missing := ask("urn:nobody", own)
	require.Equal(t, 404, status)
	require.Equal(t, missing, foreign)
	status, text := ask(p.HumanPrincipal, other)
	require.Equal(t, 403, status, text)
}

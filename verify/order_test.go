package verify_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// CAN-18: capabilities are a set in RDF. Reordered under the same proof, the
// passport must decide the same.
func TestCAN18OrderDecidesNothing(t *testing.T) {
	w := verifytest.NewWorld(t)
	one, many := passport.Param{Name: "max_per_day", Kind: passport.ParamRate, Int: 1}, passport.Param{Name: "max_per_day", Kind: passport.ParamRate, Int: 1000}
	good, err := passport.Issue(ctx, w.Issuer, w.Passport(func(p *passport.Passport) {
		p.Authority.Capabilities = []passport.Capability{
			{Action: "payments.charge", Params: []passport.Param{one}},
			{Action: "payments.*", Params: []passport.Param{many}},
		}
	}), passport.IssueOptions{Now: w.Clock.Now, Suite: credential.SuiteRDFC})
	require.NoError(t, err)

	var doc map[string]any
	require.NoError(t, json.Unmarshal(good.Bytes(), &doc))
	slices.Reverse(doc["credentialSubject"].(map[string]any)["capabilities"].([]any))
	raw, err := json.Marshal(doc)
	require.NoError(t, err)
	reordered, err := credential.Parse(raw)
	require.NoError(t, err)

	acts := func(s *credential.Signed) (n int) {
		v := w.Verifier()
		for range 5 {
			if _, err := v.Verify(ctx, w.Present(s, w.Intent()), w.Request()); err == nil {
				n++
			}
		}
		return n
	}
	require.Equal(t, acts(good), acts(reordered), "one signature, two rates")
}

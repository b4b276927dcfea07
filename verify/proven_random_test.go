package verify_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Whatever is presented, in whatever order and how often, a verifier with a
// memory of any size decides as one without.
func TestProvenDocumentsDecideAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(2026, 11))
	rounds, outcomes := 12, map[verify.Code]int{}
	if testing.Short() {
		rounds = 2
	}
	for range rounds {
		w := verifytest.NewWorld(t)
		jwt := vcjwt.Format()
		bounds := verify.Bounds{}
		if rng.IntN(2) == 0 {
			bounds = verify.Bounds{JSONMembers: 100 + rng.IntN(400), JSONDepth: 7 + rng.IntN(4), Links: 1 + rng.IntN(3)}
		}
		config := func(places int) func(*verify.Config) {
			return func(c *verify.Config) {
				c.ProvenDocuments, c.Bounds, c.Formats = places, bounds, []credential.Format{jwt}
			}
		}
		verifiers := []*verify.Verifier{w.Verifier(config(0)), w.Verifier(config(1)), w.Verifier(config(5)), w.Verifier(config(256))}

		var chains []passport.Chain
		for range 3 {
			f := w.Family()
			chains = append(chains, f.Chain(rng.IntN(4)))
		}
		for range 60 {
			chain := append(passport.Chain(nil), chains[rng.IntN(len(chains))]...)
			switch rng.IntN(5) {
			case 0: // a link of another chain
				other := chains[rng.IntN(len(chains))]
				chain[rng.IntN(len(chain))] = other[rng.IntN(len(other))]
			case 1: // a link less
				i := rng.IntN(len(chain))
				if chain = append(chain[:i:i], chain[i+1:]...); len(chain) == 0 {
					continue
				}
			}
			holder := w.Family().Agents[min(len(chain)-1, 3)]
			o := passport.PresentOptions{Now: w.Clock.Now}
			switch rng.IntN(4) {
			case 0:
				o.Suite = credential.SuiteRDFC
			case 1:
				o.Format = jwt
			}
			vp, err := passport.Present(ctx, holder, chain, w.Intent(), verifytest.Audience, o)
			if err != nil {
				continue
			}
			raw := []byte(vp.Text())
			switch rng.IntN(4) {
			case 0: // another spelling of the same document
				raw = []byte(strings.Replace(string(raw), `"credentialSubject":`, strings.Repeat(" ", rng.IntN(3))+`"credentialSubject" :`, 1+rng.IntN(2)))
			case 1: // a byte changed
				raw[rng.IntN(len(raw))] ^= 1 << rng.IntN(7)
			}
			if rng.IntN(20) == 0 {
				w.Clock.Advance(time.Duration(rng.IntN(90)) * time.Minute)
			}
			for range 1 + rng.IntN(2) {
				want, wantErr := verifiers[0].Verify(ctx, raw, w.Request())
				outcomes[want.Code()]++
				for _, v := range verifiers[1:] {
					got, err := v.Verify(ctx, raw, w.Request())
					require.Equal(t, wantErr == nil, err == nil, "%s", raw)
					require.Equal(t, refusals(want), refusals(got), "%s", raw)
					require.Len(t, got.Chain, len(want.Chain))
					for i := range want.Chain {
						require.Equal(t, *want.Chain[i], *got.Chain[i])
					}
				}
			}
		}
	}
	t.Log(outcomes)
	require.Greater(t, outcomes[""], 20*rounds/2)
	require.Greater(t, len(outcomes), 6)
}

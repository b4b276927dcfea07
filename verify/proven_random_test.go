package verify_test

import (
	"encoding/json"
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
			bounds = verify.Bounds{
				Documents: credential.Bounds{JSONMembers: 100 + rng.IntN(400), JSONDepth: 7 + rng.IntN(4)}, Links: 1 + rng.IntN(3),
			}
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
			switch rng.IntN(5) {
			case 2: // a passport where none belongs, or twice
				raw = []byte(misplaced[rng.IntN(len(misplaced))](string(raw), chain[0].Text()))
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

// misplaced put a credential, known or not, where a presentation may not have
// it.
var misplaced = []func(vp, credential string) string{
	func(vp, c string) string { return before(vp, `"verifiableCredential":[`, c+",") },
	func(vp, c string) string { return before(vp, `"verifiableCredential":[`, "["+c+"],") },
	func(vp, c string) string { return before(vp, `"verifiableCredential":[`, `{"a":[`+c+`]},`) },
	func(vp, c string) string { return before(vp, `"@context":[`, c+",") },
	func(vp, c string) string { return before(vp, `"type":[`, c+",") },
	func(vp, c string) string { return strings.Replace(vp, `"intent":{`, `"intent":[`+c+`],"x":{`, 1) },
	func(vp, c string) string {
		return strings.Replace(vp, `"intent":{`, `"intent":{"parameters":[`+c+`],`, 1)
	},
	func(vp, c string) string {
		i := strings.LastIndex(vp, `"proof":{`)
		if i < 0 {
			return vp
		}
		return vp[:i] + `"proof":[` + c + "," + strings.TrimSuffix(vp[i+len(`"proof":`):], "}") + "]}"
	},
}

// before puts text behind the first place of a beginning.
func before(vp, beginning, text string) string {
	return strings.Replace(vp, beginning, beginning+text, 1)
}

// DEL, PAR: whether a passport is known shows in no refusal, wherever it stands.
func TestProvenDocumentsInOtherPlaces(t *testing.T) {
	w := verifytest.NewWorld(t)
	plain, memory := w.Verifier(), w.Verifier(remembering)
	pass := w.Issue(w.Passport())
	_, err := memory.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err)
	for i, misplace := range misplaced {
		raw := []byte(misplace(string(w.Present(pass, w.Intent())), pass.Text()))
		require.True(t, json.Valid(raw), "%s", raw)
		want, wantErr := plain.Verify(ctx, raw, w.Request())
		got, err := memory.Verify(ctx, raw, w.Request())
		require.Error(t, wantErr)
		require.EqualError(t, err, wantErr.Error())
		require.Equal(t, refusals(want), refusals(got))
		require.NotEmpty(t, got.Violations[0].Path, i)
	}
}

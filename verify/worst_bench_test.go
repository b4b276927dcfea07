package verify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// The same through a benchmark, for its time.
func BenchmarkRES02Worst(b *testing.B) {
	w := verifytest.NewWorld(b)
	p := w.Passport(func(p *passport.Passport) {
		p.Authority.MaxDelegationDepth = 5
		p.Authority.Capabilities = nested(64)
	})
	chain := passport.Chain{w.Issue(p)}
	child := &passport.Passport{Agent: verifytest.Key("child").DID(),
		Authority: passport.Authority{}.InheritGrants(&p.Authority), DelegationDepth: 1,
		ParentPassportID: chain[0].Unverified().ID, ParentDigest: chain[0].Digest(), ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil}
	s, err := passport.Issue(ctx, w.Agent, child, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(b, err)
	raw := w.PresentChain(verifytest.Key("child"), append(chain, s),
		w.Intent(func(in *passport.Intent) { *in = passport.Intent{Act: passport.Act{Action: "a.b"}} }))
	v := w.Verifier()
	b.ReportAllocs()
	for b.Loop() {
		_, err := v.Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: "a.b"}})
		if err == nil {
			b.Fatal("allowed")
		}
	}
}

// RES-03 and goal 10: a presentation of the largest size, of which
// everything is refused at the first byte that is wrong.
func BenchmarkRES02Largest(b *testing.B) {
	raw := []byte(`{"a":[` + strings.Repeat(`{"b":"c"},`, 40000) + `1]}`)
	w := verifytest.NewWorld(b)
	v := w.Verifier()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := v.Verify(ctx, raw, w.Request()); err == nil {
			b.Fatal("allowed")
		}
	}
}

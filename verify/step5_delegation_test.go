package verify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A10: a link that is valid longer than its parent says where.
func TestA10OutsideOfTheParentsValidity(t *testing.T) {
	w := verifytest.NewWorld(t)
	f := w.Family()
	chain := f.Chain(1)
	for path, edit := range map[string]func(*passport.Passport){
		"/validFrom":  func(p *passport.Passport) { p.ValidFrom = p.ValidFrom.Add(-time.Second) },
		"/validUntil": func(p *passport.Passport) { p.ValidUntil = p.ValidUntil.Add(time.Second) },
		"":            func(*passport.Passport) {},
	} {
		d, err := w.Verifier().Verify(ctx, f.Present(f.Forge(chain, f.Agents[1], edit), w.Intent()), w.Request())
		if path == "" {
			require.NoError(t, err)
			continue
		}
		require.Equal(t, verify.DelegationWidened, d.Code())
		require.Equal(t, "/verifiableCredential/2"+path, d.Violations[0].Path)
	}
}

// Every facet that a link widens is told, each with its place.
func TestStep5AllWidenings(t *testing.T) {
	f := newFamily(t, nil)
	chain := f.forge(t, passport.Chain{f.signed}, f.agents[0], func(p *passport.Passport) {
		p.Authority.Categories = []string{"inference"}
		p.Authority.MaxTransaction = passport.MustMoney("60", "USD")
		p.ValidUntil = p.ValidUntil.Add(time.Hour)
	})
	d, err := f.verify(chain)
	verifytest.AssertDenied(t, err, verify.DelegationWidened)
	var paths []string
	for _, v := range d.Violations {
		paths = append(paths, v.Path)
	}
	require.Equal(t, []string{"/verifiableCredential/1/validUntil",
		"/verifiableCredential/1/credentialSubject/allowedMPPCategories", "/verifiableCredential/1/credentialSubject/maxTransactionAmount"}, paths)
}

// DEL-10: who was not given the right to delegate cannot, whatever it signs.
func TestStep5DEL10NoRightToDelegate(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 })
	chain := f.forge(t, passport.Chain{f.signed}, f.agents[0], func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 })
	_, err := f.verify(chain)
	verifytest.AssertDenied(t, err, verify.DelegationTooDeep)
	_, err = passport.Delegate(ctx, passport.Chain{f.signed}, f.agents[0],
		f.child(1, func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 }), passport.IssueOptions{Now: f.Clock.Now})
	require.ErrorIs(t, err, verify.DelegationTooDeep)
}

// nested returns n capabilities of which each covers the next, with parameters
// that make them incomparable: the hardest authority to intersect.
func nested(n int) (list []passport.Capability) {
	action := "a"
	for i := range n {
		list = append(list, passport.Capability{Action: action + ".*",
			Params: []passport.Param{{Name: fmt.Sprintf("max_p%d", i), Kind: passport.ParamMax, Int: int64(i)}}})
		action += ".a"
	}
	return list
}

// RES-02: the chain that is hardest to intersect is refused for it, instead of
// being worked through.
func TestStep5RES02OverlappingCapabilities(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) { p.Authority.Capabilities = nested(64) })
	chain := f.forge(t, passport.Chain{f.signed}, f.agents[0], func(p *passport.Passport) {
		p.Authority.Capabilities = nested(64)
		for i := range p.Authority.Capabilities {
			p.Authority.Capabilities[i].Params = append(p.Authority.Capabilities[i].Params,
				passport.Param{Name: "max_q", Kind: passport.ParamMax, Int: int64(i)})
		}
	})
	_, err := f.verify(chain)
	verifytest.AssertDenied(t, err, verify.EnvelopeTooLarge)
}

// A10, G7: chains are signed per hop and only narrow: see TestStep5ThreeHops
// and TestStep5Forged. Here: a sub-agent never does what its parent may not.
func TestG7SubAgentsOnlyNarrow(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) { p.Authority.Payees = []string{"did:web:good.example"} })
	chain := f.delegate(t, passport.Chain{f.signed}, nil)
	decide := func(payee string) error {
		raw := f.PresentChain(f.agents[1], chain, f.Intent(func(in *passport.Intent) { in.Payee = payee }))
		_, err := f.Verifier().Verify(ctx, raw, f.Request(func(q *verify.Request) { q.Payee = payee }))
		return err
	}
	require.NoError(t, decide("did:web:good.example"))
	verifytest.AssertDenied(t, decide("did:web:evil.example"), verify.AuthorityPayeeNotAllowed)
}

package verify_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestStep2Anchor(t *testing.T) {
	stranger := verifytest.Key("stranger")
	scope := func(edit func(*verify.Anchor)) func(*verifytest.World, *verify.Config) {
		return func(_ *verifytest.World, c *verify.Config) { edit(&c.Anchors[0]) }
	}
	run(t, []fault{
		{name: "untrusted issuer", want: verify.AnchorUntrustedIssuer, issuer: func(*verifytest.World) did.Signer { return stranger }},
		{name: "trusted for other types", want: verify.AnchorOutOfScope,
			config: scope(func(a *verify.Anchor) { a.Types = []string{"ManifestationOfWillCredential"} })},
		{name: "trusted for other actions", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Actions = []string{"data.*"} })},
		{name: "trusted for no action", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Actions = []string{} })},
		{name: "over the ceiling", want: verify.AnchorOutOfScope,
			config: scope(func(a *verify.Anchor) { a.Ceilings = []passport.Money{passport.MustMoney("12.49", "USD")} })},
		{name: "currency without ceiling", want: verify.AnchorOutOfScope,
			config: scope(func(a *verify.Anchor) { a.Ceilings = []passport.Money{passport.MustMoney("1000", "EUR")} })},
		{name: "region not stated", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Regions = []string{"DE"} })},
	})
	for _, ok := range []func(*verify.Anchor){
		func(a *verify.Anchor) { a.Actions = []string{"payments.*"} },
		func(a *verify.Anchor) { a.Actions = []string{"*"} },
		func(a *verify.Anchor) { a.Ceilings = []passport.Money{passport.MustMoney("12.50", "USD")} },
	} {
		_, err := fault{config: scope(ok)}.decide(t)
		require.NoError(t, err)
	}
}

// Nothing is looked up for a chain that a stranger began.
func TestStep2NothingIsFetchedForStrangers(t *testing.T) {
	lookups := 0
	resolver := did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) {
		lookups++
		return nil, did.ErrNotFound
	})
	f := fault{issuer: func(*verifytest.World) did.Signer { return verifytest.Key("stranger") }}
	var lists *verifytest.Lists
	f.config = func(w *verifytest.World, c *verify.Config) { c.Resolver, lists = resolver, w.Lists }
	_, err := f.decide(t)
	verifytest.AssertDenied(t, err, verify.AnchorUntrustedIssuer)
	require.Zero(t, lookups)
	require.Zero(t, lists.Fetches())
}

func TestStep2DEL07ALinkIsNoRoot(t *testing.T) {
	run(t, []fault{{name: "a link as the root", want: verify.AnchorUntrustedIssuer, pass: func(_ *verifytest.World, p *passport.Passport) {
		p.DelegationDepth, p.ParentPassportID, p.ParentDigest = 1, passport.PassportURN+"01KAJ0000000000000000000AA", passport.Digest(nil)
	}}})
}

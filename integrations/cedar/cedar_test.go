package verifycedar_test

import (
	"sync"
	"testing"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifycedar "github.com/safeconduct/safeconduct/integrations/cedar"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// resources are the host's own entities.
var resources = types.EntityMap{
	types.NewEntityUID("Resource", "order-7"): {
		UID:     types.NewEntityUID("Resource", "order-7"),
		Parents: types.NewEntityUIDSet(types.NewEntityUID("Resource", "orders")),
	},
}

func rule(t testing.TB, policies string) verify.Rule {
	r, err := verifycedar.Rule(verifycedar.Config{
		Policies: []byte(policies), Digest: passport.Digest([]byte(policies)),
		Entities: resources,
	})
	require.NoError(t, err)
	return r
}

// ask judges an act with a rule behind a real verifier.
func ask(t testing.TB, w *verifytest.World, pass *credential.Signed, policies string, edits ...func(*passport.Act)) (*verify.Decision, error) {
	v := w.Verifier(func(c *verify.Config) { c.Policy, c.Evidence = []verify.Rule{rule(t, policies)}, true })
	in := w.Intent()
	for _, edit := range edits {
		edit(&in.Act)
	}
	return v.Verify(t.Context(), w.Present(pass, in), w.Request(func(q *verify.Request) { q.Act = in.Act }))
}

const all = "permit (principal, action, resource);\n"

// Each row is a set of policies, with whether it consents to charging 12.50 USD for
// compute on tempo.
func TestPolicies(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.HumanPrincipal, p.OrganizationDID = "mailto:ada@example.org", "did:web:corp.example"
	}))
	agent := w.Agent.DID().String()
	attributes, err := credential.ParseValue(`{"rows":7,"tags":["a","b"],"dry":false,"deep":{"er":"x"}}`)
	require.NoError(t, err)
	for policies, allowed := range map[string]bool{
		all: true,
		`permit (principal == Agent::"` + agent + `", action, resource);`:                                                 true,
		`permit (principal in Passport::"` + pass.Unverified().ID + `", action, resource);`:                               true,
		`permit (principal in Passport::"urn:other", action, resource);`:                                                  false,
		`permit (principal, action in Action::"payments", resource);`:                                                     true,
		`permit (principal, action in Action::"data", resource);`:                                                         false,
		`permit (principal, action == Action::"payments.charge", resource == Resource::"order-7");`:                       true,
		`permit (principal, action, resource in Resource::"orders");`:                                                     true,
		all + `forbid (principal, action, resource) when { context.amount.greaterThan(decimal("12.49")) };`:               false,
		all + `forbid (principal, action, resource) when { context.amount.greaterThan(decimal("12.50")) };`:               true,
		all + `forbid (principal, action, resource) when { context.currency != "USD" };`:                                  true,
		all + `forbid (principal, action, resource) unless { context.category == "compute" && context.rail == "tempo" };`: true,
		all + `forbid (principal, action, resource) when { context.audience != "did:web:shop.example" };`:                 true,
		all + `forbid (principal, action, resource) when { context.at > datetime("2026-11-21T08:59:59Z") };`:              false,
		all + `forbid (principal, action, resource) when { principal.depth > 0 };`:                                        true,
		all + `forbid (principal, action, resource) unless { principal.assurance >= 3 };`:                                 false,
		all + `forbid (principal, action, resource) unless { context.attributes.rows < 8 && !context.attributes.dry };`:   true,
		all + `forbid (principal, action, resource) when { context.attributes.tags.contains("b") };`:                      false,
		all + `forbid (principal, action, resource) when { context.attributes.deep.er == "x" };`:                          false,
		// A policy that fails denies, though Cedar passes over it.
		all + `forbid (principal, action, resource) when { context.nothing == 1 };`: false,
		all + `permit (principal, action, resource) when { context.nothing == 1 };`: false,
		all + `forbid (principal, action, resource) when { context.payee == "x" };`: false,
	} {
		d, err := ask(t, w, pass, policies, func(a *passport.Act) { a.Resource, a.Attributes = "order-7", attributes })
		if !allowed {
			verifytest.AssertDenied(t, err, verify.PolicyDenied)
			continue
		}
		require.NoError(t, err, policies)
		require.NotEmpty(t, d.Evidence.Policy, "the digest of the set is in the decision")
	}
}

// A set that permits everything allows nothing that a passport does not.
func TestCedarNeverAllows(t *testing.T) {
	w := verifytest.NewWorld(t)
	_, err := ask(t, w, w.Issue(w.Passport()), all, func(a *passport.Act) { a.Amount = passport.MustMoney("60.00", "USD") })
	verifytest.AssertDenied(t, err, verify.AuthorityAmountExceeded)
	_, err = ask(t, w, w.Issue(w.Passport()), all, func(a *passport.Act) { a.Action = "admin.reset" })
	verifytest.AssertDenied(t, err, verify.AuthorityActionNotAllowed)
}

// What Cedar cannot say exactly is refused, and not rounded.
func TestWhatCedarCannotSay(t *testing.T) {
	w := verifytest.NewWorld(t)
	usdc := passport.MustMoney("0.000001", "USDC")
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.MaxTransaction = passport.MustMoney("50.00", "USDC")
	}))
	_, err := ask(t, w, pass, all, func(a *passport.Act) { a.Amount = usdc })
	verifytest.AssertDenied(t, err, verify.PolicyDenied)
	pass = w.Issue(w.Passport())
	fraction, err := credential.ParseValue(`{"share":0.5}`)
	require.NoError(t, err)
	_, err = ask(t, w, pass, all, func(a *passport.Act) { a.Attributes = fraction })
	verifytest.AssertDenied(t, err, verify.PolicyDenied)
}

// Along a delegation the agent is in every passport of its chain.
func TestDelegation(t *testing.T) {
	w := verifytest.NewWorld(t)
	family := w.Family()
	chain := family.Chain(2)
	root := chain[0].Unverified().ID
	for policies, allowed := range map[string]bool{
		`permit (principal in Passport::"` + root + `", action, resource);`:                true,
		`permit (principal, action, resource) when { principal.depth == 2 };`:              true,
		all + `forbid (principal, action, resource) when { principal.depth > 1 };`:         false,
		`permit (principal in Passport::"` + root + `x", action, resource);`:               false,
		`permit (principal == Agent::"` + w.Agent.DID().String() + `", action, resource);`: false,
	} {
		v := w.Verifier(func(c *verify.Config) { c.Policy = []verify.Rule{rule(t, policies)} })
		_, err := v.Verify(t.Context(), family.Present(chain, w.Intent()), w.Request())
		require.Equal(t, allowed, err == nil, "%s: %v", policies, err)
	}
}

// The set is pinned, and its digest is in the name of the rule and in what is decided.
func TestPinned(t *testing.T) {
	digest := passport.Digest([]byte(all))
	r, err := verifycedar.Rule(verifycedar.Config{Policies: []byte(all), Digest: digest})
	require.NoError(t, err)
	require.Equal(t, "cedar:"+digest, r.ID)
	for want, c := range map[string]verifycedar.Config{
		"not the pinned":         {Policies: []byte(all + " "), Digest: digest},
		`not the pinned ""`:      {Policies: []byte(all)},
		"reading the policies":   {Policies: []byte("permit"), Digest: passport.Digest([]byte("permit"))},
		"there is no policy":     {Digest: passport.Digest(nil)},
		"is made of what was pr": {Policies: []byte(all), Digest: digest, Entities: types.EntityMap{types.NewEntityUID("Agent", "x"): {}}},
	} {
		_, err := verifycedar.Rule(c)
		require.ErrorContains(t, err, want)
	}
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport())
	one, err := ask(t, w, pass, all)
	require.NoError(t, err)
	two, err := ask(t, w, pass, all+all)
	require.NoError(t, err)
	require.NotEqual(t, one.Evidence.Policy, two.Evidence.Policy)
	_, err = ask(t, w, pass, "forbid (principal, action, resource);")
	var refusal *verify.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Empty(t, refusal.Own(), "what the host's policies say is not for the agent")
}

// One rule serves many verifications at once.
func TestConcurrent(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(func(c *verify.Config) { c.Policy = []verify.Rule{rule(t, all)} })
	pass := w.Issue(w.Passport())
	shown := make([][]byte, 16)
	for i := range shown {
		shown[i] = w.Present(pass, w.Intent())
	}
	var group sync.WaitGroup
	for _, text := range shown {
		group.Go(func() {
			if _, err := v.Verify(t.Context(), text, w.Request()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

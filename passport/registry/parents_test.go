package registry_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// family is an office with a passport, and a second agent with a grant that is delegated from the first one's.
type family struct {
	*office
	parent *registry.Passport
	key    *did.KeyPair
	sub    *registry.Agent
	part   *registry.Grant
}

func newFamily(t *testing.T, edits ...func(n *registry.NewPassport)) *family {
	f := &family{office: newOffice(t), key: verifytest.Key("sub")}
	n := f.new()
	n.Categories, n.ExpiresIn = []string{"compute"}, "48h"
	n.Authority.Regions = []string{"DE", "FR"}
	n.Authority.Capabilities = []passport.Capability{{Action: "data.*"}}
	for _, edit := range edits {
		edit(&n)
	}
	var err error
	f.parent, err = f.Passports.Issue(ctx, f.org.Admin(), n)
	require.NoError(t, err)
	f.sub, f.part = f.member("sub", f.grant.ID)
	return f
}

// member is another agent, with a part of a grant.
func (f *family) member(name, above string) (*registry.Agent, *registry.Grant) {
	a, err := f.Agents.Create(ctx, f.org.Admin(), registry.NewAgent{Name: name, DID: verifytest.Key(name).DID()})
	require.NoError(f, err)
	g, err := f.Grants.Create(ctx, f.org.Admin(), registry.NewGrant{
		Agent: a.ID, Parent: above, Scopes: []string{"payments:mpp:compute", "data.read"},
	})
	require.NoError(f, err)
	return a, g
}

func (f *family) below() registry.NewPassport {
	return registry.NewPassport{
		Agent: f.sub.ID, Grant: f.part.ID, Parent: f.parent.ID, Categories: []string{"compute"},
		MaxTransaction: passport.MustMoney("20.00", "USD"),
	}
}

func (f *family) child() *registry.Passport {
	p, err := f.Passports.Issue(ctx, f.org.Admin(), f.below())
	require.NoError(f, err)
	return p
}

// act asks the shop with a passport of the second agent.
func (f *family) act(p *registry.Passport, edit func(a *passport.Act)) error {
	act := passport.Act{
		Action: "payments:mpp:compute", Amount: passport.MustMoney("10.00", "USD"), Category: "compute", Rail: "tempo",
		Region: "DE",
	}
	if edit != nil {
		edit(&act)
	}
	signed, err := credential.Parse([]byte(p.Credential))
	require.NoError(f, err)
	shown, err := passport.Present(ctx, f.key, passport.Chain{signed}, passport.Intent{Act: act}, "did:web:shop.example",
		passport.PresentOptions{Now: f.clock.Now})
	require.NoError(f, err)
	_, err = f.shop.Verify(ctx, shown.Bytes(), verify.Request{Audience: "did:web:shop.example", Act: act})
	return err
}

// G7: a passport below another one is a root passport that a verifier takes by itself, and what it does not
// state it has from the one above.
func TestG7IssuedBelow(t *testing.T) {
	f := newFamily(t)
	child := f.child()
	f.publish()
	require.Equal(t, f.parent.ID, child.Parent)
	require.NoError(t, f.act(child, nil))
	for name, c := range map[string]struct {
		edit func(a *passport.Act)
		code verify.Code
	}{
		"more than it states":       {func(a *passport.Act) { a.Amount = passport.MustMoney("20.01", "USD") }, verify.AuthorityAmountExceeded},
		"where the parent may not":  {func(a *passport.Act) { a.Region = "US" }, verify.AuthorityRegionBlocked},
		"what the parent alone may": {func(a *passport.Act) { *a = passport.Act{Action: "data.read", Region: "DE"} }, verify.AuthorityActionNotAllowed},
	} {
		verifytest.AssertDenied(t, f.act(child, c.edit), c.code)
		_ = name
	}
	got, err := f.Passports.Get(ctx, f.org.Admin(), child.ID)
	require.NoError(t, err)
	require.Equal(t, child, got)
}

// G7: real systems copy the parent's id and attenuate nothing: a child of (compute, 50 USD, 48 h) is issued
// with more of each, below a parent that is unknown, revoked or another's.
func TestG7ChildrenAreNotWider(t *testing.T) {
	stranger := func(f *family) string {
		org, err := f.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
		require.NoError(f, err)
		a, err := f.Agents.Create(ctx, org.Admin(), registry.NewAgent{Name: "x", DID: verifytest.Key("x").DID()})
		require.NoError(f, err)
		n := f.new()
		n.Agent, n.Grant = a.ID, f.newGrant(org.Admin(), a).ID
		p, err := f.Passports.Issue(ctx, org.Admin(), n)
		require.NoError(f, err)
		return p.ID
	}
	for name, c := range map[string]struct {
		edit   func(f *family, n *registry.NewPassport)
		code   registry.Code
		member string
	}{
		"good":       {func(*family, *registry.NewPassport) {}, "", ""},
		"no more":    {func(_ *family, n *registry.NewPassport) { n.MaxTransaction = passport.MustMoney("50.00", "USD") }, "", ""},
		"more money": {func(_ *family, n *registry.NewPassport) { n.MaxTransaction = passport.MustMoney("50.01", "USD") }, registry.Widened, "Authority"},
		"another currency": {func(_ *family, n *registry.NewPassport) {
			n.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("1", "EUR"), Per: passport.PerDay}}
		}, registry.AmountExceeds, "Authority.SpendLimits"},
		"another rail": {func(_ *family, n *registry.NewPassport) { n.Rails = []string{"card"} }, registry.Widened, "Authority"},
		"another action": {func(_ *family, n *registry.NewPassport) {
			n.Authority.Capabilities = []passport.Capability{{Action: "data.write"}}
		}, registry.ScopeInsufficient, "Grant"},
		"another region": {func(_ *family, n *registry.NewPassport) { n.Authority.Regions = []string{"US"} }, registry.Widened, "Authority"},
		"leave to delegate": {func(_ *family, n *registry.NewPassport) { n.Authority.MaxDelegationDepth = 1 },
			registry.Widened, "Authority.MaxDelegationDepth"},
		"assurance": {func(_ *family, n *registry.NewPassport) { n.Authority.Assurance.Level = passport.L3 },
			registry.InvalidAssurance, "Authority"},
		"a longer life":         {func(_ *family, n *registry.NewPassport) { n.ExpiresIn = "49h" }, registry.InvalidExpiry, "ExpiresIn"},
		"an unknown parent":     {func(_ *family, n *registry.NewPassport) { n.Parent = "urn:safeconduct:passport:x" }, registry.BadRequest, "Parent"},
		"a parent of another's": {func(f *family, n *registry.NewPassport) { n.Parent = stranger(f) }, registry.BadRequest, "Parent"},
		"a revoked parent": {func(f *family, _ *registry.NewPassport) {
			_, err := f.Passports.Revoke(ctx, f.org.Admin(), f.parent.ID, "")
			require.NoError(f, err)
		}, registry.BadRequest, "Parent"},
		"a suspended parent": {func(f *family, _ *registry.NewPassport) {
			_, err := f.Passports.Suspend(ctx, f.org.Admin(), f.parent.ID, registry.Suspension{})
			require.NoError(f, err)
		}, registry.BadRequest, "Parent"},
		"an expired parent": {func(f *family, _ *registry.NewPassport) { f.clock.Advance(48 * time.Hour) }, registry.BadRequest, "Parent"},
		"a grant of its own": {func(f *family, n *registry.NewPassport) { n.Grant = f.newGrant(f.org.Admin(), f.sub).ID },
			registry.InvalidGrant, "Grant"},
		"the parent's agent": {func(f *family, n *registry.NewPassport) { n.Agent, n.Grant = f.who.ID, f.grant.ID },
			registry.BadRequest, "Agent"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFamily(t)
			n := f.below()
			c.edit(f, &n)
			_, err := f.Passports.Issue(ctx, f.org.Admin(), n)
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.code)
			var e *registry.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.member, e.Member)
		})
	}
}

// G7: somebody else's parent and one that is not there have one answer.
func TestG7ParentsAreNoOracle(t *testing.T) {
	f := newFamily(t)
	org, err := f.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(t, err)
	a, err := f.Agents.Create(ctx, org.Admin(), registry.NewAgent{Name: "x", DID: verifytest.Key("x").DID()})
	require.NoError(t, err)
	grant := f.newGrant(org.Admin(), a)
	answer := func(edit func(n *registry.NewPassport, g *registry.NewGrant)) (texts [2]string) {
		n := f.new()
		n.Agent, n.Grant = a.ID, grant.ID
		g := registry.NewGrant{Agent: a.ID, Scopes: []string{"data.read"}}
		edit(&n, &g)
		_, err := f.Passports.Issue(ctx, org.Admin(), n)
		require.Error(t, err)
		texts[0] = err.Error()
		_, err = f.Grants.Create(ctx, org.Admin(), g)
		require.ErrorIs(t, err, registry.InvalidGrant)
		texts[1] = err.Error()
		return texts
	}
	require.Equal(t,
		answer(func(n *registry.NewPassport, g *registry.NewGrant) {
			n.Parent, g.Parent = "urn:safeconduct:passport:x", "grnt_x"
		}),
		answer(func(n *registry.NewPassport, g *registry.NewGrant) { n.Parent, g.Parent = f.parent.ID, f.grant.ID }))
}

// G4, G7: what revokes or suspends a passport does the same to those below it, for verifiers who are offline,
// too. Real systems revoke the parent alone.
func TestG7WhatBecomesOfTheParent(t *testing.T) {
	admin := func(f *family) registry.Actor { return f.org.Admin() }
	for name, c := range map[string]struct {
		stop, again func(f *family) error
		code        verify.Code
		status      registry.Status
	}{
		"revoked": {func(f *family) error {
			_, err := f.Passports.Revoke(ctx, admin(f), f.parent.ID, "stolen")
			return err
		}, nil, verify.StatusRevoked, registry.Revoked},
		"its grant revoked": {func(f *family) error {
			_, err := f.Grants.Revoke(ctx, admin(f), f.grant.ID, "stolen")
			return err
		}, nil, verify.StatusRevoked, registry.Revoked},
		"its agent revoked": {func(f *family) error {
			_, err := f.Agents.Revoke(ctx, admin(f), f.who.ID, "stolen")
			return err
		}, nil, verify.StatusRevoked, registry.Revoked},
		"suspended": {func(f *family) error {
			_, err := f.Passports.Suspend(ctx, admin(f), f.parent.ID, registry.Suspension{For: -1})
			return err
		}, func(f *family) error {
			_, err := f.Passports.Resume(ctx, admin(f), f.parent.ID, "")
			return err
		}, verify.StatusSuspended, registry.Suspended},
		"its agent suspended": {func(f *family) error {
			_, err := f.Agents.Suspend(ctx, admin(f), f.who.ID, registry.Suspension{For: -1})
			return err
		}, func(f *family) error { _, err := f.Agents.Resume(ctx, admin(f), f.who.ID, ""); return err },
			verify.StatusSuspended, registry.Suspended},
		"suspended for a while": {func(f *family) error {
			_, err := f.Passports.Suspend(ctx, admin(f), f.parent.ID, registry.Suspension{For: time.Hour})
			return err
		}, func(f *family) error { f.clock.Advance(time.Hour); return nil }, verify.StatusSuspended, registry.Suspended},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFamily(t)
			child := f.child()
			a, g := f.member("deeper", f.part.ID)
			n := f.below()
			n.Agent, n.Grant, n.Parent = a.ID, g.ID, child.ID
			deeper, err := f.Passports.Issue(ctx, admin(f), n)
			require.NoError(t, err)
			f.publish()
			require.NoError(t, f.act(child, nil))
			require.NoError(t, c.stop(f))
			f.clock.Advance(time.Second)
			f.publish()
			verifytest.AssertDenied(t, f.act(child, nil), c.code)
			for _, id := range []string{child.ID, deeper.ID} {
				got, err := f.Passports.Get(ctx, admin(f), id)
				require.NoError(t, err)
				require.Equal(t, c.status, got.Status)
				if c.status == registry.Revoked {
					require.Equal(t, "stolen", got.Reason)
				}
			}
			if c.again == nil {
				return
			}
			require.NoError(t, c.again(f))
			f.clock.Advance(time.Second)
			f.publish()
			require.NoError(t, f.act(child, nil))
			got, err := f.Passports.Get(ctx, admin(f), deeper.ID)
			require.NoError(t, err)
			require.Equal(t, registry.Active, got.Status)
		})
	}
}

// G7: passports beside one another have together no more over time than the one above them.
func TestG7ReservesFromTheParent(t *testing.T) {
	daily := func(amount string) passport.SpendLimit {
		return passport.SpendLimit{Money: passport.MustMoney(amount, "USD"), Per: passport.PerDay}
	}
	f := newFamily(t, func(n *registry.NewPassport) {
		n.Authority.SpendLimits = []passport.SpendLimit{daily("50")}
		n.Authority.Limits = []passport.Limit{passport.RateOf("requests", time.Hour, 10)}
	})
	ask := func(amount string, rate int64) (*registry.Passport, error) {
		n := f.below()
		n.Authority.SpendLimits = []passport.SpendLimit{daily(amount)}
		n.Authority.Limits = []passport.Limit{passport.RateOf("requests", time.Hour, rate)}
		return f.Passports.Issue(ctx, f.org.Admin(), n)
	}
	first, err := ask("30", 4)
	require.NoError(t, err)
	_, err = ask("20.01", 4)
	require.ErrorIs(t, err, registry.AmountExceeds)
	_, err = ask("20", 7)
	require.ErrorIs(t, err, registry.AmountExceeds)
	_, err = ask("20", 6)
	require.NoError(t, err)
	_, err = f.Passports.Issue(ctx, f.org.Admin(), f.below())
	require.ErrorIs(t, err, registry.AmountExceeds, "what is not stated is all that the parent has")
	_, err = f.Passports.Revoke(ctx, f.org.Admin(), first.ID, "")
	require.NoError(t, err)
	_, err = ask("30", 4)
	require.NoError(t, err)
}

// G1: of one account there are no two live passports that count over different windows.
func TestG1WindowsOfOneAccountAgree(t *testing.T) {
	o := newOffice(t)
	ask := func(l ...passport.SpendLimit) (*registry.Passport, error) {
		n := o.new()
		n.Authority.SpendLimits = l
		return o.Passports.Issue(ctx, o.org.Admin(), n)
	}
	day := passport.SpendLimit{Money: passport.MustMoney("10", "USD"), Per: passport.PerDay}
	hour := passport.SpendLimit{Money: passport.MustMoney("10", "USD"), Per: passport.PerHour}
	first, err := ask(day)
	require.NoError(t, err)
	day.Money = passport.MustMoney("20", "USD")
	second, err := ask(day)
	require.NoError(t, err, "another amount of the same window")
	for _, l := range [][]passport.SpendLimit{{hour}, {day, hour}, nil} {
		_, err = ask(l...)
		require.ErrorIs(t, err, registry.Conflict)
	}
	for _, p := range []*registry.Passport{first, second} {
		_, err = o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
		require.NoError(t, err)
	}
	_, err = ask(hour)
	require.NoError(t, err)
}

// G7: a part of a grant is within it, and goes with it.
func TestG7DelegatedGrants(t *testing.T) {
	f := newFamily(t)
	a, err := f.Agents.Create(ctx, f.org.Admin(), registry.NewAgent{Name: "other", DID: verifytest.Key("other").DID()})
	require.NoError(t, err)
	good := registry.NewGrant{Agent: a.ID, Parent: f.grant.ID, Scopes: []string{"data.read"}}
	for name, c := range map[string]struct {
		edit   func(n *registry.NewGrant)
		code   registry.Code
		status int
	}{
		"good":               {func(*registry.NewGrant) {}, "", 0},
		"the same scopes":    {func(n *registry.NewGrant) { n.Scopes = f.grant.Scopes }, "", 0},
		"an earlier end":     {func(n *registry.NewGrant) { n.ExpiresAt = f.clock.Now().Add(time.Hour) }, "", 0},
		"another scope":      {func(n *registry.NewGrant) { n.Scopes = []string{"files.read"} }, registry.Widened, 400},
		"a wider scope":      {func(n *registry.NewGrant) { n.Scopes = []string{"payments:mpp:*"} }, registry.Widened, 400},
		"no scope":           {func(n *registry.NewGrant) { n.Scopes = nil }, registry.BadRequest, 400},
		"a later end":        {func(n *registry.NewGrant) { n.ExpiresAt = f.grant.ExpiresAt.Add(time.Second) }, registry.InvalidExpiry, 422},
		"another principal":  {func(n *registry.NewGrant) { n.Principal = "mailto:mallory@example.org" }, registry.Widened, 400},
		"no such grant":      {func(n *registry.NewGrant) { n.Parent = "grnt_x" }, registry.InvalidGrant, 400},
		"the agent above":    {func(n *registry.NewGrant) { n.Agent = f.who.ID }, registry.BadRequest, 400},
		"an agent above it":  {func(n *registry.NewGrant) { n.Agent, n.Parent = f.who.ID, f.part.ID }, registry.BadRequest, 400},
		"no scope of a part": {func(n *registry.NewGrant) { n.Parent, n.Scopes = f.part.ID, []string{"data.*"} }, registry.Widened, 400},
	} {
		n := good
		c.edit(&n)
		g, err := f.Grants.Create(ctx, f.org.Admin(), n)
		if c.code == "" {
			require.NoError(t, err, name)
			require.Equal(t, f.grant.Principal, g.Principal)
			require.Equal(t, 1, g.Depth)
			continue
		}
		require.ErrorIs(t, err, c.code, name)
		var e *registry.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, c.status, e.HTTPStatus(), name)
	}
	third, second := f.part, f.part
	for i := range 3 {
		a, err := f.Agents.Create(ctx, f.org.Admin(), registry.NewAgent{
			Name: "x", DID: verifytest.Key("deep" + string(rune('0'+i))).DID(),
		})
		require.NoError(t, err)
		g, err := f.Grants.Create(ctx, f.org.Admin(), registry.NewGrant{Agent: a.ID, Parent: third.ID, Scopes: []string{"data.read"}})
		if i == 2 {
			require.ErrorIs(t, err, registry.Forbidden, "a fourth below the first")
			break
		}
		require.NoError(t, err)
		third = g
	}
	_, err = f.Grants.Revoke(ctx, f.org.Admin(), f.grant.ID, "over")
	require.NoError(t, err)
	for _, id := range []string{second.ID, third.ID} {
		g, err := f.Grants.Get(ctx, f.org.Admin(), id)
		require.NoError(t, err)
		require.Equal(t, registry.Revoked, g.Status)
		require.Equal(t, "over", g.Reason)
	}
	_, err = f.Grants.Create(ctx, f.org.Admin(), good)
	require.ErrorIs(t, err, registry.InvalidGrant)
}

// G7, G8: a budget below another is not raised beyond what that has left; it is lowered, and raised up to it.
func TestG8ABudgetIsRaisedToWhatIsAbove(t *testing.T) {
	o := newOffice(t) // its grant has 100 USD
	admin := o.org.Admin()
	sub, err := o.Agents.Create(ctx, admin, registry.NewAgent{Name: "sub", DID: verifytest.Key("sub").DID()})
	require.NoError(t, err)
	g, err := o.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: sub.ID, Parent: o.grant.ID, Scopes: []string{"data.*"}, Budget: passport.MustMoney("50", "USD"),
	})
	require.NoError(t, err)
	_, err = o.Budgets.Debit(ctx, admin, registry.Debit{Grant: g.ID, ID: "1", Amount: passport.MustMoney("30", "USD")})
	require.NoError(t, err)
	for amount, fits := range map[string]bool{"100": true, "100.01": false, "5000": false, "10": true} {
		_, err := o.Budgets.Adjust(ctx, admin, registry.Allocation{Grant: g.ID, Amount: passport.MustMoney(amount, "USD")})
		require.Equal(t, !fits, errors.Is(err, registry.AmountExceeds), "%s: %v", amount, err)
		require.Equal(t, fits, err == nil, "%s: %v", amount, err)
		_, err = o.Budgets.Adjust(ctx, admin, registry.Allocation{Grant: g.ID, Amount: passport.MustMoney("50", "USD")})
		require.NoError(t, err)
	}
}

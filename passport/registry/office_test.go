package registry_test

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

// office is an office with one organisation, an agent, a grant, a folder of lists
// and a shop that has nothing but these lists.
type office struct {
	*testing.T
	*registry.Registry
	clock  *verifytest.Clock
	issuer *did.KeyPair
	agent  *did.KeyPair
	org    *registry.Org
	who    *registry.Agent
	grant  *registry.Grant
	lists  statuslist.Dir
	shop   *verify.Verifier
	asked  int
	target target
	put    *recording // what is written; nil: nobody looks
}

// agentScopes are what agent keys are made for.
var agentScopes = []registry.AgentScope{{ID: "agent:read"}, {ID: "agent:write", Write: true, NeedsConsent: true}}

func newOffice(t *testing.T) *office {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := &office{
		T: t, clock: verifytest.NewClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)),
		issuer: verifytest.Key("issuer"), agent: verifytest.Key("agent"), lists: statuslist.Dir(t.TempDir()),
	}
	o.Registry, err = registry.Open(registry.Config{
		Store: db.Registry(), Issuer: o.issuer, BaseURL: "https://issuer.example", Now: o.clock.Now,
		AgentScopes: agentScopes,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	o.shop, err = verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: o.issuer.DID()}}, Resolver: did.KeyMethods(), Status: o.lists,
		Ledger: ledger.NewMemory(ledger.Options{}), Now: o.clock.Now,
	})
	require.NoError(t, err)
	return o
}

func (o *office) newGrant(by registry.Actor, a *registry.Agent) *registry.Grant {
	g, err := o.Grants.Create(ctx, by, registry.NewGrant{
		Agent: a.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute", "data.*"},
		ExpiresAt: o.clock.Now().Add(30 * 24 * time.Hour), Budget: passport.MustMoney("100.00", "USD"),
	})
	require.NoError(o, err)
	return g
}

func (o *office) new() registry.NewPassport {
	return registry.NewPassport{
		Agent: o.who.ID, Grant: o.grant.ID, Categories: []string{"compute"},
		MaxTransaction: passport.MustMoney("50.00", "USD"),
	}
}

func (o *office) issue() *registry.Passport {
	p, err := o.Passports.Issue(ctx, o.org.Admin(), o.new())
	require.NoError(o, err)
	return p
}

// may makes what a passport may do beside its categories.
func may(action string) func(*office, *registry.NewPassport) {
	return func(_ *office, n *registry.NewPassport) {
		n.Authority.Capabilities = []passport.Capability{{Action: action}}
	}
}

func named(agent, grant string) func(*office, *registry.NewPassport) {
	return func(_ *office, n *registry.NewPassport) {
		n.Agent, n.Grant = cmp.Or(agent, n.Agent), cmp.Or(grant, n.Grant)
	}
}

func pays(categories ...string) func(*office, *registry.NewPassport) {
	return func(_ *office, n *registry.NewPassport) { n.Categories = categories }
}

func costs(amount, currency string) func(*office, *registry.NewPassport) {
	return func(_ *office, n *registry.NewPassport) { n.MaxTransaction = passport.MustMoney(amount, currency) }
}

func rails(list ...string) func(*office, *registry.NewPassport) {
	return func(_ *office, n *registry.NewPassport) { n.Rails = append([]string{}, list...) }
}

func lives(text string) func(*office, *registry.NewPassport) {
	return func(_ *office, n *registry.NewPassport) { n.ExpiresIn = text }
}

func (o *office) publish() { require.NoError(o, o.Lists.Publish(ctx, o.lists)) }

// pays asks the shop, offline, with a passport.
func (o *office) pays(p *registry.Passport) error {
	o.asked++
	signed, err := credential.Parse([]byte(p.Credential))
	require.NoError(o, err)
	act := passport.Act{
		Action: "payments:mpp:compute", Amount: passport.MustMoney("10.00", "USD"), Category: "compute", Rail: "tempo",
	}
	shown, err := passport.Present(ctx, o.agent, passport.Chain{signed}, passport.Intent{Act: act}, "did:web:shop.example",
		passport.PresentOptions{Now: o.clock.Now})
	require.NoError(o, err)
	_, err = o.shop.Verify(ctx, shown.Bytes(), verify.Request{Audience: "did:web:shop.example", Act: act})
	return err
}

// G1, G3: what the office issues a verifier allows who knows nothing but the lists.
func TestG1Issue(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	o.publish()
	require.Equal(t, registry.Active, p.Status)
	require.Equal(t, 24*time.Hour, p.ExpiresAt.Sub(p.IssuedAt))
	require.NoError(t, o.pays(p))
	got, err := o.Passports.Get(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.Equal(t, p, got)
}

// G1, G2: what is asked for, with one fault each.
func TestG2Refusals(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func(o *office, n *registry.NewPassport)
		code   registry.Code
		member string
		status int
	}{
		"good":     {func(*office, *registry.NewPassport) {}, "", "", 0},
		"no agent": {named("ag_x", ""), registry.InvalidAgent, "Agent", 400},
		"no grant": {named("", "grnt_x"), registry.InvalidGrant, "Grant", 400},
		"a level that is set": {func(_ *office, n *registry.NewPassport) { // P3
			n.Authority.Assurance = passport.Assurance{Level: passport.L4FIN, Provider: "did:web:bank.example"}
		}, registry.InvalidAssurance, "Authority", 400},
		"no category":         {pays(), registry.BadRequest, "Categories", 400},
		"an unknown category": {pays("compute", "ai"), registry.BadRequest, "Categories", 400},
		"a category twice":    {pays("compute", "compute"), registry.BadRequest, "Categories", 400},
		"an amount of zero":   {costs("0.00", "USD"), registry.BadRequest, "MaxTransaction", 400},
		"no rail":             {rails(), registry.BadRequest, "Rails", 400},
		"another rail":        {rails("card"), "", "", 0},
		"rails for nothing": {func(_ *office, n *registry.NewPassport) {
			n.Categories, n.Rails, n.Authority.Capabilities = nil, []string{"card"}, []passport.Capability{{Action: "data.read"}}
		}, registry.BadRequest, "Rails", 400},
		"no amount, where the grant has no budget": {func(o *office, n *registry.NewPassport) {
			g, err := o.Grants.Create(ctx, o.org.Admin(), registry.NewGrant{
				Agent: o.who.ID, Principal: "mailto:ada@example.org", Scopes: o.grant.Scopes, ExpiresAt: o.grant.ExpiresAt,
			})
			require.NoError(o, err)
			n.Grant, n.MaxTransaction = g.ID, passport.Money{}
		}, registry.BadRequest, "MaxTransaction", 400},
		"no amount, where it has one": {func(_ *office, n *registry.NewPassport) { n.MaxTransaction = passport.Money{} }, "", "", 0},
		"a currency of no budget": {func(_ *office, n *registry.NewPassport) {
			n.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("1", "EUR"), Per: passport.PerDay}}
		}, registry.AmountExceeds, "Authority.SpendLimits", 400},
		"another category":    {pays("compute", "storage"), registry.ScopeInsufficient, "Grant", 400},
		"another action":      {may("files.read"), registry.ScopeInsufficient, "Grant", 400},
		"a wider action":      {may("payments:mpp:*"), registry.ScopeInsufficient, "Grant", 400},
		"a covered action":    {may("data.read"), "", "", 0},
		"too much":            {costs("100.01", "USD"), registry.AmountExceeds, "MaxTransaction", 400},
		"all of it":           {costs("100.00", "USD"), "", "", 0},
		"another currency":    {costs("10.00", "EUR"), registry.AmountExceeds, "MaxTransaction", 400},
		"720h":                {lives("720h"), "", "", 0},
		"30d":                 {lives("30d"), "", "", 0},
		"721h":                {lives("721h"), registry.InvalidExpiry, "ExpiresIn", 422},
		"a number that wraps": {lives("99999999999d"), registry.InvalidExpiry, "ExpiresIn", 422},
		"1.5h":                {lives("1.5h"), registry.InvalidExpiry, "ExpiresIn", 400},
		"PT1H":                {lives("PT1H"), registry.InvalidExpiry, "ExpiresIn", 400},
		"1w":                  {lives("1w"), registry.InvalidExpiry, "ExpiresIn", 400},
		"a space":             {lives(" 24h"), registry.InvalidExpiry, "ExpiresIn", 400},
		"24H":                 {lives("24H"), registry.InvalidExpiry, "ExpiresIn", 400},
		"90s":                 {lives("90s"), "", "", 0},
		"43200m":              {lives("43200m"), "", "", 0},
		"43201m":              {lives("43201m"), registry.InvalidExpiry, "ExpiresIn", 422},
		"no unit":             {lives("24"), registry.InvalidExpiry, "ExpiresIn", 400},
		"a sign":              {lives("-1h"), registry.InvalidExpiry, "ExpiresIn", 400},
		"nothing":             {lives("0h"), registry.InvalidExpiry, "ExpiresIn", 400},
		"it would outlive its grant": {func(o *office, n *registry.NewPassport) {
			o.clock.Advance(time.Hour)
			n.ExpiresIn = "720h"
		}, registry.InvalidExpiry, "ExpiresIn", 422},
		"the grant has ended": {func(o *office, _ *registry.NewPassport) {
			o.clock.Advance(31 * 24 * time.Hour)
		}, registry.InvalidGrant, "Grant", 400},
		"the grant is revoked": {func(o *office, _ *registry.NewPassport) {
			_, err := o.Grants.Revoke(ctx, o.org.Admin(), o.grant.ID, "")
			require.NoError(o, err)
		}, registry.InvalidGrant, "Grant", 400},
		"the agent is suspended": {func(o *office, _ *registry.NewPassport) {
			_, err := o.Agents.Suspend(ctx, o.org.Admin(), o.who.ID, registry.Suspension{})
			require.NoError(o, err)
		}, registry.InvalidAgent, "Agent", 400},
		"the suspension has ended": {func(o *office, _ *registry.NewPassport) {
			_, err := o.Agents.Suspend(ctx, o.org.Admin(), o.who.ID, registry.Suspension{})
			require.NoError(o, err)
			o.clock.Advance(time.Hour)
		}, "", "", 0},
		"the organisation is paused": {func(o *office, _ *registry.NewPassport) {
			_, err := o.Orgs.Pause(ctx, registry.Root(), o.org.ID, "")
			require.NoError(o, err)
		}, registry.Forbidden, "Org", 403},
		"a grant of another agent": {func(o *office, n *registry.NewPassport) {
			a, err := o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "other", DID: verifytest.Key("other").DID()})
			require.NoError(o, err)
			n.Grant = o.newGrant(o.org.Admin(), a).ID
		}, registry.InvalidGrant, "Grant", 400},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			n := o.new()
			c.edit(o, &n)
			_, err := o.Passports.Issue(ctx, o.org.Admin(), n)
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.code)
			var e *registry.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.member, e.Member)
			require.Equal(t, c.status, e.HTTPStatus())
		})
	}
}

// G4: the bit, the record, the line and the event; the first time stays.
func TestG4Revoke(t *testing.T) {
	o := newOffice(t)
	p, other := o.issue(), o.issue()
	o.publish()
	require.NoError(t, o.pays(p))
	first, err := o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "stolen")
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, first.Status)
	o.clock.Advance(time.Minute)
	again, err := o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "once more")
	require.NoError(t, err)
	require.Equal(t, first, again)
	o.publish()
	require.ErrorIs(t, o.pays(p), verify.StatusRevoked)
	require.NoError(t, o.pays(other))
	for name, f := range map[string]func() (*registry.Passport, error){
		"suspend": func() (*registry.Passport, error) {
			return o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{})
		},
		"resume": func() (*registry.Passport, error) { return o.Passports.Resume(ctx, o.org.Admin(), p.ID, "") },
	} {
		_, err := f()
		require.ErrorIs(t, err, registry.InvalidTransition, name)
	}
	lines, err := o.Audit.List(ctx, o.org.Admin(), "", 0, 0)
	require.NoError(t, err)
	last := lines[len(lines)-1]
	require.Equal(t, "passport.revoked", last.Action)
	require.Equal(t, "stolen", last.Reason)
	require.NoError(t, o.Audit.Verify(ctx, o.org.Admin(), ""))
	events, err := o.Events.Read(ctx, registry.Root(), 0, 0)
	require.NoError(t, err)
	require.Equal(t, p.ID, events[len(events)-1].Subject)
}

// A5: a suspension is told offline, and ends by itself in the next edition.
func TestA5SuspensionEndsByItself(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	o.publish()
	s, err := o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: 90 * time.Minute, Reason: "odd"})
	require.NoError(t, err)
	require.Equal(t, registry.Suspended, s.Status)
	next, err := o.Lists.NextPublish(ctx)
	require.NoError(t, err)
	require.Equal(t, o.clock.Now(), next, "what has changed is due at once")
	o.clock.Advance(time.Second)
	o.publish()
	require.ErrorIs(t, o.pays(p), verify.StatusSuspended)
	next, err = o.Lists.NextPublish(ctx)
	require.NoError(t, err)
	require.False(t, next.After(s.SuspendedUntil.Add(time.Second)), "the edition ends with the suspension")
	o.clock.Advance(90 * time.Minute)
	o.publish()
	require.NoError(t, o.pays(p))
	got, err := o.Passports.Get(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Active, got.Status)
}

// A5, A6: what stops an agent, a grant or an organisation stops its passports,
// offline too, and no others.
func TestA6WhatStopsMany(t *testing.T) {
	for name, c := range map[string]struct {
		stop  func(o *office) error
		code  verify.Code
		again func(o *office) error
	}{
		"agent suspended": {
			func(o *office) error {
				_, err := o.Agents.Suspend(ctx, o.org.Admin(), o.who.ID, registry.Suspension{For: -1})
				return err
			}, verify.StatusSuspended,
			func(o *office) error { _, err := o.Agents.Resume(ctx, o.org.Admin(), o.who.ID, ""); return err },
		},
		"agent revoked": {func(o *office) error {
			_, err := o.Agents.Revoke(ctx, o.org.Admin(), o.who.ID, "")
			return err
		}, verify.StatusRevoked, nil},
		"grant revoked": {func(o *office) error {
			_, err := o.Grants.Revoke(ctx, o.org.Admin(), o.grant.ID, "")
			return err
		}, verify.StatusRevoked, nil},
		"principal paused": {
			func(o *office) error {
				_, err := o.Switches.PausePrincipal(ctx, o.org.Admin(), "", o.grant.Principal, "")
				return err
			}, verify.StatusPrincipalRevoked,
			func(o *office) error {
				_, err := o.Switches.ResumePrincipal(ctx, o.org.Admin(), "", o.grant.Principal, "")
				return err
			},
		},
		"office paused": {
			func(o *office) error { _, err := o.Switches.PauseOffice(ctx, registry.Root(), ""); return err },
			verify.StatusIssuerPaused,
			func(o *office) error { _, err := o.Switches.ResumeOffice(ctx, registry.Root(), ""); return err },
		},
		"organisation paused": {
			func(o *office) error { _, err := o.Orgs.Pause(ctx, o.org.Admin(), "", ""); return err },
			verify.StatusPrincipalRevoked,
			func(o *office) error { _, err := o.Orgs.Resume(ctx, o.org.Admin(), "", ""); return err },
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			first, second := o.issue(), o.issue()
			o.publish()
			require.NoError(t, o.pays(first))
			require.NoError(t, c.stop(o))
			o.clock.Advance(time.Second)
			o.publish()
			for _, p := range []*registry.Passport{first, second} {
				require.ErrorIs(t, o.pays(p), c.code)
				got, err := o.Passports.Get(ctx, o.org.Admin(), p.ID)
				require.NoError(t, err)
				require.NotEqual(t, registry.Active, got.Status)
			}
			_, err := o.Passports.Issue(ctx, o.org.Admin(), o.new())
			require.Error(t, err)
			if c.again != nil {
				require.NoError(t, c.again(o))
				o.clock.Advance(time.Second)
				o.publish()
				require.NoError(t, o.pays(first))
			}
		})
	}
}

// A5: a passport that is suspended by itself stays so when its agent is resumed, and
// the other way round.
func TestA5TwoSuspensions(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	_, err := o.Agents.Suspend(ctx, o.org.Admin(), o.who.ID, registry.Suspension{For: 2 * time.Hour})
	require.NoError(t, err)
	_, err = o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: time.Hour})
	require.NoError(t, err)
	o.publish()
	require.ErrorIs(t, o.pays(p), verify.StatusSuspended)
	o.clock.Advance(time.Hour) // that of the passport has ended
	o.publish()
	require.ErrorIs(t, o.pays(p), verify.StatusSuspended)
	got, err := o.Passports.Get(ctx, o.org.Admin(), p.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Suspended, got.Status)
	o.clock.Advance(time.Hour)
	o.publish()
	require.NoError(t, o.pays(p))
}

// away is a target that is away for a while.
type away struct {
	statuslist.Target
	down atomic.Bool
}

func goneAway(target statuslist.Target) *away {
	a := &away{Target: target}
	a.down.Store(true)
	return a
}

func (a *away) Put(ctx context.Context, e *statuslist.Edition) error {
	if a.down.Load() {
		return errors.New("away")
	}
	return a.Target.Put(ctx, e)
}

// STO: an edition that did not reach its target, or only one of two, reaches it the
// next time, though nothing has changed since.
func TestAnEditionIsNotLost(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	o.publish()
	_, err := o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	target := goneAway(o.lists)
	require.Error(t, o.Lists.Publish(ctx, target))
	require.NoError(t, o.Lists.Publish(ctx, statuslist.Dir(t.TempDir())), "another target")
	require.NoError(t, o.pays(p), "it was not told yet")
	target.down.Store(false)
	require.NoError(t, o.Lists.Publish(ctx, target))
	require.ErrorIs(t, o.pays(p), verify.StatusRevoked)
}

// A5: of what exists already, the id is told.
func TestExistsTellsTheID(t *testing.T) {
	o := newOffice(t)
	_, err := o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "twin", DID: o.agent.DID()})
	require.ErrorIs(t, err, registry.Exists)
	var e *registry.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, o.who.ID, e.ID)
	// Another organisation may have the same agent.
	other, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "other"})
	require.NoError(t, err)
	_, err = o.Agents.Create(ctx, other.Admin(), registry.NewAgent{Name: "twin", DID: o.agent.DID()})
	require.NoError(t, err)
}

// G1: the ids may have the prefix of Grantex; what stops many passports finds those of before, too.
func TestG1PassportPrefix(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := newOffice(t)
	open := func(prefix string) error {
		r, err := registry.Open(registry.Config{
			Store: db.Registry(), Issuer: o.issuer, BaseURL: "https://issuer.example", Now: o.clock.Now,
			PassportPrefix: prefix,
		})
		if err == nil {
			o.Registry = r
		}
		return err
	}
	require.ErrorIs(t, open("urn:other:"), registry.BadRequest)
	require.NoError(t, open("urn:grantex:passport:"))
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	first := o.issue()
	require.Regexp(t, "^urn:grantex:passport:[0-9A-Z]{26}$", first.ID)
	require.NoError(t, open(""))
	second := o.issue()
	require.Regexp(t, "^urn:safeconduct:passport:[0-9A-Z]{26}$", second.ID)
	o.publish()
	require.NoError(t, o.pays(first))
	require.NoError(t, o.pays(second))
	_, err = o.Agents.Revoke(ctx, o.org.Admin(), o.who.ID, "")
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	o.publish()
	require.ErrorIs(t, o.pays(first), verify.StatusRevoked)
	require.ErrorIs(t, o.pays(second), verify.StatusRevoked)
}

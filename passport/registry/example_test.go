package registry_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var nine = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// must stands for what a program does with an error, so that each Example reads as a story.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// exampleOffice is an office in memory, with an organisation, one of its agents, and what a person granted to it.
func exampleOffice(edits ...func(*registry.Config)) (
	r *registry.Registry, admin registry.Actor, agent *registry.Agent, grant *registry.Grant,
) {
	ctx := context.Background()
	db := must(sqlite.Open(ctx, sqlite.Memory, sqlite.Options{})) // a file: its path in the place of Memory
	c := registry.Config{
		Store: db.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example",
		AgentScopes: []registry.AgentScope{{ID: "agent:read"}, {ID: "agent:write", Write: true, NeedsConsent: true}},
		Now:         func() time.Time { return nine },
	}
	for _, edit := range edits {
		edit(&c)
	}
	r = must(registry.Open(c))
	admin = must(r.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})).Admin()
	agent = must(r.Agents.Create(ctx, admin, registry.NewAgent{Name: "buyer", DID: verifytest.Key("agent").DID()}))
	grant = must(r.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: agent.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute", "data.*"},
		ExpiresAt: nine.Add(30 * 24 * time.Hour), Budget: passport.MustMoney("100.00", "USD"),
	}))
	return r, admin, agent, grant
}

func examplePassport(
	r *registry.Registry, by registry.Actor, agent *registry.Agent, grant *registry.Grant,
) *registry.Passport {
	return must(r.Passports.Issue(context.Background(), by, registry.NewPassport{
		Agent: agent.ID, Grant: grant.ID, Categories: []string{"compute"},
		MaxTransaction: passport.MustMoney("50.00", "USD"),
	}))
}

// An organisation issues a passport on a grant, suspends it, and revokes it. Each change is published as a file.
func Example() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	p := examplePassport(r, admin, agent, grant)
	fmt.Println("issued:", p.Status, "for", p.ExpiresAt.Sub(p.IssuedAt))
	fmt.Println("what the agent gets begins with", p.Encoded()[:2]) // base64url, for a header; p.Credential is the JSON

	p = must(r.Passports.Suspend(ctx, admin, p.ID, registry.Suspension{For: time.Hour, Reason: "a complaint"}))
	fmt.Println("suspended:", p.Status, "until", p.SuspendedUntil.Format(time.TimeOnly))
	lists := new(statuslist.Memory) // what verifiers fetch; in a folder: statuslist.Dir
	if err := r.Lists.Publish(ctx, lists); err != nil {
		log.Fatal(err)
	}
	p = must(r.Passports.Resume(ctx, admin, p.ID, "it was a mistake"))
	fmt.Println("resumed:", p.Status)
	must(r.Passports.Revoke(ctx, admin, p.ID, "the agent is gone"))
	p = must(r.Passports.Get(ctx, admin, p.ID))
	fmt.Println("revoked:", p.Status, "because", p.Reason)

	page := must(r.Passports.List(ctx, admin, registry.PassportQuery{Agent: agent.ID}))
	fmt.Println("passports of the agent:", len(page.Items))
	// Output:
	// issued: active for 24h0m0s
	// what the agent gets begins with ey
	// suspended: suspended until 10:00:00
	// resumed: active
	// revoked: revoked because the agent is gone
	// passports of the agent: 1
}

// Revoking a grant, an agent, or pausing a whole principal stops everything that stands on it.
func ExampleSwitches() {
	ctx, root := context.Background(), registry.Root()
	r, admin, agent, grant := exampleOffice()
	p := examplePassport(r, admin, agent, grant)
	show := func(what string) { fmt.Println(what, must(r.Passports.Get(ctx, admin, p.ID)).Status) }

	must(r.Agents.Suspend(ctx, admin, agent.ID, registry.Suspension{Reason: "a complaint"}))
	show("the agent is suspended:")
	must(r.Agents.Resume(ctx, admin, agent.ID, "settled"))
	show("resumed:")

	// One bit stops all passports of a person, of an organisation, or of the office, for offline verifiers, too.
	s := must(r.Switches.PausePrincipal(ctx, admin, agent.Org, "mailto:ada@example.org", "a stolen phone"))
	show("Ada is paused:")
	fmt.Println("by a bit on", s.Place.List)
	must(r.Switches.ResumePrincipal(ctx, admin, agent.Org, "mailto:ada@example.org", "found"))
	must(r.Orgs.Pause(ctx, root, agent.Org, "unpaid"))
	show("the organisation is paused:")
	must(r.Orgs.Resume(ctx, root, agent.Org, "paid"))
	must(r.Switches.PauseOffice(ctx, root, "an incident"))
	show("the office is paused:")
	must(r.Switches.ResumeOffice(ctx, root, "over"))
	show("resumed:")

	must(r.Grants.Revoke(ctx, admin, grant.ID, "Ada changed her mind"))
	fmt.Println("the grant is", must(r.Grants.Get(ctx, admin, grant.ID)).Status)
	show("its passport:")
	must(r.Agents.Revoke(ctx, admin, agent.ID, "gone"))
	again := must(r.Agents.Reinstate(ctx, admin, agent.ID, "back")) // its passports stay revoked
	fmt.Println("reinstated:", must(r.Agents.Get(ctx, admin, agent.ID)).Status, "it was revoked:", again.Reopened)
	// Output:
	// the agent is suspended: suspended
	// resumed: active
	// Ada is paused: suspended
	// by a bit on https://issuer.example/status/suspension-1
	// the organisation is paused: suspended
	// the office is paused: suspended
	// resumed: active
	// the grant is revoked
	// its passport: revoked
	// reinstated: active it was revoked: true
}

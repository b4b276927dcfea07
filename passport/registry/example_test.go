package registry_test

import (
	"bytes"
	"context"
	"errors"
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

func examplePassport(r *registry.Registry, by registry.Actor, agent *registry.Agent, grant *registry.Grant) *registry.Passport {
	return must(r.Passports.Issue(context.Background(), by, registry.NewPassport{
		Agent: agent.ID, Grant: grant.ID, Categories: []string{"compute"}, MaxTransaction: passport.MustMoney("50.00", "USD"),
	}))
}

// An organisation issues a passport on a grant, suspends it, and revokes it. Each change is published as a file.
func Example() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	p := examplePassport(r, admin, agent, grant)
	fmt.Println(p.Status, p.ExpiresAt.Sub(p.IssuedAt), p.Encoded() != "")

	lists := new(statuslist.Memory) // what verifiers fetch; in a folder: statuslist.Dir
	p = must(r.Passports.Suspend(ctx, admin, p.ID, registry.Suspension{For: time.Hour, Reason: "a complaint"}))
	fmt.Println(p.Status, r.Lists.Publish(ctx, lists))
	p = must(r.Passports.Resume(ctx, admin, p.ID, "it was a mistake"))
	fmt.Println(p.Status)
	must(r.Passports.Revoke(ctx, admin, p.ID, "the agent is gone"))
	fmt.Println(must(r.Passports.Get(ctx, admin, p.ID)).Status)

	page := must(r.Passports.List(ctx, admin, registry.PassportQuery{Agent: agent.ID}))
	fmt.Println(len(page.Items))
	// Output:
	// active 24h0m0s true
	// suspended <nil>
	// active
	// revoked
	// 1
}

// Revoking a grant, an agent, or pausing a whole principal stops everything that stands on it.
func ExampleSwitches() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	p := examplePassport(r, admin, agent, grant)
	status := func() registry.Status { return must(r.Passports.Get(ctx, admin, p.ID)).Status }

	must(r.Agents.Suspend(ctx, admin, agent.ID, registry.Suspension{Reason: "a complaint"}))
	fmt.Println("agent suspended:", status())
	must(r.Agents.Resume(ctx, admin, agent.ID, "settled"))

	s := must(r.Switches.PausePrincipal(ctx, admin, agent.Org, "mailto:ada@example.org", "a stolen phone"))
	fmt.Println("one bit for all of Ada's passports:", s.Paused)
	fmt.Println(must(r.Switches.ResumePrincipal(ctx, admin, agent.Org, "mailto:ada@example.org", "found")).Paused)
	fmt.Println(must(r.Switches.PauseOffice(ctx, registry.Root(), "an incident")).Paused)
	fmt.Println(must(r.Switches.ResumeOffice(ctx, registry.Root(), "over")).Paused)
	fmt.Println(must(r.Orgs.Pause(ctx, registry.Root(), agent.Org, "unpaid")).Paused)
	fmt.Println(must(r.Orgs.Resume(ctx, registry.Root(), agent.Org, "paid")).Paused)

	must(r.Grants.Revoke(ctx, admin, grant.ID, "Ada changed her mind"))
	fmt.Println("grant:", must(r.Grants.Get(ctx, admin, grant.ID)).Status, "passport:", status())
	must(r.Agents.Revoke(ctx, admin, agent.ID, "gone"))
	again := must(r.Agents.Reinstate(ctx, admin, agent.ID, "back"))
	fmt.Println("agent:", must(r.Agents.Get(ctx, admin, agent.ID)).Status, again.Reopened)
	// Output:
	// agent suspended: suspended
	// one bit for all of Ada's passports: true
	// false
	// true
	// false
	// true
	// false
	// grant: revoked passport: revoked
	// agent: active true
}

// A grant has a budget. What is spent where the office does not see it is debited by hand, once for each id.
func ExampleBudgets() {
	ctx := context.Background()
	r, admin, _, grant := exampleOffice()
	spend := func(id, amount string) {
		b, err := r.Budgets.Debit(ctx, admin, registry.Debit{Grant: grant.ID, ID: id, Amount: passport.MustMoney(amount, "USD")})
		var refusal *registry.Error
		if errors.As(err, &refusal) {
			fmt.Println(id, refusal.Code)
			return
		}
		fmt.Println(id, b.Remaining(), err)
	}
	spend("order-1", "60.00")
	spend("order-1", "60.00") // said twice
	spend("order-2", "60.00")
	must(r.Budgets.Adjust(ctx, admin, registry.Allocation{Grant: grant.ID, Amount: passport.MustMoney("150.00", "USD"), Reason: "more work"}))
	spend("order-2", "60.00")
	fmt.Println(must(r.Budgets.Balance(ctx, admin, grant.ID)).Remaining())
	fmt.Println(len(must(r.Budgets.History(ctx, admin, registry.BudgetQuery{Grant: grant.ID}))), "entries")
	// Output:
	// order-1 40.00 USD <nil>
	// order-1 40.00 USD <nil>
	// order-2 AMOUNT_EXCEEDS_BUDGET
	// order-2 30.00 USD <nil>
	// 30.00 USD
	// 4 entries
}

// Everything that was changed is a line of a chain of hashes. A signed head, kept elsewhere, shows that lines are missing.
func ExampleAudit() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	examplePassport(r, admin, agent, grant)
	for _, line := range must(r.Audit.List(ctx, admin, agent.Org, 0, 10)) {
		fmt.Println(line.Number, line.Action, line.ID() != "")
	}
	fmt.Println(r.Audit.Verify(ctx, admin, agent.Org))

	head := must(r.Audit.Head(ctx, admin, agent.Org)) // keep it where the office cannot write
	fmt.Println(r.Audit.VerifySince(ctx, admin, agent.Org, head))
	fmt.Println(must(r.Audit.Key(ctx, admin, agent.Org)) != "")
	// Output:
	// 1 org.created true
	// 2 agent.created true
	// 3 budget.allocated true
	// 4 grant.created true
	// 5 passport.issued true
	// <nil>
	// <nil>
	// true
}

// Events are what a host posts as mail or as webhooks, each at least once.
func ExampleEvents() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	examplePassport(r, admin, agent, grant)
	fmt.Println(len(must(r.Events.Read(ctx, registry.Root(), 0, 100))))

	for event, err := range r.Events.Subscribe(ctx, registry.Root(), must(r.Events.Acked(ctx, registry.Root(), "mailer"))) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(event.Type)
		if err := r.Events.Ack(ctx, registry.Root(), "mailer", event.Number); err != nil {
			log.Fatal(err)
		}
		if event.Type == "passport.issued" {
			break // Subscribe waits for the next one
		}
	}
	fmt.Println(must(r.Events.Acked(ctx, registry.Root(), "mailer")) > 0)
	// Output:
	// 5
	// org.created
	// agent.created
	// budget.allocated
	// grant.created
	// passport.issued
	// true
}

// A program calls with a key, whose secret is shown once.
func ExampleKeys() {
	ctx := context.Background()
	r, admin, agent, _ := exampleOffice()
	key, secret, err := r.Keys.Create(ctx, admin, registry.NewKey{Name: "deployment", Scopes: []registry.Scope{registry.ScopeRead}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(secret, len(secret.Reveal()) > 20) // printed by accident it shows nothing

	by := must(r.Authenticate(ctx, key.ID, secret.Reveal()))
	fmt.Println(must(r.Agents.Get(ctx, by, agent.ID)).Name)
	_, err = r.Agents.Suspend(ctx, by, agent.ID, registry.Suspension{})
	var refusal *registry.Error
	fmt.Println(errors.As(err, &refusal), refusal.Code, refusal.HTTPStatus() == refusal.Code.HTTPStatus())

	_, next, err := r.Keys.Rotate(ctx, admin, key.ID, time.Hour) // both serve for an hour
	fmt.Println(next.Reveal() == secret.Reveal(), err, len(must(r.Keys.List(ctx, admin, agent.Org))))
	must(r.Keys.Revoke(ctx, admin, key.ID, "it leaked"))
	// Output:
	// (secret) true
	// buyer
	// true MISSING_SCOPE true
	// false <nil> 1
}

// A call that makes something may be sent twice: under one key it makes one thing.
func ExampleActor_Once() {
	r, admin, agent, grant := exampleOffice()
	once := admin.Once("request-7")
	one, two := examplePassport(r, once, agent, grant), examplePassport(r, once, agent, grant)
	fmt.Println(one.ID == two.ID, admin.String() == once.String(), registry.Root())
	// Output: true true root
}

// An owner makes a key for an agent that acts on their account: an opaque handle, with a passport behind it.
func ExampleAgentKeys() {
	ctx := context.Background()
	r, admin, _, _ := exampleOffice()
	ada := must(r.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada", Email: "ada@example.org", DID: verifytest.Key("ada").DID()}))
	fmt.Println(ada.Principal() == verifytest.Key("ada").DID().String(), must(r.Owners.Get(ctx, admin, ada.ID)).Name)
	fmt.Println(len(must(r.Owners.List(ctx, admin, registry.OwnerQuery{})).Items))

	by := ada.Actor()
	key, handle, err := r.AgentKeys.Create(ctx, by, registry.NewAgentKey{Name: "my assistant", Scopes: []string{"agent:read"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(handle.Reveal()[:3], len(must(r.AgentKeys.List(ctx, by, ada.ID))))
	again, p, err := r.AgentKeys.Resolve(ctx, handle.Reveal()) // what arrived with a request
	fmt.Println(again.ID == key.ID, p.Status, err)

	must(r.AgentKeys.Revoke(ctx, by, key.ID, "a new phone"))
	_, p, err = r.AgentKeys.Get(ctx, by, key.ID)
	fmt.Println(p.Status, err)
	// Output:
	// true Ada
	// 2
	// ak- 1
	// true active <nil>
	// revoked <nil>
}

// A record stays while passports come and go. A change of what is signed makes a new one, and revokes the one before.
func ExampleRecords() {
	ctx := context.Background()
	r, admin, agent, _ := exampleOffice()
	ada := must(r.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada"}))
	made := must(r.Records.Create(ctx, admin, registry.NewRecord{
		Owner: ada.ID, Agent: agent.ID, Status: registry.Active,
		Profile: registry.Profile{Name: "Price finder", Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "data.read"}},
		}},
	}))
	first := made.Record.Passport
	name := "Price finder, version 2"
	made = must(r.Records.Update(ctx, admin, made.Record.ID, registry.Patch{Version: made.Record.Version, Name: &name}))
	fmt.Println(made.Record.Name, must(r.Passports.Get(ctx, admin, first)).Status, made.Record.Passport != first)

	_, err := r.Records.Update(ctx, admin, made.Record.ID, registry.Patch{Version: 1, Name: &name}) // from an old page
	fmt.Println(err)
	fmt.Println(must(r.Records.Renew(ctx, admin, made.Record.ID)).Record.Status, must(r.Records.Get(ctx, admin, made.Record.ID)).Level())
	fmt.Println(len(must(r.Records.List(ctx, admin, registry.RecordQuery{Owner: ada.ID})).Items))
	// Output:
	// Price finder, version 2 revoked true
	// VERSION_MISMATCH: Version: it is 2 by now
	// active L0
	// 1
}

// An office in a process of its own publishes when something was changed, and before lists are too old.
func ExampleRegistry_Run() {
	r, admin, agent, grant := exampleOffice()
	p := examplePassport(r, admin, agent, grant)
	ctx, stop := context.WithCancel(context.Background())
	published := make(chan string, 100)
	done := make(chan error)
	go func() {
		done <- r.Run(ctx, registry.RunOptions{To: announce{new(statuslist.Memory), published}})
	}()
	fmt.Println(<-published)
	stop()
	fmt.Println(errors.Is(<-done, context.Canceled))

	next := must(r.Lists.NextPublish(context.Background()))
	fmt.Println(!next.Before(nine))
	// For a verifier in the same process, without a delay:
	fetched, err := r.Lists.Source().StatusList(context.Background(), p.Places[0].List)
	fmt.Println(fetched != nil, err)
	// Output:
	// application/vc
	// true
	// true
	// true <nil>
}

// announce is a host of lists that says when one arrives.
type announce struct {
	statuslist.Target
	published chan<- string
}

func (a announce) Put(ctx context.Context, e *statuslist.Edition) error {
	a.published <- e.MediaType
	return a.Target.Put(ctx, e)
}

// Limits as APort writes them.
func ExampleParseFlatLimits() {
	l, err := registry.ParseFlatLimits([]byte(`{"max_export_rows": 1000, "allow_pii": false}`), registry.FlatMoney{})
	fmt.Println(l, err)
	// Output: {[max_export_rows 1000 allow_pii false] [] []} <nil>
}

// A signed head is bytes to be kept: two of one log are compared by VerifySince.
func ExampleAudit_Head() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	before := must(r.Audit.Head(ctx, admin, agent.Org))
	examplePassport(r, admin, agent, grant)
	after := must(r.Audit.Head(ctx, admin, agent.Org))
	fmt.Println(bytes.Equal(before, after), r.Audit.VerifySince(ctx, admin, agent.Org, before))
	// Output: false <nil>
}

package office_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/policy/eprospera"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var nine = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func now() time.Time { return nine }

// must stands for what a program does with an error, so that each Example reads as a story.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// exampleOffice is an office in memory: a file has its path in the place of Memory.
func exampleOffice(edits ...func(*registry.Config)) (db store.Store, r *registry.Registry, org *registry.Org) {
	ctx := context.Background()
	db = must(sqlite.Open(ctx, sqlite.Memory, sqlite.Options{}))
	c := registry.Config{
		Store: db.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example", Now: now,
	}
	for _, edit := range edits {
		edit(&c)
	}
	r = must(registry.Open(c))
	return db, r, must(r.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"}))
}

// examplePresent has the agent present its passport for an act.
func examplePresent(p *registry.Passport, act passport.Act) []byte {
	signed := must(credential.Parse([]byte(p.Credential)))
	return must(passport.Present(context.Background(), verifytest.Key("agent"), passport.Chain{signed},
		passport.Intent{Act: act}, "did:web:shop.example", passport.PresentOptions{Now: now})).Bytes()
}

// exampleBuyer is an agent with a passport, on a grant that may spend 100 USD in all.
func exampleBuyer(r *registry.Registry, org *registry.Org) (*registry.Agent, *registry.Passport, *registry.Grant) {
	ctx, admin := context.Background(), org.Admin()
	agent := must(r.Agents.Create(ctx, admin, registry.NewAgent{Name: "buyer", DID: verifytest.Key("agent").DID()}))
	grant := must(r.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: agent.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute"},
		ExpiresAt: nine.AddDate(0, 1, 0), Budget: passport.MustMoney("100.00", "USD"),
	}))
	pass := must(r.Passports.Issue(ctx, admin, registry.NewPassport{
		Agent: agent.ID, Grant: grant.ID, Categories: []string{"compute"},
		MaxTransaction: passport.MustMoney("60.00", "USD"),
	}))
	return agent, pass, grant
}

func exampleShop(r *registry.Registry, l verify.Ledger) *verify.Verifier {
	return must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: r.Issuer()}}, Resolver: did.KeyMethods(), Status: r.Lists.Source(), Now: now,
		Ledger: l,
	}))
}

func buys(amount string) passport.Act {
	return passport.Act{
		Action: "payments:mpp:compute", Amount: passport.MustMoney(amount, "USD"), Category: "compute", Rail: "tempo",
	}
}

// A shop in the same process as the office debits the budget of a grant, in the transaction that reserves an act.
func ExampleLedger() {
	ctx := context.Background()
	db, r, org := exampleOffice()
	_, pass, grant := exampleBuyer(r, org)
	ledger := must(office.Ledger(r, db.Ledger())) // the ledger of the store that the office is in
	shop := exampleShop(r, ledger)
	left := func() passport.Money { return must(r.Budgets.Balance(ctx, org.Admin(), grant.ID)).Remaining() }
	ask := func() (*verify.Decision, error) {
		q := verify.Request{Audience: "did:web:shop.example", Act: buys("60.00")}
		return shop.Verify(ctx, examplePresent(pass, q.Act), q)
	}
	d, err := ask()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Verdict, "and left meanwhile:", left())
	if err := d.CommitFor(ctx, passport.MustMoney("45.00", "USD")); err != nil { // it was cheaper
		log.Fatal(err)
	}
	fmt.Println("left:", left())
	d, _ = ask()
	fmt.Println(d.Verdict, d.Code())
	// Output:
	// allow and left meanwhile: 40.00 USD
	// left: 55.00 USD
	// deny ledger.budget_exceeded
}

// A portal serves agents that come with a key of their owner.
func ExampleGate() {
	ctx := context.Background()
	scopes := eprospera.Current() // which operation needs which scope
	db, r, org := exampleOffice(func(c *registry.Config) { c.AgentScopes = office.Scopes(scopes) })
	gate := &office.Gate{Office: r, Scopes: scopes, Now: now, Verifier: must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: r.Issuer()}}, Resolver: did.KeyMethods(), Status: r.Lists.Source(), Now: now,
		Ledger: db.Ledger(), Siblings: r.Consents, Operations: policy.Scopes{Registry: scopes},
		InsecureAllowBarePassports: true, // the handle shows who asks
	}))}
	ada := must(r.Owners.Create(ctx, org.Admin(), registry.NewOwner{Name: "Ada", DID: verifytest.Key("ada").DID()}))
	key, handle, err := r.AgentKeys.Create(ctx, ada.Actor(), registry.NewAgentKey{
		Name: "my assistant", Scopes: []string{eprospera.VerifyRPN},
	})
	if err != nil {
		log.Fatal(err)
	}
	request := func(operation, scope string) verify.Request {
		return verify.Request{
			Audience: "https://portal.example", Operation: operation, Act: passport.Act{Action: scope},
			ResourceOwner: ada.Principal(),
		}
	}
	for _, authorization := range []string{"Bearer " + handle.Reveal(), "Bearer ak-unknown", ""} {
		access, err := gate.Verify(ctx, authorization, request("POST /verify_rpn", eprospera.VerifyRPN))
		if err == nil { // do it
			err = access.Commit(ctx)
		}
		fmt.Printf("%d %q done: %t\n", access.HTTPStatus(), access.Code(), err == nil)
	}

	// What would be missing, for the owner: nothing is used up.
	report := must(gate.Explain(ctx, ada.Actor(), key.ID, request("GET /legal_entities/{id}", eprospera.EntityRead)))
	for _, v := range report.Violations {
		fmt.Println("would be refused:", v.Code, v.Actual)
	}
	// Output:
	// 200 "" done: true
	// 401 "proof.invalid" done: false
	// 401 "envelope.missing" done: false
	// would be refused: authority.scope_missing agent:entity.read
}

// A decision in the words of AIP-1, for a client that knows no others.
func ExampleAIP1View() {
	w := verifytest.NewWorld(&testing.T{})
	tooMuch := w.Intent(func(in *passport.Intent) { in.Amount = passport.MustMoney("50.01", "USD") })
	shown := w.Present(w.Issue(w.Passport()), tooMuch)
	d, _ := w.Verifier().Verify(context.Background(), shown, w.Request(func(q *verify.Request) { q.Act = tooMuch.Act }))
	view := office.AIP1View(d, office.AIP1ViewOptions{TrustScore: 0.8})
	view.LatencyMS = 1 // it is measured
	fmt.Println(string(must(json.MarshalIndent(view, "", "  "))))
	// Output:
	// {
	//   "verified": false,
	//   "tier": "tier_2",
	//   "signature_valid": true,
	//   "within_boundaries": false,
	//   "attestation_match": true,
	//   "revoked": false,
	//   "trust_score": 0.8,
	//   "latency_ms": 1,
	//   "errors": [
	//     {
	//       "code": "AIP-E202",
	//       "name": "MONETARY_LIMIT"
	//     }
	//   ],
	//   "detail": "more than one transaction may have"
	// }
}

// What an office shows of its agents' behaviour is what the verifiers on its store have seen.
func ExampleReputation() {
	ctx := context.Background()
	var db store.Store = must(sqlite.Open(ctx, sqlite.Memory, sqlite.Options{}))
	_, r, org := exampleOffice(func(c *registry.Config) {
		c.Store, c.Reputation = db.Registry(), office.Reputation(db, nil)
	})
	agent, pass, _ := exampleBuyer(r, org)
	show := func() {
		a := must(r.AIP1.Get(ctx, org.Admin(), "", agent.DID.String()))
		fmt.Printf("%d acts, %d violations, score %.2f\n", a.History.TotalIntents, a.History.Violations, a.TrustScore)
	}
	show()
	shop := exampleShop(r, db.Ledger())
	for _, amount := range []string{"1.00", "2.00", "3.00", "99.00"} { // the last one is above the passport's limit
		q := verify.Request{Audience: "did:web:shop.example", Act: buys(amount)}
		d, err := shop.Verify(ctx, examplePresent(pass, q.Act), q)
		if err == nil {
			err = d.Commit(ctx)
		}
		fmt.Println(amount, d.Verdict, err == nil)
	}
	show()
	// Output:
	// 0 acts, 0 violations, score 0.05
	// 1.00 allow true
	// 2.00 allow true
	// 3.00 allow true
	// 99.00 deny false
	// 4 acts, 1 violations, score 0.34
}

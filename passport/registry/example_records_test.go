package registry_test

import (
	"context"
	"fmt"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

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
	id, first := made.Record.ID, made.Record.Passport
	name := "Price finder, version 2"
	patch := registry.Patch{Version: made.Record.Version, Name: &name}
	made = must(r.Records.Update(ctx, admin, id, patch))
	fmt.Println(made.Record.Name, made.Record.Status)
	for _, c := range made.Changes {
		fmt.Println("changed:", c.Field, "from", c.Old)
	}
	fmt.Println("the passport before:", must(r.Passports.Get(ctx, admin, first)).Status)

	_, err := r.Records.Update(ctx, admin, id, patch) // from a page that is out of date
	fmt.Println(err)
	second := made.Record.Passport
	must(r.Records.Renew(ctx, admin, id)) // before it ends
	fmt.Println("renewed, and the one before:", must(r.Passports.Get(ctx, admin, second)).Status)
	p := must(r.Records.Get(ctx, admin, id))
	fmt.Println(p.Status, p.Level()) // nobody has vouched for Ada
	fmt.Println("her records:", len(must(r.Records.List(ctx, admin, registry.RecordQuery{Owner: ada.ID})).Items))
	// Output:
	// Price finder, version 2 active
	// changed: name from Price finder
	// the passport before: revoked
	// VERSION_MISMATCH: Version: it is 2 by now
	// renewed, and the one before: revoked
	// active L0
	// her records: 1
}

// Limits as APort writes them. What a bare number of money counts has to be said.
func ExampleParseFlatLimits() {
	limits := []byte(`{"max_export_rows": 1000, "allow_pii": false, "refund_amount_daily_cap": 5000}`)
	_, err := registry.ParseFlatLimits(limits, registry.FlatMoney{})
	fmt.Println(err)
	l := must(registry.ParseFlatLimits(limits, registry.FlatMoney{Currency: "USD", Units: registry.MinorUnits}))
	fmt.Println(l.Limits, l.Spend)
	// Output:
	// BAD_REQUEST: Limits: refund_amount_daily_cap: BAD_REQUEST: Currency: it is needed: the amount has none
	// [max_export_rows 1000 allow_pii false] [50.00 USD per day for finance.payment.refund]
}

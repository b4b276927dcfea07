package registry_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// A platform makes a passport of one template for each of its customers. None is wider than the template, and when the
// template becomes narrower they all do.
func ExampleRecords_Instantiate() {
	ctx := context.Background()
	r, admin, agent, _ := exampleOffice()
	perDay := func(amount string) *registry.Limits {
		return &registry.Limits{Spend: []passport.SpendLimit{
			{Money: passport.MustMoney(amount, "USD"), Per: passport.PerDay},
		}}
	}
	template := must(r.Records.Create(ctx, admin, registry.NewRecord{
		Owner: agent.Org, Agent: agent.ID, Status: registry.Active,
		Profile: registry.Profile{Name: "Shopping agent", Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge"}}, SpendLimits: perDay("500.00").Spend,
		}},
	}))
	instance := registry.NewInstance{
		Template: template.Record.ID, Tenant: registry.Tenant{Platform: "shop", Ref: "customer-1"}, Agent: agent.ID,
		Overrides: registry.Overrides{Limits: perDay("100.00"), Status: registry.Active},
	}
	made := must(r.Records.Instantiate(ctx, admin, instance))
	fmt.Println(made.Name, "may spend", made.Authority.SpendLimits)
	_, err := r.Records.Instantiate(ctx, admin, instance)
	fmt.Println("one for each customer:", errors.Is(err, registry.Exists))

	instance.Tenant.Ref, instance.Overrides.Limits = "customer-2", perDay("900.00")
	_, err = r.Records.Instantiate(ctx, admin, instance)
	fmt.Println("wider than the template:", errors.Is(err, registry.Widened))

	must(r.Records.Update(ctx, admin, template.Record.ID, registry.Patch{
		Version: registry.AnyVersion, Limits: perDay("50.00"),
	}))
	list := must(r.Records.List(ctx, admin, registry.RecordQuery{Template: template.Record.ID})).Items
	fmt.Println("after the template was narrowed:", list[0].Authority.SpendLimits)
	// Output:
	// Shopping agent may spend [100.00 USD per day]
	// one for each customer: true
	// wider than the template: true
	// after the template was narrowed: [50.00 USD per day]
}

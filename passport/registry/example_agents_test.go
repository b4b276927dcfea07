package registry_test

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// An organisation renames an agent, narrows what may be granted to it, and goes through its agents and their grants.
func ExampleAgents() {
	ctx := context.Background()
	clock := verifytest.NewClock(nine)
	r, admin, buyer, _ := exampleOffice(func(c *registry.Config) { c.Now = clock.Now })
	clock.Advance(time.Minute)
	must(r.Agents.Create(ctx, admin, registry.NewAgent{Name: "reporter", DID: verifytest.Key("reporter").DID()}))

	name, scopes := "buyer of compute", []string{"payments:mpp:compute"}
	must(r.Agents.Update(ctx, admin, buyer.ID, registry.AgentPatch{Name: &name, Scopes: &scopes}))
	_, err := r.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: buyer.ID, Principal: "mailto:ada@example.org", Scopes: []string{"files.delete"},
		ExpiresAt: nine.AddDate(0, 1, 0),
	})
	fmt.Println(err)

	for q := (registry.AgentQuery{Limit: 1}); ; {
		page := must(r.Agents.List(ctx, admin, q))
		for _, a := range page.Items {
			fmt.Println(a.Name, a.Status)
			for _, g := range must(r.Grants.List(ctx, admin, registry.GrantQuery{Agent: a.ID})).Items {
				fmt.Println("  by", g.Principal, g.Scopes, g.Status)
			}
		}
		if page.Next == "" {
			break
		}
		q.Cursor = page.Next
	}
	// Output:
	// WIDENED: Scopes: the agent may not be granted "files.delete"
	// reporter active
	// buyer of compute active
	//   by mailto:ada@example.org [payments:mpp:compute data.*] active
}

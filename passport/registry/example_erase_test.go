package registry_test

import (
	"context"
	"fmt"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// A person asks to be forgotten. What is theirs ends, what says who they are is erased, and the audit log, which names
// them, is whole as before.
func ExampleOwners_Erase() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	ada := must(r.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada", Email: "ada@example.org"}))
	pass := examplePassport(r, admin, agent, grant) // on a grant of mailto:ada@example.org

	erased := must(r.Owners.Erase(ctx, admin, registry.Erasure{Owner: ada.ID, Reason: "request 7"}))
	fmt.Println("it is a line of the log:", erased.AuditID != "")
	ada = must(r.Owners.Get(ctx, admin, ada.ID))
	fmt.Printf("name %q, address %q\n", ada.Name, ada.Email)
	fmt.Println("granted by", must(r.Grants.Get(ctx, admin, grant.ID)).Principal)
	pass = must(r.Passports.Get(ctx, admin, pass.ID))
	fmt.Printf("her passport is %s, and its text is %q\n", pass.Status, pass.Credential)
	fmt.Println("what is wrong with the log:", r.Audit.Verify(ctx, admin, agent.Org))
	// Output:
	// it is a line of the log: true
	// name "", address ""
	// granted by urn:safeconduct:erased
	// her passport is revoked, and its text is ""
	// what is wrong with the log: <nil>
}

package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A person signs that agents may act for them. Keys that write stand on it, and end when it is withdrawn.
func ExampleConsents() {
	ctx := context.Background()
	r, admin, _, _ := exampleOffice()
	pair := verifytest.Key("ada") // in Ada's wallet
	ada := must(r.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada", DID: pair.DID()}))
	writes := registry.NewAgentKey{Name: "my assistant", Scopes: []string{"agent:write"}}
	_, _, err := r.AgentKeys.Create(ctx, ada.Actor(), writes)
	fmt.Println("without her signature:", errors.Is(err, registry.ConsentRequired))

	o := passport.IssueOptions{Now: func() time.Time { return nine }}
	entry := []statuslist.Entry{{Purpose: statuslist.Revocation, URL: "https://ada.example/status/1", Index: 94567}}
	will := must(passport.IssueManifestation(ctx, pair, passport.Manifestation{
		StatementDigest: passport.Digest([]byte("Agents may act for me.")), Status: entry,
	}, o))
	terms := must(passport.IssueAcceptance(ctx, pair, passport.Acceptance{
		Agreement: "https://shop.example/terms", Version: "3", Kind: "Resident",
		TextDigest: passport.Digest([]byte("The terms.")), AcceptedAt: nine, Status: entry,
	}, o))
	given := must(r.Consents.Give(ctx, ada.Actor(), registry.Signing{
		Credentials: [][]byte{will.Bytes(), terms.Bytes()},
	}))
	key, _, err := r.AgentKeys.Create(ctx, ada.Actor(), writes)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("with it:", key.Status)

	// What a verifier asks for that has r.Consents as its Config.Siblings.
	signed := must(r.Consents.Sibling(ctx, given[0].ID, given[0].Digest))
	fmt.Println("a sibling as it was signed:", string(signed) == string(will.Bytes()))
	fmt.Println("agreements accepted:", len(must(r.Consents.Acceptances(ctx, ada.Principal()))))

	must(r.Consents.Withdraw(ctx, ada.Actor(), given[0].ID, "I do it myself"))
	key, _, err = r.AgentKeys.Get(ctx, ada.Actor(), key.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("withdrawn:", key.Status)
	kinds := map[registry.ConsentType]registry.Status{}
	for _, c := range must(r.Consents.List(ctx, admin, ada.ID)) {
		kinds[c.Type] = c.Status
	}
	fmt.Println(kinds)
	// Output:
	// without her signature: true
	// with it: active
	// a sibling as it was signed: true
	// agreements accepted: 1
	// withdrawn: revoked
	// map[acceptance:active will:revoked]
}

package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A bank issues a passport for a customer who has no account at the office. She gets a ticket by mail, and claims the
// passport for the key of her own agent.
func ExampleRecords_Claim() {
	ctx, root := context.Background(), registry.Root()
	r, _, _, _ := exampleOffice()
	bank := must(r.Orgs.Create(ctx, root, registry.NewOrg{Name: "Example Bank"}))
	must(r.Orgs.SetIssuesForOthers(ctx, root, bank.ID, true))
	must(r.Orgs.SetProviders(ctx, bank.Admin(), bank.ID, []registry.Provider{
		{Type: "kyc", Level: passport.L2, Standard: "a video call"},
	}))
	seen := registry.Attestation{
		Type: "kyc", Level: passport.L2,
		Proof: registry.Proof{VerificationID: "case-17", VerifiedAt: nine.AddDate(0, 0, -1)},
	}
	made := must(r.Records.IssueFor(ctx, bank.Admin(), registry.NewForOwner{
		Pending: registry.PendingOwner{Email: "ada@example.org", DisplayName: "Ada"}, Assurance: seen,
		Profile: registry.Profile{
			Name: "Ada's buyer", Role: "buyer", Description: "It buys books.", Contact: "help@bank.example",
			Authority: passport.Authority{
				Capabilities: []passport.Capability{{Action: "books.buy"}}, Regions: []string{"EE"},
			},
		},
		Status: registry.Active,
	}))
	fmt.Println("issued:", made.Level(), "passport:", made.Record.Passport != "") // for which key is not known yet

	_, ticket, err := r.Records.Ticket(ctx, root, made.Record.ID) // the host puts it into a mail
	if err != nil {
		log.Fatal(err)
	}
	agent := verifytest.Key("ada's agent") // where Ada is
	proof := must(registry.ProveClaim(ctx, agent, "https://issuer.example", ticket.Reveal()))
	claim := registry.Claim{Ticket: ticket.Reveal(), Proof: proof}
	claimed := must(r.Records.Claim(ctx, claim))
	fmt.Println("claimed:", claimed.Record.Status, "passport:", claimed.Record.Passport != "")
	owner := must(r.Owners.Get(ctx, bank.Admin(), claimed.Record.Owner))
	fmt.Println(owner.Name, owner.Assured.Level, "by", owner.Assured.Method)

	_, err = r.Records.Claim(ctx, claim)
	fmt.Println("once more:", errors.Is(err, registry.Unauthenticated))
	// Output:
	// issued: L2 passport: false
	// claimed: active passport: true
	// Ada L2 by kyc
	// once more: true
}

// An organisation that may vouch for people says how it has identified one: it counts for what is made for them.
func ExampleOwners_Attest() {
	ctx, root := context.Background(), registry.Root()
	r, admin, agent, _ := exampleOffice()
	must(r.Orgs.SetIssuesForOthers(ctx, root, agent.Org, true))
	must(r.Orgs.SetProviders(ctx, admin, agent.Org, []registry.Provider{{Type: "kyc", Level: passport.L2}}))
	for _, p := range must(r.Orgs.Get(ctx, admin, "")).Providers {
		fmt.Println("vouches for", p.Type, p.Level)
	}
	ada := must(r.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada"}))
	proof := registry.Proof{VerificationID: "case-17", VerifiedAt: nine}
	_, err := r.Owners.Attest(ctx, admin, ada.ID, registry.Attestation{Type: "kyc", Level: passport.L3, Proof: proof})
	fmt.Println(err)
	ada = must(r.Owners.Attest(ctx, admin, ada.ID, registry.Attestation{Type: "kyc", Level: passport.L2, Proof: proof}))
	fmt.Println(ada.Name, ada.Assured.Level)
	// Output:
	// vouches for kyc L2
	// INVALID_ASSURANCE: Assurance: "kyc" at "L3" is not one of the organisation's providers
	// Ada L2
}

// What a wallet signs that makes the proof itself, for the domain of the office: see ProveClaim.
func ExampleClaimChallenge() {
	fmt.Println(registry.ClaimChallenge("ap_01KAHMGZ40XW7H3B9T0000EXAMPLE.c2VjcmV0"))
	// Output: HgURv3EBFxyOJ7iUbrxy5l8RGeYS-W8qNQyC4bvE204
}

package passport_test

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// An issuer gives an agent a passport to charge at most 50 dollars at a time,
// and the agent shows it to a shop with what it is about to do.
func Example() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	issuer, _ := did.GenerateKey()
	agent, _ := did.GenerateKey()

	signed, err := passport.Issue(ctx, issuer, &passport.Passport{
		Agent:          agent.DID(),
		HumanPrincipal: "mailto:ada@example.org",
		Status:         []statuslist.Entry{{Purpose: statuslist.Revocation, URL: "https://issuer.example/status/1", Index: 94567}},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}},
			Categories:     []string{"compute"},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
		},
	}, passport.IssueOptions{Now: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := passport.Present(ctx, agent, passport.Chain{signed}, passport.Intent{
		Act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute"},
	}, "did:web:shop.example", passport.PresentOptions{Now: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(shown.Unverified().Type, "until", signed.Unverified().ValidUntil.Format(time.RFC3339))
	// Output: [VerifiablePresentation AgentPresentation] until 2026-11-22T09:00:00Z
}

package verify_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// A shop decides on a payment, commits it, and refuses the next one, which is
// beyond what the passport has left for the day.
func Example() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	pass, agent, issuer, lists := issued(now)

	v, err := verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: issuer}},
		Resolver: did.KeyMethods(),
		Status:   lists,
		Ledger:   ledger.NewMemory(ledger.Options{}),
		Now:      now,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, price := range []string{"15.00", "10.00"} {
		act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney(price, "USD")}
		shown, err := passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, "did:web:shop.example", passport.PresentOptions{Now: now})
		if err != nil {
			log.Fatal(err)
		}
		decision, err := v.Verify(ctx, shown.Bytes(), verify.Request{Audience: "did:web:shop.example", Act: act})
		var refusal *verify.Refusal
		switch {
		case err == nil:
			fmt.Println(act.Amount, decision.Verdict)
			if err := decision.Commit(ctx); err != nil { // it was done
				log.Fatal(err)
			}
		case errors.As(err, &refusal):
			fmt.Println(act.Amount, refusal.Verdict, refusal.Code())
		}
	}
	// Output:
	// 15.00 USD allow
	// 10.00 USD deny ledger.budget_exceeded
}

// Explain tells what would be decided, and why, without using anything up.
func ExampleVerifier_Explain() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	pass, agent, issuer, lists := issued(now)
	v, err := verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer}}, Resolver: did.KeyMethods(), Status: lists,
		Ledger: ledger.NewMemory(ledger.Options{}), Now: now,
	})
	if err != nil {
		log.Fatal(err)
	}
	act := passport.Act{Action: "data.read"}
	shown, err := passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, "did:web:shop.example", passport.PresentOptions{Now: now})
	if err != nil {
		log.Fatal(err)
	}
	report := v.Explain(ctx, shown.Bytes(), verify.Request{Audience: "did:web:shop.example", Act: act})
	fmt.Println("would be:", report.WouldBe)
	for i := range report.Violations {
		fmt.Println(report.Violations[i].Code, "-", report.Violations[i].Detail)
	}
	// Output:
	// would be: deny
	// authority.action_not_allowed - no capability covers this action
}

// issued makes a passport with a budget of 20 dollars a day, its agent, its
// issuer and the issuer's published list.
func issued(now func() time.Time) (pass *credential.Signed, agent *did.KeyPair, issuer did.DID, lists statuslist.Source) {
	ctx := context.Background()
	signer, err := did.GenerateKey()
	if err != nil {
		log.Fatal(err)
	}
	if agent, err = did.GenerateKey(); err != nil {
		log.Fatal(err)
	}
	bits, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation})
	if err != nil {
		log.Fatal(err)
	}
	index, err := bits.Allocate()
	if err != nil {
		log.Fatal(err)
	}
	entry, err := bits.Entry(index)
	if err != nil {
		log.Fatal(err)
	}
	pass, err = passport.Issue(ctx, signer, &passport.Passport{
		Agent:  agent.DID(),
		Status: []statuslist.Entry{entry},
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge"}},
			SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}},
		},
	}, passport.IssueOptions{Now: now})
	if err != nil {
		log.Fatal(err)
	}
	editions, err := bits.Publish(ctx, signer, statuslist.PublishOptions{Now: now()})
	if err != nil {
		log.Fatal(err)
	}
	return pass, agent, signer.DID(), editions.Static()
}

package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

func main() {
	ctx := context.Background()
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())

	// The issuer: a list of revocations, and a passport for an agent.
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	place := must(bits.Entry(must(bits.Allocate())))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent:  agent.DID(),
		Status: []statuslist.Entry{place},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
		},
	}, passport.IssueOptions{}))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: time.Now()}))

	// The agent: what it is about to do, signed for one audience.
	act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD")}
	shown := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, "did:web:shop.example", passport.PresentOptions{}))

	// The shop: its own question, decided on the spot.
	v := must(verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: issuer.DID()}},
		Resolver: did.KeyMethods(),
		Status:   lists.Static(),
		Ledger:   ledger.NewMemory(ledger.Options{}),
		Payments: []string{"payments.*"}, // they must say what they cost
	}))
	decision, err := v.Verify(ctx, shown.Bytes(), verify.Request{Audience: "did:web:shop.example", Act: act})
	check(err) // err is nil if and only if the act is allowed
	fmt.Println(decision.Verdict, decision.Intent.Action, decision.Intent.Amount)
	check(decision.Commit(ctx)) // it was done; Release gives the budget back
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

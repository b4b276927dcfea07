package main

import (
	"context"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// parties sets the scene: a verifier that trusts an issuer, and an agent with
// a passport from there. The quickstart goes through it line by line.
func parties(now func() time.Time) (*verify.Verifier, did.Signer, passport.Chain) {
	ctx := context.Background()
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Name: "Ada's buyer", HumanPrincipal: "mailto:ada@example.org",
		Status: []statuslist.Entry{must(bits.Entry(must(bits.Allocate())))},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}},
			Categories:     []string{"compute"},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
		},
	}, passport.IssueOptions{Now: now}))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: now()}))
	verifier := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(),
		Status: lists.Static(),
		Ledger: ledger.NewMemory(ledger.Options{}), Payments: []string{"payments.*"}, Now: now}))
	return verifier, agent, passport.Chain{pass}
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

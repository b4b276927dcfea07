package shield_test

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

const office = "did:web:mail.example"

// mailAgent returns a verifier, and an agent that presents what it is about to
// do with a passport for mail.send.
func mailAgent() (*verify.Verifier, func(passport.Intent) []byte) {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), HumanPrincipal: "mailto:ada@example.org",
		Status:    []statuslist.Entry{must(bits.Entry(must(bits.Allocate())))},
		Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "mail.send"}}},
	}, passport.IssueOptions{Now: now}))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: now()}))
	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Now: now,
		Status: lists.Static(),
		Ledger: ledger.NewMemory(ledger.Options{}),
	}))
	return v, func(in passport.Intent) []byte {
		return must(passport.Present(ctx, agent, passport.Chain{pass}, in, office, passport.PresentOptions{Now: now})).Bytes()
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

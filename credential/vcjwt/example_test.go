package vcjwt_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// A passport is issued as vc+jwt, shown as vp+jwt, and verified by a verifier
// that lists the format.
func Example() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())

	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	entry := must(bits.Entry(must(bits.Allocate())))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: now()}))

	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), HumanPrincipal: "mailto:ada@example.org",
		Status:    []statuslist.Entry{entry},
		Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "data.read"}}},
	}, passport.IssueOptions{Now: now, Format: vcjwt.Format()}))

	act := passport.Act{Action: "data.read"}
	shown := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act},
		"did:web:shop.example", passport.PresentOptions{Now: now, Format: vcjwt.Format()}))

	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(),
		Status: lists.Static(),
		Ledger: ledger.NewMemory(ledger.Options{}), Now: now,
		Formats: []credential.Format{vcjwt.Format()},
	}))
	d, err := v.Verify(ctx, shown.Bytes(), verify.Request{Audience: "did:web:shop.example", Act: act})
	fmt.Println(pass.MediaType(), shown.MediaType(), d.Verdict, err)
	// Output: application/vc+jwt application/vp+jwt allow <nil>
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

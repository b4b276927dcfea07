// Limits raises an agent's daily limit, and shows what happens to its budget.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

const shop = "did:web:shop.example"

func main() { run(os.Stdout) }

func run(out io.Writer) {
	ctx, start := context.Background(), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	clock := start
	now := func() time.Time { return clock }
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	list := must(statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	folder := must(os.MkdirTemp("", "limits"))
	defer os.RemoveAll(folder)
	publish := func() {
		clock = clock.Add(time.Second)
		for _, e := range must(list.Publish(ctx, issuer, statuslist.PublishOptions{Now: now()})) {
			check(statuslist.Dir(folder).Put(ctx, e))
		}
	}
	issue := func(perDay string) (*credential.Signed, statuslist.Entry) {
		place := must(list.Entry(must(list.Allocate())))
		return must(passport.Issue(ctx, issuer, &passport.Passport{
			Agent: agent.DID(), Status: []statuslist.Entry{place},
			Authority: passport.Authority{
				Capabilities: []passport.Capability{{Action: "payments.charge"}},
				SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney(perDay, "USD"), Per: passport.PerDay}},
			},
		}, passport.IssueOptions{Now: now})), place
	}
	shopVerifier := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Status: statuslist.Dir(folder),
		Ledger: ledger.NewMemory(ledger.Options{}), Payments: []string{"payments.*"}, Now: now,
	}))
	pay := func(what string, pass *credential.Signed, amount string) {
		act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney(amount, "USD")}
		shown := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, shop, passport.PresentOptions{Now: now}))
		d, err := shopVerifier.Verify(ctx, shown.Bytes(), verify.Request{Audience: shop, Act: act})
		if err == nil {
			check(d.Commit(ctx))
		}
		fmt.Fprintln(out, strings.TrimSpace(fmt.Sprintf("%s: %s USD: %s %s", what, amount, d.Verdict, d.Code())))
	}

	first, place := issue("50.00")
	publish()
	pay("50 a day", first, "40.00")
	pay("50 a day", first, "20.00")

	second, _ := issue("100.00") // limits are signed: other limits are another passport
	pay("100 a day, beside the old one", second, "90.00")
	pay("50 a day, still good", first, "10.00")

	check(list.Set(place.Index, 1))
	publish()
	pay("50 a day, revoked", first, "0.01")
	pay("100 a day", second, "10.00")
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

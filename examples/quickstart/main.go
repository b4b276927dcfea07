// Quickstart: an issuer gives an agent a passport, the agent shows it to a
// shop, and the shop decides on the spot, with no server and no network.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

const shop = "did:web:shop.example" // how agents name the shop: the audience

var stamp = map[verify.Outcome]string{verify.Passed: "[✓]", verify.Failed: "[✗]", verify.NotReached: "[ ]"}

func main() { run(os.Stdout, must(os.MkdirTemp("", "status"))) }

func run(out io.Writer, folder string) {
	defer os.RemoveAll(folder)
	ctx := context.Background()
	clock := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }

	// Who: an issuer and an agent, each with a key. A did:key is its own key.
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())

	// The issuer keeps one bit per passport and publishes the bits, signed. A
	// folder will do; so would any web host.
	lists := statuslist.Dir(folder)
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	publish := func() {
		check(must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: now()})).PutTo(ctx, lists))
	}
	index := must(bits.Allocate())

	// What: the passport. Everything that it does not grant is refused.
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Name: "Ada's buyer", HumanPrincipal: "mailto:ada@example.org",
		Status: []statuslist.Entry{must(bits.Entry(index))},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}},
			Categories:     []string{"compute"},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
		},
	}, passport.IssueOptions{Now: now}))
	fmt.Fprintf(out, "The issuer lets the agent \"Ada's buyer\" do payments.charge for compute, at most 50.00 USD "+
		"each, until %s, which is a day from now here.\nThe shop decides, offline:\n",
		pass.Unverified().ValidUntil.Format("2 January 2006 15:04 MST"))
	publish()
	// The shop: whom it trusts, where keys and lists are, and a memory.
	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Status: lists,
		Ledger: ledger.NewMemory(ledger.Options{}), Payments: []string{"payments.*"}, Now: now}))

	charge := func(amount string) passport.Act {
		return passport.Act{Action: "payments.charge", Amount: passport.MustMoney(amount, "USD"), Category: "compute"}
	}
	show := func(amount string) []byte { // the agent signs what it is about to do
		in := passport.Intent{Act: charge(amount)}
		return must(passport.Present(ctx, agent, passport.Chain{pass}, in, shop, passport.PresentOptions{Now: now})).Bytes()
	}
	decide := func(title string, presented []byte, amount string) { // the shop asks its own question
		d, err := v.Verify(ctx, presented, verify.Request{Audience: shop, Act: charge(amount)})
		fmt.Fprintf(out, "\n%s: %s\n ", title, d.Verdict)
		for _, s := range d.Steps {
			fmt.Fprintf(out, " %s %s", stamp[s.Outcome], s.Name)
		}
		if err != nil { // err is nil if and only if the act is allowed
			fmt.Fprintf(out, "\n  %v", &d.Violations[0])
		}
		fmt.Fprintln(out)
	}
	good := show("12.50")
	decide("Buy for 12.50 USD", good, "12.50")
	decide("Show the same presentation again", good, "12.50")
	decide("Buy for 50.01 USD", show("50.01"), "50.01")
	fresh := show("12.50")
	decide("Change one byte, 50.00 to 90.00", bytes.Replace(fresh, []byte("50.00"), []byte("90.00"), 1), "12.50")

	// The issuer takes it back: one bit, published anew.
	clock = clock.Add(time.Minute)
	check(bits.Set(index, 1))
	publish()
	decide("After the issuer has revoked it", fresh, "12.50")
}

func must[T any](v T, err error) T { check(err); return v }
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

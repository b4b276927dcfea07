// Revoke stops one agent, ten thousand of them, an organisation and everything, and shows what
// each costs.
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
	ctx, clock := context.Background(), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	folder := must(os.MkdirTemp("", "revoke"))
	defer os.RemoveAll(folder)

	// Two lists: what is revoked stays revoked, what is suspended comes back.
	revoked := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation,
	}))
	suspended := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/2", Purpose: statuslist.Suspension,
	}))
	publish := func() {
		clock = clock.Add(time.Second)
		for _, list := range []*statuslist.Publisher{revoked, suspended} {
			for _, e := range must(list.Publish(ctx, issuer, statuslist.PublishOptions{Now: clock, TTL: time.Minute})) {
				check(statuslist.Dir(folder).Put(ctx, e))
			}
		}
	}

	// The switches: a place that all passports of an organisation carry, and one that all carry.
	switchOf := func(list *statuslist.Publisher, scope statuslist.Scope, id string) statuslist.Entry {
		e := must(list.Entry(must(list.Allocate())))
		e.ID = statuslist.SafeconductID{Scope: scope, ULID: id}.String()
		return e
	}
	acme := switchOf(revoked, statuslist.ScopeOrganization, "01JD6XACME0000000000000000")
	all := switchOf(suspended, statuslist.ScopeIssuer, "01JD6XEVERY000000000000000")
	issue := func(more ...statuslist.Entry) (*credential.Signed, int) {
		place := must(revoked.Allocate())
		return must(passport.Issue(ctx, issuer, &passport.Passport{
			Agent: agent.DID(), Status: append([]statuslist.Entry{must(revoked.Entry(place)), all}, more...),
			Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "data.read"}}},
		}, passport.IssueOptions{Now: now})), place
	}
	one, place := issue()
	ofAcme, _ := issue(acme)
	other, _ := issue()
	var places []int // of ten thousand others
	for range 10_000 {
		places = append(places, must(revoked.Allocate()))
	}

	bounds := verify.Bounds{StatusAge: 10 * time.Minute} // a list that is older is not believed
	verifier := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Status: statuslist.Dir(folder),
		Ledger: ledger.NewMemory(ledger.Options{}), Bounds: bounds, Now: now,
	}))
	ask := func(who string, pass *credential.Signed) {
		act := passport.Act{Action: "data.read"}
		shown := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, shop,
			passport.PresentOptions{Now: now}))
		d, _ := verifier.Verify(ctx, shown.Bytes(), verify.Request{Audience: shop, Act: act})
		fmt.Fprintln(out, strings.TrimSpace(fmt.Sprintf("%s: %s %s", who, d.Verdict, d.Code())))
	}

	publish()
	ask("one", one)
	check(revoked.Set(place, 1))
	for _, place := range places {
		check(revoked.Set(place, 1))
	}
	publish()
	ask("one", one)
	ask("of acme", ofAcme)
	check(revoked.Set(acme.Index, 1))
	publish()
	ask("of acme", ofAcme)
	ask("another", other)
	check(suspended.Set(all.Index, 1))
	publish()
	ask("another", other)
	check(suspended.Clear(all.Index))
	publish()
	ask("another", other)
	clock = clock.Add(11 * time.Minute) // and nothing could be fetched
	ask("another", other)
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

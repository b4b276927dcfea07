// Consent: an agent acts for a person who has signed that it may. What writes
// needs that signature, an agreement has to be accepted first, and when the
// person withdraws, the agent's key stops.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/policy"
)

const registry = "did:web:registry.example" // the service that is asked

func main() { run(os.Stdout) }

func run(out io.Writer) {
	ctx := context.Background()
	clock := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	opts := passport.IssueOptions{Now: now}
	issuer, ada, agent := must(did.GenerateKey()), must(did.GenerateKey()), must(did.GenerateKey())

	// Issuer and person keep a status list each.
	lists := new(statuslist.Memory)
	list := func(url string) *statuslist.Publisher {
		return must(statuslist.NewPublisher(statuslist.PublisherOptions{URL: url, Purpose: statuslist.Revocation}))
	}
	place := func(p *statuslist.Publisher) statuslist.Entry {
		return must(p.Entry(must(p.Allocate())))
	}
	publish := func(p *statuslist.Publisher, by did.Signer) {
		check(must(p.Publish(ctx, by, statuslist.PublishOptions{Now: now()})).PutTo(ctx, lists))
	}
	issuers, adas := list("https://issuer.example/status/1"), list("https://ada.example/status/1")

	// Ada signs her Manifestation of Will; the agent's passport stands on it.
	ofWill := place(adas)
	will := must(passport.IssueManifestation(ctx, ada, passport.Manifestation{
		StatementDigest: passport.Digest([]byte("My agents may file applications for me.")), Status: []statuslist.Entry{ofWill}}, opts))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Name: "Ada's clerk", HumanPrincipal: ada.DID().String(), Consent: must(passport.ConsentTo(will)),
		Status:    []statuslist.Entry{place(issuers)},
		Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "applications.read"}, {Action: "applications.create"}}}}, opts))
	publish(issuers, issuer)
	publish(adas, ada)

	// The service says what its operations need: data, not code.
	scopes := must(policy.NewScopeRegistry("2026-11", []policy.Scope{
		{ID: "applications.read", Operations: []string{"read"}},
		{ID: "applications.create", Operations: []string{"create"}, Write: true, NeedsConsent: true, Obligations: []policy.ScopeObligation{
			{Kind: verify.SignAgreement, Attribute: "residency", Next: "https://registry.example/agreements/resident"}}},
	}))
	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Status: lists, Now: now,
		Operations: policy.Scopes{Registry: scopes},
		Ledger:     ledger.NewMemory(ledger.Options{})}))

	kind := must(credential.ParseValue(`{"residency":"Resident"}`)) // an attribute of the request
	try := func(title, operation string, siblings ...*credential.Signed) {
		act := passport.Act{Action: "applications." + operation, Attributes: kind}
		vp := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, registry,
			passport.PresentOptions{Now: now, Siblings: siblings}))
		d, _ := v.Verify(ctx, vp.Bytes(), verify.Request{Audience: registry, Operation: operation, Act: act})
		fmt.Fprintf(out, "%s: %s\n", title, d.Verdict)
		for _, why := range d.Violations {
			fmt.Fprintln(out, " ", why.Error()) // an obligation is in d.Obligations too
		}
	}
	try("Read the applications", "read", will)
	try("File one, and leave Ada's will at home", "create")
	try("File one, with her will", "create", will)
	accepted := must(passport.IssueAcceptance(ctx, ada, passport.Acceptance{Agreement: "https://registry.example/agreements/resident",
		Version: "3", Kind: "Resident", TextDigest: passport.Digest([]byte("the text of the agreement"))}, opts))
	try("File one, now that she has signed the agreement", "create", will, accepted)

	clock = clock.Add(time.Hour) // Ada thinks better of it: one bit on her own list
	check(adas.Set(ofWill.Index, 1))
	publish(adas, ada)
	try("File another, after she has withdrawn", "create", will, accepted)
	try("Read, after she has withdrawn", "read", will)
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

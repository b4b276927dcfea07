package passport_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

var exampleTime = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// examplePair is a key that is the same in each run. Real keys come from did.GenerateKey.
func examplePair(seed byte) *did.KeyPair {
	pair, err := did.NewKeyPair(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
	if err != nil {
		log.Fatal(err)
	}
	return pair
}

// exampleChain is a passport of examplePair(2), who may let others charge a part of what it may charge.
func exampleChain() passport.Chain {
	p := examplePassport(examplePair(2).DID())
	p.ID = "urn:safeconduct:passport:01JD7Q8Z5W9VYJ7T3M6K4B2N1C"
	p.Authority.MaxDelegationDepth = 1
	p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerDay}}
	signed, err := passport.Issue(context.Background(), examplePair(1), p, passport.IssueOptions{Now: func() time.Time { return exampleTime }})
	if err != nil {
		log.Fatal(err)
	}
	return passport.Chain{signed}
}

// An agent gives another a part of what it may do. No issuer is asked, and more than it has it cannot give.
func ExampleDelegate() {
	ctx := context.Background()
	o := passport.IssueOptions{Now: func() time.Time { return exampleTime }, Lifetime: time.Hour}
	child := &passport.Passport{
		Agent:  examplePair(3).DID(),
		Status: []statuslist.Entry{{Purpose: statuslist.Revocation, URL: "https://agent.example/status/1", Index: 7}},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}},
			Categories:     []string{"compute"},
			MaxTransaction: passport.MustMoney("20.00", "USD"),
		},
	}
	chain, err := passport.Delegate(ctx, exampleChain(), examplePair(2), child, o)
	if err != nil {
		log.Fatal(err)
	}
	changes, err := chain.Narrows() // for a person: what the last hop took away
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range changes {
		fmt.Printf("%s: %s -> %s\n", c.Facet, c.Before, c.After)
	}
	leaf, err := passport.ReadUnverified(chain[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("delegated:", leaf.Delegated(), "depth", leaf.DelegationDepth)

	child.Authority.MaxTransaction = passport.MustMoney("60.00", "USD")
	_, err = passport.Delegate(ctx, exampleChain(), examplePair(2), child, o)
	fmt.Println(err)
	// Output:
	// spendLimits: 100.00 USD per day, 50.00 USD per transaction -> 100.00 USD per day, 20.00 USD per transaction
	// maxDelegationDepth: 1 -> none
	// delegated: true depth 1
	// delegation.widened at /maxTransactionAmount: wider than the passport above allows (limit 50.00 USD per transaction, actual 60.00 USD per transaction)
}

// Two authorities are compared facet by facet. The error names the first that is wider.
func ExampleAuthority_Narrows() {
	above := passport.Authority{
		Capabilities: []passport.Capability{{Action: "data.*"}, {Action: "payments.charge"}},
		SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerDay}},
		Regions:      []string{"DE", "FR"},
	}
	below := passport.Authority{Capabilities: []passport.Capability{{Action: "data.read"}}, Regions: []string{"DE-BY"}}
	fmt.Println(below.Narrows(&above))

	below.Regions = []string{"DE-BY", "US"}
	fmt.Println(below.Narrows(&above))

	// A grant that is not stated is nothing. InheritGrants states what is above.
	fmt.Println(len(below.SpendLimits), below.InheritGrants(&above).SpendLimits)
	// Output:
	// <nil>
	// delegation.widened at /regions: wider than the passport above allows (limit one of ["DE" "FR"], actual US)
	// 0 [100.00 USD per day]
}

// What a chain allows together, for programs that show it.
func ExampleEffective() {
	root := passport.Authority{
		Capabilities: []passport.Capability{{Action: "data.read"}, {Action: "payments.charge"}},
		SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerDay}},
		Assurance:    passport.Assurance{Level: passport.L2},
	}
	link := passport.Authority{
		Capabilities: []passport.Capability{{Action: "payments.charge"}},
		SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney("10.00", "USD"), Per: passport.PerDay}},
	}
	all := root.Effective()
	fmt.Println("may be stated below:", all.Admits(&link))
	for _, c := range all.Diff(&link) {
		fmt.Printf("%s: %s -> %s\n", c.Facet, c.Before, c.After)
	}
	left := all.Intersect(&link)
	fmt.Println(len(all.Changes(left)), left.Capabilities(), left.SpendLimits())
	fmt.Println("assurance:", all.Assurance(), left.Assurance(), all.Assurance().Rank() > left.Assurance().Rank())
	for f := range left.Facets() {
		if f.Stated && f.Grant {
			fmt.Println(f.Name, f.Texts)
		}
	}
	stated, err := left.Stated() // as one authority, to sign or to store
	fmt.Println(stated.SpendLimits, err)
	// Output:
	// may be stated below: <nil>
	// capabilities: data.read, payments.charge -> payments.charge
	// spendLimits: 100.00 USD per day -> 10.00 USD per day
	// assurance: L2 -> L0
	// 3 [payments.charge] [10.00 USD per day]
	// assurance: L2 L0 true
	// capabilities [payments.charge]
	// currencies [USD]
	// [10.00 USD per day] <nil>
}

// A chain is walked from the root down, by whoever reads passports that are verified elsewhere.
func ExampleDescent() {
	chain := exampleChain()
	var down passport.Descent
	for _, signed := range chain {
		p, err := passport.ReadUnverified(signed)
		if err != nil {
			log.Fatal(err)
		}
		if err := down.Next(p, signed.Digest); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(down.Effective().Capabilities())

	stranger := examplePassport(examplePair(9).DID())
	stranger.Issuer, stranger.DelegationDepth = examplePair(8).DID(), 1
	var refusal *passport.Error
	fmt.Println(errors.As(down.Next(stranger, nil), &refusal), refusal.Code)
	// Output:
	// [payments.charge]
	// true delegation.invalid
}

// A template is a part of a passport that many have in common.
func ExampleParseTemplate() {
	template, err := passport.ParseTemplate([]byte(`{
		"name": "Price finder",
		"capabilities": [{"action": "data.read"}],
		"limits": {"max_rows": 100, "exports_per_day": 3, "allow_pii": false}
	}`))
	if err != nil {
		log.Fatal(err)
	}
	p := template.Clone()
	p.Agent = examplePair(2).DID()
	for _, l := range p.Authority.Limits {
		fmt.Println(l, "of", l.Attribute(), l.Window())
	}
	fmt.Println(template.Agent.IsZero(), p.Name)

	_, err = passport.ParseTemplate([]byte(`{"capabilites": []}`))
	fmt.Println(err)
	// Output:
	// max_rows 100 of rows 0s
	// exports_per_day 3 of exports 24h0m0s
	// allow_pii false of pii 0s
	// true Price finder
	// envelope.malformed at /capabilites: "capabilites" is not a member of an agent passport
}

// What is legal and may not be meant is said before a passport is signed.
func ExamplePassport_Warnings() {
	p := examplePassport(examplePair(2).DID())
	p.ValidFrom, p.ValidUntil = exampleTime, exampleTime.Add(time.Hour)
	p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerMonth}}
	for _, w := range p.Warnings() {
		detail, _, _ := strings.Cut(w.Detail, ",")
		fmt.Println(w.Path, detail)
	}
	// Output: /spendLimits/0 the limit 100.00 USD per month lasts longer than the passport
}

// A person signs that agents may act for them. Passports name it, and stop when it is revoked.
func ExampleIssueManifestation() {
	ctx := context.Background()
	person := examplePair(4)
	o := passport.IssueOptions{Now: func() time.Time { return exampleTime }}
	entry := statuslist.Entry{Purpose: statuslist.Revocation, URL: "https://ada.example/status/1", Index: 94567}
	will, err := passport.IssueManifestation(ctx, person, passport.Manifestation{
		ID: "urn:example:will", StatementDigest: passport.Digest([]byte("Agents may order for me.")), Status: []statuslist.Entry{entry},
	}, o)
	if err != nil {
		log.Fatal(err)
	}
	consent, err := passport.ConsentTo(will)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(consent.ID, consent.Type, consent.IsZero())

	// An agreement that somebody must have accepted, for one kind of obligation.
	accepted, err := passport.IssueAcceptance(ctx, person, passport.Acceptance{
		ID: "urn:example:acceptance", Agreement: "https://shop.example/terms", Version: "3", Kind: "Resident",
		TextDigest: passport.Digest([]byte("The terms.")), AcceptedAt: exampleTime, Status: []statuslist.Entry{entry},
	}, o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(accepted.Unverified().Type)
	// Output:
	// urn:example:will ManifestationOfWillCredential false
	// [VerifiableCredential AgreementAcceptanceCredential]
}

// An agent's intent says what it is about to do. The host asks its own question, and the two must agree.
func ExampleReadIntentUnverified() {
	ctx := context.Background()
	id, err := passport.NewIntentID(exampleTime) // it is the idempotency key: keep it to ask again
	if err != nil {
		log.Fatal(err)
	}
	challenge, err := passport.NewChallenge() // from the host, in place of its memory
	if err != nil {
		log.Fatal(err)
	}
	shown, err := passport.Present(ctx, examplePair(2), exampleChain(), passport.Intent{
		ID:  id,
		Act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute"},
	}, "did:web:shop.example", passport.PresentOptions{Now: func() time.Time { return exampleTime }, Challenge: challenge})
	if err != nil {
		log.Fatal(err)
	}

	member := shown.Unverified().Member("intent")
	intent, err := passport.ReadIntentUnverified(member)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(intent.ID == id, intent.IsPayment(), passport.IntentContent(member) != "")
	for name, text := range intent.Members() {
		if text != "" {
			fmt.Println(name, text)
		}
	}
	asked := passport.Act{Action: "payments.charge", Amount: passport.MustMoney("99.00", "USD"), Category: "compute"}
	for _, refusal := range asked.Differs(&intent.Act) {
		fmt.Println(refusal)
	}
	// Output:
	// true true true
	// action payments.charge
	// amount 12.50 USD
	// category compute
	// proof.intent_mismatch at /transactionAmount: the agent signed another amount than is asked for (limit 99.00 USD, actual 12.50 USD)
}

// A message is bound by its digest: the bytes as they are, or JSON whatever its spelling.
func ExampleDigestJSON() {
	one, err := credential.ParseValue(`{"a": 1, "b": 2}`)
	if err != nil {
		log.Fatal(err)
	}
	other, err := credential.ParseValue(`{"b":2,"a":1}`)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(passport.DigestJSON(one) == passport.DigestJSON(other))
	fmt.Println(passport.Digest([]byte(one.Raw())) == passport.Digest([]byte(other.Raw())))

	// An Idempotency-Key of HTTP as the id of an intent: the same key, the same act.
	id, err := passport.IntentIDOf(examplePair(2).DID(), "did:web:shop.example", "order-7")
	fmt.Println(id, err)
	// Output:
	// true
	// false
	// urn:safeconduct:intent:6MVF8HS26VSPEMT8GD2TH1TSSS <nil>
}

package aip1_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

var now = time.Date(2026, 11, 28, 9, 10, 10, 123456000, time.UTC)

const (
	principal = "did:web:acme.example"
	agent     = "did:web:acme.example:agents:buyer"
	shop      = "did:web:shop.example"
)

// key returns the key of a party, the same for the same name.
func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(name string) ed25519.PublicKey { return key(name).Public().(ed25519.PublicKey) }

func signer(name string) did.Signer {
	s, err := did.NewSigner(did.MustParseURL(principal+"#keys-1"), key(name))
	if err != nil {
		panic(err)
	}
	return s
}

// plain is an envelope: pay 45.50 USD.
func plain() aip1.Envelope {
	return aip1.Envelope{
		Agent: aip1.Agent{ID: agent}, Principal: aip1.Principal{ID: principal},
		Intent:   aip1.Intent{Action: "transfer_funds", Target: shop, Parameters: `{"amount":45.5,"currency":"USD"}`},
		IssuedAt: now.Add(-time.Minute), Nonce: "nonce:00112233445566778899aabbccddeeff",
		Boundaries: aip1.Boundaries{AllowedActions: []string{"transfer_funds", "read_invoice"},
			Limit: aip1.Limit{PerTransaction: "800", PerDay: "3200", Currency: "USD"}},
	}
}

// granted is a mandate for it.
func granted() aip1.Mandate {
	return aip1.Mandate{
		Issuer: principal, Subject: agent, IssuedAt: now.Add(-24 * time.Hour),
		Boundaries: aip1.Boundaries{AllowedActions: []string{"transfer_funds"},
			Limit: aip1.Limit{PerTransaction: "100", PerDay: "150", Currency: "USD"}},
	}
}

func sign(e aip1.Envelope) string {
	return must(aip1.Sign(context.Background(), signer("agent"), e,
		aip1.SignOptions{}))
}

func issue(m aip1.Mandate) string {
	return must(aip1.Issue(context.Background(), signer("principal"), m, aip1.SignOptions{}))
}

func must(text string, err error) string {
	if err != nil {
		panic(err)
	}
	return text
}

// dialect knows the keys of both parties.
func dialect() *aip1.Dialect {
	return &aip1.Dialect{
		AgentKey:     func(string, time.Time) ed25519.PublicKey { return public("agent") },
		PrincipalKey: func(string, time.Time) ed25519.PublicKey { return public("principal") },
	}
}

func verifier(d *aip1.Dialect) *verify.Verifier {
	v, err := verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: did.MustParse(principal)}},
		Dialects: []verify.Dialect{d},
		Resolver: did.KeyMethods(), Ledger: ledger.NewMemory(ledger.Options{}),
		Now: func() time.Time { return now },
	})
	if err != nil {
		panic(err)
	}
	return v
}

// asked is what the shop is about to do.
func asked() verify.Request {
	return verify.Request{Audience: shop,
		Act: passport.Act{Action: "transfer_funds", Amount: passport.MustMoney("45.50", "USD")}}
}

// A shop takes intents of AIP-1 agents with the mandate of their principal.
func Example() {
	v := verifier(dialect())
	show := func(e aip1.Envelope, mandate string) {
		d, err := v.Verify(context.Background(), aip1.Join(sign(e), mandate), asked())
		fmt.Println(d.Verdict, d.Code(), err == nil)
	}
	mandate := issue(granted())
	show(plain(), mandate)
	show(plain(), mandate) // the same nonce

	wider := plain()
	wider.Nonce = "nonce:ffeeddccbbaa99887766554433221100"
	small := granted()
	small.Boundaries.Limit.PerTransaction = "45.49"
	show(wider, issue(small)) // the agent says 800 of itself, its principal says less
	// Output:
	// allow  true
	// deny ledger.replay false
	// deny authority.amount_exceeded false
}

// The verifier of the dialect alone, in both readings: the SDK takes a mandate
// without a list of actions for one that allows all.
func ExampleVerifier_Verify() {
	open := granted()
	open.Boundaries.AllowedActions = nil
	mandate := issue(open)
	for _, reading := range []aip1.Reading{aip1.Strict, aip1.Compatible} {
		v := &aip1.Verifier{Reading: reading, Key: public("agent"), IssuerKey: public("principal")}
		_, err := v.Verify(sign(plain()), mandate, now)
		fmt.Println(err)
	}
	// Output:
	// aip1: E200: authority.action_not_allowed at /intent: the act is outside of the boundaries
	// <nil>
}

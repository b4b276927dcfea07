package aip1_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
)

// A principal lets its buyer spend 100 USD at a time. The other side reads the mandate
// and sees what it says, before anything is proven.
func ExampleIssue() {
	text, err := aip1.Issue(context.Background(), signer("principal"), aip1.Mandate{
		ID: "mandate:00112233445566778899aabbccddeeff", Issuer: principal, Subject: agent, IssuedAt: now,
		Boundaries: aip1.Boundaries{AllowedActions: []string{"transfer_funds"},
			Limit: aip1.Limit{PerTransaction: "100", PerDay: "150", Currency: "USD"}},
	}, aip1.SignOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := aip1.ParseMandateUnverified(text, aip1.Strict)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Subject, "until", m.ExpiresAt.Format(time.DateOnly)) // 30 days, as no end was stated
	fmt.Printf("%.69s...\n", m.Canonical())                            // what the principal has signed

	p, err := m.Translate() // the same, as a passport of this library
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Issuer, p.Authority.Capabilities[0].Action, p.Authority.MaxTransaction, p.Authority.SpendLimits)
	// Output:
	// did:web:acme.example:agents:buyer until 2026-12-28
	// {"@context":"https://aip.protocol/v1","@type":"Mandate","boundaries":...
	// did:web:acme.example transfer_funds 100 USD [150 USD per day]
}

// An agent signs what it is about to do. Whoever reads the envelope, unverified, learns
// the intent; a member that nobody signed is refused when it is read.
func ExampleSign() {
	text, err := aip1.Sign(context.Background(), signer("agent"), plain(), aip1.SignOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := aip1.ParseEnvelopeUnverified(text, aip1.Strict)
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := e.Translate()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Tier, in.Action, in.Amount, "at", e.Intent.Target)
	fmt.Printf("%.60s...\n", e.Canonical())

	_, err = aip1.ParseEnvelopeUnverified(`{"approved":true,`+text[1:], aip1.Strict)
	fmt.Println(err)
	// Output:
	// tier_1 transfer_funds 45.5 USD at did:web:shop.example
	// {"@context":"https://aip.protocol/v1","@type":"IntentEnvelop...
	// aip1: E103: envelope.malformed: "approved" is not a member of an AIP-1 IntentEnvelope
}

// Inside one company, envelopes of tier 0 may be sealed with a shared key. Each side
// that has the key could have written them.
func ExampleSealHMAC() {
	shared := []byte("thirty-two bytes of shared secret")
	sealed, err := aip1.SealHMAC(shared, plain(), aip1.SignOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, key := range [][]byte{shared, []byte("another secret of the same length")} {
		v := &aip1.Verifier{HMACKey: key}
		e, err := v.Verify(sealed, "", now)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(e.Tier, e.Intent.Action)
	}
	_, err = aip1.SealHMAC([]byte("short"), plain(), aip1.SignOptions{})
	fmt.Println(err)
	// Output:
	// tier_0 transfer_funds
	// aip1: E100: proof.invalid at /proof/proof_value: the signature does not hold
	// aip1: a key of fewer than 16 bytes can be guessed
}

// The score of an agent: nothing without a history, 0.9 after a single act, and
// one violation in ten costs little. Do not read it as a probability.
func ExampleScore() {
	for _, history := range [][2]int{{0, 0}, {1, 0}, {100, 0}, {90, 10}, {0, 5}} {
		fmt.Println(history[0], "fine,", history[1], "violations:", aip1.Score(history[0], history[1]))
	}
	// Output:
	// 0 fine, 0 violations: 0
	// 1 fine, 0 violations: 0.901
	// 100 fine, 0 violations: 1
	// 90 fine, 10 violations: 0.94
	// 0 fine, 5 violations: 0.305
}

// Open says whether something that was presented is of AIP-1, and what it claims. Only
// verify.Verifier, which lists the dialect, says whether it may be relied on.
func ExampleDialect_Open() {
	ctx := context.Background()
	envelope, err := aip1.Sign(ctx, signer("agent"), plain(), aip1.SignOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	mandate, err := aip1.Issue(ctx, signer("principal"), granted(), aip1.SignOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := dialect()
	for _, presented := range []string{string(aip1.Join(envelope, mandate)), envelope, "eyJ0eXAiOiJKV1QifQ.e30."} {
		claimed, err := d.Open([]byte(presented))
		var refused *passport.Error
		switch {
		case errors.As(err, &refused):
			fmt.Println("refused:", refused.Code)
		case claimed == nil:
			fmt.Println("of another system")
		default:
			fmt.Println("claims:", claimed.Intent.Action, claimed.Intent.Amount, "for", claimed.Audience)
		}
	}
	// Output:
	// claims: transfer_funds 45.5 USD for did:web:shop.example
	// refused: consent.missing
	// of another system
}

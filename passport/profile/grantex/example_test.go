package grantex_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

const issuer = "did:web:issuer.example"

// signer is a key for tests.
var signer = grantex.Signer{KeyID: "ed-1", Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}

// pinned returns the JWKS with the key of signer.
func pinned(signers ...grantex.Signer) *grantex.KeySet {
	text, err := grantex.KeySetOf(signers...)
	if err != nil {
		panic(err)
	}
	keys, err := grantex.ParseKeySet(text)
	if err != nil {
		panic(err)
	}
	return keys
}

// plain is a passport as Grantex issues them.
func plain() grantex.Passport {
	return grantex.Passport{
		ID: grantex.URN + "01M8GCS3NXX9R2DZHQJS47KE6V", Issuer: issuer,
		ValidFrom: now.Add(-time.Hour), ValidUntil: now.Add(23 * time.Hour),
		Agent: "did:grantex:ag_1", HumanPrincipal: "did:grantex:user_alice", Organization: issuer, GrantID: "grnt_1",
		Categories: []string{"inference", "compute"}, MaxAmount: grantex.Amount{Amount: "50", Currency: "USDC"},
		Rails: []string{"tempo"},
	}
}

// A shop takes the passports of a Grantex service, offline: its keys are a pinned
// copy of the service's JWKS.
func Example() {
	v, err := verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: did.MustParse(issuer)}},
		Dialects: []verify.Dialect{&grantex.Dialect{Keys: pinned(signer)}},
		Resolver: did.KeyMethods(), Ledger: ledger.NewMemory(ledger.Options{}),
		Now: func() time.Time { return now },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	header, err := grantex.Emit(signer, plain()) // what an agent sends in X-Grantex-Passport
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, amount := range []string{"50.00", "50.01"} {
		d, err := v.Verify(context.Background(), []byte(header), verify.Request{
			Audience: "did:web:shop.example",
			Act: passport.Act{Action: "payments:mpp:compute", Category: "compute", Rail: "tempo",
				Amount: passport.MustMoney(amount, "USDC")},
		})
		fmt.Println(d.Verdict, d.Code(), err == nil)
	}
	// Output:
	// allow  true
	// deny authority.amount_exceeded false
}

// The verifier of the dialect alone, in both readings: Grantex' own one does not
// see that the status entry is gone.
func ExampleVerifier_Verify() {
	p := plain()
	p.Status = &grantex.Status{List: "https://issuer.example/status/1", Index: 7}
	header, err := grantex.Emit(signer, p)
	if err != nil {
		fmt.Println(err)
		return
	}
	moved := edit(header, `"statusListIndex":"7"`, `"statusListIndex":"6"`)
	for _, reading := range []grantex.Reading{grantex.Strict, grantex.Compatible} {
		v := &grantex.Verifier{Reading: reading, Keys: pinned(signer), Issuers: []string{issuer}}
		_, err := v.Verify(moved, now)
		var refused *grantex.Error
		fmt.Println(errors.As(err, &refused), err)
	}
	// Output:
	// true grantex: CREDENTIAL_MISMATCH: proof.invalid at /credentialStatus: the member differs from what was signed
	// false <nil>
}

package passport_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// A wallet tells people what an agent is about to show. Nothing of it was checked: that is for package verify.
func ExampleReadShownUnverified() {
	ctx := context.Background()
	p := examplePassport(examplePair(2).DID())
	p.Name = "Ada's buyer"
	p.Authority.Assurance = passport.Assurance{
		Level: passport.L2, Method: "kyc", Provider: "did:web:bank.example", VerifiedAt: exampleTime.AddDate(0, -1, 0),
	}
	now := func() time.Time { return exampleTime }
	signed, err := passport.Issue(ctx, examplePair(1), p, passport.IssueOptions{Now: now})
	if err != nil {
		log.Fatal(err)
	}
	presented, err := passport.Present(ctx, examplePair(2), passport.Chain{signed}, passport.Intent{
		Act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD")},
	}, "did:web:shop.example", passport.PresentOptions{Now: now})
	if err != nil {
		log.Fatal(err)
	}

	shown, err := passport.ReadShownUnverified(presented.Bytes()) // or the bytes of a passport alone
	if err != nil {
		log.Fatal(err)
	}
	if shown.Intent != nil { // nil: a passport alone
		fmt.Println("to:", shown.Audience)
		fmt.Println("for:", shown.Intent.Action, shown.Intent.Amount)
	}
	for _, link := range shown.Chain {
		pass, err := passport.ReadUnverified(link)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("passport:", pass.Name, "until", pass.ValidUntil.Format(time.DateTime))
		if a := pass.Authority.Assurance; !a.IsZero() {
			fmt.Println("its principal is identified:", a.Level, "by", a.Provider)
		}
		if pass.Attestation.IsZero() {
			fmt.Println("what it is meant to run is not said")
		}
	}
	// Output:
	// to: did:web:shop.example
	// for: payments.charge 12.50 USD
	// passport: Ada's buyer until 2026-11-22 09:00:00
	// its principal is identified: L2 by did:web:bank.example
	// what it is meant to run is not said
}

// What agents of other systems present either is signed by the holder for one verifier, or serves whoever holds it.
func ExampleForeign_Signed() {
	p := examplePassport(examplePair(2).DID())
	bearer := &passport.Foreign{Passport: p}
	fmt.Println("a token alone:", bearer.Signed())
	act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD")}
	envelope := &passport.Foreign{Passport: p, Intent: &passport.Intent{Act: act}, Audience: "did:web:shop.example"}
	fmt.Println("with a signed intent:", envelope.Signed())
	answer := &passport.Foreign{
		Passport: p, Audience: "did:web:shop.example", Nonce: "challenge-7", Made: exampleTime,
		Ends: exampleTime.Add(time.Minute),
	}
	fmt.Println("an answer to a challenge:", answer.Signed())
	// Output:
	// a token alone: false
	// with a signed intent: true
	// an answer to a challenge: true
}

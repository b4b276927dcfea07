package verifytest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// t stands for the test's own.
var t testing.TB = &testing.T{}

func Example() {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	p := w.Passport()
	pass := w.Issue(p)

	_, err := v.Verify(context.Background(), w.Present(pass, w.Intent()), w.Request())
	fmt.Println("in order:", err)

	w.Lists.Set(p.Status[0], 1)
	d, _ := v.Verify(context.Background(), w.Present(pass, w.Intent()), w.Request())
	fmt.Println("revoked:", d.Verdict, d.Code())
	// Output:
	// in order: <nil>
	// revoked: deny status.revoked
}

// A host tries its own configuration on everything that is bad.
func ExampleWorld_Shelf() {
	w := verifytest.NewWorld(t)
	v, err := verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: w.Issuer.DID(), Ceilings: []passport.Money{passport.MustMoney("100.00", "USD")}}},
		Resolver: w.Resolver(), Status: w.Lists, Now: w.Clock.Now,
		Ledger: ledger.NewMemory(ledger.Options{}),
	})
	if err != nil {
		panic(err)
	}
	for _, bad := range w.Shelf() {
		bad.Test(t, v) // in a test: t.Run(bad.Name, func(t *testing.T) { bad.Test(t, v) })
		if bad.Name == "stolen passport" {
			fmt.Printf("%s (%s): %s\n", bad.Name, bad.About, bad.Code)
		}
	}
	// Output:
	// stolen passport (somebody else signs the presentation in the agent's name): proof.key_not_authorized
}

// The agents of a family hand down less and less.
func ExampleWorld_Family() {
	w := verifytest.NewWorld(t)
	f := w.Family()
	chain := f.Delegate(f.Chain(0), func(p *passport.Passport) {
		p.Authority.MaxTransaction = passport.MustMoney("10.00", "USD")
	})
	_, err := w.Verifier().Verify(context.Background(), f.Present(chain, w.Intent()), w.Request())
	fmt.Println(err)
	// Output:
	// deny: authority.amount_exceeded at /verifiableCredential/1/credentialSubject/maxTransactionAmount: more than one transaction may have (limit 10.00 USD, actual 12.50 USD)
}

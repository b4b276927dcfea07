package registrytest_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/registrytest"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// t stands for the test's own.
var t testing.TB = &testing.T{}

// A shop is tested against an office: it accepts what that has issued, and learns what was published.
func ExampleOffice() {
	o := registrytest.NewOffice(t)
	shop, err := verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: o.Issuer.DID()}}, Resolver: did.KeyMethods(), Status: o.Published,
		Ledger: ledger.NewMemory(ledger.Options{}), Now: o.Clock.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	pass := o.Issue()
	pays := func() verify.Code {
		const audience = "did:web:shop.example"
		d, _ := shop.Verify(context.Background(), o.Present(pass, o.Purchase(), audience),
			verify.Request{Audience: audience, Act: o.Purchase()})
		return d.Code()
	}
	fmt.Printf("in order: %q\n", pays())

	_, err = o.Passports.Suspend(context.Background(), o.Org.Admin(), pass.ID, registry.Suspension{For: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	o.Publish()
	fmt.Printf("suspended for an hour: %q\n", pays())

	o.Clock.Advance(time.Hour)
	o.Publish()
	fmt.Printf("an hour later: %q\n", pays())

	o.Clock.Advance(24 * time.Hour)
	o.Publish()
	fmt.Printf("a day later: %q\n", pays())
	// Output:
	// in order: ""
	// suspended for an hour: "status.suspended"
	// an hour later: ""
	// a day later: "time.expired"
}

package view_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"testing"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
	"github.com/safeconduct/safeconduct/verify/view"
)

// What a tool prints of a trust bundle that nobody has checked, and what its page says once it was opened.
func ExampleBundle() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	operator := verifytest.Key("operator")
	raw, err := bundle.Create(ctx, operator, bundle.Contents{
		ID: "https://operator.example/bundles/kiosk", Sequence: 41, ValidUntil: w.Clock.Now().AddDate(0, 0, 7),
		Anchors:      []bundle.Anchor{{Anchor: verify.Anchor{Issuer: w.Issuer.DID()}}},
		DIDDocuments: []bundle.Item{{Content: w.Web.Host("issuer.example").Document().Bytes()}},
	}, bundle.CreateOptions{Now: w.Clock.Now})
	if err != nil {
		log.Fatal(err)
	}
	info, err := bundle.Inspect(raw)
	if err != nil {
		log.Fatal(err)
	}
	view.Printer{W: os.Stdout}.Page(view.Bundle(info, false))

	opened, err := bundle.Open(ctx, raw, bundle.Options{Signers: []did.DID{operator.DID()}, Now: w.Clock.Now})
	if err != nil {
		log.Fatal(err)
	}
	i := opened.Info()
	page := view.Bundle(&i, true)
	fmt.Println("opened:", page[0].Name, page[0].Value)
	// Output:
	// UNVERIFIED: nothing below was checked; anybody can have written it
	//   series        https://operator.example/bundles/kiosk
	//   signer        did:key:z6Mkeza83NTZqTxXSuvZi1eXEYYHYTSUy4PPqsHow6b9vucU
	//   edition       41
	//   created       2026-11-21T09:00:00Z
	//   valid until   2026-11-28T09:00:00Z
	//   digest        uEiCL5ur9UN46eWnW8fhApxtdPO_Ly43GufbjebBa_5t6_g
	//   didDocuments  did:web:issuer.example
	//     fetched     2026-11-21T09:00:00Z, use by 2026-11-28T09:00:00Z, 405 bytes
	//   anchors       did:key:z6MkpXFif5M9r9N6Y5UjMfajT9wwU4gJTnZoSwS36vJgMELz
	//     source      did:key:z6Mkeza83NTZqTxXSuvZi1eXEYYHYTSUy4PPqsHow6b9vucU
	//     fetched     2026-11-21T09:00:00Z, use by 2026-11-28T09:00:00Z, 69 bytes
	// opened: verified true
}

package registry_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// exampleKey is a key of the issuer's did:web.
func exampleKey(fragment string) did.Signer {
	id := did.MustParseURL("did:web:issuer.example#" + fragment)
	return must(did.NewSigner(id, verifytest.Key(fragment).PrivateKey())) // or a key that a KMS holds
}

// An issuer changes its key once a year, and issues nothing anew: the next key is published before it signs, and the
// one before stays in the DID document as long as something that it signed is alive.
func ExampleIssuerKeys() {
	ctx, root := context.Background(), registry.Root()
	clock := verifytest.NewClock(nine)
	r, admin, agent, grant := exampleOffice(func(c *registry.Config) {
		c.Issuer, c.Keys, c.Now = exampleKey("2026"), []did.Signer{exampleKey("2027")}, clock.Now
	})
	examplePassport(r, admin, agent, grant) // it lives for a day
	host := new(didweb.Host)                // an http.Handler: it serves the DID document
	keys := func(when string) {
		if err := r.IssuerKeys.Publish(ctx, host); err != nil {
			log.Fatal(err)
		}
		fmt.Println(when)
		for _, k := range must(r.IssuerKeys.List(ctx, root)) {
			fmt.Println("  "+k.ID, k.Status)
		}
		fmt.Println("  published:", len(must(r.IssuerKeys.Document(ctx)).Methods()))
	}

	must(r.IssuerKeys.Rotate(ctx, root, registry.Rotation{In: 36 * time.Hour, Reason: "the yearly change"}))
	keys("now")
	clock.Advance(12 * time.Hour)
	examplePassport(r, admin, agent, grant) // the old key signs it, and it lives for another 24 hours
	clock.Advance(24 * time.Hour)
	keys("36 hours later")
	clock.Advance(time.Minute)
	_, err := r.IssuerKeys.Retire(ctx, root, "did:web:issuer.example#2026", "nobody needs it")
	fmt.Println(err)
	clock.Advance(24 * time.Hour)
	must(r.IssuerKeys.Retire(ctx, root, "did:web:issuer.example#2026", "nobody needs it"))
	keys("a day later")
	// Output:
	// now
	//   did:web:issuer.example#2026 signs
	//   did:web:issuer.example#2027 next
	//   published: 2
	// 36 hours later
	//   did:web:issuer.example#2026 superseded
	//   did:web:issuer.example#2027 signs
	//   published: 2
	// INVALID_TRANSITION: lists that it signed are alive until 2026-11-23T21:00:00Z
	// a day later
	//   did:web:issuer.example#2027 signs
	//   did:web:issuer.example#2026 retired
	//   published: 1
}

// Somebody else may have the key: it is taken back at once, and what it has signed is issued anew with the next one.
func ExampleIssuerKeys_Revoke() {
	ctx, root := context.Background(), registry.Root()
	r, admin, agent, grant := exampleOffice(func(c *registry.Config) {
		c.Issuer, c.Keys = exampleKey("2026"), []did.Signer{exampleKey("spare")}
	})
	examplePassport(r, admin, agent, grant)

	stolen := exampleKey("2026").KeyID().String()
	fmt.Println("the name stays:", r.Issuer())
	k := must(r.IssuerKeys.Revoke(ctx, root, stolen, registry.Compromise{Reason: "it was in a log"}))
	fmt.Println(k.ID, k.Status)
	if err := r.IssuerKeys.Publish(ctx, new(didweb.Host)); err != nil { // the document first, at once
		log.Fatal(err)
	}
	if err := r.Lists.Publish(ctx, new(statuslist.Memory)); err != nil { // then the lists, signed with the spare key
		log.Fatal(err)
	}
	for p, err := range r.IssuerKeys.Signed(ctx, root, stolen) {
		if err != nil {
			log.Fatal(err)
		}
		again := examplePassport(r, admin, agent, grant)
		fmt.Println("was:", p.Status, "is:", again.Status, "signed by", again.SignedBy)
	}
	// Output:
	// the name stays: did:web:issuer.example
	// did:web:issuer.example#2026 revoked
	// was: revoked is: active signed by did:web:issuer.example#spare
}

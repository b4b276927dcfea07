package bundle_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a bundle has, it answers with no network: documents, keys, lists, and what else passports refer
// to. What it has not is not found.
func ExampleBundle() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	opened, err := bundle.Open(ctx, exampleBundle(w, 41), bundle.Options{
		Signers: []did.DID{verifytest.Key("operator").DID()}, Now: w.Clock.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(opened.Contents().Sequence)
	list, err := opened.StatusList(ctx, verifytest.RevocationURL)
	fmt.Println(len(list.Raw) > 0, opened.Vouched(list), err)
	document, err := opened.Resolve(ctx, w.Issuer.DID()) // a did:key has its document in its name
	fmt.Println(document != nil, err)
	key, err := opened.ResolveKey(ctx, w.Issuer.KeyID(), did.AssertionMethod, w.Clock.Now())
	fmt.Println(key.Equal(w.Issuer.PublicKey()), err)
	_, err = opened.Sibling(ctx, "urn:other", "uEi")
	fmt.Println(err != nil)
	given, err := opened.Acceptances(ctx, "mailto:ada@example.org")
	fmt.Println(len(given), err)
	// Output:
	// 41
	// true false <nil>
	// true <nil>
	// true <nil>
	// true
	// 0 <nil>
}

// A store answers with the bundle that it has now; until there is one, nothing is found.
func ExampleStore_Resolve() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	store, err := bundle.NewStore(bundle.Options{
		Signers: []did.DID{verifytest.Key("operator").DID()}, Now: w.Clock.Now,
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	_, err = store.StatusList(ctx, verifytest.RevocationURL)
	fmt.Println(err != nil)
	if _, err := store.Put(ctx, exampleBundle(w, 41)); err != nil {
		log.Fatal(err)
	}
	list, err := store.StatusList(ctx, verifytest.RevocationURL)
	fmt.Println(len(list.Raw) > 0, store.Vouched(list), err)
	document, err := store.Resolve(ctx, w.Issuer.DID()) // a did:key has its document in its name
	fmt.Println(document != nil, err)
	key, err := store.ResolveKey(ctx, w.Issuer.KeyID(), did.AssertionMethod, w.Clock.Now())
	fmt.Println(key.Equal(w.Issuer.PublicKey()), err)
	_, err = store.Sibling(ctx, "urn:other", "uEi")
	fmt.Println(err != nil)
	given, err := store.Acceptances(ctx, "mailto:ada@example.org")
	fmt.Println(len(given), err)
	// Output:
	// true
	// true false <nil>
	// true <nil>
	// true <nil>
	// true
	// 0 <nil>
}

// Zero is the default of each bound.
func ExampleBounds_Resolve() {
	b, err := bundle.Bounds{}.Resolve()
	fmt.Println(b != bundle.Bounds{}, err)
	// Output: true <nil>
}

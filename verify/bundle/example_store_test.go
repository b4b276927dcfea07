package bundle_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// exampleBundle has an issuer's list and is signed by the operator of a kiosk.
func exampleBundle(w *verifytest.World, sequence int64) []byte {
	raw, err := bundle.Create(context.Background(), verifytest.Key("operator"), bundle.Contents{
		ID: "https://operator.example/bundles/kiosk", Sequence: sequence, ValidUntil: w.Clock.Now().AddDate(0, 0, 7),
		Anchors:     []bundle.Anchor{{Anchor: verify.Anchor{Issuer: w.Issuer.DID()}}},
		StatusLists: []bundle.Item{{Content: w.Lists.Get(verifytest.RevocationURL)}},
	}, bundle.CreateOptions{Now: w.Clock.Now})
	if err != nil {
		log.Fatal(err)
	}
	return raw
}

// A kiosk takes each new bundle that a person has looked at, and never an older one.
func ExampleStore() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	store, err := bundle.NewStore(bundle.Options{Signers: []did.DID{verifytest.Key("operator").DID()}, Now: w.Clock.Now},
		func(old, next *bundle.Bundle) error {
			if old != nil && len(bundle.Diff(old, next)) > 1 {
				return errors.New("show it to a person first")
			}
			return nil
		})
	if err != nil {
		log.Fatal(err)
	}
	for _, sequence := range []int64{41, 42, 41} {
		_, err := store.Put(ctx, exampleBundle(w, sequence))
		fmt.Println(sequence, err == nil, store.Bundle().Info().Sequence)
	}
	fetched, err := store.StatusList(ctx, verifytest.RevocationURL) // it is a source of lists, and of documents
	fmt.Println(len(fetched.Raw) > 0, err)
	// Output:
	// 41 true 41
	// 42 true 42
	// 41 false 42
	// true <nil>
}

// What a bundle has, before anybody trusts it, and what of it ends first.
func ExampleInspect() {
	w := verifytest.NewWorld(&testing.T{})
	raw := exampleBundle(w, 41)
	info, err := bundle.Inspect(raw)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.ID, info.Sequence, len(info.Missing()))
	fmt.Println(info.EndsFirst().ID)

	ends, err := bundle.Ends(bundle.StatusLists, w.Lists.Get(verifytest.RevocationURL), bundle.CreateOptions{Now: w.Clock.Now})
	fmt.Println(ends.Sub(w.Clock.Now()) < 7*24*time.Hour, err)
	// Output:
	// https://operator.example/bundles/kiosk 41 0
	// https://issuer.example/status/revocation
	// true <nil>
}

package bundle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// The worked example of the package comment, made anew: the form cannot change
// unnoticed. The list in it is taken as it stands, because compressors differ.
func TestWorkedExample(t *testing.T) {
	s := newSite(t)
	raw := s.create(func(c *bundle.Contents) {
		c.StatusLists, c.Credentials = c.StatusLists[:1], nil
		if os.Getenv("UPDATE_GOLDEN") == "" {
			c.StatusLists[0].Content = listInExample(t)
		}
		c.Anchors[0].Source = "https://operator.example/register/1"
	})
	golden(t, "testdata/example.json", raw)
	s.open(raw)
}

func listInExample(t *testing.T) []byte {
	file, err := os.ReadFile("testdata/example.json")
	require.NoError(t, err)
	var m object
	require.NoError(t, json.Unmarshal(file, &m))
	return []byte(entry(m, bundle.StatusLists)["content"].(string))
}

// An operator makes a bundle, a device without a network opens it.
func Example() {
	ctx := context.Background()
	operator, issuer := verifytest.Key("operator"), verifytest.Key("issuer")
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

	file, err := bundle.Create(ctx, operator, bundle.Contents{
		ID: "https://operator.example/bundles/kiosk", Sequence: 41,
		ValidUntil: now().AddDate(0, 0, 7),
		Anchors:    []bundle.Anchor{{Anchor: verify.Anchor{Issuer: issuer.DID(), MaxAssurance: passport.L2}}},
	}, bundle.CreateOptions{Now: now})
	if err != nil {
		panic(err)
	}

	b, err := bundle.Open(ctx, file, bundle.Options{Signers: []did.DID{operator.DID()}, MinSequence: 40, Now: now})
	if err != nil {
		panic(err)
	}
	_, err = verify.New(verify.Config{
		Anchors: b.Anchors(), Resolver: b, Status: b,
		Ledger: ledger.NewMemory(ledger.Options{}), Now: now,
	})
	fmt.Println(b.Info().Sequence, b.Info().ValidUntil.Format(time.DateOnly), err)
	// Output: 41 2026-11-28 <nil>
}

// What is new, for the person who lets it in.
func ExampleDiff() {
	ctx := context.Background()
	operator := verifytest.Key("operator")
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	edition := func(sequence int64, anchors ...string) *bundle.Bundle {
		c := bundle.Contents{ID: "https://operator.example/bundles/kiosk", Sequence: sequence, ValidUntil: now().AddDate(0, 0, 7)}
		for _, a := range anchors {
			c.Anchors = append(c.Anchors, bundle.Anchor{Anchor: verify.Anchor{Issuer: did.MustParse(a)}})
		}
		file, err := bundle.Create(ctx, operator, c, bundle.CreateOptions{Now: now})
		if err != nil {
			panic(err)
		}
		b, err := bundle.Open(ctx, file, bundle.Options{Signers: []did.DID{operator.DID()}, Now: now})
		if err != nil {
			panic(err)
		}
		return b
	}
	for _, change := range bundle.Diff(edition(41, "did:web:a.example", "did:web:b.example"), edition(42, "did:web:b.example", "did:web:c.example")) {
		fmt.Println(change)
	}
	// Output:
	// https://operator.example/bundles/kiosk changed: sequence 41 → 42
	// anchors did:web:a.example removed
	// anchors did:web:c.example added
}

package refresh_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/bundle/refresh"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Each night an operator makes the next edition of a kiosk's bundle: lists and documents are fetched anew, and what
// cannot be found stays as it was, and is told.
func ExampleRefresher_Next() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{}) // hosts of did:web and of lists, without a network
	host := w.Web.Host("issuer.example")
	first := bundle.Contents{
		ID: "https://operator.example/bundles/kiosk", Sequence: 41, Created: w.Clock.Now(),
		ValidUntil:   w.Clock.Now().AddDate(0, 0, 7),
		DIDDocuments: []bundle.Item{{Content: host.Document().Bytes()}},
		StatusLists:  []bundle.Item{{Content: w.Lists.Get(verifytest.RevocationURL)}},
	}
	r, err := refresh.New(refresh.Config{ // in production: refresh.Config{}
		Documents: w.Web, Lists: w.Lists, Now: w.Clock.Now,
	})
	if err != nil {
		log.Fatal(err)
	}

	w.Clock.Advance(24 * time.Hour)
	w.Lists.Publish()             // the issuer goes on
	host.Fail(did.ErrUnavailable) // and its web server is down
	next, problems := r.Next(ctx, first)
	fmt.Println("edition:", next.Sequence, "until:", next.ValidUntil.Format(time.DateOnly))
	for _, p := range problems {
		fmt.Println("problem:", p)
	}
	same := string(next.DIDDocuments[0].Content) == string(first.DIDDocuments[0].Content)
	fmt.Println("document kept:", same)
	fmt.Println("list fetched:", next.StatusLists[0].FetchedAt.Format(time.DateOnly))

	raw, err := bundle.Create(ctx, verifytest.Key("operator"), next, bundle.CreateOptions{Now: w.Clock.Now})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("to be carried to the kiosk:", len(raw) > 0)
	// Output:
	// edition: 42 until: 2026-11-29
	// problem: didDocuments 0: DID document unavailable
	// document kept: true
	// list fetched: 2026-11-22
	// to be carried to the kiosk: true
}

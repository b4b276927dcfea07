// Kiosk: a machine without a network decides from a trust bundle, one signed
// file that an operator carries to it.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/view"
)

const kiosk = "did:web:kiosk.example" // how agents name the kiosk: the audience

func main() { run(os.Stdout, must(os.MkdirTemp("", "kiosk"))) }

func run(out io.Writer, stick string) { // stick: the folder on the USB stick
	defer os.RemoveAll(stick)
	ctx := context.Background()
	clock := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }

	// Elsewhere, online: an issuer with a did:web, a passport, a status list.
	id := did.MustParse("did:web:issuer.example")
	key, agent, operator := must(did.GenerateKey()), must(did.GenerateKey()), must(did.GenerateKey())
	issuer := must(did.NewSigner(must(id.URL("2026")), key.PrivateKey()))
	document := must(did.NewDocument(did.DocumentOptions{ID: id, Keys: []did.DocumentKey{
		{Fragment: "2026", Key: key.PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}}}}))
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	index := must(bits.Allocate())
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Name: "Ada's courier", ValidUntil: clock.AddDate(0, 0, 28),
		Status:    []statuslist.Entry{must(bits.Entry(index))},
		Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "locker.open"}}},
	}, passport.IssueOptions{Now: now}))

	// The operator collects what the kiosk must know of the world, and signs it.
	edition := func(sequence int64) string {
		lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: clock}))
		path := filepath.Join(stick, fmt.Sprintf("bundle-%d.json", sequence))
		check(os.WriteFile(path, must(bundle.Create(ctx, operator, bundle.Contents{
			ID: "https://operator.example/kiosks", Sequence: sequence, Audience: []string{kiosk},
			Created: clock, ValidUntil: clock.AddDate(0, 0, 1),
			DIDDocuments: []bundle.Item{{Content: document.Bytes(), Source: "https://issuer.example/.well-known/did.json"}},
			StatusLists:  []bundle.Item{{Content: lists[0].Raw}},
			Anchors:      []bundle.Anchor{{Anchor: verify.Anchor{Issuer: id, Actions: []string{"locker.*"}}}},
		}, bundle.CreateOptions{})), 0o644))
		return path
	}

	// The kiosk knows one name, the operator's. All else comes with the file.
	var v *verify.Verifier
	ledger := ledger.NewMemory(ledger.Options{})
	store := must(bundle.NewStore(bundle.Options{Signers: []did.DID{operator.DID()}, Audience: kiosk, Now: now},
		func(old, next *bundle.Bundle) (err error) {
			for _, change := range bundle.Diff(old, next) {
				fmt.Fprintln(out, "   ", change)
			}
			v, err = verify.New(verify.Config{Anchors: next.Anchors(), Resolver: next, Status: next, Ledger: ledger, Now: now})
			return err
		}))
	load := func(title, path string) {
		fmt.Fprintf(out, "\n%s, %s: %s\n", clock.Format("Mon 15:04"), title, filepath.Base(path))
		if _, err := store.Put(ctx, must(os.ReadFile(path))); err != nil {
			fmt.Fprintln(out, "    refused:", err)
		}
	}
	decide := func(title string) {
		act := passport.Act{Action: "locker.open"}
		shown := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act},
			kiosk, passport.PresentOptions{Now: now})).Bytes()
		d, err := v.Verify(ctx, shown, verify.Request{Audience: kiosk, Act: act})
		fmt.Fprintf(out, "%s, %s: %s\n", clock.Format("Mon 15:04"), title, d.Verdict)
		if err != nil { // err is nil if and only if the act is allowed
			fmt.Fprintln(out, "   ", err)
		}
		view.Printer{W: out, Ledger: "since the kiosk was started"}.Steps(d.Steps)
	}

	first := edition(1)
	load("the kiosk is set up", first)
	decide("the courier wants a locker")
	clock = clock.Add(9 * time.Hour)
	check(bits.Set(index, 1)) // elsewhere, the issuer takes the passport back
	load("a new edition comes", edition(2))
	decide("the courier wants a locker")
	load("somebody brings the old stick", first)
	clock = clock.AddDate(0, 0, 1)
	decide("nobody came, and the bundle has ended") // undetermined: it could not be found out
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

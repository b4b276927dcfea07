package sqlite_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What was spent before a restart is spent after it.
func ExampleOpen() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "ledger")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	w := verifytest.NewWorld(&testing.T{}) // an issuer, an agent and its passport, for tests
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
	}))

	for range 2 { // each time a new process
		s, err := sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{Options: store.Options{Now: w.Clock.Now}})
		if err != nil {
			log.Fatal(err)
		}
		v := w.Verifier(func(c *verify.Config) { c.Ledger, c.Marks = s.Ledger(), s.Marks() })
		d, _ := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request()) // 12.50 USD
		fmt.Printf("%s %q\n", d.Verdict, d.Code())
		if err := s.Close(); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// allow ""
	// deny "ledger.budget_exceeded"
}

// What the people who run a service ask of its store.
func ExampleStore() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "ledger")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	w := verifytest.NewWorld(&testing.T{})
	s, err := sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{Options: store.Options{Now: w.Clock.Now}})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	v := w.Verifier(func(c *verify.Config) { c.Ledger = s.Ledger() })
	shown := w.Present(w.Issue(w.Passport()), w.Intent())
	for range 2 { // the second time it is a replay
		_, _ = v.Verify(ctx, shown, w.Request())
		w.Clock.Advance(time.Second)
	}

	page, err := s.Decisions(ctx, store.Query{})
	for _, d := range page.Decisions {
		fmt.Println(d.Verdict, d.Codes)
	}
	if err != nil {
		log.Fatal(err)
	}
	hours, err := s.Hours(ctx, store.Query{From: w.Clock.Now().Truncate(time.Hour)})
	fmt.Println(len(hours), err)
	history, err := s.History(ctx, w.Agent.DID().String()) // for the models of verify/score
	fmt.Println(history.Until(w.Clock.Now()).Allowed, err)
	totals, err := s.Totals(ctx)
	fmt.Println(totals.Decisions, totals.Allowed, err)

	fmt.Println(s.Check(ctx), s.Prune(ctx))
	fmt.Println(s.Backup(ctx, filepath.Join(folder, "copy.db"))) // while it is in use
	_, restored := s.Gap()
	fmt.Println(restored, s.Stats().Unrecorded)
	// Output:
	// deny [ledger.replay]
	// allow []
	// 2 <nil>
	// 1 <nil>
	// 2 1 <nil>
	// <nil> <nil>
	// <nil>
	// false 0
}

// What an office has erased is gone from its books at once, and from the bytes of its file after Scrub.
func ExampleStore_Scrub() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "office")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "office.db")
	db, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	office, err := registry.Open(registry.Config{
		Store: db.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example",
	})
	if err != nil {
		log.Fatal(err)
	}
	org, err := office.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	if err != nil {
		log.Fatal(err)
	}
	ada, err := office.Owners.Create(ctx, org.Admin(), registry.NewOwner{Name: "Ada", Email: "ada@example.org"})
	if err != nil {
		log.Fatal(err)
	}
	request := registry.Erasure{Owner: ada.ID, Reason: "request 7"}
	if _, err := office.Owners.Erase(ctx, org.Admin(), request); err != nil {
		log.Fatal(err)
	}
	found := func() (found bool) {
		for _, name := range []string{file, file + "-wal"} {
			raw, err := os.ReadFile(name)
			if err != nil {
				log.Fatal(err)
			}
			found = found || bytes.Contains(raw, []byte("ada@example.org"))
		}
		return found
	}
	fmt.Println("her address is in the file:", found())
	if err := db.Scrub(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println("her address is in the file:", found())
	// Output:
	// her address is in the file: true
	// her address is in the file: false
}

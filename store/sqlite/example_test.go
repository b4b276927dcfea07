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

// A copy is made while the store is in use. Whoever goes on with it says so: it knows nothing of what came after, so
// what may have been used since is refused, and the gap is there to be reconciled.
func ExampleStore_Backup() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "ledger")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	w := verifytest.NewWorld(&testing.T{})
	open := func(name string, o store.Options) *sqlite.Store {
		o.Now = w.Clock.Now
		s, err := sqlite.Open(ctx, filepath.Join(folder, name), sqlite.Options{Options: o})
		if err != nil {
			log.Fatal(err)
		}
		return s
	}
	pass := w.Issue(w.Passport())
	buy := func(s *sqlite.Store, shown []byte) {
		v := w.Verifier(func(c *verify.Config) { c.Ledger = s.Ledger() })
		d, _ := v.Verify(ctx, shown, w.Request())
		fmt.Printf("%s %s %q\n", w.Clock.Now().Format(time.TimeOnly), d.Verdict, d.Code())
	}
	s := open("ledger.db", store.Options{})
	buy(s, w.Present(pass, w.Intent()))
	if err := s.Backup(ctx, filepath.Join(folder, "copy.db")); err != nil {
		log.Fatal(err)
	}
	w.Clock.Advance(time.Minute)
	lost := w.Present(pass, w.Intent())
	buy(s, lost) // and then the disk breaks
	if err := s.Close(); err != nil {
		log.Fatal(err)
	}

	w.Clock.Advance(time.Minute)
	s = open("copy.db", store.Options{AfterRestore: true})
	defer s.Close()
	if err := s.Check(ctx); err != nil { // store.ErrDamaged: take another copy
		log.Fatal(err)
	}
	gap, _ := s.Gap()
	fmt.Println("unknown from", gap.From.Format(time.TimeOnly), "until", gap.Until.Format(time.TimeOnly))
	buy(s, lost)
	w.Clock.Advance(5 * time.Minute)
	buy(s, w.Present(pass, w.Intent())) // made after the gap
	// Output:
	// 09:00:00 allow ""
	// 09:01:00 allow ""
	// unknown from 09:00:00 until 09:02:00
	// 09:02:00 undetermined "ledger.unavailable"
	// 09:07:00 allow ""
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

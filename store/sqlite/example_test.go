package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/passport"
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

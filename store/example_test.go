package store_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A service is written for the interface: SQLite on a desk, PostgreSQL where several processes share a store.
func ExampleStore() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{}) // an issuer, an agent and its passport, for tests
	var db store.Store
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{Options: store.Options{Now: w.Clock.Now}})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	v := w.Verifier(func(c *verify.Config) { c.Ledger, c.Marks = db.Ledger(), db.Marks() })
	shown := w.Present(w.Issue(w.Passport()), w.Intent())
	for range 2 { // the second time it is a replay
		d, err := v.Verify(ctx, shown, w.Request())
		if err == nil {
			err = d.Commit(ctx)
		}
		fmt.Printf("%s %v\n", d.Verdict, err)
		w.Clock.Advance(time.Minute)
	}

	// An issuer's office may be in the same store.
	office, err := registry.Open(registry.Config{
		Store: db.Registry(), Issuer: w.Issuer, BaseURL: "https://issuer.example", Now: w.Clock.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	org, err := office.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("in the office:", org.Name)
	// Output:
	// allow <nil>
	// deny deny: ledger.replay: this presentation was used before (the agent makes a new one for each act)
	// in the office: Example Ltd
}

// What the people who run a service ask of its store.
func ExampleStore_operations() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	var db store.Store
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{Options: store.Options{Now: w.Clock.Now}})
	if err != nil {
		log.Fatal(err)
	}
	v := w.Verifier(func(c *verify.Config) { c.Ledger = db.Ledger() })
	shown := w.Present(w.Issue(w.Passport()), w.Intent())
	for range 3 {
		_, _ = v.Verify(ctx, shown, w.Request()) // the store has the decision, whatever it is
		w.Clock.Advance(time.Minute)
	}

	page, err := db.Decisions(ctx, store.Query{Verdicts: []verify.Verdict{verify.Deny}, Limit: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the last refusal:", page.Decisions[0].Codes, "more:", page.Next != "")
	hours, err := db.Hours(ctx, store.Query{From: w.Clock.Now().Truncate(time.Hour)})
	if err != nil {
		log.Fatal(err)
	}
	for _, h := range hours {
		fmt.Println("this hour:", h.Verdict, h.Count)
	}
	history, err := db.History(ctx, w.Agent.DID().String()) // for the models of verify/score
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the agent's allowed acts:", history.Until(w.Clock.Now()).Allowed)
	totals, err := db.Totals(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ever:", totals.Decisions, "of which allowed:", totals.Allowed)
	_, restored := db.Gap()
	fmt.Println("calls that wait:", db.Stats().Waiting, "restored from a copy:", restored)

	// Now and then, while it is in use.
	if err := db.Prune(ctx); err != nil {
		log.Fatal(err)
	}
	if err := db.Check(ctx); err != nil { // store.ErrDamaged
		log.Fatal(err)
	}
	if err := db.Close(); err != nil {
		log.Fatal(err)
	}
	d, _ := v.Verify(ctx, shown, w.Request())
	fmt.Println("closed:", d.Verdict, d.Code())
	// Output:
	// the last refusal: [ledger.replay] more: true
	// this hour: deny 2
	// this hour: allow 1
	// the agent's allowed acts: 1
	// ever: 3 of which allowed: 1
	// calls that wait: 0 restored from a copy: false
	// closed: undetermined ledger.unavailable
}

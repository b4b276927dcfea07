package view_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
	"github.com/safeconduct/safeconduct/verify/view"
)

// What a tool for operators prints of a decision, of what it would be, and of what a store has.
func ExamplePrinter() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	memory := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = memory })
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("40.00", "USD"), Per: passport.PerDay}}
	}))
	in := w.Intent()
	fmt.Println("the act:", view.Act(&in.Act))
	d, err := v.Verify(ctx, w.Present(pass, in), w.Request())
	if err != nil {
		log.Fatal(err)
	}
	var text bytes.Buffer
	p := view.Printer{W: &text}
	begins := func(what string, print func()) {
		text.Reset()
		print()
		line, _, _ := strings.Cut(strings.TrimSpace(text.String()), "\n")
		fmt.Println(what, line)
	}
	begins("a decision:", func() { p.Decision(d) })
	begins("a dry run:", func() { p.Report(v.Explain(ctx, w.Present(pass, w.Intent()), w.Request())) })
	budgets, err := v.Budgets(ctx, d.Chain)
	if err != nil {
		log.Fatal(err)
	}
	begins("a budget:", func() { p.Page(view.Budgets(budgets)[0]) })
	entry, err := memory.Entry(ctx, d.ID)
	if err != nil {
		log.Fatal(err)
	}
	begins("what the ledger has of it:", func() { p.Page(view.Entry(&entry)[1:]) }) // behind its id
	begins("a record:", func() { p.Page(view.Record(&memory.Records()[0])[1:]) })
	for name, value := range view.Facets(d.Authority()) {
		if name == "at most" {
			fmt.Println(name, value)
		}
	}
	document, err := did.KeyMethods().Resolve(ctx, w.Agent.DID())
	if err != nil {
		log.Fatal(err)
	}
	begins("a key:", func() { p.Page(view.Keys(document)[0]) })
	p.W = os.Stdout
	p.Finding(verify.Passed, "clock", "it agrees")
	p.Field("agents", 3)
	if err := p.JSON(map[string]int{"agents": 3}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the largest document that is read, in bytes:", view.MaxBytes())
	// Output:
	// the act: payments.charge, 12.50 USD, category compute, rail tempo
	// a decision: ALLOWED
	// a dry run: WOULD BE ALLOWED (this is not a permission)
	// a budget: link 0        40.00 USD per day
	// what the ledger has of it: at            2026-11-21T09:00:00Z
	// a record: at            2026-11-21T09:00:00Z
	// at most 40.00 USD per day
	// at most 50.00 USD per transaction
	// a key: key           did:key:z6Mkha5sk2MKtTSaUztsvB8N5JjnG6dWDoWqxPgShyi9uq6o#z6Mkha5sk2MKtTSaUztsvB8N5JjnG6dWDoWqxPgShyi9uq6o
	//   [✓] clock   it agrees
	//   agents        3
	// {
	//   "agents": 3
	// }
	// the largest document that is read, in bytes: 3407872
}

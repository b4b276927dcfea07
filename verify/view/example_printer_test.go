package view_test

import (
	"bytes"
	"context"
	"fmt"
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
	fmt.Println(view.Act(&in.Act))
	d, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	if err != nil {
		fmt.Println(err)
		return
	}
	var text bytes.Buffer
	p := view.Printer{W: &text}
	first := func(print func()) {
		text.Reset()
		print()
		line, _, _ := strings.Cut(strings.TrimSpace(text.String()), "\n")
		fmt.Println(line != "")
	}
	first(func() { p.Decision(d) })
	first(func() { p.Report(v.Explain(ctx, w.Present(pass, w.Intent()), w.Request())) })
	budgets, err := v.Budgets(ctx, d.Chain)
	fmt.Println(len(view.Budgets(budgets)), err)
	entry, err := memory.Entry(ctx, d.ID)
	first(func() { p.Page(view.Entry(&entry)) })
	fmt.Println(err, len(view.Record(&memory.Records()[0])) > 0)
	for name, value := range view.Facets(d.Authority()) {
		if name == "at most" {
			fmt.Println(name, value)
		}
	}
	document, err := did.KeyMethods().Resolve(ctx, w.Agent.DID())
	fmt.Println(len(view.Keys(document)), err)
	p.W = os.Stdout
	p.Finding(verify.Passed, "clock", "it agrees")
	p.Field("agents", 3)
	fmt.Println(p.JSON(map[string]int{"agents": 3}), view.MaxBytes() > 1<<20)
	// Output:
	// payments.charge, 12.50 USD, category compute, rail tempo
	// true
	// true
	// 1 <nil>
	// true
	// <nil> true
	// at most 40.00 USD per day
	// at most 50.00 USD per transaction
	// 1 <nil>
	//   [✓] clock   it agrees
	//   agents        3
	// {
	//   "agents": 3
	// }
	// <nil> true
}

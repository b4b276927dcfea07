package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// The ledger in memory answers who operates the service: what was decided, what is open, and what became of it.
func Example() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{}) // an issuer, an agent with a passport, and a clock
	memory := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = memory })
	d, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(memory.Records()), memory.Records()[0].Verdict)

	// Nobody said in time whether it was done: it counts as done until somebody finds out.
	w.Clock.Advance(time.Hour)
	open, err := memory.Unresolved(ctx, w.Clock.Now(), "", 10)
	fmt.Println(len(open), err, open[0].Decision == d.ID)
	err = memory.Settle(ctx, verify.Settlement{Decision: d.ID, Outcome: verify.NotDone, At: w.Clock.Now(), By: "ada", Reason: "out of stock"})
	fmt.Println(err)
	entry, err := memory.Entry(ctx, d.ID)
	fmt.Println(entry.State, entry.Attempts[0].By, err)
	// Output:
	// 1 allow
	// 1 <nil> true
	// <nil>
	// given back ada <nil>
}

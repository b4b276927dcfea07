package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A grant has a budget. What is spent where the office does not see it is debited by hand, once for each id.
func ExampleBudgets() {
	ctx := context.Background()
	r, admin, _, grant := exampleOffice() // the grant has 100.00 USD
	spend := func(id, amount string) {
		b, err := r.Budgets.Debit(ctx, admin, registry.Debit{
			Grant: grant.ID, ID: id, Amount: passport.MustMoney(amount, "USD"),
		})
		var refusal *registry.Error
		if errors.As(err, &refusal) {
			fmt.Println(id, refusal.Code)
			return
		}
		fmt.Println(id, "leaves", b.Remaining())
	}
	spend("order-1", "60.00")
	spend("order-1", "60.00") // said twice
	spend("order-2", "60.00")
	must(r.Budgets.Adjust(ctx, admin, registry.Allocation{
		Grant: grant.ID, Amount: passport.MustMoney("150.00", "USD"), Reason: "more work",
	}))
	spend("order-2", "60.00")
	for _, line := range must(r.Budgets.History(ctx, admin, registry.BudgetQuery{Grant: grant.ID})) {
		fmt.Println(line.Number, line.Kind, line.Amount, "used:", line.Used)
	}
	// Output:
	// order-1 leaves 40.00 USD
	// order-1 leaves 40.00 USD
	// order-2 AMOUNT_EXCEEDS_BUDGET
	// order-2 leaves 30.00 USD
	// 1 allocated 100.00 USD used: 0.00 USD
	// 2 debited 60.00 USD used: 60.00 USD
	// 3 adjusted 150.00 USD used: 60.00 USD
	// 4 debited 60.00 USD used: 120.00 USD
}

// An organisation gives a grant its budget later than the grant, and looks at all its budgets.
func ExampleBudgets_Allocate() {
	ctx := context.Background()
	clock := verifytest.NewClock(nine)
	r, admin, agent, _ := exampleOffice(func(c *registry.Config) { c.Now = clock.Now })
	clock.Advance(time.Minute)
	grant := must(r.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: agent.ID, Principal: "mailto:bob@example.org", Scopes: []string{"payments:mpp:compute"},
		ExpiresAt: nine.AddDate(0, 1, 0),
	}))
	asked := registry.Allocation{Grant: grant.ID, Amount: passport.MustMoney("250.00", "USD"), Reason: "a project"}
	must(r.Budgets.Allocate(ctx, admin, asked))
	_, err := r.Budgets.Allocate(ctx, admin, asked)
	fmt.Println("once more:", errors.Is(err, registry.Exists)) // Adjust changes it

	for _, b := range must(r.Budgets.List(ctx, admin, registry.BudgetsQuery{})).Items {
		fmt.Println(b.Remaining(), "of", b.Allocated)
	}
	// Output:
	// once more: true
	// 250.00 USD of 250.00 USD
	// 100.00 USD of 100.00 USD
}

// The ledger of package verify/office does this for a verifier. A host with a ledger of its own takes what an act may
// cost in the transaction that reserves the act, and settles what it came to.
func ExampleBudgets_Take() {
	ctx := context.Background()
	r, admin, _, grant := exampleOffice() // the grant has 100.00 USD
	spend := func(decision, amount string) error {
		n := registry.Spend{Decision: decision, Grant: grant.ID, Amount: passport.MustMoney(amount, "USD")}
		return r.Store().Update(ctx, func(tx registry.Tx) error { return r.Budgets.Take(tx, n) })
	}
	balance := func() {
		b := must(r.Budgets.Balance(ctx, admin, grant.ID))
		fmt.Println("left", b.Remaining(), "open", b.Open)
	}
	if err := spend("decision-1", "90.00"); err != nil {
		log.Fatal(err)
	}
	balance()
	fmt.Println("refused:", errors.Is(spend("decision-2", "30.00"), registry.AmountExceeds))

	err := r.Store().Update(ctx, func(tx registry.Tx) error { // it was cheaper
		cost := passport.MustMoney("60.00", "USD")
		return r.Budgets.Settle(tx, registry.Settled{Decision: "decision-1", Amount: cost})
	})
	if err != nil {
		log.Fatal(err)
	}
	balance()
	err = r.Store().View(ctx, func(tx registry.Tx) error { // whether it would do now, without taking it
		return r.Budgets.Left(tx, registry.Spend{Grant: grant.ID, Amount: passport.MustMoney("30.00", "USD")})
	})
	fmt.Println("30.00 USD would fit:", err == nil)

	fmt.Println("told when used, in per cent:", registry.Thresholds())
	for _, e := range must(r.Events.Read(ctx, registry.Root(), 0, 100)) {
		if e.Type == "budget.threshold" {
			fmt.Println(e.Type, string(e.Data))
		}
	}
	// Output:
	// left 10.00 USD open 90.00 USD
	// refused: true
	// left 40.00 USD open 0.00 USD
	// 30.00 USD would fit: true
	// told when used, in per cent: [50 80 100]
	// budget.threshold {"allocated":"100.00 USD","percent":80,"used":"90.00 USD"}
}

// An office remembers each spend for a while, here for 30 days. What a budget has left stays right without them, and
// what nobody has settled by then counts as done.
func ExampleBudgets_Prune() {
	ctx := context.Background()
	clock := verifytest.NewClock(nine)
	r, admin, _, grant := exampleOffice(func(c *registry.Config) {
		c.Now, c.KeepHistory = clock.Now, 30*24*time.Hour
	})
	err := r.Store().Update(ctx, func(tx registry.Tx) error {
		return r.Budgets.Take(tx, registry.Spend{
			Decision: "decision-1", Grant: grant.ID, Amount: passport.MustMoney("30.00", "USD"),
		})
	})
	if err != nil {
		log.Fatal(err)
	}
	look := func(when string) {
		fmt.Println(when, must(r.Budgets.Balance(ctx, admin, grant.ID)).Remaining(), "left")
		for _, line := range must(r.Budgets.History(ctx, admin, registry.BudgetQuery{Grant: grant.ID})) {
			fmt.Println("  "+line.Kind, line.Amount)
		}
	}
	look("at first:")
	if err := r.Budgets.Prune(ctx); err != nil { // nothing is old enough
		log.Fatal(err)
	}
	look("pruned at once:")

	clock.Advance(40 * 24 * time.Hour)
	for more := true; more; { // what Prune does, one small transaction at a time
		more = must(r.Budgets.PruneSome(ctx))
	}
	look("pruned 40 days later:")
	// Output:
	// at first: 70.00 USD left
	//   allocated 100.00 USD
	//   taken 30.00 USD
	// pruned at once: 70.00 USD left
	//   allocated 100.00 USD
	//   taken 30.00 USD
	// pruned 40 days later: 70.00 USD left
	//   settled 30.00 USD
}

package policy_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// records are what a shop knows of the agents that came before.
type records map[did.DID]int

func (r records) Trust(agent did.DID) (thousandths int, known bool) {
	n, ok := r[agent]
	return n, ok
}

// A shop asks for a good record, by a ready-made rule, and is closed at night,
// by a rule of its own.
func Example() {
	w := verifytest.NewWorld(&testing.T{}) // an issuer, an agent and its passport, for tests
	known := records{w.Agent.DID(): 700}

	openAt := func(f verify.Facts) error {
		if h := f.At.UTC().Hour(); h >= 8 && h < 18 {
			return nil
		}
		return &verify.Violation{Code: "policy.closed", Detail: "the shop is closed", Hint: "ask from 8 to 18 h"}
	}
	v, err := verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: w.Issuer.DID()}},
		Resolver: w.Resolver(), Status: w.Lists, Now: w.Clock.Now,
		Ledger: ledger.NewMemory(ledger.Options{}),
		Policy: []verify.Rule{
			policy.Trust{Source: known, Least: 500}.Rule(),
			{ID: "opening hours", Check: openAt},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func() {
		shown := w.Present(w.Issue(w.Passport()), w.Intent())
		_, err := v.Verify(context.Background(), shown, w.Request())
		fmt.Println(w.Clock.Now().Format("15:04"), err)
	}
	ask()
	known[w.Agent.DID()] = 300 // after a complaint
	w.Clock.Advance(9 * time.Hour)
	w.Lists.Publish()
	ask()
	// Output:
	// 09:00 <nil>
	// 18:00 deny: trust.too_low: the agent's record is not good enough (limit 500, actual 300); also policy.closed
}

// A registry says what the operations of a service need. Paying needs a
// person's signed consent, reading does not.
func ExampleScopes() {
	registry, err := policy.NewScopeRegistry("2026-11", []policy.Scope{
		{ID: "invoices.read", Operations: []string{"GET /invoices/{id}"}},
		{ID: "invoices.pay", Operations: []string{"POST /invoices/{id}/payment"}, Write: true, NeedsConsent: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := verify.Config{Operations: policy.Scopes{Registry: registry}}
	for _, operation := range []string{"GET /invoices/{id}", "POST /invoices/{id}/payment", "DELETE /invoices/{id}"} {
		needs, err := c.Operations.Operation(&verify.Request{Operation: operation}, time.Now())
		fmt.Println(needs.Scope, needs.NeedsConsent, err)
	}
	// Output:
	// invoices.read false <nil>
	// invoices.pay true <nil>
	//  false authority.operation_unknown: the scope registry 2026-11 has no such operation
}

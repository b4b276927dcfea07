package policy_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Each ready-made rule, and what it refuses.
func ExampleCounts() {
	for _, rule := range []struct {
		verify.Rule
		limit passport.Limit // of the passport
	}{
		// The passport limits rows, and this service says nothing of how many there are.
		{policy.Counts{"payments.*": {"rows"}}.Rule(), passport.MaxOf("rows", 100)},
		{policy.KnownCounts().Rule(), passport.MaxOf("rows", 100)}, // knows APort's capabilities alone
		// Only agents whose model is in the register.
		{policy.Attestations{Required: true}.Rule(), passport.Allow("pii")},
		// An act that is not of the agent's field.
		{policy.Drift{Classifier: alwaysDrifts{}}.Rule(), passport.Allow("pii")},
		// Nobody's word counts for more than L0, which is all that is asked for.
		{policy.Providers{}.Rule(), passport.Allow("pii")},
	} {
		w := verifytest.NewWorld(&testing.T{})
		v := w.Verifier(func(c *verify.Config) { c.Policy = append(c.Policy, rule.Rule) })
		pass := w.Issue(w.Passport(func(p *passport.Passport) { p.Authority.Limits = []passport.Limit{rule.limit} }))
		d, _ := v.Verify(context.Background(), w.Present(pass, w.Intent()), w.Request())
		fmt.Printf("%s: %s %q\n", rule.ID, d.Verdict, d.Code())
	}
	// Output:
	// counts: deny "authority.attribute_missing"
	// counts: allow ""
	// attestations: deny "attestation.framework_unregistered"
	// drift: deny "authority.intent_drift"
	// providers: allow ""
}

type alwaysDrifts struct{}

func (alwaysDrifts) Drift(verify.Facts) string { return "an act of another field" }

// What a registry has, and what an operation needs by it.
func ExampleScopeRegistry() {
	registry, err := policy.NewScopeRegistry("2026-11", []policy.Scope{
		{ID: "invoices.read", Operations: []string{"GET /invoices/{id}"}, Attributes: map[string][]string{"tenant": {"acme"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	scope, ok := registry.Lookup("GET /invoices/{id}")
	fmt.Println(registry.Edition(), len(registry.Scopes()), scope.ID, ok)
	fmt.Println(scope.Reaches(map[string]string{"tenant": "acme"}), scope.Reaches(map[string]string{"tenant": "other"}))
	needs, err := policy.Scopes{Registry: registry}.Operation(&verify.Request{Operation: "GET /invoices/{id}"}, time.Now())
	fmt.Println(needs.Scope, err)
	// Output:
	// 2026-11 1 invoices.read true
	// true false
	// invoices.read authority.resource_not_allowed: the scope does not reach this: answer that there is none (limit tenant is one of ["acme"], actual absent)
}

// Words tell what an agent is for.
func ExampleKeywordDrift() {
	facts := verify.Facts{
		Chain:   []*passport.Passport{{Agent: did.MustParse("did:web:agent.example"), Role: "books hotels and flights"}},
		Request: verify.Request{Act: passport.Act{Action: "payroll.export"}},
	}
	words := policy.KeywordDrift{Groups: map[string][]string{"travel": {"hotels", "flights"}, "staff": {"payroll"}}}
	fmt.Println(words.Drift(facts))
	// Output: the act is about staff, the agent about travel
}

package packs_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// An act is judged by the published pack for refunds, in process.
func Example() {
	pack, err := packs.Published("finance.payment.refund.v1")
	if err != nil {
		fmt.Println(err)
		return
	}
	limits, _ := credential.ParseValue(`{
		"supported_currencies": ["USD"], "refund_reason_codes": ["defective_product"], "regions": ["US"],
		"currency_limits": {"USD": {"max_per_tx": 5000, "daily_cap": 50000}}}`)
	holder := packs.Holder{Status: "active", Assurance: passport.L2, Regions: []string{"US"},
		Capabilities: []string{"finance.payment.refund"}}
	for _, amount := range []string{"5000", "5001"} { // minor units, by their source text
		act, _ := credential.ParseValue(`{"order_id": "o1", "customer_id": "c1", "amount": ` + amount + `,
			"currency": "USD", "region": "US", "reason_code": "defective_product", "idempotency_key": "refund-of-o1"}`)
		verdict := pack.Judge(packs.Strict, &packs.Act{Holder: holder, Limits: limits, Context: act})
		fmt.Println(amount, verdict.Allowed(), pack.Error(verdict))
	}
	// Output:
	// 5000 true finance.payment.refund.v1: oap.allowed
	// 5001 false finance.payment.refund.v1: oap.limit_exceeded by rule 4
}

// A pack of the host's own is a rule of a verifier. The verifier has proven the
// passport before the pack is asked.
func ExamplePolicy() {
	pack, err := packs.Load([]byte(`{
		"id": "acme.refund.v1", "capabilities": ["payments.refund"], "required": ["amount", "order"],
		"context": {"amount": {"type": "integer", "minimum": 1}, "order": {"type": "string", "minLength": 1}},
		"rules": [{"code": "limit_exceeded", "require": "context.amount <= limits.max_amount", "needed": true}]
	}`), "") // in production: the digest that was reviewed
	if err != nil {
		fmt.Println(err)
		return
	}
	w := verifytest.NewWorld(&testing.T{}) // an issuer, an agent and its passport, for tests
	v := w.Verifier(func(c *verify.Config) {
		c.Policy = []verify.Rule{packs.Policy{Pack: pack}.Rule()}
	})
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.Capabilities = []passport.Capability{{Action: "payments.refund"}}
		p.Authority.SpendLimits, p.Authority.MaxTransaction = nil, passport.MustMoney("100.00", "USD")
		p.Authority.Categories, p.Authority.Rails = nil, nil
		p.Extensions, _ = credential.ParseValue(`{"oap": {"limits": {"payments.refund": {"max_amount": 2000}}}}`)
	}))
	for _, amount := range []string{"20.00", "20.01"} {
		act := passport.Act{Action: "payments.refund", Amount: passport.MustMoney(amount, "USD")}
		act.Attributes, _ = credential.ParseValue(`{"order": "o1"}`)
		shown := w.Present(pass, w.Intent(func(in *passport.Intent) { in.Act = act }))
		_, err := v.Verify(context.Background(), shown, w.Request(func(q *verify.Request) { q.Act = act }))
		fmt.Println(amount, err)
	}
	// Output:
	// 20.00 <nil>
	// 20.01 deny: policy.limit_exceeded: acme.refund.v1: oap.limit_exceeded by rule 1
}

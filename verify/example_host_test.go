package verify_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// exampleWorld has an issuer, an agent with a passport, and a clock; see package verifytest.
func exampleWorld() *verifytest.World { return verifytest.NewWorld(&testing.T{}) }

// What was allowed, and what became of it: the whole amount, less, or nothing.
func ExampleDecision() {
	ctx := context.Background()
	w := exampleWorld()
	v := w.Verifier()
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerDay}}
	}))

	for _, end := range []string{"done", "done for less", "not done"} {
		d, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
		if err != nil {
			log.Fatal(err)
		}
		switch end {
		case "done":
			err = d.Commit(ctx)
		case "done for less":
			err = d.CommitFor(ctx, passport.MustMoney("2.50", "USD"))
		case "not done":
			err = d.Release(ctx)
		}
		budgets, usageErr := v.Budgets(ctx, d.Chain)
		if usageErr != nil {
			log.Fatal(usageErr)
		}
		b := budgets[0]
		fmt.Printf("%s: %v, %q, %s of %s left\n", end, err, d.Code(), b.Text(b.Left()), b.Name)
	}
	// Output:
	// done: <nil>, "", 87.50 USD of 100.00 USD per day left
	// done for less: <nil>, "", 85.00 USD of 100.00 USD per day left
	// not done: <nil>, "", 85.00 USD of 100.00 USD per day left
}

// What an agent may do in all, for a page that shows it.
func ExampleDecision_Authority() {
	w := exampleWorld()
	d, err := w.Verifier().Verify(context.Background(), w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Authority().Capabilities(), d.Authority().SpendLimits())
	// Output: [payments.charge data.*] [50.00 USD per transaction]
}

// A refusal has every reason, with code, place, limit and actual value. What the agent may be told is told apart.
func ExampleRefusal() {
	w := exampleWorld()
	act := func(a *passport.Act) { a.Amount = passport.MustMoney("999.00", "USD") }
	in := w.Intent(func(in *passport.Intent) { act(&in.Act) })
	q := w.Request(func(q *verify.Request) { act(&q.Act) })
	_, err := w.Verifier().Verify(context.Background(), w.Present(w.Issue(w.Passport()), in), q)

	var refusal *verify.Refusal
	if !errors.As(err, &refusal) {
		log.Fatal(err)
	}
	fmt.Println(refusal.Verdict, refusal.Code(), errors.Is(err, verify.AuthorityAmountExceeded), refusal.Until().IsZero())
	for _, v := range refusal.Own() {
		fmt.Println(v.Code, v.Limit, v.Actual)
	}
	// Output:
	// deny authority.amount_exceeded true true
	// authority.amount_exceeded 50.00 USD 999.00 USD
}

// What is known of a code: the HTTP status, what to do, and the words of other systems.
func ExampleLookup() {
	info, ok := verify.Lookup(verify.AuthorityAmountExceeded)
	number, name := info.AIP1Error()
	fmt.Println(ok, info.HTTP, info.Meaning)
	fmt.Println(number, name, info.OAP)
	fmt.Println(len(verify.Codes()) > 50)
	// Output:
	// true 403 more than is allowed in one transaction
	// AIP-E202 MONETARY_LIMIT [limit_exceeded]
	// true
}

// Whatever stands in front of a verifier refuses in the same form.
func ExampleRefuse() {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	d, err := verify.Refuse(at, verify.EnvelopeMissing)
	fmt.Println(d.Verdict, err)

	// What quotes nothing but the caller's own words may be told to the caller.
	_, err = verify.RefuseOpenly(at, &verify.Violation{Code: verify.EnvelopeMalformed, Detail: "the metadata is not text"})
	var refusal *verify.Refusal
	fmt.Println(errors.As(err, &refusal), len(refusal.Own()))
	// Output:
	// deny deny: envelope.missing
	// true 1
}

// A guard hands the decision on to the handler behind it.
func ExampleNewContext() {
	w := exampleWorld()
	d, err := w.Verifier().Verify(context.Background(), w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	if err != nil {
		log.Fatal(err)
	}
	ctx := verify.NewContext(context.Background(), d)
	again, ok := verify.FromContext(ctx)
	fmt.Println(again.Verdict, ok, again.Intent.Action)
	// Output: allow true payments.charge
}

// Was it right to allow this at nine? The same question, as of then. Nothing is used up.
func ExampleVerifier_Audit() {
	w := exampleWorld()
	shown := w.Present(w.Issue(w.Passport()), w.Intent())
	nine := w.Clock.Now()
	w.Clock.Advance(48 * time.Hour)

	v := w.Verifier()
	q, same := w.Request(), w.Request()
	fmt.Println("as of nine:", v.Audit(context.Background(), shown, q, nine).WouldBe)
	report := v.Explain(context.Background(), shown, q)
	fmt.Println("now:", report.WouldBe, report.Code())
	fmt.Println("the same question:", q.Digest() == same.Digest(), "about somebody:", !report.Subject.IsZero())
	// Output:
	// as of nine: allow
	// now: deny time.expired
	// the same question: true about somebody: true
}

// A rule of the host sees what was proven. It can refuse, and never allow.
func ExampleRule() {
	w := exampleWorld()
	vetted := verify.Rule{ID: "vetted models", Check: func(f verify.Facts) error {
		if f.Leaf().Attestation.ModelDigest != "" {
			return nil
		}
		return &verify.Violation{Code: "policy.model", Path: f.Path(len(f.Chain)-1, "/attestation"), Detail: "say which model runs"}
	}}
	v := w.Verifier(func(c *verify.Config) { c.Policy = append(c.Policy, vetted) })
	_, err := v.Verify(context.Background(), w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	fmt.Println(err)
	// Output: deny: policy.model at /verifiableCredential/0/credentialSubject/attestation: say which model runs
}

// Passports that come again need no signature check, if the verifier remembers some.
func ExampleVerifier_Stats() {
	w := exampleWorld()
	v := w.Verifier(func(c *verify.Config) { c.ProvenDocuments = 100 })
	pass := w.Issue(w.Passport())
	for range 4 {
		if _, err := v.Verify(context.Background(), w.Present(pass, w.Intent()), w.Request()); err != nil {
			fmt.Println(err)
		}
	}
	s := v.Stats()
	fmt.Printf("%d remembered, hit rate %.2f\n", s.ProvenHeld, s.HitRate())
	// Output: 1 remembered, hit rate 0.75
}

// Ledgers count in 128 bits: money in its finest unit, and acts.
func ExampleQuantity() {
	price, limit := verify.AmountOf(passport.MustMoney("12.50", "USD")), verify.AmountOf(passport.MustMoney("20.00", "USD"))
	fmt.Println(price.Add(price).Cmp(limit), limit.Sub(price) == verify.AmountOf(passport.MustMoney("7.50", "USD")))

	three, err := verify.ParseQuantity("3")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(three == verify.Count(3), verify.QuantityFromBytes(three.Bytes()))
	used := verify.Used{Spent: verify.Count(2), Held: verify.Count(1)}
	fmt.Println(used.Total())
	// Output:
	// 1 true
	// true 3
	// 3
}

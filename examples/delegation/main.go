// Delegation: an agent hands a part of its passport to a second one, that one
// to a third, and so to a fourth. No issuer is asked, each hop can only narrow,
// and all of them spend from one budget.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

var (
	shop = "did:web:shop.example"
	ctx  = context.Background()
	now  = func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	opts = passport.IssueOptions{Now: now}
)

func main() { run(os.Stdout) }

func run(out io.Writer) {
	// The root: the lead agent may spend 60 USD a day, and delegate three deep.
	issuer, lead := must(did.GenerateKey()), must(did.GenerateKey())
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	entry := must(bits.Entry(must(bits.Allocate())))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: now()}))
	root := passport.Authority{
		Capabilities:       []passport.Capability{{Action: "payments.charge"}, {Action: "data.*"}},
		Categories:         []string{"compute", "storage"},
		SpendLimits:        []passport.SpendLimit{{Money: usd("60.00"), Per: passport.PerDay}},
		MaxDelegationDepth: 3,
	}
	chain := passport.Chain{must(passport.Issue(ctx, issuer,
		&passport.Passport{Agent: lead.DID(), Name: "lead", Status: []statuslist.Entry{entry}, Authority: root}, opts))}

	// Three hops. Each holder signs the next passport; what it does not grant is gone.
	agents, chains := []*did.KeyPair{lead}, []passport.Chain{chain}
	above, effective := root, root.Effective()
	for _, child := range []passport.Passport{
		{Name: "buyer", Authority: passport.Authority{MaxTransaction: usd("40.00"),
			Capabilities: []passport.Capability{{Action: "payments.charge"}}, MaxDelegationDepth: 3}},
		{Name: "scout", Authority: passport.Authority{MaxTransaction: usd("20.00"), Categories: []string{"compute"}, MaxDelegationDepth: 3}},
		{Name: "clerk", Authority: passport.Authority{MaxTransaction: usd("10.00"), Payees: []string{"did:web:cloud.example"}}},
	} {
		agent := must(did.GenerateKey())
		child.Agent, child.Authority = agent.DID(), child.Authority.InheritGrants(&above) // the rest stays
		chain = must(passport.Delegate(ctx, chain, agents[len(agents)-1], &child, opts))
		agents, chains = append(agents, agent), append(chains, chain)
		fmt.Fprintf(out, "%s gets:\n", child.Name)
		for _, c := range effective.Diff(&child.Authority) {
			fmt.Fprintf(out, "  %-18s %s → %s\n", c.Facet, c.Before, c.After)
		}
		above, effective = child.Authority, effective.Intersect(&child.Authority)
	}
	_, err := passport.Delegate(ctx, chains[1], agents[1],
		&passport.Passport{Agent: agents[3].DID(), Name: "greedy", Authority: passport.Authority{MaxTransaction: usd("41.00")}}, opts)
	fmt.Fprintf(out, "\nThe buyer tries to give what it has not: %v\n", err)

	// The shop sees the whole chain, and trusts the issuer alone.
	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Now: now,
		Status: lists.Static(),
		Ledger: ledger.NewMemory(ledger.Options{}), Payments: []string{"payments.*"}}))
	pay := func(depth int, amount string) {
		act := passport.Act{Action: "payments.charge", Amount: usd(amount), Category: "compute", Payee: "did:web:cloud.example"}
		vp := must(passport.Present(ctx, agents[depth], chains[depth], passport.Intent{Act: act}, shop, passport.PresentOptions{Now: now}))
		d, _ := v.Verify(ctx, vp.Bytes(), verify.Request{Audience: shop, Act: act})
		fmt.Fprintf(out, "The %s pays %s USD: %s\n", []string{"lead", "buyer", "scout", "clerk"}[depth], amount, d.Verdict)
		for _, why := range d.Violations {
			fmt.Fprintf(out, "  %s at %s:\n  %s (%s; limit %s)\n", why.Code, why.Path, why.Detail, why.Actual, why.Limit)
		}
	}
	fmt.Fprintln(out)
	pay(3, "10.00")
	pay(3, "15.00") // the scout might, the clerk may not
	pay(1, "40.00")
	pay(2, "20.00") // within its own limits, but the root's budget is shared
}

func usd(amount string) passport.Money { return passport.MustMoney(amount, "USD") }

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

package passport_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/passport"
)

// buyers is a chain of n passports as they go: a budget of an issuer, handed
// down with all its grants.
func buyers(tb testing.TB, n int) passport.Chain {
	tb.Helper()
	holder := keyOf(tb, 2)
	chain := passport.Chain{issue(tb, &passport.Passport{
		Agent: holder.DID(), Status: realistic(tb).Status, Role: "buyer", GrantID: "grant-2026-11", HumanPrincipal: "mailto:ada@example.org",
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge",
				Params: []passport.Param{{Name: "max_items", Kind: passport.ParamMax, Int: 20}}}, {Action: "data.*"}},
			Categories:     []string{"compute"},
			Rails:          []string{"tempo"},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
			SpendLimits: []passport.SpendLimit{
				{Money: passport.MustMoney("500.00", "USD"), Per: passport.PerDay},
				{Money: passport.MustMoney("5000.00", "USD"), Per: passport.PerMonth, TimeZone: "Europe/Berlin"},
			},
			Limits:             []passport.Limit{passport.MaxOf("rows", 1000), passport.RateOf("requests", time.Hour, 1000)},
			Payees:             []string{"did:web:shop.example", "https://pay.example/*"},
			Regions:            []string{"DE", "FR", "NL"},
			MaxDelegationDepth: 5,
		},
	})}
	for depth := 1; depth < n; depth++ {
		parent, err := passport.ReadUnverified(chain[depth-1])
		require.NoError(tb, err)
		next := keyOf(tb, byte(depth+2))
		child := &passport.Passport{Agent: next.DID(),
			Authority: passport.Authority{MaxDelegationDepth: 5, Regions: parent.Authority.Regions}.InheritGrants(&parent.Authority)}
		chain, err = passport.Delegate(context.Background(), chain, holder, child, passport.IssueOptions{Now: at(instant)})
		require.NoError(tb, err)
		holder = next
	}
	return chain
}

func authorities(tb testing.TB, chain passport.Chain) (passports []*passport.Passport, stated []*passport.Authority) {
	tb.Helper()
	for _, s := range chain {
		p, err := passport.ReadUnverified(s)
		require.NoError(tb, err)
		passports, stated = append(passports, p), append(stated, &p.Authority)
	}
	return passports, stated
}

// BenchmarkDescent is step 5 of a verification: what a chain allows together.
// The digests, which bind a link to one edition of its parent, cost what they
// cost in package credential and are left out unless the name says otherwise.
func BenchmarkDescent(b *testing.B) {
	for _, n := range []int{1, 3, 5} {
		chain := buyers(b, n)
		passports, _ := authorities(b, chain)
		for _, real := range []bool{false, true} {
			digests := make([]func() string, n)
			for i, s := range chain {
				digests[i] = s.Digest
				if d := s.Digest(); !real {
					digests[i] = func() string { return d }
				}
			}
			b.Run(fmt.Sprintf("passports=%d/digests=%v", n, real), func(b *testing.B) {
				b.ReportAllocs()
				ratio.Of(b, "V", func() {
					d := &passport.Descent{}
					for i, p := range passports {
						if err := d.Next(p, digests[i]); err != nil {
							b.Fatal(err)
						}
					}
					d.Effective()
				}, ratio.V(b, 64))
			})
		}
	}
}

// BenchmarkPermits is what steps 7 and 8 ask of a chain: whether it permits the
// act, and what the act counts against.
func BenchmarkPermits(b *testing.B) {
	rich, err := decode(largest(b))
	require.NoError(b, err)
	attributes, err := credential.ParseValue(`{"items":2,"rows":5,"category":"office","shop":"main","gift":true}`)
	require.NoError(b, err)
	_, realistic := authorities(b, buyers(b, 3))
	few, err := credential.ParseValue(`{"items":2,"rows":5}`)
	require.NoError(b, err)
	for _, c := range []struct {
		name  string
		chain []*passport.Authority
		act   asked
	}{
		{"realistic", realistic, asked{audience: "did:web:shop.example", at: instant, Act: passport.Act{
			Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"),
			Payee: "did:web:shop.example", Category: "compute", Rail: "tempo", Region: "DE", Attributes: few,
		}}},
		{"largest", []*passport.Authority{&rich.Authority, &rich.Authority, &rich.Authority},
			asked{audience: "did:web:shop.example", at: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), Act: passport.Act{
				Action: "payments.charge", Resource: "https://api.example/v1/x", Amount: passport.MustMoney("12.50", "EUR"),
				Payee: "https://shop.example/x", Category: "it", Rail: "card", Region: "DE-BY", Attributes: attributes,
			}}},
	} {
		require.Empty(b, c.act.judged(c.chain))
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			ratio.Of(b, "V", func() { c.act.judged(c.chain) }, ratio.V(b, 64))
		})
		b.Run(c.name+"/charges", func(b *testing.B) {
			b.ReportAllocs()
			ratio.Of(b, "V", func() { charge(b, c.chain, &c.act.Act) }, ratio.V(b, 64))
		})
	}
}

// charge walks the budgets of a chain as the ledger's step does.
func charge(b *testing.B, chain []*passport.Authority, act *passport.Act) {
	for _, a := range chain {
		for k := range a.SpendLimits {
			l := &a.SpendLimits[k]
			if l.Per == passport.PerTransaction || !l.AppliesTo(act) {
				continue
			}
			if _, err := l.Since(instant); err != nil {
				b.Fatal(err)
			}
		}
		if a.Under(act) < 0 {
			b.Fatal("the act passes under nothing")
		}
	}
}

// What a link states again as its parent stated it takes no memory: a hop
// allocates the result, its capabilities and what compares the two.
func TestAHopCopiesLittle(t *testing.T) {
	allocations := func(n int) float64 {
		passports, _ := authorities(t, buyers(t, n))
		return testing.AllocsPerRun(100, func() {
			d := &passport.Descent{}
			for _, p := range passports {
				if d.Next(p, nil) != nil {
					t.Fatal("the chain does not narrow")
				}
			}
		})
	}
	two, five := allocations(2), allocations(5)
	require.LessOrEqual(t, (five-two)/3, 5.0)
}

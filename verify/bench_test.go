package verify_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// agingLedger is an in-memory ledger for which time goes on: when the
// presentations of a benchmark come round again, the ones before have ended and
// are forgotten. So it is neither empty nor does it grow.
type agingLedger struct {
	n atomic.Int64
	l *ledger.Memory
}

const shown = 256

func newAgingLedger() *agingLedger {
	// Nobody settles these acts, and nobody asks what became of them.
	return &agingLedger{l: ledger.NewMemory(ledger.Options{KeepUnresolved: 1})}
}

func (f *agingLedger) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	n := f.n.Add(1) - 1
	age := time.Duration(n/shown) * 26 * time.Hour // longer than an intent is known
	for _, t := range []*time.Time{&r.At, &r.ReplayUntil, &r.KnownUntil, &r.HoldBy} {
		*t = t.Add(age)
	}
	for i := range r.Charges {
		c := &r.Charges[i]
		c.Since, c.Until = c.Since.Add(age), c.Until.Add(age)
	}
	if n%shown == 0 {
		if err := f.l.Forget(ctx, r.At); err != nil {
			return verify.Held{}, err
		}
	}
	return f.l.Reserve(ctx, r)
}
func (*agingLedger) Settle(context.Context, verify.Settlement) error { return nil }
func (*agingLedger) Peek(context.Context, *verify.Reservation) error { return nil }
func (*agingLedger) Record(context.Context, verify.Record) error     { return nil }

// decisions prepares presentations of a chain of n passports and returns a
// function that decides on the next one.
func decisions(b *testing.B, n int, proven int) func() {
	v, raws, q := presentations(b, n, proven, shown, newAgingLedger())
	i := 0
	return func() {
		if _, err := v.Verify(ctx, raws[i%shown], q); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// presentations makes presentations of a chain of n realistic passports, and a
// verifier that allows each of them, if the ledger does.
func presentations(b *testing.B, n, proven, count int, ledger verify.Ledger) (*verify.Verifier, [][]byte, verify.Request) {
	b.Helper()
	w := verifytest.NewWorld(b)
	rich := func(p *passport.Passport) {
		p.Role, p.Framework, p.Description, p.GrantID = "buyer", "example/1", "buys compute for the research group", "grant-2026-11"
		p.OrganizationDID = "did:web:org.example"
		p.Authority.SpendLimits = []passport.SpendLimit{
			{Money: passport.MustMoney("500.00", "USD"), Per: passport.PerDay},
			{Money: passport.MustMoney("5000.00", "USD"), Per: passport.PerMonth, TimeZone: "Europe/Berlin"},
		}
		p.Authority.Limits = []passport.Limit{passport.MaxOf("rows", 1000), passport.RateOf("requests", time.Hour, 1000)}
		p.Authority.Payees = []string{"did:web:shop.example", "https://pay.example/*"}
		p.Authority.Regions = []string{"DE", "FR", "NL"}
		p.Authority.MaxDelegationDepth = 5
	}
	chain := passport.Chain{w.Issue(w.Passport(rich))}
	holder := w.Agent
	for depth := 1; depth < n; depth++ {
		next := verifytest.Key(fmt.Sprint("agent ", depth))
		parent, err := passport.ReadUnverified(chain[depth-1])
		if err != nil {
			b.Fatal(err)
		}
		child := &passport.Passport{Agent: next.DID(), Authority: passport.Authority{MaxDelegationDepth: 5}.InheritGrants(&parent.Authority)}
		if chain, err = passport.Delegate(ctx, chain, holder, child, passport.IssueOptions{Now: w.Clock.Now}); err != nil {
			b.Fatal(err)
		}
		holder = next
	}
	in := w.Intent(func(in *passport.Intent) {
		in.Payee, in.Region, in.Amount = "did:web:shop.example", "DE", passport.MustMoney("0.01", "USD")
	})
	q := w.Request(func(q *verify.Request) { q.Payee, q.Region, q.Amount = in.Payee, in.Region, in.Amount })
	raws := make([][]byte, count)
	for i := range raws {
		raws[i] = w.PresentChain(holder, chain, in)
	}
	lists, err := statuslist.NewCache(w.Lists, statuslist.CacheOptions{Now: w.Clock.Now})
	if err != nil {
		b.Fatal(err)
	}
	v := w.Verifier(func(c *verify.Config) {
		c.Ledger, c.Status, c.ProvenDocuments, c.KnowIntents = ledger, lists, proven, 10*time.Minute
		c.Resolver = did.KeyMethods()
	})
	return v, raws, q
}

// Goals 6, 7 and 8: a whole decision over chains of 1, 3 and 5 passports, with
// and without the memory of proven documents, in units of one ed25519.Verify.
func BenchmarkDecision(b *testing.B) {
	for _, n := range []int{1, 3, 5} {
		for _, proven := range []int{0, 1024} {
			b.Run(fmt.Sprintf("passports=%d/proven=%v", n, proven > 0), func(b *testing.B) {
				ratio.Of(b, "V", decisions(b, n, proven), ratio.V(b, 64))
			})
		}
	}
}

func BenchmarkDecisionAllocs(b *testing.B) {
	decide := decisions(b, 1, 0)
	b.ReportAllocs()
	for b.Loop() {
		decide()
	}
}

// The hot path takes no lock of its own: two cores decide nearly twice as much.
func BenchmarkDecisionParallel(b *testing.B) {
	w := verifytest.NewWorld(b)
	pass := w.Issue(w.Passport())
	lists, err := statuslist.NewCache(w.Lists, statuslist.CacheOptions{Now: w.Clock.Now})
	if err != nil {
		b.Fatal(err)
	}
	raw := w.Present(pass, w.Intent())
	v := w.Verifier(func(c *verify.Config) { c.Status = lists })
	q := w.Request()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if rep := v.Explain(ctx, raw, q); rep.WouldBe != verify.Allow {
				b.Fatal(rep.Violations)
			}
		}
	})
}

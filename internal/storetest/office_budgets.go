package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// CrashBudgets kills a process that spends from the budget of a grant, and looks at what is left: each act that the
// ledger has, and no other, is taken from the budget, and counts there what it counts in the ledger. G8, STO-01.
//
// open and kill are as those of [Crash].
func CrashBudgets(t *testing.T, rounds int, open Open, kill func(t testing.TB)) {
	crashOffice(t, rounds, open, kill, (*desk).spend, (*desk).spent)
}

// payment is the act number i of a worker. Time goes on from round to round.
type payment struct{ round, worker, i int }

func (p payment) String() string { return fmt.Sprintf("%d-%d-%d", p.round, p.worker, p.i) }

// of is the reservation of a payment from the budget of a grant.
func (p payment) of(d *desk) *verify.Reservation {
	at := Noon.Add(time.Duration(p.round)*time.Hour + time.Duration(p.i*workers+p.worker)*10*time.Millisecond)
	r := Act(p.String(), at, int64(2+2*((p.i*7+p.worker)%5)), 1<<40)
	root := d.Issuer().String() + " " + d.purse + " " + verifytest.Key("agent").DID().String()
	r.Chain, r.Record.Root = []string{root}, root
	for i := range r.Charges {
		r.Charges[i].Account = root
	}
	return r
}

func (p payment) settlement(d *desk) (set verify.Settlement, ok bool) {
	r := p.of(d)
	return step(p).outcome(r), p.i%4 != 3
}

// spend spends, until it is killed.
func (d *desk) spend(t testing.TB) {
	say := new(voice).say
	l, err := office.Ledger(d.Registry, d.store.Ledger())
	require.NoError(t, err)
	patiently := func(do func() error) error {
		err := do()
		for n := 0; n < patient && errors.Is(err, verify.LedgerUnavailable); n++ { // the server was killed
			time.Sleep(5 * time.Millisecond)
			err = do()
		}
		return err
	}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range 300 {
				p := payment{d.round, w, i}
				if err := patiently(func() error {
					_, err := l.Reserve(ctx, p.of(d))
					return err
				}); !say("taken", p.String(), err) {
					continue
				}
				if set, ok := p.settlement(d); ok {
					say("settled", p.String(), patiently(func() error { return l.Settle(ctx, set) }))
				}
			}
		})
	}
	all.Wait()
}

// spent compares the budget with the ledger, and both with what was acknowledged.
func (d *desk) spent(t testing.TB, lines []string) (acknowledged int) {
	ctx := context.Background()
	done, acknowledged := heard(lines)
	d.log(t)
	known := map[string]payment{}
	for w := range workers {
		for i := range 300 {
			p := payment{d.round, w, i}
			known[p.of(d).Record.Decision] = p
		}
	}
	taken := map[string]bool{} // by the history of the budget
	for after := int64(0); ; {
		q := registry.BudgetQuery{Grant: d.purse, After: after, Limit: 200}
		list, err := d.Budgets.History(ctx, registry.Root(), q)
		require.NoError(t, err)
		for _, e := range list {
			after++
			require.Equal(t, after, e.Number)
			if e.Kind == "taken" {
				require.False(t, taken[e.ID], "%s is taken twice", e.ID)
				taken[e.ID] = true
			}
		}
		if len(list) < 200 {
			break
		}
	}
	var used, opened verify.Quantity
	for id, p := range known {
		e, err := d.store.Ledger().Entry(ctx, id)
		if err != nil {
			require.ErrorIs(t, err, verify.ErrUnknownDecision)
			require.False(t, taken[id], "%s is taken, and was not done", p)
			require.Empty(t, done[p.String()], "%s was acknowledged, and is not there", p)
			continue
		}
		require.True(t, taken[id], "%s was done, and is not taken", p)
		used = used.Add(e.Done)
		if e.State == verify.HoldOpen {
			opened = opened.Add(e.Done)
		}
		set, _ := p.settlement(d)
		for _, what := range done[p.String()] {
			require.True(t, what != "settled" || e.State == state(set), "%s: what became of it is lost", p)
		}
		delete(taken, id)
	}
	require.Empty(t, taken)
	b, err := d.Budgets.Balance(ctx, registry.Root(), d.purse)
	require.NoError(t, err)
	require.Equal(t, used, verify.AmountOf(b.Used), "the budget and the ledger differ")
	require.Equal(t, opened, verify.AmountOf(b.Open), "the budget and the ledger differ in what is open")
	require.LessOrEqual(t, b.Used.Cmp(b.Allocated), 0, "the budget was passed")
	return acknowledged
}

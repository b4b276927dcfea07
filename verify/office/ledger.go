package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// Ledger returns a ledger that also debits the budgets of the office's grants (G8), for verify.Config.Ledger.
// What an act takes from the budget of its grant, and of those that the grant is a part of, is debited in the
// transaction that reserves it, and corrected in the one that settles it; so it is exact whoever asks at the
// same time, and after a crash. The ledger must be of the store that the office is in. An act whose root
// passport the office has not issued takes nothing from a budget.
func Ledger(o *registry.Registry, l store.Ledger) (store.Ledger, error) {
	j, ok := l.(jointLedger)
	if o == nil || !ok || !j.Keeps(o.Store()) {
		return nil, errors.New("office: the ledger is not of the store that the office is in, " +
			"so that a spend and its budget could not be one transaction")
	}
	return &debiting{jointLedger: j, office: o, issuer: o.Issuer().String()}, nil
}

// jointLedger is a ledger that has a registry beside it, in one store.
type jointLedger interface {
	store.Ledger
	Keeps(registry.Store) bool
	ReserveWith(ctx context.Context, r *verify.Reservation, do, undo func(registry.Tx) error) (verify.Held, error)
	SettleWith(ctx context.Context, s verify.Settlement, do func(registry.Tx) error) error
}

type debiting struct {
	jointLedger
	office *registry.Registry
	issuer string
	acts   atomic.Int64
}

// pruneEvery is after how many acts some of the history of budgets is forgotten: more than these have added.
const pruneEvery = 32

// spend returns what a reservation takes from a budget; ok is false if that is nothing.
func (l *debiting) spend(r *verify.Reservation) (s registry.Spend, ok bool) {
	if r.Record.Amount.IsZero() || verify.AmountOf(r.Record.Amount) == (verify.Quantity{}) || len(r.Chain) == 0 {
		return s, false
	}
	// The account of a root that states a grant: its issuer, the grant and the agent.
	root := strings.Split(r.Chain[0], " ")
	if len(root) != 3 || root[0] != l.issuer {
		return s, false
	}
	return registry.Spend{
		Decision: r.Record.Decision, Grant: root[1], Passport: r.Record.Passport, Amount: r.Record.Amount,
	}, true
}

// Reserve implements [verify.Ledger].
func (l *debiting) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	s, ok := l.spend(r)
	if !ok {
		return l.jointLedger.Reserve(ctx, r)
	}
	held, err := l.ReserveWith(ctx, r, func(tx registry.Tx) error {
		return refusal(l.office.Budgets.Take(tx, s))
	}, func(tx registry.Tx) error {
		return l.office.Budgets.Settle(tx, registry.Settled{Decision: s.Decision, NotDone: true})
	})
	if err == nil && l.acts.Add(1)%pruneEvery == 0 {
		_, _ = l.office.Budgets.PruneSome(ctx) // where it fails there is a next time
	}
	return held, err
}

// Settle implements [verify.Ledger].
func (l *debiting) Settle(ctx context.Context, s verify.Settlement) error {
	return l.SettleWith(ctx, s, func(tx registry.Tx) error {
		if s.Outcome == verify.OutcomeUnknown {
			return nil // it stays spent, and open
		}
		return l.office.Budgets.Settle(tx, registry.Settled{
			Decision: s.Decision, NotDone: s.Outcome == verify.NotDone, Amount: s.Amount, By: s.By, Reason: s.Reason,
		})
	})
}

// Peek implements [verify.Ledger].
func (l *debiting) Peek(ctx context.Context, r *verify.Reservation) error {
	err := l.jointLedger.Peek(ctx, r)
	s, ok := l.spend(r)
	if err != nil || !ok {
		return err
	}
	return l.office.Store().View(ctx, func(tx registry.Tx) error {
		return refusal(l.office.Budgets.Left(tx, s))
	})
}

// refusal says in the words of a ledger why a budget takes no debit.
func refusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, registry.AmountExceeds):
		return &passport.Error{
			Code: verify.LedgerBudgetExceeded, Detail: "the budget of the grant does not have that much left", Err: err,
			Hint: "ask the principal for more: it does not come back by itself",
		}
	case errors.Is(err, registry.NotFound):
		return &passport.Error{
			Code: verify.LedgerUnavailable, Err: err,
			Detail: "the office does not know the grant, so nobody knows what is left of it",
			Hint:   "was the store restored from an older copy?",
		}
	}
	return fmt.Errorf("office: %w", err)
}

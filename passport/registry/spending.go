package registry

import (
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/passport"
)

// Spend is what an act takes from the budget of a grant, and of those that the grant is a part of.
type Spend struct {
	Decision string // its id, by which it is settled
	Grant    string // that the root of the chain states
	Passport string // that was presented; for the history
	Amount   passport.Money
}

// Settled says what became of an act.
type Settled struct {
	Decision string
	NotDone  bool           // it was not done: all of it is given back
	Amount   passport.Money // what it came to, at most what was taken; no amount: all of that
	By       string         // who says so, if it is not the course of things
	Reason   string
}

// debit is what the office remembers of a spend.
type debit struct {
	Grants  []string // whose budgets it was taken from
	Amount  passport.Money
	Counted passport.Money // of it, now
	Open    bool           // nobody has said what became of it
	Numbers []int64        `json:",omitempty"` // of the lines of their histories
	Day     int64          `json:",omitempty"` // when; zero: by hand, and it is kept
}

// keys is by what it is found when it is time to forget it.
func (t *debit) keys() []Key {
	if t.Day == 0 {
		return nil
	}
	return []Key{{Name: "day", Value: strconv.FormatInt(t.Day, 10)}}
}

// Take debits what an act reserves: within a transaction of the store that the ledger reserves it in, so that
// both are done or neither. Package verify/office calls it. More than is left, and another asset, are refused
// with AMOUNT_EXCEEDS_BUDGET; a grant that the office does not know with NOT_FOUND. A decision takes once: to
// take under the same id again is [ErrChanged]. A grant without a budget, and without one above it, has no bound here.
func (s *Budgets) Take(tx Tx, n Spend) error {
	if !strings.HasPrefix(n.Grant, grantPrefix) {
		return nil // a record, which has no budget
	}
	var g Grant
	d, err := load(tx, kindGrant, n.Grant, &g)
	if err == nil && d.Version == 0 {
		err = unknown("grant")
	}
	if err != nil {
		return err
	}
	_, err = s.take(tx, &g, n.Decision, BudgetEntry{
		Kind: "taken", Amount: n.Amount, ID: n.Decision, Passport: n.Passport,
	}, true)
	return err
}

// Left says what Take would say, and changes nothing.
func (s *Budgets) Left(tx Tx, n Spend) error {
	if !strings.HasPrefix(n.Grant, grantPrefix) {
		return nil
	}
	var g Grant
	d, err := load(tx, kindGrant, n.Grant, &g)
	if err == nil && d.Version == 0 {
		err = unknown("grant")
	}
	if err != nil {
		return err
	}
	line, err := s.line(tx, &g)
	if err != nil {
		return err
	}
	return fitsAll(line, n.Amount)
}

// fitsAll refuses an amount that is more than one of the budgets has left.
func fitsAll(line []*Budget, amount passport.Money) error {
	for _, b := range line {
		if left := b.Remaining(); !amount.SameAsset(left) || amount.Cmp(left) > 0 {
			return refuse(AmountExceeds, "Amount", "%s: the budget of %s has %s left", amount, b.Grant, left)
		}
	}
	return nil
}

// line returns the budgets of a grant and of those that it is a part of, from below.
func (s *Budgets) line(tx Tx, g *Grant) (line []*Budget, err error) {
	grants, err := s.r.Grants.line(tx, g)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		b := &Budget{}
		d, err := load(tx, kindBudget, g.ID, b)
		if err != nil {
			return nil, err
		}
		if d.Version > 0 {
			line = append(line, b)
		}
	}
	return line, nil
}

// take debits budgets under an id. found is false where there is none.
func (s *Budgets) take(tx Tx, g *Grant, id string, e BudgetEntry, open bool) (found bool, err error) {
	line, err := s.line(tx, g)
	if err != nil || len(line) == 0 {
		return false, err
	}
	if err := fitsAll(line, e.Amount); err != nil {
		return true, err
	}
	t := debit{Amount: e.Amount, Counted: e.Amount, Open: open}
	if open {
		t.Day = dayOf(s.r.now())
	}
	for _, b := range line {
		if err := s.move(tx, b.Grant, &e, func(b *Budget) {
			b.Used, _ = b.Used.Add(e.Amount) // it fits below what is allocated
			if open {
				b.Open, _ = b.Open.Add(e.Amount)
			}
		}); err != nil {
			return true, err
		}
		t.Grants, t.Numbers = append(t.Grants, b.Grant), append(t.Numbers, e.Number)
	}
	return true, save(tx, Doc{Kind: kindDebit, ID: id}, &t, t.keys()...)
}

// move changes one budget.
func (s *Budgets) move(tx Tx, grant string, e *BudgetEntry, f func(b *Budget)) error {
	var b Budget
	d, err := load(tx, kindBudget, grant, &b)
	if err != nil {
		return err
	}
	f(&b)
	return s.write(tx, d, &b, e)
}

// Settle says what an act came to that [Budgets.Take] has debited: within the transaction in which the ledger
// settles it, once the ledger has agreed. What is given back can be spent again. Another call corrects it: upwards to
// all that was taken at most, and even if the budget has less left by then. More than was taken, and another asset, are
// refused with BAD_REQUEST. An act that took nothing from a budget, or is older than Config.KeepHistory, is not known
// here, and that is not an error.
func (s *Budgets) Settle(tx Tx, n Settled) error {
	var t debit
	d, err := load(tx, kindDebit, n.Decision, &t)
	if err != nil || d.Version == 0 {
		return err
	}
	now := t.Amount
	switch {
	case n.NotDone:
		now = nothingOf(t.Amount)
	case !n.Amount.IsZero():
		if now = n.Amount; !now.SameAsset(t.Amount) || now.Cmp(t.Amount) > 0 {
			return refuse(BadRequest, "Amount", "%s is not a part of the %s that were taken", now, t.Amount)
		}
	}
	if !t.Open && now.Cmp(t.Counted) == 0 {
		return nil // it is said again
	}
	e := BudgetEntry{Kind: "settled", Amount: now, ID: n.Decision, By: n.By, Reason: n.Reason}
	if n.NotDone {
		e.Kind, e.Amount = "given back", t.Amount
	}
	for _, grant := range t.Grants {
		if err := s.move(tx, grant, &e, func(b *Budget) {
			used, _ := b.Used.Sub(t.Counted)
			if b.Used, _ = used.Add(now); t.Open {
				b.Open, _ = b.Open.Sub(t.Amount)
			}
		}); err != nil {
			return err
		}
	}
	t.Counted, t.Open = now, false
	return save(tx, d, &t, t.keys()...)
}

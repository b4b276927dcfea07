package registry

import (
	"context"
	"encoding/json"
	"math/big"
	"time"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/passport"
)

// Budgets are what grants may spend in all (G8). What agents spend is debited by the ledger of a verifier that
// shares the office's store, in the transaction that reserves it: see package verify/office. What is spent
// elsewhere is debited by hand, [Budgets.Debit]. A grant without a budget, and without one above it, has no
// bound here.
type Budgets struct{ r *Registry }

// Budget is the budget of a grant.
type Budget struct {
	Grant     string
	Org       string
	Allocated passport.Money
	Used      passport.Money // spent, or reserved and not given back
	Open      passport.Money // of Used: what was reserved and nobody has settled; past its deadline it stays spent
	Told      int            // the highest threshold that Used has passed, in per cent; see Thresholds
	At        time.Time      // when it was allocated
	UpdatedAt time.Time      `json:",omitzero"` // when it last changed, by hand or by what was spent; zero: never
}

// Remaining is what is left; an amount of zero if nothing is.
func (b *Budget) Remaining() passport.Money {
	if left, ok := b.Allocated.Sub(b.Used); ok {
		return left
	}
	return nothingOf(b.Allocated)
}

// nothingOf is an amount of zero of the same asset.
func nothingOf(m passport.Money) passport.Money { none, _ := m.Sub(m); return none }

// Thresholds are told as events when what is used passes so many per cent: budget.threshold, and budget.exhausted for
// the last. One is told once, until somebody changes the budget.
func Thresholds() []int { return []int{50, 80, 100} }

// passed returns the highest threshold that is passed, 0 for none.
func (b *Budget) passed() (highest int) {
	for _, percent := range Thresholds() {
		if !less(times(b.Used, 100), times(b.Allocated, int64(percent))) {
			highest = percent
		}
	}
	return highest
}

func times(m passport.Money, n int64) *big.Int {
	hi, lo := m.Units()
	units := new(big.Int).Add(new(big.Int).Lsh(new(big.Int).SetUint64(hi), 64), new(big.Int).SetUint64(lo))
	return units.Mul(units, big.NewInt(n))
}

func less(a, b *big.Int) bool { return a.Cmp(b) < 0 }

const (
	kindBudget = "budget"
	kindDebit  = "debit"
)

// Allocation says how much a grant may spend in all.
type Allocation struct {
	Grant  string
	Amount passport.Money // more than zero
	Reason string
}

// Allocate gives a grant its budget. A second one is refused with EXISTS: [Budgets.Adjust] changes it. One below the
// grant that it is a part of is of the same asset and at most what is left there; it is drawn from both.
func (s *Budgets) Allocate(ctx context.Context, by Actor, a Allocation) (*Budget, error) {
	return once(ctx, s.r, by, "budget.allocated", a, s.allocate, func(tx Tx, by Actor, grant string) (*Budget, error) {
		return s.of(tx, by, grant, ScopeIssue)
	})
}

func (s *Budgets) allocate(ctx context.Context, by Actor, a Allocation) (*Budget, error) {
	return s.set(ctx, by, a, "budget.allocated", func(tx Tx, d Doc, g *Grant, b *Budget) error {
		if d.Version > 0 {
			return &Error{Code: Exists, Member: "Grant", Detail: "it has a budget: adjust it", ID: g.ID}
		}
		return s.open(tx, g, b, a.Amount)
	})
}

// drawsUp refuses an owner who would change the budget of their own grant: they say what it is when they make it, and
// the organisation from then on.
func (a Actor) drawsUp(g *Grant) error {
	if a.may(g.Org) {
		return nil
	}
	return refuse(Forbidden, "Actor", "budgets are changed by the organisation, not by an owner")
}

// open makes a budget.
func (s *Budgets) open(tx Tx, g *Grant, b *Budget, amount passport.Money) error {
	if amount.IsZero() || isNothing(amount) {
		return refuse(BadRequest, "Amount", "want an amount above zero")
	}
	if err := s.fits(tx, g, amount); err != nil {
		return err
	}
	none := nothingOf(amount)
	*b = Budget{Grant: g.ID, Org: g.Org, Allocated: amount, Used: none, Open: none, At: s.r.now()}
	return nil
}

// Adjust changes a budget to another amount of the same asset. What is used stays used: where that is more than
// the new amount, nothing is left. Thresholds that are no longer passed are told again. One below the grant that it is
// a part of is raised at most to what is left there.
func (s *Budgets) Adjust(ctx context.Context, by Actor, a Allocation) (*Budget, error) {
	return s.set(ctx, by, a, "budget.adjusted", func(tx Tx, d Doc, g *Grant, b *Budget) error {
		switch {
		case d.Version == 0:
			return unknown("budget")
		case a.Amount.IsZero() || isNothing(a.Amount) || !a.Amount.SameAsset(b.Allocated):
			return refuse(BadRequest, "Amount", "want an amount above zero in %s", b.Allocated.Currency())
		}
		raised := a.Amount.Cmp(b.Allocated) > 0
		b.Allocated = a.Amount
		b.Told = min(b.Told, b.passed())
		if !raised {
			return nil
		}
		return s.fits(tx, g, b.Remaining())
	})
}

// fits refuses an amount that is more than what is left of a budget above a grant.
func (s *Budgets) fits(tx Tx, g *Grant, amount passport.Money) error {
	above, err := s.line(tx, g)
	if err != nil {
		return err
	}
	for _, o := range above {
		if left := o.Remaining(); o.Grant != g.ID && (!amount.SameAsset(left) || amount.Cmp(left) > 0) {
			return refuse(AmountExceeds, "Amount", "%s: the grant above, %s, has %s left", amount, o.Grant, left)
		}
	}
	return nil
}

func (s *Budgets) set(
	ctx context.Context, by Actor, a Allocation, event string, f func(tx Tx, d Doc, g *Grant, b *Budget) error,
) (*Budget, error) {
	var b *Budget
	err := s.r.update(ctx, func(tx Tx) error {
		gd, g, err := s.r.Grants.find(tx, by, a.Grant, ScopeIssue)
		if err != nil {
			return err
		}
		if err := by.drawsUp(g); err != nil {
			return err
		}
		b = &Budget{}
		d, err := load(tx, kindBudget, g.ID, b)
		if err != nil {
			return err
		}
		was := b.Allocated
		if err := f(tx, d, g, b); err != nil {
			return err
		}
		// The grant says it, too, and whoever issues on it meanwhile begins anew.
		g.Budget = b.Allocated
		if err := save(tx, gd, g, g.keys()...); err != nil {
			return err
		}
		return s.keep(tx, by, d, b, &was, event, a.Reason)
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// keep writes a budget that was allocated or changed by hand.
func (s *Budgets) keep(tx Tx, by Actor, d Doc, b *Budget, was *passport.Money, event, reason string) error {
	e := BudgetEntry{Kind: event[len("budget."):], Amount: b.Allocated, By: by.String()}
	data := map[string]any{"amount": b.Allocated}
	if was != nil && !was.IsZero() {
		data["before"] = was
	}
	line, err := s.r.noted(tx, by, b.Org, event, b.Grant, reason, data)
	if err != nil {
		return err
	}
	e.Line = line.Number
	return s.write(tx, d, b, &e)
}

// write writes a budget with a line of its history, and tells the thresholds that it has passed.
func (s *Budgets) write(tx Tx, d Doc, b *Budget, e *BudgetEntry) error {
	e.Number, e.At, e.Used = 0, s.r.now(), b.Used
	b.UpdatedAt = e.At
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if e.Number, err = tx.Append(history(b.Grant), line); err != nil {
		return err
	}
	if now := b.passed(); now > b.Told {
		b.Told = now
		event := "budget.threshold"
		if now == 100 {
			event = "budget.exhausted"
		}
		if err := s.r.note(tx, Root(), b.Org, event, b.Grant, "", map[string]any{
			"percent": now, "allocated": b.Allocated, "used": b.Used,
		}); err != nil {
			return err
		}
	}
	return save(tx, d, b, Key{Name: "org", Value: b.Org})
}

// Balance returns the budget of a grant; NOT_FOUND if it has none.
func (s *Budgets) Balance(ctx context.Context, by Actor, grant string) (b *Budget, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		b, err = s.of(tx, by, grant, ScopeRead)
		return err
	})
	return b, err
}

// of returns the budget of a grant.
func (s *Budgets) of(tx Tx, by Actor, grant string, scope Scope) (*Budget, error) {
	_, g, err := s.r.Grants.find(tx, by, grant, scope)
	if err != nil {
		return nil, err
	}
	b := &Budget{}
	d, err := load(tx, kindBudget, g.ID, b)
	switch {
	case err != nil:
		return nil, err
	case d.Version == 0:
		return nil, unknown("budget")
	}
	return b, nil
}

// BudgetEntry is a line of the history of a budget.
type BudgetEntry struct {
	Number   int64          // from 1 on, without gaps
	At       time.Time      // when the office wrote it
	Kind     string         // allocated, adjusted, debited, taken, settled or given back
	Amount   passport.Money // that it is about; of settled, what counts in the end
	Used     passport.Money // of the budget after it
	ID       string         `json:",omitempty"` // of the decision, or of the debit
	Passport string         `json:",omitempty"` // that was presented
	By       string         `json:",omitempty"` // who did it by hand
	Reason   string         `json:",omitempty"`
	Line     int64          `json:",omitempty"` // of the audit log, which says it, too; 0: none
}

// BudgetQuery asks for the history of a budget.
type BudgetQuery struct {
	Grant string
	After int64 // the Number behind which to begin; zero: at the beginning
	Limit int   // zero: 50; at most 200
}

// history is the stream of what became of a budget.
func history(grant string) string { return "budget/" + grant }

// History returns what became of a budget, the oldest first. Of one that is spent from by agents, lines older than
// Config.KeepHistory are forgotten.
func (s *Budgets) History(ctx context.Context, by Actor, q BudgetQuery) (list []BudgetEntry, err error) {
	limit, err := pageSize(q.Limit)
	if err != nil {
		return nil, err
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		list = nil
		_, g, err := s.r.Grants.find(tx, by, q.Grant, ScopeRead)
		if err != nil {
			return err
		}
		entries, err := tx.Read(history(g.ID), q.After, limit)
		for _, raw := range entries {
			var e BudgetEntry
			if err := json.Unmarshal(raw.Body, &e); err != nil {
				return err
			}
			if e.Line > 0 {
				var w words
				if _, err := load(tx, kindWords, wordsID(g.Org, e.Line), &w); err != nil {
					return err
				}
				e.Reason = w.Reason
			}
			e.Number = raw.Number
			list = append(list, e)
		}
		return err
	})
	return list, err
}

// Debit says what was spent where the office does not see it.
type Debit struct {
	Grant  string
	Amount passport.Money // more than zero
	ID     string         // of what was spent, needed: it is debited once, however often it is said
	Reason string
}

// Debit debits a budget by hand. More than is left is refused with AMOUNT_EXCEEDS_BUDGET and changes nothing; another
// debit under the same ID with CONFLICT.
func (s *Budgets) Debit(ctx context.Context, by Actor, n Debit) (*Budget, error) {
	switch {
	case n.Amount.IsZero() || isNothing(n.Amount):
		return nil, refuse(BadRequest, "Amount", "want an amount above zero")
	case n.ID == "" || len(n.ID) > 200 || !utf8.ValidString(n.ID):
		return nil, refuse(BadRequest, "ID", "want 1 to 200 bytes")
	}
	var b *Budget
	err := s.r.update(ctx, func(tx Tx) error {
		_, g, err := s.r.Grants.find(tx, by, n.Grant, ScopeIssue)
		if err != nil {
			return err
		}
		if err := by.drawsUp(g); err != nil {
			return err
		}
		id := g.ID + " " + n.ID
		var before debit
		d, err := load(tx, kindDebit, id, &before)
		switch {
		case err != nil:
			return err
		case d.Version > 0 && !(before.Amount.SameAsset(n.Amount) && before.Amount.Cmp(n.Amount) == 0):
			return refuse(Conflict, "ID", "another amount was debited under it: %s", before.Amount)
		case d.Version == 0:
			line, err := s.r.noted(tx, by, g.Org, "budget.debited", g.ID, n.Reason, map[string]any{
				"amount": n.Amount, "id": n.ID,
			})
			if err != nil {
				return err
			}
			e := BudgetEntry{Kind: "debited", Amount: n.Amount, ID: n.ID, By: by.String(), Line: line.Number}
			found, err := s.take(tx, g, id, e, false)
			if err == nil && !found {
				err = unknown("budget")
			}
			if err != nil {
				return err
			}
		}
		b = &Budget{}
		_, err = load(tx, kindBudget, g.ID, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

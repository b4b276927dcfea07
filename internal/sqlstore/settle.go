package sqlstore

import (
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/verify"
)

// settle is [verify.Ledger.Settle] in a transaction.
func (w *work) settle(s *verify.Settlement) (refusal, err error) {
	key := w.s.holdKey(s.Decision)
	r, err := load(w, holdTable, w.holds, key)
	if err != nil {
		return nil, err
	}
	if w.known != nil {
		list := []digest{key}
		if r != nil {
			list = slices.Concat(list, []digest{r.now.agent, r.now.root, r.now.intent}, r.now.accounts())
		}
		if r == nil || s.By != "" || w.waits(list...) {
			return nil, w.wait(list...)
		}
		defer func() {
			if refusal != nil || errors.Is(err, errTables) {
				refusal, err = nil, w.wait(list...)
			}
		}()
	}
	if r == nil {
		return ledgerrules.Unknown(s.Decision), nil
	}
	h := &r.now
	if s.Outcome == verify.Done && !s.Amount.IsZero() && !h.reserves(s.Amount) {
		refusal = ledgerrules.NotReserved(s)
		return refusal, w.attempt(s, refusal.Error())
	}
	was, had := h.state, h.done
	state, done, refusal := ledgerrules.Settled(&ledgerrules.Hold{
		State: was, Reserved: h.reserved, Done: had, By: h.by,
	}, s)
	if refusal != nil && w.known != nil {
		return nil, errTables
	}
	if state != was || done != had {
		h.state, h.done, r.changed = state, done, true
		if err := w.recount(key, h, was, had); err != nil {
			return nil, err
		}
	}
	if refusal == nil && s.By != "" {
		err = w.attempt(s, "")
	}
	return refusal, err
}

// reserves reports whether an amount is of the asset of a hold, and not more.
func (h *hold) reserves(m verify.Money) bool {
	// Of a currency the decimals are no part; of a token they are.
	token := strings.Contains(h.currency, "/")
	return m.Currency() == h.currency && (!token || m.Decimals() == h.decimals) && verify.AmountOf(m).Cmp(h.reserved) <= 0
}

// recount gives the budgets and rates of a hold what it counts now. In the usual course
// that is what it has reserved.
func (w *work) recount(key digest, h *hold, was verify.HoldState, had verify.Quantity) error {
	for i := range h.charges {
		c := &h.charges[i]
		old, now := c.counts(was, had, h.reserved), c.counts(h.state, h.done, h.reserved)
		if old == now {
			continue
		}
		a, err := load(w, accountTable, w.accounts, c.account)
		if err != nil {
			return err
		}
		if a == nil || a.now.born != c.born {
			continue // the account was forgotten
		}
		a.changed, a.now.total = true, recounted(a.now.total, old, now)
		if c.lifetime {
			continue
		}
		if h.at >= a.now.since {
			a.now.sum = recounted(a.now.sum, old, now)
		}
		if h.at > a.now.gone { // it is not forgotten yet
			w.putUse(useKey{c.account, h.at, key}, now, false)
		}
	}
	return nil
}

// beyond is more than any limit: what a sum is that did not fit into a quantity.
var beyond = verify.Quantity{Hi: math.MaxUint64, Lo: math.MaxUint64}

// recounted is a sum in which something counts otherwise than before. Corrections
// upwards may come to more than fits, and so may all that there ever was of a window. How
// much that is nobody knows then, so the sum stays more than any limit.
func recounted(sum, old, now verify.Quantity) verify.Quantity {
	if sum == beyond {
		return beyond
	}
	return sum.Sub(old).Add(now)
}

// counts is what a charge counts when its hold came to that.
func (c *charge) counts(state verify.HoldState, done, amount verify.Quantity) verify.Quantity {
	return ledgerrules.Counts(c.reserved, c.rate, state, done, amount)
}

var insertAttempt = insertInto("attempts", "space", "decision", "number", "at", "outcome", "amount", "currency",
	"decimals", "said_by", "reason", "refused")

// mostAttempts is how many attempts to settle one hold are recorded.
const mostAttempts = 64

// attempt records what was said by name, or was refused.
func (w *work) attempt(s *verify.Settlement, refused string) error {
	n, same := 0, false
	if err := w.eachAttempt(s.Decision, func(old verify.Settlement) {
		n++
		old.At, old.Refused = s.At, ""
		same = old == *s
	}); err != nil || n >= mostAttempts || w.doubt && same {
		return err
	}
	return w.exec(insertAttempt, w.s.space, decisionText(s.Decision), n+1, int64(instantOf(s.At)), int(s.Outcome),
		s.Amount.Amount(), text(s.Amount.Currency()), s.Amount.Decimals(), text(s.By), text(s.Reason), text(refused))
}

func (w *work) eachAttempt(decision string, f func(verify.Settlement)) error {
	return w.each("SELECT at, outcome, amount, currency, decimals, said_by, reason, refused FROM attempts "+
		"WHERE space = ? AND decision = ? ORDER BY number",
		[]any{w.s.space, decisionText(decision)}, func(r Row) error {
			f(verify.Settlement{
				Decision: decision, At: r.instant(0).Time(), Outcome: verify.ActOutcome(r.Int(1)),
				Amount: money(r.Text(2), r.Text(3), int(r.Int(4))), By: r.Text(5), Reason: r.Text(6),
				Refused: r.Text(7),
			})
			return nil
		})
}

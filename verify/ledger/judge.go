package ledger

import (
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

func refuse(c verify.Code, detail, hint string) *passport.Error {
	return &passport.Error{Code: c, Detail: detail, Hint: hint}
}

func at(path string, e *passport.Error) *passport.Error {
	e.Path = path
	return e
}

// capacity says that a cap is met.
func capacity(detail string, cap int) error {
	return &passport.Error{Code: verify.LedgerRateExceeded, Detail: detail, Limit: fmt.Sprint(cap)}
}

// forgotten says that something may have been forgotten. That is no fault of the
// agent's.
func forgotten(what string, ends, mark time.Time) error {
	return &passport.Error{
		Code: verify.LedgerUnavailable, Detail: what + " ended before something else that the ledger has forgotten, and may have been forgotten, too",
		Limit:  "later than " + mark.UTC().Format(time.RFC3339Nano),
		Actual: ends.UTC().Format(time.RFC3339Nano),
		Hint:   "was a clock ahead for a while? It passes when the right clocks have caught up; a new ledger knows nothing of that",
	}
}

// wellFormed checks what a caller of a ledger promises.
func wellFormed(r *verify.Reservation) error {
	bad := func(format string, args ...any) error {
		return refuse(verify.InternalError, "a reservation of another form than promised: "+fmt.Sprintf(format, args...), "this is the caller of the ledger")
	}
	if len(r.Chain) == 0 || r.Record.Decision == "" {
		return bad("no chain or no decision id")
	}
	for i := range r.Charges {
		c := &r.Charges[i]
		if place(r.Chain, c.Account) < 0 {
			return bad("charge %d is on an account that is not of the chain", i)
		}
		for k := range r.Charges[:i] {
			if o := &r.Charges[k]; o.Account == c.Account && o.Name == c.Name {
				return bad("charges %d and %d are on one limit", k, i)
			}
		}
	}
	return nil
}

// capped applies [verify.Caps] to all but accounts.
func (m *Memory) capped(r *verify.Reservation, repeated bool) error {
	a := m.agents[r.Agent.String()]
	if a == nil {
		a = &agent{}
	}
	if r.Replay != (verify.ReplayKey{}) && a.nonces >= r.Caps.Nonces {
		return capacity("the agent has too many unexpired presentations", r.Caps.Nonces)
	}
	if !repeated && a.acts >= r.Caps.Acts {
		return capacity("the ledger remembers too many acts of the agent", r.Caps.Acts)
	}
	return m.shared(r, r.Caps.RootActs, "acts", func(s *share, _ int) (int, int) { return s.acts, 1 })
}

// shared applies a cap to each place of the chain. has says what a place has
// and how much more it would be given.
func (m *Memory) shared(r *verify.Reservation, cap int, what string, has func(s *share, place int) (now, more int)) error {
	var key []byte
	for i, account := range r.Chain {
		key = fmt.Appendf(key, "%d %s ", len(account), account)
		s := m.shares[string(key)]
		if s == nil {
			s = &share{}
		}
		if now, more := has(s, i); more > 0 && now+more > r.Caps.Share(cap, i) {
			return capacity(fmt.Sprintf("the ledger remembers too many %s of chains through passport %d of the chain", what, i), r.Caps.Share(cap, i))
		}
	}
	return nil
}

// overdrawn judges the charges.
func (m *Memory) overdrawn(r *verify.Reservation) error {
	var errs []error
	opened := make([]int, len(r.Chain))
	for i := range r.Charges {
		c := &r.Charges[i]
		t := m.tallies[pair{c.Account, c.Name}]
		if t == nil {
			if !c.Until.After(m.accountMark) {
				return forgotten("the passport", c.Until, m.accountMark)
			}
			for k := 0; k <= place(r.Chain, c.Account); k++ {
				opened[k]++
			}
			t = &tally{}
		}
		if !c.Since.IsZero() && !t.mark.IsZero() && !c.Since.After(t.mark) {
			return forgotten("the window", c.Since, t.mark)
		}
		used := t.used(c.Since, r.At)
		if used.Total().Add(c.Use).Cmp(c.Limit) > 0 {
			errs = append(errs, &verify.ChargeError{Index: i, Rate: c.Rate, Used: used, After: t.after(c, used.Total())})
		}
	}
	if err := m.shared(r, r.Caps.RootAccounts, "budgets", func(s *share, i int) (int, int) { return s.accounts, opened[i] }); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// used returns what counts from an instant on, as of another.
func (t *tally) used(since, at time.Time) (used verify.Used) {
	for _, u := range t.uses {
		if u.at.Before(since) || u.counts == (verify.Quantity{}) {
			continue
		}
		if used.Oldest.IsZero() && !since.IsZero() {
			used.Oldest = u.at
		}
		if u.hold.state == verify.HoldOpen && wall(at).Before(u.hold.by) {
			used.Held = used.Held.Add(u.counts)
			used.Open++
		} else {
			used.Spent = used.Spent.Add(u.counts)
		}
	}
	return used
}

// after returns what ChargeError.After says.
func (t *tally) after(c *verify.Charge, used verify.Quantity) time.Time {
	if c.Since.IsZero() || c.Use.Cmp(c.Limit) > 0 {
		return time.Time{}
	}
	for _, u := range t.uses {
		if u.at.Before(c.Since) {
			continue
		}
		if used = used.Sub(u.counts); used.Add(c.Use).Cmp(c.Limit) <= 0 {
			return u.at
		}
	}
	return time.Time{}
}

// wall is an instant by the wall clock, as everything that ends: with a
// monotonic reading "later" could be earlier.
func wall(t time.Time) time.Time { return t.Round(0) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

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

func reservedBefore() error {
	return refuse(verify.LedgerReplay, "this decision was reserved before", "each decision has an id of its own")
}

// capacity says that a cap is met.
func capacity(detail string, cap int) error {
	return &passport.Error{Code: verify.LedgerRateExceeded, Detail: detail, Limit: fmt.Sprint(cap)}
}

// forgotten says that something may have been forgotten. That is not a fault of the
// agent's.
func forgotten(what string, ends time.Time, mark instant) error {
	return &passport.Error{
		Code:   verify.LedgerUnavailable,
		Detail: what + " ended before something else that the ledger has forgotten, and may have been forgotten, too",
		Limit:  "later than " + mark.Time().Format(time.RFC3339Nano),
		Actual: ends.UTC().Format(time.RFC3339Nano),
		Hint:   "was a clock ahead for a while? It passes when the others have caught up",
	}
}

// tooEarly says that something may have been forgotten since it ended by a clock that was
// ahead of this one, whatever is said now of its end.
func tooEarly(what string, at, mark instant) error {
	return &passport.Error{
		Code: verify.LedgerUnavailable, Detail: what + " may have been forgotten by a clock that was ahead: " +
			"the ledger has forgotten what ended later than now",
		Limit:  "later than " + mark.Time().Format(time.RFC3339Nano),
		Actual: at.Time().Format(time.RFC3339Nano),
		Hint:   "was a clock ahead for a while? It passes when the others have caught up",
	}
}

// wellFormed checks what a caller of a ledger promises.
func wellFormed(r *verify.Reservation) error {
	bad := func(format string, args ...any) error {
		return refuse(verify.InternalError, "a reservation of another form than promised: "+fmt.Sprintf(format,
			args...), "this is the caller of the ledger")
	}
	switch {
	case len(r.Chain) == 0 || len(r.Chain) > maxPlaces || r.Record.Decision == "":
		return bad("no chain, a longer one than there can be, or no decision id")
	case r.Replay.Agent != r.Agent && r.Replay != (verify.ReplayKey{}),
		r.Idempotency.Agent != r.Agent && r.Idempotency != (verify.IdempotencyKey{}):
		return bad("keys of another agent")
	}
	for i := range r.Charges {
		c := &r.Charges[i]
		if place(r.Chain, c.Account) < 0 {
			return bad("charge %d is on an account that is not of the chain", i)
		}
		if i > 0 && !inOrder(&r.Charges[i-1], c, r.Chain[0]) {
			return bad("charges %d and %d are on one limit, or not in order", i-1, i)
		}
	}
	return nil
}

// inOrder reports whether charges are in the order of a reservation below that
// root, and not equal.
func inOrder(x, y *verify.Charge, root string) bool {
	switch {
	case x.Account == y.Account:
		return x.Name < y.Name
	case x.Account == root || y.Account == root:
		return x.Account == root
	}
	return x.Account < y.Account
}

// fits reports whether a charge stays within its limit beside what counts already. A sum
// that does not fit into a quantity is more than any limit.
func fits(c *verify.Charge, counts verify.Quantity) bool {
	sum := counts.Add(c.Use)
	return sum.Sub(c.Use) == counts && sum.Cmp(c.Limit) <= 0
}

// place is where in the chain an account is, or -1.
func place(chain []string, account string) int {
	for i := range chain {
		if chain[i] == account {
			return i
		}
	}
	return -1
}

// capped applies [verify.Caps] to all but accounts.
func (c *call) capped(repeated bool) error {
	caps := &c.r.Caps
	var a agent
	if c.who, c.whose = c.agents.agents.find(&c.agent); c.who != nil {
		a = *c.who
	}
	if c.replay != (digest{}) && int(a.nonces) >= caps.Nonces {
		return capacity("the agent has too many unexpired presentations", caps.Nonces)
	}
	if !repeated && int(a.acts) >= caps.Acts {
		return capacity("the ledger remembers too many acts of the agent", caps.Acts)
	}
	for i := range c.places {
		if n := c.node(i); int(n.acts) >= caps.Share(caps.RootActs, i) {
			return tooMany("acts", i, caps.Share(caps.RootActs, i))
		}
	}
	return nil
}

func tooMany(what string, place, cap int) error {
	return capacity(fmt.Sprintf("the ledger remembers too many %s of chains through passport %d of the chain", what,
		place), cap)
}

// node returns what chains through a place have.
func (c *call) node(place int) (n node) {
	if known, _ := c.roots.nodes.find(&c.path[place]); known != nil {
		n = *known
	}
	return n
}

// overdrawn judges the charges, and whether there is room for new accounts.
func (c *call) overdrawn() error {
	var errs []error
	var opened [maxPlaces]int
	for i := range c.r.Charges {
		k, charge := c.keys.charge(i), &c.r.Charges[i]
		p := &c.m.accounts[k.shard()]
		t, number := p.tallies.find(&k.digest)
		k.tally, k.number = t, number
		var counts verify.Quantity
		lifetime, since := charge.Since.IsZero(), instantOf(charge.Since)
		switch {
		case t == nil && instantOf(charge.Until) <= p.gone:
			return forgotten("the passport", charge.Until, p.gone)
		case t == nil && c.at <= p.gone:
			return tooEarly("the budget", c.at, p.gone)
		case t == nil:
			for place := range opened[:k.place+1] {
				opened[place]++
			}
		case !lifetime && since <= t.gone:
			return forgotten("the window", charge.Since, t.gone)
		default:
			counts = t.counts(since, lifetime)
		}
		if fits(charge, counts) {
			continue
		}
		errs = append(errs, c.passed(i, t, counts))
	}
	caps := &c.r.Caps
	for place := range opened {
		more := opened[place]
		if more == 0 {
			break // nor below
		}
		if cap := caps.Share(caps.RootAccounts, place); int(c.node(place).accounts)+more > cap {
			c.full = true
			errs = append(errs, tooMany("budgets", place, cap))
			break
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errors.Join(errs...)
}

// passed says that a charge would pass its limit, of which so much counts.
func (c *call) passed(i int, t *tally, counts verify.Quantity) error {
	charge := &c.r.Charges[i]
	e := &verify.ChargeError{Index: i, Rate: charge.Rate}
	if t != nil {
		e.Used = t.used(instantOf(charge.Since), charge.Since.IsZero(), c.at, walk)
		e.After = t.after(charge, counts)
	}
	return e
}

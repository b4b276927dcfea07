package ledger

import (
	"errors"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/verify"
)

// capped applies [verify.Caps] to all but accounts.
func (c *call) capped(repeated bool) error {
	caps := &c.r.Caps
	var a agent
	if c.who, c.whose = c.agents.agents.find(&c.agent); c.who != nil {
		a = *c.who
	}
	if c.replay != (digest{}) && int(a.nonces) >= caps.Nonces {
		return ledgerrules.TooManyNonces(caps.Nonces)
	}
	if !repeated && int(a.acts) >= caps.Acts {
		return ledgerrules.TooManyActs(caps.Acts)
	}
	for i := range c.places {
		if n := c.node(i); int(n.acts) >= caps.Share(caps.RootActs, i) {
			return ledgerrules.TooMany("acts", i, caps.Share(caps.RootActs, i))
		}
	}
	return nil
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
	var opened [ledgerrules.MaxPlaces]int
	for i := range c.r.Charges {
		k, charge := c.keys.charge(i), &c.r.Charges[i]
		p := &c.m.accounts[k.shard()]
		t, number := p.tallies.find(&k.digest)
		k.tally, k.number = t, number
		var counts verify.Quantity
		lifetime, since := charge.Since.IsZero(), instantOf(charge.Since)
		switch {
		case t == nil && instantOf(charge.Until) <= p.gone:
			return ledgerrules.Forgotten("the passport", charge.Until, p.gone)
		case t == nil && c.at <= p.gone:
			return ledgerrules.TooEarly("the budget", c.at, p.gone)
		case t == nil:
			for place := range opened[:k.place+1] {
				opened[place]++
			}
		case !lifetime && since <= t.gone:
			return ledgerrules.Forgotten("the window", charge.Since, t.gone)
		default:
			counts = t.counts(since, lifetime)
		}
		if ledgerrules.Fits(charge, counts) {
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
			errs = append(errs, ledgerrules.TooMany("budgets", place, cap))
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

package passport

import (
	"fmt"
	"slices"
	"time"
)

// The tests' oracle: a second judge, of effective authorities, and an order
// over them. It is written apart from what it checks: Permits judges links,
// Admits compares a link with what is above it; here everything is read from
// the conjunction.

// Permits judges an act by the effective authority and reports only whether it
// is permitted.
func (e *Effective) Permits(act *Act, audience string, at time.Time) bool {
	switch {
	case slices.ContainsFunc(e.denied, func(d string) bool { return d == "*" || ActionCovers(d, act.Action) }):
		return false
	case !slices.ContainsFunc(e.capabilities, func(c Capability) bool { return e.entryPermits(&c, act) }):
		return false
	case act.IsPayment() && !e.permitsPayment(act):
		return false
	case !e.resources.covers(act.Resource, TextCovers), !e.audiences.covers(audience, TextCovers), !e.regions.covers(act.Region, RegionCovers):
		return false
	}
	for i := range e.limits {
		if l := &e.limits[i]; l.Kind == LimitMax {
			if v := act.Attributes.Get(l.Attribute()); v.Exists() && !atMost(v, l.Int) {
				return false
			}
		}
	}
	for _, name := range e.permissions {
		if v := act.Attributes.Get(name); v.Exists() {
			if _, ok := v.Bool(); !ok {
				return false
			}
		}
	}
	for i := range e.spend {
		if l := &e.spend[i]; act.Amount.IsZero() && l.Action != "" && ActionCovers(l.Action, act.Action) {
			return false
		}
	}
	for _, list := range e.windows {
		if !slices.ContainsFunc(list, func(w TimeWindow) bool { return w.Contains(at) }) {
			return false
		}
	}
	return true
}

// entryPermits judges one capability together with the boolean attributes.
func (e *Effective) entryPermits(c *Capability, act *Act) bool {
	if !ActionCovers(c.Action, act.Action) || c.holds(act) != nil {
		return false
	}
	for name, v := range act.Attributes.Members() {
		if b, _ := v.Bool(); b && !c.permitsTrue(name, e.allow) {
			return false
		}
	}
	return true
}

func (e *Effective) permitsPayment(act *Act) bool {
	if m := act.Amount; !m.IsZero() {
		if !slices.ContainsFunc(e.currencies, func(g grant) bool {
			return g.asset.SameAsset(m) && (g.action == "" || ActionCovers(g.action, act.Action))
		}) {
			return false
		}
		for i := range e.spend {
			if l := &e.spend[i]; l.Per == PerTransaction && l.AppliesTo(act) && m.Cmp(l.Money) > 0 {
				return false
			}
		}
	}
	return e.categories.has(act.Category) && e.rails.has(act.Rail) && e.payees.covers(act.Payee, TextCovers)
}

// has judges a grant: unstated, no value may be named; stated, one of its.
func (t texts) has(value string) bool {
	if !t.stated {
		return value == ""
	}
	return value != "" && slices.Contains(t.values, value)
}

// covers judges a restriction: unstated, anything goes.
func (t texts) covers(value string, covers func(pattern, value string) bool) bool {
	if !t.stated {
		return true
	}
	return value != "" && slices.ContainsFunc(t.values, func(p string) bool { return covers(p, value) })
}

// Within reports whether everything that e permits, above permits too, facet
// by facet: nil, or the facet and the value that is wider. It is a partial
// order: reflexive, transitive, and two that are within each other permit the
// same acts.
func (e *Effective) Within(above *Effective) error {
	for i := range e.capabilities {
		c := &e.capabilities[i]
		if !slices.ContainsFunc(above.capabilities, func(p Capability) bool { return above.holds(&p, c) }) {
			return fmt.Errorf("capabilities: %s", c)
		}
	}
	for _, d := range above.denied {
		if !slices.ContainsFunc(e.denied, func(c string) bool { return c == "*" || ActionCovers(c, d) }) {
			return fmt.Errorf("deniedActions: %s", d)
		}
	}
	for _, f := range []struct {
		name     string
		own, all texts
	}{{"categories", e.categories, above.categories}, {"rails", e.rails, above.rails}} {
		// A facet that nobody states lets payments pass that do not name it.
		if f.all.stated && !f.own.stated {
			return fmt.Errorf("%s: not stated", f.name)
		}
		for _, v := range f.own.values {
			if !slices.Contains(f.all.values, v) {
				return fmt.Errorf("%s: %s", f.name, v)
			}
		}
	}
	for _, g := range e.currencies {
		if !slices.ContainsFunc(above.currencies, func(p grant) bool { return p.covers(g) }) {
			return fmt.Errorf("currencies: %s", g)
		}
	}
	for _, l := range above.spend {
		counts := slices.ContainsFunc(e.currencies, func(g grant) bool { _, ok := g.meet(l.grant()); return ok })
		if counts && !slices.ContainsFunc(e.spend, func(c SpendLimit) bool { return c.same(&l) && c.Money.Cmp(l.Money) <= 0 }) {
			return fmt.Errorf("spendLimits: %s", l)
		}
		// A limit with an action wants an amount of the act, whatever is granted.
		if l.Action != "" && !slices.ContainsFunc(e.spend, func(c SpendLimit) bool { return c.Action != "" && ActionCovers(c.Action, l.Action) }) {
			return fmt.Errorf("spendLimits: no limit for %s", l.Action)
		}
	}
	for _, l := range above.limits {
		if !slices.ContainsFunc(e.limits, func(c Limit) bool { return c.Name == l.Name && c.Int <= l.Int }) {
			return fmt.Errorf("limits: %s", l)
		}
	}
	for _, a := range above.permissions {
		if !slices.Contains(e.permissions, a) {
			return fmt.Errorf("permissions: %s may be of any kind", a)
		}
	}
	for _, a := range e.allow {
		if !slices.Contains(above.allow, a) {
			return fmt.Errorf("permissions: %s", a)
		}
	}
	for _, f := range []struct {
		name     string
		own, all texts
		covers   func(pattern, value string) bool
	}{
		{"payees", e.payees, above.payees, TextCovers}, {"resources", e.resources, above.resources, TextCovers},
		{"audiences", e.audiences, above.audiences, TextCovers}, {"regions", e.regions, above.regions, RegionCovers},
	} {
		if f.all.stated && !f.own.stated {
			return fmt.Errorf("%s: not stated", f.name)
		}
		for _, v := range f.own.values {
			if !f.all.covers(v, f.covers) {
				return fmt.Errorf("%s: %s", f.name, v)
			}
		}
	}
	for _, list := range above.windows {
		if !slices.ContainsFunc(e.windows, func(c []TimeWindow) bool { return sameWindows(c, list) }) {
			return fmt.Errorf("timeWindows: %v", list)
		}
	}
	if e.assurance.Rank() > above.assurance.Rank() {
		return fmt.Errorf("assurance: %s", e.assurance)
	}
	if e.deepest > above.deepest {
		return fmt.Errorf("maxDelegationDepth: %d", e.deepest)
	}
	return nil
}

// holds reports whether p, an entry of e, asks nothing that c does not ask.
func (e *Effective) holds(p, c *Capability) bool {
	if !ActionCovers(p.Action, c.Action) {
		return false
	}
	for i := range p.Params {
		if q := c.param(p.Params[i].Name); q == nil || !q.within(&p.Params[i]) {
			return false
		}
	}
	for i := range c.Params {
		if q := &c.Params[i]; q.Kind == ParamBool && q.Bool && !p.permitsTrue(q.Name, e.allow) {
			return false
		}
	}
	return true
}

func sameWindows(a, b []TimeWindow) bool {
	if len(a) != len(b) {
		return false
	}
	for _, w := range a {
		if !slices.ContainsFunc(b, func(o TimeWindow) bool { return sameWindow(o, w) }) {
			return false
		}
	}
	return true
}

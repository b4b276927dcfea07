package passport

import (
	"slices"
	"strings"
	"time"
)

// Effective is what a chain of passports allows together: the conjunction of
// what its links state. It is made by [Authority.Effective] for a root and by
// [Effective.Intersect] for each link below. It is immutable.
type Effective struct {
	capabilities []Capability // with the parameters of every link
	tooMany      bool         // more of them than are kept
	denied       []string
	categories   facet // grants: stated by some link
	rails        facet
	currencies   []Money // the granted assets, as amounts of zero
	spend        []SpendLimit
	ceiling      Money    // what one link states as maxTransactionAmount, for errors
	limits       []Limit  // maxima and rates
	allow        []string // attributes that may be true
	payees       facet    // restrictions: stated by some link
	resources    facet
	audiences    facet
	regions      facet
	windows      [][]TimeWindow // of each list one must hold
	assurance    Level
}

// facet is a list that may be absent. What absence means differs: of a grant
// nothing, of a restriction anything.
type facet struct {
	stated bool
	values []string
}

// granted is a facet that is a grant: an empty list grants as little as none.
func granted(values []string) facet { return facet{len(values) > 0, values} }

// restricted is a facet that is a restriction: an empty list, which no
// document can say, covers nothing.
func restricted(values []string) facet { return facet{values != nil, values} }

// Effective returns what the authority allows on its own, as that of a root
// passport.
func (a *Authority) Effective() *Effective {
	e := a.alone()
	e.capabilities = cloneCapabilities(e.capabilities)
	e.limits = slices.Clone(e.limits)
	if a.TimeWindows != nil {
		e.windows = [][]TimeWindow{cloneWindows(a.TimeWindows)}
	}
	cloneTexts(&e.denied, &e.categories.values, &e.rails.values, &e.payees.values, &e.resources.values, &e.audiences.values, &e.regions.values)
	return &e
}

// alone is what Effective returns, but made of the lists of a itself: to be
// looked at while nobody changes a, and not to be kept.
func (a *Authority) alone() Effective {
	e := Effective{
		capabilities: a.permitted(),
		denied:       a.DeniedActions,
		categories:   granted(a.Categories), rails: granted(a.Rails),
		payees: restricted(a.Payees), resources: restricted(a.Resources), audiences: restricted(a.Audiences), regions: restricted(a.Regions),
		assurance: a.Assurance.Level,
	}
	if e.assurance == "" {
		e.assurance = L0
	}
	e.spend, e.ceiling = a.allSpendLimits(), a.MaxTransaction
	e.currencies = make([]Money, 0, 2)
	for i := range e.spend {
		if m := e.spend[i].Money; !e.grants(m) {
			e.currencies = append(e.currencies, zeroOf(m))
		}
	}
	permissions := 0
	for i := range a.Limits {
		if l := &a.Limits[i]; l.Kind == LimitAllow {
			permissions++
			if l.Bool {
				e.allow = append(e.allow, l.Attribute())
			}
		}
	}
	e.limits = a.Limits
	if permissions > 0 {
		e.limits = slices.DeleteFunc(slices.Clone(a.Limits), func(l Limit) bool { return l.Kind == LimitAllow })
	}
	if a.TimeWindows != nil {
		e.windows = [][]TimeWindow{a.TimeWindows}
	}
	return e
}

// permitted returns the capabilities with their boolean parameters under the
// permissions of limits: one that says false stands above the parameter.
func (a *Authority) permitted() []Capability {
	forbidden := func(p Param) bool { return p.Kind == ParamBool && p.Bool && a.forbids(p.Name) }
	out := a.Capabilities
	for i, c := range a.Capabilities {
		if !slices.ContainsFunc(c.Params, forbidden) {
			continue
		}
		if &out[0] == &a.Capabilities[0] {
			out = slices.Clone(out)
		}
		out[i].Params = slices.Clone(c.Params)
		for k := range out[i].Params {
			p := &out[i].Params[k]
			p.Bool = p.Bool && !forbidden(*p)
		}
	}
	return out
}

// forbids reports whether limits say "allow_<attribute>": false.
func (a *Authority) forbids(attribute string) bool {
	for i := range a.Limits {
		if l := &a.Limits[i]; l.Kind == LimitAllow && !l.Bool && l.Attribute() == attribute {
			return true
		}
	}
	return false
}

// allSpendLimits returns the spend limits with maxTransactionAmount among
// them: it is the limit per transaction of its currency, and with both stated
// the lower holds.
func (a *Authority) allSpendLimits() []SpendLimit {
	out := append(make([]SpendLimit, 0, len(a.SpendLimits)+1), a.SpendLimits...)
	if a.MaxTransaction.IsZero() {
		return out
	}
	ceiling := SpendLimit{Money: a.MaxTransaction, Per: PerTransaction}
	for i := range out {
		if out[i].key() == ceiling.key() {
			out[i].Money = lower(out[i].Money, ceiling.Money)
			return out
		}
	}
	return append(out, ceiling)
}

func lower(m, n Money) Money {
	if n.Cmp(m) < 0 {
		return n
	}
	return m
}

// zeroOf returns an amount of zero of the same asset.
func zeroOf(m Money) Money {
	return Money{decimals: m.decimals, stated: m.stated, currency: m.currency}
}

func (e *Effective) grants(m Money) bool {
	return slices.ContainsFunc(e.currencies, func(c Money) bool { return c.SameAsset(m) })
}

// Assurance returns the level of assurance that every link claims.
func (e *Effective) Assurance() Level { return e.assurance }

// Capabilities returns the allow-list with the parameters of every link.
func (e *Effective) Capabilities() []Capability { return cloneCapabilities(e.capabilities) }

// SpendLimits returns the limits in force, of every link and lowest per key,
// the ceiling of one transaction among them.
func (e *Effective) SpendLimits() []SpendLimit { return slices.Clone(e.spend) }

// Permits judges an act by the effective authority, as [Permits] does by the
// links, and reports only whether it is permitted.
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
	return e.inWindow(at)
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

func (c *Capability) permitsTrue(attribute string, allow []string) bool {
	if p := c.param(attribute); p != nil && p.Kind == ParamBool {
		return p.Bool
	}
	return slices.Contains(allow, attribute)
}

func (c *Capability) param(name string) *Param {
	for i := range c.Params {
		if c.Params[i].Name == name {
			return &c.Params[i]
		}
	}
	return nil
}

func (e *Effective) permitsPayment(act *Act) bool {
	if m := act.Amount; !m.IsZero() {
		if !e.grants(m) {
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
func (f facet) has(value string) bool {
	if !f.stated {
		return value == ""
	}
	return value != "" && slices.Contains(f.values, value)
}

// covers judges a restriction: unstated, anything goes.
func (f facet) covers(value string, covers func(pattern, value string) bool) bool {
	if !f.stated {
		return true
	}
	return value != "" && slices.ContainsFunc(f.values, func(p string) bool { return covers(p, value) })
}

func (e *Effective) inWindow(at time.Time) bool {
	for _, list := range e.windows {
		if !slices.ContainsFunc(list, func(w TimeWindow) bool { return w.Contains(at) }) {
			return false
		}
	}
	return true
}

func joined(values []string) string { return strings.Join(values, ", ") }

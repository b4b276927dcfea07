package passport

import "slices"

// Intersect returns the effective authority of a chain with one more link: the
// conjunction of e and what the link states. It does not ask whether the link
// may state that; see [Effective.Admits].
func (e *Effective) Intersect(link *Authority) *Effective {
	c := link.Effective()
	out := &Effective{
		denied:     union(e.denied, c.denied),
		categories: meetGrant(e.categories, c.categories), rails: meetGrant(e.rails, c.rails),
		payees: meetRestriction(e.payees, c.payees, TextCovers), resources: meetRestriction(e.resources, c.resources, TextCovers),
		audiences: meetRestriction(e.audiences, c.audiences, TextCovers), regions: meetRestriction(e.regions, c.regions, RegionCovers),
		windows:   slices.Concat(e.windows, c.windows),
		assurance: e.assurance,
	}
	if c.assurance.Rank() < e.assurance.Rank() {
		out.assurance = c.assurance
	}
	for _, m := range e.currencies {
		if c.grants(m) {
			out.currencies = append(out.currencies, m)
		}
	}
	out.spend = meetSpend(e.spend, c.spend, out.grants)
	out.limits = meetLimits(e.limits, c.limits)
	for _, a := range e.allow {
		if slices.Contains(c.allow, a) {
			out.allow = append(out.allow, a)
		}
	}
	out.capabilities, out.tooMany = meetCapabilities(e, c)
	return out
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// meetGrant: what both grant; once stated by one it stays stated.
func meetGrant(a, b facet) facet {
	out := facet{stated: a.stated || b.stated}
	for _, v := range a.values {
		if slices.Contains(b.values, v) {
			out.values = append(out.values, v)
		}
	}
	return out
}

// meetRestriction: what both cover; the narrower of two patterns where one
// covers the other.
func meetRestriction(a, b facet, covers func(pattern, value string) bool) facet {
	switch {
	case !a.stated:
		return b
	case !b.stated:
		return a
	}
	out := facet{stated: true}
	for _, x := range a.values {
		for _, y := range b.values {
			switch {
			case covers(x, y):
				out.values = union(out.values, []string{y})
			case covers(y, x):
				out.values = union(out.values, []string{x})
			}
		}
	}
	return out
}

func meetSpend(a, b []SpendLimit, granted func(Money) bool) []SpendLimit {
	var out []SpendLimit
	for _, l := range slices.Concat(a, b) {
		if !granted(l.Money) {
			continue
		}
		same := slices.IndexFunc(out, func(o SpendLimit) bool { return o.key() == l.key() })
		if same < 0 {
			out = append(out, l)
		} else {
			out[same].Money = lower(out[same].Money, l.Money)
		}
	}
	return out
}

func meetLimits(a, b []Limit) []Limit {
	var out []Limit
	for _, l := range slices.Concat(a, b) {
		same := slices.IndexFunc(out, func(o Limit) bool { return o.Name == l.Name })
		if same < 0 {
			out = append(out, l)
		} else {
			out[same].Int = min(out[same].Int, l.Int)
		}
	}
	return out
}

// meetCapabilities pairs every entry of one with every entry of the other that
// it overlaps, since an act may pass under different entries of different
// links. Entries that another one includes are dropped, so that long lists of
// exact actions stay short.
func meetCapabilities(p, c *Effective) (out []Capability, tooMany bool) {
	work := meter(maxComparisons)
	for i := range p.capabilities {
		for j := range c.capabilities {
			m, ok := meetEntry(p, c, &p.capabilities[i], &c.capabilities[j])
			if !ok {
				continue
			}
			if !work.spend(1+len(m.Params)*len(m.Params)) || len(out) >= maxEffective {
				return out, true
			}
			if out, ok = addEntry(out, m, &work); !ok {
				return out, true
			}
		}
	}
	return out, p.tooMany
}

// maxComparisons bounds the work of one hop: parameters compared with
// parameters. Passports that people write take a few thousand.
const maxComparisons = 200_000

// meter counts work down.
type meter int

func (m *meter) spend(n int) bool {
	*m -= meter(n)
	return *m >= 0
}

// maxEffective bounds the capabilities that a chain has together. Nested
// wildcards can overlap in as many ways as there are pairs; what is beyond the
// bound is left out, which only takes authority away, and a chain that goes
// beyond it is refused.
const maxEffective = 128

// addEntry reports false when the work is spent.
func addEntry(list []Capability, m Capability, work *meter) ([]Capability, bool) {
	for i := range list {
		if !work.spend(1 + 2*len(m.Params)*len(list[i].Params)) {
			return list, false
		}
		if entryWithin(&m, &list[i]) {
			return list, true
		}
	}
	list = slices.DeleteFunc(list, func(o Capability) bool { return entryWithin(&o, &m) })
	return append(list, m), true
}

// entryWithin reports whether every act that passes under a passes under b.
func entryWithin(a, b *Capability) bool {
	if !ActionCovers(b.Action, a.Action) {
		return false
	}
	for i := range b.Params {
		q := &b.Params[i]
		p := a.param(q.Name)
		if p == nil || !p.within(q) {
			return false
		}
	}
	// What b does not mention, b leaves to the permissions of its authority;
	// so a must not speak of it either, if it is a boolean.
	for i := range a.Params {
		if p := &a.Params[i]; p.Kind == ParamBool && p.Bool && b.param(p.Name) == nil {
			return false
		}
	}
	return true
}

func meetEntry(pe, ce *Effective, p, c *Capability) (Capability, bool) {
	m := Capability{Action: c.Action}
	switch {
	case ActionCovers(p.Action, c.Action):
	case ActionCovers(c.Action, p.Action):
		m.Action = p.Action
	default:
		return Capability{}, false
	}
	for i := range p.Params {
		a := p.Params[i]
		if b := c.param(a.Name); b != nil {
			a = meetParam(a, *b)
		} else if a.Kind == ParamBool {
			a.Bool = a.Bool && slices.Contains(ce.allow, a.Name)
		}
		m.Params = append(m.Params, a)
	}
	for i := range c.Params {
		b := c.Params[i]
		if p.param(b.Name) != nil {
			continue
		}
		if b.Kind == ParamBool {
			b.Bool = b.Bool && slices.Contains(pe.allow, b.Name)
		}
		m.Params = append(m.Params, b)
	}
	return m, true
}

// meetParam: both hold. Two of different kinds can never hold together, which
// a list of no strings says.
func meetParam(a, b Param) Param {
	if a.Kind != b.Kind {
		return Param{Name: a.Name, Kind: ParamStrings}
	}
	switch a.Kind {
	case ParamMax, ParamRate:
		a.Int = min(a.Int, b.Int)
	case ParamBool:
		a.Bool = a.Bool && b.Bool
	case ParamStrings:
		a.Strings = slices.DeleteFunc(slices.Clone(a.Strings), func(s string) bool { return !slices.Contains(b.Strings, s) })
		a.single = false
	}
	return a
}

// within reports whether p asks at least what q asks.
func (p *Param) within(q *Param) bool {
	if p.Kind == ParamStrings && len(p.Strings) == 0 {
		return true // nothing passes
	}
	if p.Kind != q.Kind {
		return false
	}
	switch p.Kind {
	case ParamMax, ParamRate:
		return p.Int <= q.Int
	case ParamBool:
		return !p.Bool || q.Bool
	case ParamStrings:
		return !slices.ContainsFunc(p.Strings, func(s string) bool { return !slices.Contains(q.Strings, s) })
	}
	return false
}

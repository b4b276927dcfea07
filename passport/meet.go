package passport

import "slices"

// Intersect returns the effective authority of a chain with one more link: the
// conjunction of e and what the link states. It does not ask whether the link
// may state that; see [Effective.Admits].
func (e *Effective) Intersect(link *Authority) *Effective {
	c := link.alone()
	return e.meet(&c)
}

// meet is Intersect of a link as it is alone. What the link states may not be
// kept, since it can change; what e has may, and in most links that is all.
func (e *Effective) meet(c *Effective) *Effective {
	out := &Effective{
		denied:     union(e.denied, c.denied),
		categories: meetGrant(e.categories, c.categories), rails: meetGrant(e.rails, c.rails),
		payees: meetRestriction(e.payees, c.payees, TextCovers), resources: meetRestriction(e.resources, c.resources, TextCovers),
		audiences: meetRestriction(e.audiences, c.audiences, TextCovers), regions: meetRestriction(e.regions, c.regions, RegionCovers),
		windows:   e.windows,
		assurance: e.assurance,
	}
	for _, list := range c.windows {
		out.windows = append(out.windows[:len(out.windows):len(out.windows)], cloneWindows(list))
	}
	if c.assurance.Rank() < e.assurance.Rank() {
		out.assurance = c.assurance
	}
	out.currencies = kept(e.currencies, c.grants)
	out.spend = meetSpend(e.spend, c.spend, out.grants)
	out.limits = meetLimits(e.limits, c.limits)
	out.allow = kept(e.allow, func(a string) bool { return slices.Contains(c.allow, a) })
	out.capabilities, out.tooMany = meetCapabilities(e, c)
	return out
}

// gathering is a list that grows. It takes no memory of its own for as long as
// it is the beginning of another one, which never changes: links that state
// the same again, as most do, cost nothing.
type gathering[T comparable] struct {
	of  []T // the other one
	n   int // how much of it there is
	own []T // instead, once the two differ
}

func (g *gathering[T]) list() []T {
	if g.own != nil {
		return g.own
	}
	return g.of[:g.n:g.n]
}

func (g *gathering[T]) add(v T) {
	if g.own == nil && g.n < len(g.of) && g.of[g.n] == v {
		g.n++
		return
	}
	g.part()
	g.own = append(g.own, v)
}

// addNew adds what the list does not have yet.
func (g *gathering[T]) addNew(v T) {
	if !slices.Contains(g.list(), v) {
		g.add(v)
	}
}

func (g *gathering[T]) set(i int, v T) {
	if g.list()[i] != v {
		g.part()
		g.own[i] = v
	}
}

// part takes memory for a list of its own.
func (g *gathering[T]) part() {
	if g.own == nil {
		g.own = append(make([]T, 0, len(g.of)+2), g.of[:g.n]...)
	}
}

// kept returns what of a list passes.
func kept[T comparable](list []T, passes func(T) bool) []T {
	out := gathering[T]{of: list}
	for _, v := range list {
		if passes(v) {
			out.add(v)
		}
	}
	return out.list()
}

func union(a, b []string) []string {
	out := gathering[string]{of: a, n: len(a)}
	for _, s := range b {
		out.addNew(s)
	}
	return out.list()
}

// meetGrant: what both grant; once stated by one it stays stated.
func meetGrant(a, b facet) facet {
	return facet{
		stated: a.stated || b.stated,
		values: kept(a.values, func(v string) bool { return slices.Contains(b.values, v) }),
	}
}

// meetRestriction: what both cover; the narrower of two patterns where one
// covers the other.
func meetRestriction(a, b facet, covers func(pattern, value string) bool) facet {
	switch {
	case !a.stated:
		return facet{b.stated, slices.Clone(b.values)}
	case !b.stated:
		return a
	}
	out := gathering[string]{of: a.values}
	for _, x := range a.values {
		for _, y := range b.values {
			switch {
			case covers(x, y):
				out.addNew(y)
			case covers(y, x):
				out.addNew(x)
			}
		}
	}
	return facet{true, out.list()}
}

func meetSpend(a, b []SpendLimit, granted func(Money) bool) []SpendLimit {
	out := gathering[SpendLimit]{of: a}
	for _, list := range [...][]SpendLimit{a, b} {
		for _, l := range list {
			if !granted(l.Money) {
				continue
			}
			same := slices.IndexFunc(out.list(), func(o SpendLimit) bool { return o.key() == l.key() })
			if same < 0 {
				out.add(l)
				continue
			}
			o := out.list()[same]
			o.Money = lower(o.Money, l.Money)
			out.set(same, o)
		}
	}
	return out.list()
}

func meetLimits(a, b []Limit) []Limit {
	out := gathering[Limit]{of: a}
	for _, list := range [...][]Limit{a, b} {
		for _, l := range list {
			same := slices.IndexFunc(out.list(), func(o Limit) bool { return o.Name == l.Name })
			if same < 0 {
				out.add(l)
				continue
			}
			o := out.list()[same]
			o.Int = min(o.Int, l.Int)
			out.set(same, o)
		}
	}
	return out.list()
}

// meetCapabilities pairs every entry of one with every entry of the other that
// it overlaps, since an act may pass under different entries of different
// links. Entries that another one includes are dropped, so that long lists of
// exact actions stay short.
func meetCapabilities(p, c *Effective) (out []Capability, tooMany bool) {
	work := meter(maxComparisons)
	out = make([]Capability, 0, min(len(p.capabilities), maxEffective))
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
	// The parameters of p serve as they are, unless c changes one.
	m.Params = p.Params[:len(p.Params):len(p.Params)]
	own := false
	for i := range p.Params {
		a := p.Params[i]
		if b := c.param(a.Name); b != nil {
			a = meetParam(a, *b)
		} else if a.Kind == ParamBool {
			a.Bool = a.Bool && slices.Contains(ce.allow, a.Name)
		}
		if !own && !a.same(&p.Params[i]) {
			m.Params, own = slices.Clone(m.Params), true
		}
		if own {
			m.Params[i] = a
		}
	}
	for i := range c.Params {
		b := c.Params[i]
		if p.param(b.Name) != nil {
			continue
		}
		if b.Kind == ParamBool {
			b.Bool = b.Bool && slices.Contains(pe.allow, b.Name)
		}
		b.Strings = slices.Clone(b.Strings)
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
		a.Strings = kept(a.Strings, func(s string) bool { return slices.Contains(b.Strings, s) })
		a.single = false
	}
	return a
}

func (p *Param) same(q *Param) bool {
	return p.Name == q.Name && p.Kind == q.Kind && p.Int == q.Int && p.Bool == q.Bool && p.single == q.single && slices.Equal(p.Strings, q.Strings)
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

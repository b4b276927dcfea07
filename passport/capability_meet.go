package passport

import "slices"

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

package passport

import (
	"errors"
	"fmt"
	"slices"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Narrows reports whether a, as the authority of a delegated passport, stays
// within parent, that of a root: nil, or an error that holds every facet that
// is wider, each an [*Error] with the code delegation.widened, the path, the
// parent's value and the child's.
//
// In a chain it is the parent's effective authority that counts:
// see [Effective.Admits].
func (a *Authority) Narrows(parent *Authority) error { return parent.Effective().Admits(a) }

// Admits reports whether a link below may state this authority: every facet
// that it states must be within e. A restriction that the link does not state
// is inherited, a grant that it does not state is nothing; neither widens.
// Errors are as for [Authority.Narrows].
func (e *Effective) Admits(link *Authority) error {
	c := link.alone()
	return e.admits(&c)
}

// admits is Admits of a link as it is alone.
func (e *Effective) admits(c *Effective) error {
	n := narrowing{parent: e, child: *c, inherit: true}
	n.compare()
	return errors.Join(n.errs...)
}

// Within reports whether everything that e permits, parent permits too, facet
// by facet. It is a partial order: reflexive, transitive, and two that are
// within each other permit the same acts.
func (e *Effective) Within(parent *Effective) error {
	n := narrowing{parent: parent, child: *e}
	n.compare()
	return errors.Join(n.errs...)
}

// narrowing compares two authorities facet by facet.
type narrowing struct {
	parent  *Effective
	child   Effective // a copy, so that the child's need not be on the heap
	inherit bool      // what the child does not state of a restriction is the parent's
	work    meter     // comparisons left
	errs    []error
}

func (n *narrowing) wider(path, limit, actual string) {
	n.errs = append(n.errs, &Error{Code: code.DelegationWidened, Path: path, Detail: "wider than the passport above allows", Limit: clip(limit), Actual: clip(actual)})
}

func (n *narrowing) compare() {
	n.capabilities()
	n.denied()
	n.grant("/allowedMPPCategories", n.parent.categories, n.child.categories)
	n.grant("/paymentRails", n.parent.rails, n.child.rails)
	n.currencies()
	n.spend()
	n.limits()
	n.permissions()
	n.restriction("/payees", n.parent.payees, n.child.payees, TextCovers)
	n.restriction("/resources", n.parent.resources, n.child.resources, TextCovers)
	n.restriction("/audiences", n.parent.audiences, n.child.audiences, TextCovers)
	n.restriction("/regions", n.parent.regions, n.child.regions, RegionCovers)
	n.windows()
	if n.child.assurance.Rank() > n.parent.assurance.Rank() {
		n.wider("/assurance/level", string(n.parent.assurance), string(n.child.assurance))
	}
}

// capabilities: each entry of the child inside one entry of the parent.
func (n *narrowing) capabilities() {
	n.work = maxComparisons
	for i := range n.child.capabilities {
		c := &n.child.capabilities[i]
		for k := range n.parent.capabilities {
			if !n.work.spend(1 + 2*len(c.Params)*len(n.parent.capabilities[k].Params)) {
				n.errs = append(n.errs, &Error{Code: code.EnvelopeTooLarge, Path: "/capabilities", Detail: "the capabilities of the two links take too much work to compare"})
				return
			}
		}
		if slices.ContainsFunc(n.parent.capabilities, func(p Capability) bool { return n.entryInside(c, &p) }) {
			continue
		}
		path := fmt.Sprintf("/capabilities/%d", i)
		near := slices.IndexFunc(n.parent.capabilities, func(p Capability) bool { return ActionCovers(p.Action, c.Action) })
		if near < 0 {
			n.wider(path+"/action", "one of "+actionsOf(n.parent.capabilities), c.Action)
			continue
		}
		p := &n.parent.capabilities[near]
		for k := range p.Params {
			if q := c.param(p.Params[k].Name); !n.paramInside(q, &p.Params[k]) {
				n.wider(path+"/params/"+p.Params[k].Name, p.Params[k].limit(), q.show())
			}
		}
		for k := range c.Params {
			if q := &c.Params[k]; q.Kind == ParamBool && q.Bool && !p.permitsTrue(q.Name, n.parent.allow) && p.param(q.Name) == nil {
				n.wider(path+"/params/"+q.Name, "false", "true")
			}
		}
	}
}

func (p *Param) show() string {
	if p == nil {
		return "not stated"
	}
	return p.limit()
}

func actionsOf(list []Capability) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Action
	}
	return fmt.Sprintf("%q", names)
}

func (n *narrowing) entryInside(c, p *Capability) bool {
	if !ActionCovers(p.Action, c.Action) {
		return false
	}
	for i := range p.Params {
		if !n.paramInside(c.param(p.Params[i].Name), &p.Params[i]) {
			return false
		}
	}
	// A boolean parameter that says true claims a permission.
	for i := range c.Params {
		if q := &c.Params[i]; q.Kind == ParamBool && q.Bool && !p.permitsTrue(q.Name, n.parent.allow) {
			return false
		}
	}
	return true
}

// paramInside compares a parameter of the child, nil if it has none, with one
// of the parent's. A link that omits it keeps the parent's; an authority that
// is compared on its own asks for nothing.
func (n *narrowing) paramInside(q, p *Param) bool {
	if q == nil {
		return n.inherit
	}
	return q.within(p)
}

// denied: a child may deny more. Within an order of its own it must deny what
// the parent denies.
func (n *narrowing) denied() {
	if n.inherit {
		return
	}
	for _, d := range n.parent.denied {
		if !slices.ContainsFunc(n.child.denied, func(c string) bool { return c == "*" || ActionCovers(c, d) }) {
			n.wider("/deniedActions", d, "not denied")
		}
	}
}

// grant: parent –, child + is refused; both +, subset.
func (n *narrowing) grant(path string, p, c facet) {
	for _, v := range c.values {
		if !slices.Contains(p.values, v) {
			n.wider(path, fmt.Sprintf("one of %q", p.values), v)
		}
	}
	// A facet that nobody states lets payments pass that do not name it.
	if !n.inherit && p.stated && !c.stated {
		n.wider(path, fmt.Sprintf("one of %q", p.values), "not stated")
	}
}

func (n *narrowing) currencies() {
	for _, m := range n.child.currencies {
		if !n.parent.grants(m) {
			n.wider("/spendLimits", "a currency that is granted: "+joined(assetNames(n.parent.currencies)), assetName(m))
		}
	}
}

func assetName(m Money) string {
	if m.stated {
		return fmt.Sprintf("%s with %d decimals", m.currency, m.decimals)
	}
	return m.currency
}

func assetNames(list []Money) []string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = assetName(m)
	}
	return out
}

// spend: limits of one key compare by amount; of different keys both apply.
func (n *narrowing) spend() {
	for i := range n.parent.spend {
		p := &n.parent.spend[i]
		if !n.child.grants(p.Money) {
			continue // the child may not spend in it at all
		}
		j := slices.IndexFunc(n.child.spend, func(c SpendLimit) bool { return c.key() == p.key() })
		switch {
		case j >= 0 && n.child.spend[j].Money.Cmp(p.Money) > 0:
			n.wider(p.member(n.child.ceiling), p.String(), n.child.spend[j].String())
		case j < 0 && !n.inherit:
			n.wider(p.member(n.parent.ceiling), p.String(), "no such limit")
		}
	}
}

// member is where a limit stands in a passport with that maxTransactionAmount.
func (l SpendLimit) member(ceiling Money) string {
	c := SpendLimit{Money: ceiling, Per: PerTransaction}
	if l.key() == c.key() {
		return "/maxTransactionAmount"
	}
	return "/spendLimits"
}

// String returns the limit as people read it: "50.00 USD per day".
func (l SpendLimit) String() string {
	s := l.Money.String() + " per " + string(l.Per)
	if l.TimeZone != "" {
		s += " in " + l.TimeZone
	}
	if l.Action != "" {
		s += " for " + l.Action
	}
	return s
}

func (n *narrowing) limits() {
	for i := range n.parent.limits {
		p := &n.parent.limits[i]
		j := slices.IndexFunc(n.child.limits, func(c Limit) bool { return c.Name == p.Name })
		switch {
		case j >= 0 && n.child.limits[j].Int > p.Int:
			n.wider("/limits/"+p.Name, fmt.Sprint(p.Int), fmt.Sprint(n.child.limits[j].Int))
		case j < 0 && !n.inherit:
			n.wider("/limits/"+p.Name, fmt.Sprint(p.Int), "no such limit")
		}
	}
}

func (n *narrowing) permissions() {
	for _, a := range n.child.allow {
		if !slices.Contains(n.parent.allow, a) {
			n.wider("/limits/allow_"+a, "false", "true")
		}
	}
}

func (n *narrowing) restriction(path string, p, c facet, covers func(pattern, value string) bool) {
	switch {
	case !p.stated:
	case !c.stated:
		if !n.inherit {
			n.wider(path, fmt.Sprintf("one of %q", p.values), "anything")
		}
	default:
		for _, v := range c.values {
			if !slices.ContainsFunc(p.values, func(pattern string) bool { return covers(pattern, v) }) {
				n.wider(path, fmt.Sprintf("one of %q", p.values), v)
			}
		}
	}
}

// windows: both must hold at the instant, so a link adds a list of windows and
// never widens. In the order, the child has all lists of the parent.
func (n *narrowing) windows() {
	if n.inherit {
		return
	}
	for _, list := range n.parent.windows {
		if !slices.ContainsFunc(n.child.windows, func(c []TimeWindow) bool { return sameWindows(c, list) }) {
			n.wider("/timeWindows", fmt.Sprint(list), "not stated")
		}
	}
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

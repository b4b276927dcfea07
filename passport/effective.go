package passport

import (
	"errors"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Effective is what a chain of passports allows together: the conjunction of
// what its links state. It is made by [Authority.Effective] for a root and by
// [Effective.Intersect] for each link below. It is immutable, and safe for
// concurrent use. Its facets are listed by [Effective.Facets].
type Effective struct {
	capabilities []Capability // with the parameters of every link
	tooMany      bool         // more of them than are kept
	denied       []string
	categories   texts // grants: stated by some link
	rails        texts
	currencies   []grant // that payments may be in, and for which actions
	spend        []SpendLimit
	ceiling      Money    // what one link states as maxTransactionAmount, for errors
	limits       []Limit  // maxima and rates
	allow        []string // attributes that may be true
	permissions  []string // those that a link speaks of: booleans, if they are given
	payees       texts    // restrictions: stated by some link
	resources    texts
	audiences    texts
	regions      texts
	windows      [][]TimeWindow // of each list one must hold
	assurance    Level
	deepest      int // the deepest link allowed; 0: none
}

// Effective returns what the authority allows on its own, as that of a root
// passport.
func (a *Authority) Effective() *Effective {
	c := *a
	c.cloneLists(newPool())
	return c.alone(&Effective{})
}

// Intersect returns the effective authority of a chain with one more link: the
// conjunction of e and what the link states. It does not ask whether the link
// may state that; see [Effective.Admits].
func (e *Effective) Intersect(link *Authority) *Effective { return e.meet(link.alone(&Effective{})) }

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
	return errors.Join(e.narrow(link.alone(&Effective{}))...)
}

// wider says that a link states more than what is above it.
func wider(path, limit, actual string) error {
	return &Error{Code: code.DelegationWidened, Path: path, Detail: "wider than the passport above allows", Limit: clip(limit), Actual: clip(actual)}
}

// String reads the facet to people: "none", "any", or what is stated.
func (f Facet) String() string {
	switch {
	case !f.Stated:
		return f.absent
	case len(f.Texts) == 0:
		return "none"
	case f.and != "":
		return strings.Join(f.Texts, f.and)
	}
	return strings.Join(f.Texts, ", ")
}

// Change is one facet that a link of a chain changes, as people read it.
type Change struct {
	Facet  string // [Facet.Name]: "capabilities", "payees", …
	Before string // what the chain above allows
	After  string // what is left
}

// Diff returns what a link takes away from e, facet by facet, in a fixed
// order; facets that stay as they are do not appear.
func (e *Effective) Diff(link *Authority) []Change { return e.Changes(e.Intersect(link)) }

// Changes returns what differs between e and what is left of it, as
// [Effective.Diff] does.
func (e *Effective) Changes(after *Effective) []Change {
	var now []string
	for f := range after.Facets() {
		now = append(now, f.String())
	}
	var out []Change
	i := 0
	for f := range e.Facets() {
		if was := f.String(); was != now[i] {
			out = append(out, Change{Facet: f.Name, Before: was, After: now[i]})
		}
		i++
	}
	return out
}

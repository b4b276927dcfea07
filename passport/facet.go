package passport

import (
	"iter"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// facet is one member of an [Authority], with all that can be done with it.
// Every facet has read, write, effect and meet; of the others, a nil one has
// nothing to do. Each structured facet has a file of its own; the lists of texts
// are in facet_texts.go.
type facet struct {
	member string // its name in the document

	read  func(*reader, credential.Value, *Authority)
	write func(*jsonwrite.Writer, *Authority)

	check func(*Authority) error      // refuses what the wire form cannot say
	clone func(*Authority, *pool)     // puts copies in the place of what could change
	copy  func(own, above *Authority) // of a grant: takes what own does not state

	effect func(*Effective, *Authority)         // what a link states, as what it allows alone
	meet   func(out, above, link *Effective)    // what both allow
	narrow func(above, link *Effective) []error // what the link states beyond what is above it
	judge  func(question) []*Error              // what speaks against an act
	show   func(*Effective) []Facet             // to people
}

// facets are all of them, in the order in which documents have them, people
// read them and reasons are given. A new facet is a row here, a file with its
// functions, a member of Authority and of Effective, and a term of the context; if
// acts state it, a row of actMembers, too. internal/growth/facet.patch is one.
var facets = [...]*facet{
	&capabilityFacet, &denialFacet,
	&categoryFacet, &railFacet, &ceilingFacet, &spendFacet,
	&limitFacet,
	&payeeFacet, &resourceFacet, &audienceFacet, &regionFacet,
	&windowFacet, &assuranceFacet, &depthFacet,
}

// member reads one facet of authority and reports whether it is one. Most
// documents have the facets in the order of the rows, so the search begins
// behind the last one.
func (a *Authority) member(r *reader, name string, v credential.Value) bool {
	for range facets {
		if r.facet++; r.facet >= len(facets) {
			r.facet = 0
		}
		if f := facets[r.facet]; f.member == name {
			f.read(r, v, a)
			return true
		}
	}
	return false
}

// check refuses an authority, made by hand, that says what its wire form
// cannot: written and read back it would be another one.
func (a *Authority) check() error {
	for _, f := range facets {
		if f.check == nil {
			continue
		}
		if err := f.check(a); err != nil {
			return below("/"+f.member, err)
		}
	}
	return nil
}

// InheritGrants returns a copy of a that states every grant of above which a
// does not state: capabilities, payment categories and rails, currencies (by
// their limits), permissions, assurance. Restrictions are inherited anyway. Not
// copied is the leave to delegate on: that is for the link to say.
func (a Authority) InheritGrants(above *Authority) Authority {
	for _, f := range facets {
		if f.copy != nil {
			f.copy(&a, above)
		}
	}
	return a
}

// cloneLists puts copies in the place of what of a could change.
func (a *Authority) cloneLists(p *pool) {
	for _, f := range facets {
		if f.clone != nil {
			f.clone(a, p)
		}
	}
}

// alone makes e what [Authority.Effective] returns, but of the lists of a
// itself: to be looked at while nobody changes a, and not to be kept.
func (a *Authority) alone(e *Effective) *Effective {
	*e = Effective{}
	for _, f := range facets {
		f.effect(e, a)
	}
	return e
}

// meet is [Effective.Intersect] of a link as it is alone. What the link states
// may not be kept, since it can change; what e has may, and in most links that
// is all.
func (e *Effective) meet(link *Effective) *Effective {
	out := &Effective{}
	for _, f := range facets {
		f.meet(out, e, link)
	}
	return out
}

// narrow returns what a link states beyond e.
func (e *Effective) narrow(link *Effective) (errs []error) {
	for _, f := range facets {
		if f.narrow == nil {
			continue
		}
		if more := f.narrow(e, link); len(more) > 0 {
			errs = append(errs, more...)
		}
	}
	return errs
}

// question is an act, of whom it is asked and when, and the chain that it is
// asked under.
type question struct {
	chain    []*Authority
	act      *Act
	audience string
	at       time.Time
}

// judge returns what speaks against the act.
func (q question) judge() (reasons []*Error) {
	for _, f := range &facets {
		if f.judge == nil {
			continue
		}
		if more := f.judge(q); len(more) > 0 {
			reasons = append(reasons, more...)
		}
	}
	return reasons
}

// Facet is one kind of authority as a chain has it, for people to read and for
// programs to write down.
type Facet struct {
	// Name is that of the member of a passport, but for "categories", "rails",
	// and what one member says of several things: "currencies" and "spendLimits",
	// "limits" and "permissions".
	Name string
	// Grant: if no link states the facet, nothing is allowed. False: it is a
	// restriction; if no link states it, anything is allowed.
	Grant  bool
	Stated bool // whether a link states it
	// Texts are what is stated, sorted, so that equal authority reads the same.
	// Stated and empty: nothing passes.
	Texts []string
	// Value is the same for programs: []Capability, []SpendLimit, []Limit,
	// [][]TimeWindow (of each list one must hold), Level, int, or []string.
	Value any

	absent string // what it reads as if it is not stated
	and    string // between texts that must all hold; "": a comma
}

// Facets returns every facet of e, in a fixed order, those that no link states
// among them.
func (e *Effective) Facets() iter.Seq[Facet] {
	return func(yield func(Facet) bool) {
		for _, f := range facets {
			if f.show == nil {
				continue
			}
			for _, shown := range f.show(e) {
				if !yield(shown) {
					return
				}
			}
		}
	}
}

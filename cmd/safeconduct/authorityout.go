package main

import (
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// authorityJSON is what a chain allows together: every facet as texts, and
// what programs ask for most as values.
type authorityJSON struct {
	Capabilities []capabilityJSON `json:"capabilities"`
	SpendLimits  []spendLimitJSON `json:"spendLimits"`
	Assurance    string           `json:"assurance"`
	Facets       []facetJSON      `json:"facets"`
}

type capabilityJSON struct {
	Action string `json:"action"`
	Text   string `json:"text"` // with its conditions, for people
}

type spendLimitJSON struct {
	moneyJSON
	Per      string `json:"per"`
	TimeZone string `json:"timeZone,omitempty"`
	Action   string `json:"action,omitempty"`
}

func newAuthorityJSON(e *passport.Effective) *authorityJSON {
	if e == nil {
		return nil
	}
	j := &authorityJSON{Capabilities: []capabilityJSON{}, SpendLimits: []spendLimitJSON{}, Assurance: string(e.Assurance()), Facets: newFacetsJSON(e)}
	for _, c := range e.Capabilities() {
		j.Capabilities = append(j.Capabilities, capabilityJSON{c.Action, c.String()})
	}
	for _, l := range e.SpendLimits() {
		j.SpendLimits = append(j.SpendLimits, spendLimitJSON{
			moneyJSON{l.Money.Amount(), l.Money.Currency()}, string(l.Per), l.TimeZone, l.Action,
		})
	}
	return j
}

// hopJSON is one link of a chain and what it takes away from those above it.
type hopJSON struct {
	ID      string       `json:"id"`
	Issuer  string       `json:"issuer"`
	Agent   string       `json:"agent"`
	Name    string       `json:"name,omitempty"`
	Narrows []changeJSON `json:"narrows"`
}

func newHopsJSON(chain []*passport.Passport) []hopJSON {
	out := make([]hopJSON, 0, len(chain))
	var above *passport.Effective
	for _, p := range chain {
		h := hopJSON{ID: p.ID, Issuer: p.Issuer.String(), Agent: p.Agent.String(), Name: p.Name, Narrows: []changeJSON{}}
		if above == nil {
			above = p.Authority.Effective()
		} else {
			h.Narrows = newChangesJSON(above.Diff(&p.Authority))
			above = above.Intersect(&p.Authority)
		}
		out = append(out, h)
	}
	return out
}

type obligationJSON struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
	Next   string `json:"next,omitempty"`
}

func newObligationsJSON(list []verify.Obligation) []obligationJSON {
	out := make([]obligationJSON, 0, len(list))
	for _, o := range list {
		out = append(out, obligationJSON{o.Kind, o.Detail, o.Next})
	}
	return out
}

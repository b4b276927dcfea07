package passport

import (
	"strings"
	"time"
)

// Warning is something in a passport that is legal and may not be what was
// meant.
type Warning struct {
	Path   string // JSON Pointer into credentialSubject
	Detail string // for people
}

// Warnings returns what may not be meant:
//
//   - A window that is longer than the passport's life. A passport that renews
//     this one starts the window again, unless an anchor states a GrantID.
//   - A spend limit for an action that a capability with "*" covers. Every such
//     action must then state an amount.
//
// What is wrong in form is refused by [Issue].
func (p *Passport) Warnings() (list []Warning) {
	a := &p.Authority
	life := p.ValidUntil.Sub(p.ValidFrom)
	anew := func(path string, window time.Duration, limit string) {
		if window <= life || p.GrantID != "" && !p.Delegated() {
			return
		}
		list = append(list, Warning{path, "the limit " + limit + " lasts longer than the passport, which ends after " +
			life.String() + ": a passport that renews this one starts it again"})
	}
	for i := range a.SpendLimits {
		l, path := &a.SpendLimits[i], "/spendLimits/"+itoa(i)
		anew(path, rolling(l.Per), l.String())
		for k := range a.Capabilities {
			if both := meetActions(l.Action, a.Capabilities[k].Action); l.Action != "" && strings.HasSuffix(both, "*") {
				list = append(list, Warning{path, "the limit " + l.String() + " covers every action of " + both +
					", so that each of them must state an amount, also those that pay nothing"})
			}
		}
	}
	for i := range a.Limits {
		anew("/limits/"+a.Limits[i].Name, a.Limits[i].Window(), a.Limits[i].String())
	}
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		for k := range c.Params {
			q := &c.Params[k]
			anew("/capabilities/"+itoa(i)+"/params/"+q.Name, q.Window(), c.Action+" "+q.Name+" "+q.limit())
		}
	}
	return list
}

// meetActions returns the pattern of what two patterns both cover, "" if that
// is nothing.
func meetActions(a, b string) string {
	switch {
	case ActionCovers(a, b):
		return b
	case ActionCovers(b, a):
		return a
	}
	return ""
}

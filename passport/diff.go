package passport

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Change is one facet that a link of a chain changes, as people read it.
type Change struct {
	Facet  string // "capabilities", "payees", …
	Before string // what the chain above allows
	After  string // what is left
}

// Diff returns what a link takes away from e, facet by facet, in a fixed
// order; facets that stay as they are do not appear.
func (e *Effective) Diff(link *Authority) []Change { return e.Changes(e.Intersect(link)) }

// Changes returns what differs between e and what is left of it, as
// [Effective.Diff] does.
func (e *Effective) Changes(after *Effective) []Change {
	var out []Change
	was, now := e.describe(), after.describe()
	for i := range was {
		if was[i].text != now[i].text {
			out = append(out, Change{Facet: was[i].facet, Before: was[i].text, After: now[i].text})
		}
	}
	return out
}

type description struct{ facet, text string }

// describe writes every facet as text, lists sorted, so that equal authority
// reads the same.
func (e *Effective) describe() []description {
	var caps, spend, bounds []string
	for i := range e.capabilities {
		caps = append(caps, e.capabilities[i].String())
	}
	for _, l := range e.spend {
		spend = append(spend, l.String())
	}
	for _, l := range e.limits {
		bounds = append(bounds, fmt.Sprintf("%s %d", l.Name, l.Int))
	}
	var windows []string
	for _, list := range e.windows {
		var either []string
		for _, w := range list {
			either = append(either, w.String())
		}
		windows = append(windows, strings.Join(either, " or "))
	}
	return []description{
		{"capabilities", list(caps, "none")},
		{"deniedActions", list(e.denied, "none")},
		{"categories", e.categories.text("none")},
		{"rails", e.rails.text("none")},
		{"currencies", list(assetNames(e.currencies), "none")},
		{"spendLimits", list(spend, "none")},
		{"limits", list(bounds, "none")},
		{"permissions", list(e.allow, "none")},
		{"payees", e.payees.text("any")},
		{"resources", e.resources.text("any")},
		{"audiences", e.audiences.text("any")},
		{"regions", e.regions.text("any")},
		{"timeWindows", list(windows, "always")},
		{"assurance", string(e.assurance)},
	}
}

// list joins texts in order; none is what no text reads as.
func list(texts []string, none string) string {
	if len(texts) == 0 {
		return none
	}
	sorted := slices.Clone(texts)
	slices.Sort(sorted)
	return strings.Join(sorted, ", ")
}

func (f facet) text(unstated string) string {
	if !f.stated {
		return unstated
	}
	return list(f.values, "none")
}

// String returns the capability as people read it: "data.read (max_rows at
// most 100)".
func (c Capability) String() string {
	if len(c.Params) == 0 {
		return c.Action
	}
	params := make([]string, len(c.Params))
	for i := range c.Params {
		params[i] = c.Params[i].Name + " " + c.Params[i].limit()
	}
	slices.Sort(params)
	return c.Action + " (" + strings.Join(params, ", ") + ")"
}

// String returns the window as people read it: "mon, tue 09:00–17:00
// Europe/Berlin".
func (w TimeWindow) String() string {
	return strings.Join(w.Days, ", ") + " " + w.Start + "–" + w.End + " " + w.TimeZone
}

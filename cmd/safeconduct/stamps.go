package main

import (
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// stamps prints the eight steps, each as a stamp beside its name.
func (p printer) stamps(steps []verify.Step) {
	for i, s := range steps {
		mark, outcome := stampOf(s.Outcome), string(s.Outcome)
		if s.DataAge > 0 {
			outcome += " (evidence " + s.DataAge.Round(time.Second).String() + " old)"
		}
		if s.Name == verify.StepLedger && s.Outcome == verify.Passed {
			outcome += " (within this run only)"
		}
		p.line("  %s %d %s %s", mark, i+1, pad(string(s.Name), 10), outcome)
	}
}

func stampOf(o verify.Outcome) ink {
	switch o {
	case verify.Passed:
		return ink{green, "[✓]"}
	case verify.Failed:
		return ink{red, "[✗]"}
	case verify.StepUndetermined:
		return ink{yellow, "[?]"}
	}
	return ink{faint, "[ ]"}
}

// photoPage prints who was allowed what: the page of a passport that is looked
// at first. Everything on it was proven.
func (p printer) photoPage(d *verify.Decision) {
	leaf := d.Passport
	p.row("who", leaf.Name)
	p.row(ifTrue(leaf.Name == "", "who"), leaf.Agent.String())
	root := d.Chain[0]
	p.row("for", strings.Join(present(root.HumanPrincipal, root.OrganizationDID), ", "))
	for i, link := range d.Chain {
		p.row(ifTrue(i == 0, "from"), link.Issuer.String())
	}
	if e := d.Authority(); e != nil {
		for i, c := range e.Capabilities() {
			p.row(ifTrue(i == 0, "may"), c.String())
		}
		for i, l := range e.SpendLimits() {
			p.row(ifTrue(i == 0, "limits"), l.String())
		}
		for i, text := range bounds(e) {
			p.row(ifTrue(i == 0, "only"), text)
		}
	}
	if d.Intent != nil {
		in := newIntentJSON(d.Intent)
		p.row("act", in.summary())
	}
	p.row("until", datetime.Format(earliestEnd(d.Chain)))
	p.row("id", leaf.ID)
}

// row prints one line of the page; none if there is nothing to say.
func (p printer) row(name, text string) {
	if text != "" {
		p.line("  %s %s %s", ink{faint, "|"}, ink{faint, pad(name, 7)}, text)
	}
}

// pad makes an ASCII text that long.
func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-len(s))) }

// present returns the texts that are not empty.
func present(texts ...string) (list []string) {
	for _, t := range texts {
		if t != "" {
			list = append(list, t)
		}
	}
	return list
}

// earliestEnd is when the first passport of a chain ends.
func earliestEnd(chain []*passport.Passport) time.Time {
	end := chain[0].ValidUntil
	for _, p := range chain[1:] {
		if p.ValidUntil.Before(end) {
			end = p.ValidUntil
		}
	}
	return end
}

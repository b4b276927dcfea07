package view

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Decision prints the verdict, the page of the passport, the eight stamps, and why.
func (p Printer) Decision(d *verify.Decision) {
	switch d.Verdict {
	case verify.Allow:
		p.Line("%s", ink{green, "ALLOWED"})
	case verify.Undetermined:
		p.Line("%s: %s", ink{yellow, "UNDETERMINED, and so refused"}, d.Code())
	default:
		p.Line("%s: %s", ink{red, "DENIED"}, d.Code())
	}
	if d.Repeated {
		p.Line("This act was allowed before, by decision %s: it must not be done again.", d.Of)
	}
	if d.Verdict == verify.Allow && d.Passport != nil && !slices.Contains(d.Chain, nil) && len(d.Chain) > 0 {
		p.photoPage(d)
	}
	p.Steps(d.Steps)
	p.reasons(d.Violations, d.Obligations)
}

// Report prints what a decision would be.
func (p Printer) Report(r *verify.Report) {
	switch r.WouldBe {
	case verify.Allow:
		p.Line("WOULD BE %s (this is not a permission)", ink{green, "ALLOWED"})
	case verify.Undetermined:
		p.Line("WOULD BE %s, and so refused: %s", ink{yellow, "UNDETERMINED"}, r.Code())
	default:
		p.Line("WOULD BE %s: %s", ink{red, "DENIED"}, r.Code())
	}
	p.Line("as of %s", datetime.Format(r.At))
	p.Steps(r.Steps)
	for i, h := range r.Hops {
		p.Line("  link %d, as it says: %s", i, h.Passport)
		p.Field("  from", h.Issuer)
		p.Field("  for", h.Agent+ifTrue(h.Name != "", " ("+h.Name+")"))
		for _, c := range h.Narrows {
			p.Field("  narrows", c.Facet+": "+c.Before+" -> "+c.After)
		}
	}
	if codes := missing(r.Violations); len(codes) > 0 {
		p.Line("missing, to find it out: %s", strings.Join(codes, ", "))
	}
	p.reasons(r.Violations, r.Obligations)
}

// Steps prints the eight steps, each as a stamp beside its name.
func (p Printer) Steps(steps []verify.Step) {
	for i, s := range steps {
		outcome := string(s.Outcome)
		if s.DataAge > 0 {
			outcome += " (evidence " + s.DataAge.Round(time.Second).String() + " old)"
		}
		if s.Name == verify.StepLedger && s.Outcome == verify.Passed && p.Ledger != "" {
			outcome += " (" + p.Ledger + ")"
		}
		begin := "  " + p.in(stamp(s.Outcome)) + " " + strconv.Itoa(i+1) + " " + pad(Plain(string(s.Name)), 10) + " "
		p.line(begin, "%s", outcome)
	}
}

// stamp is the mark of an outcome.
func stamp(o verify.Outcome) ink {
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

// Finding prints one thing that was looked at, with its stamp.
func (p Printer) Finding(o verify.Outcome, about, text string) {
	p.line("  "+p.in(stamp(o))+" "+pad(Plain(about), 7)+" ", "%s", text)
}

// photoPage prints who was allowed what: the page of a passport that is looked at first. Everything on it was proven.
func (p Printer) photoPage(d *verify.Decision) {
	line := func(name string, texts ...string) {
		for _, text := range texts {
			if text != "" {
				p.line("  "+p.in(ink{faint, "|"})+" "+p.in(ink{faint, pad(name, 7)})+" ", "%s", text)
				name = ""
			}
		}
	}
	leaf, root := d.Passport, d.Chain[0]
	line("who", leaf.Name, leaf.Agent.String())
	line("for", root.HumanPrincipal, root.OrganizationDID)
	var from, may, most, only []string
	end := leaf.ValidUntil
	for _, link := range d.Chain {
		from = append(from, link.Issuer.String())
		if link.ValidUntil.Before(end) {
			end = link.ValidUntil
		}
	}
	for name, text := range Facets(d.Authority()) {
		switch name {
		case "may":
			may = append(may, text)
		case "at most":
			most = append(most, text)
		case "assurance":
		default:
			only = append(only, name+": "+text)
		}
	}
	line("from", from...)
	line("may", may...)
	line("limits", most...)
	line("only", only...)
	if d.Intent != nil {
		line("act", Act(&d.Intent.Act))
	}
	line("until", datetime.Format(end))
	line("id", leaf.ID)
}

// reasons prints why it was refused, and what has to be done.
func (p Printer) reasons(violations []verify.Violation, obligations []verify.Obligation) {
	below := func(name, text string) {
		if text != "" {
			p.line("    "+name+": ", "%s", text)
		}
	}
	for i := range violations {
		v := &violations[i]
		p.Line("- %s%s: %s", ink{bold, string(v.Code)}, ifTrue(v.Path != "", " at "+v.Path), v.Detail)
		below("because", cause(v))
		below("limit", v.Limit)
		below("actual", v.Actual)
		if !v.Until.IsZero() {
			below("ask again", "from "+datetime.FormatUp(v.Until))
		}
		if info, ok := verify.Lookup(v.Code); ok {
			below("meaning", info.Meaning)
		}
		below("hint", v.Hint)
	}
	for _, o := range obligations {
		p.Line("- to do: %s%s", o.Kind, ifTrue(o.Detail != "", " ("+o.Detail+")"))
		below("next", o.Next)
	}
}

func missing(list []verify.Violation) (codes []string) {
	for i := range list {
		if info, ok := verify.Lookup(list[i].Code); ok && info.Undetermined {
			codes = append(codes, string(list[i].Code))
		}
	}
	return codes
}

func ifTrue(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

// Act says in one line what is to be done.
func Act(a *passport.Act) string {
	parts := []string{a.Action}
	if !a.Amount.IsZero() {
		parts = append(parts, a.Amount.String())
	}
	for name, text := range a.Members() {
		if text != "" && name != "action" && name != "amount" {
			parts = append(parts, name+" "+text)
		}
	}
	return strings.Join(parts, ", ")
}

// facetWords are what the facets of an authority are called on a page. One that is not listed goes by its own name, so
// that none is hidden.
var facetWords = map[string]string{
	"capabilities": "may", "deniedActions": "never", "spendLimits": "at most", "audiences": "at", "timeWindows": "hours",
	"maxDelegationDepth": "delegates", "permissions": "permits",
}

// Facets yields every facet that is stated, by what it is called: those that are read one by one in several lines,
// the others in one. A currency is granted by its limit.
func Facets(e *passport.Effective) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for f := range e.Facets() {
			lines := []string{f.String()}
			switch {
			case !f.Stated || f.Name == "currencies":
				continue
			case f.Name == "capabilities" || f.Name == "spendLimits":
				lines = f.Texts
			case f.Name == "maxDelegationDepth":
				lines = []string{"down to link " + f.String() + ", where the first passport is link 0"}
			}
			name := f.Name
			if word, ok := facetWords[name]; ok {
				name = word
			}
			for _, text := range lines {
				if !yield(name, text) {
					return
				}
			}
		}
	}
}

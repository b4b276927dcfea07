package main

import (
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// decision prints the verdict, the page of the passport, the eight stamps, and why.
func (p printer) decision(d *verify.Decision) {
	switch d.Verdict {
	case verify.Allow:
		p.line("%s", ink{green, "ALLOWED"})
	case verify.Undetermined:
		p.line("%s: %s", ink{yellow, "UNDETERMINED, and so refused"}, d.Code())
	default:
		p.line("%s: %s", ink{red, "DENIED"}, d.Code())
	}
	if d.Repeated {
		p.line("This act was allowed before, by decision %s: it must not be done again.", d.Of)
	}
	if d.Verdict == verify.Allow {
		p.photoPage(d)
	}
	p.stamps(d.Steps)
	p.reasons(d.Violations, d.Obligations)
}

// report prints what a decision would be.
func (p printer) report(r *verify.Report) {
	switch r.WouldBe {
	case verify.Allow:
		p.line("WOULD BE %s (this is not a permission)", ink{green, "ALLOWED"})
	case verify.Undetermined:
		p.line("WOULD BE %s, and so refused: %s", ink{yellow, "UNDETERMINED"}, r.Code())
	default:
		p.line("WOULD BE %s: %s", ink{red, "DENIED"}, r.Code())
	}
	p.line("as of %s", datetime.Format(r.At))
	p.stamps(r.Steps)
	for i, h := range r.Hops {
		p.line("  link %d, as it says: %s", i, h.Passport)
		p.field("  from", h.Issuer)
		p.field("  for", h.Agent+ifTrue(h.Name != "", " ("+h.Name+")"))
		for _, c := range h.Narrows {
			p.field("  narrows", c.Facet+": "+c.Before+" -> "+c.After)
		}
	}
	if codes := missing(r.Violations); len(codes) > 0 {
		p.line("missing, to find it out: %s", strings.Join(codes, ", "))
	}
	p.reasons(r.Violations, r.Obligations)
}

// stamps prints the eight steps, each as a stamp beside its name.
func (p printer) stamps(steps []verify.Step) {
	marks := map[verify.Outcome]ink{verify.Passed: {green, "[✓]"}, verify.Failed: {red, "[✗]"}, verify.StepUndetermined: {yellow, "[?]"}}
	for i, s := range steps {
		mark, ok := marks[s.Outcome]
		if !ok {
			mark = ink{faint, "[ ]"}
		}
		outcome := string(s.Outcome)
		if s.DataAge > 0 {
			outcome += " (evidence " + s.DataAge.Round(time.Second).String() + " old)"
		}
		if s.Name == verify.StepLedger && s.Outcome == verify.Passed {
			outcome += " (within this run only)"
		}
		p.line("  %s %d %s %s", mark, i+1, pad(string(s.Name), 10), outcome)
	}
}

// photoPage prints who was allowed what: the page of a passport that is looked at first. Everything on it was proven.
func (p printer) photoPage(d *verify.Decision) {
	line := func(name string, texts ...string) {
		for _, text := range texts {
			if text != "" {
				p.line("  %s %s %s", ink{faint, "|"}, ink{faint, pad(name, 7)}, text)
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
	for name, text := range authority(d.Authority()) {
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
		line("act", summary(&d.Intent.Act))
	}
	line("until", datetime.Format(end))
	line("id", leaf.ID)
}

// reasons prints why it was refused, and what has to be done.
func (p printer) reasons(violations []verify.Violation, obligations []verify.Obligation) {
	below := func(name, text string) {
		if text != "" {
			p.line("    %s: %s", name, text)
		}
	}
	for i := range violations {
		v := &violations[i]
		p.line("- %s%s: %s", ink{bold, string(v.Code)}, ifTrue(v.Path != "", " at "+v.Path), v.Detail)
		below("because", because(v))
		below("limit", v.Limit)
		below("actual", v.Actual)
		if info, ok := verify.Lookup(v.Code); ok {
			below("meaning", info.Meaning)
		}
		below("hint", hintFor(v))
	}
	for _, o := range obligations {
		p.line("- to do: %s%s", o.Kind, ifTrue(o.Detail != "", " ("+o.Detail+")"))
		below("next", o.Next)
	}
}

// because is what led to a reason to refuse.
func because(v *verify.Violation) string {
	if v.Err == nil {
		return ""
	}
	return inOurWords(v.Err).Error()
}

// missing returns the codes of what could not be found out.
func missing(list []verify.Violation) []string {
	codes := []string{}
	for i := range list {
		if info, ok := verify.Lookup(list[i].Code); ok && info.Undetermined {
			codes = append(codes, string(list[i].Code))
		}
	}
	return codes
}

// The media types of the answers of verify and explain: their shapes have versions of their own, which stand in a
// parameter (RFC 6838 section 4.3).
const (
	decisionMediaType = "application/vnd.safeconduct.decision+json;version=1"
	reportMediaType   = "application/vnd.safeconduct.report+json;version=1"
)

func decisionView(d *verify.Decision) view {
	v := view{
		{"mediaType", "", decisionMediaType}, {"id", "", d.ID}, {"verdict", "", d.Verdict.String()}, {"code", "", string(d.Code())},
		{"at", "", instant(d.At)}, {"steps", "", stepViews(d.Steps)}, {"violations", "", violationViews(d.Violations)},
		{"obligations", "", obligationViews(d.Obligations)}, {"tzdata", "", d.TZData},
		// By what replays, budgets and rates were judged: this run of the command and nothing before it.
		{"memory", "", "process"},
	}
	if d.Verdict != verify.Allow {
		return v
	}
	var chain, hops []view
	var above *passport.Effective
	for _, p := range d.Chain {
		chain = append(chain, passportView(p))
		h := verify.Hop{Passport: p.ID, Issuer: p.Issuer.String(), Agent: p.Agent.String(), Name: p.Name}
		if above == nil {
			above = p.Authority.Effective()
		} else {
			h.Narrows, above = above.Diff(&p.Authority), above.Intersect(&p.Authority)
		}
		hops = append(hops, hopView(h))
	}
	v = append(v, row{"passport", "", passportView(d.Passport)}, row{"chain", "", chain})
	if d.Intent != nil {
		v = append(v, row{"intent", "", intentView(d.Intent, d.At)})
	}
	v = append(v, row{"authority", "", authorityView(above)}, row{"hops", "", hops})
	if d.Repeated {
		v = append(v, row{"repeated", "", true}, row{"repeatOf", "", d.Of})
	}
	return v
}

func reportView(r *verify.Report, audit bool) view {
	hops := []view{}
	for _, h := range r.Hops {
		hops = append(hops, hopView(h))
	}
	return view{
		{"mediaType", "", reportMediaType}, {"permits", "", false}, {"wouldBe", "", r.WouldBe.String()}, {"code", "", string(r.Code())},
		{"at", "", instant(r.At)}, {"audit", "", audit}, {"steps", "", stepViews(r.Steps)}, {"violations", "", violationViews(r.Violations)},
		{"missing", "", missing(r.Violations)}, {"obligations", "", obligationViews(r.Obligations)}, {"hops", "", hops},
	}
}

func hopView(h verify.Hop) view {
	return view{
		{"id", "", h.Passport}, {"issuer", "", h.Issuer}, {"agent", "", h.Agent}, {"name", "", h.Name}, {"narrows", "", changeViews(h.Narrows)},
	}
}

func stepViews(steps []verify.Step) []view {
	out := make([]view, 0, len(steps))
	for _, s := range steps {
		v := view{{"name", "", string(s.Name)}, {"outcome", "", string(s.Outcome)}, {"why", "", s.Why}}
		if age := int64(s.DataAge / time.Second); age != 0 {
			v = append(v, row{"dataAgeSeconds", "", age})
		}
		out = append(out, v)
	}
	return out
}

func violationViews(list []verify.Violation) []view {
	out := make([]view, 0, len(list))
	for i := range list {
		v := &list[i]
		info, _ := verify.Lookup(v.Code)
		class := verify.Deny
		if info.Undetermined {
			class = verify.Undetermined
		}
		out = append(out, view{
			{"step", "", string(v.Step)}, {"code", "", string(v.Code)}, {"class", "", class.String()}, {"http", "", info.HTTP},
			{"path", "", v.Path}, {"detail", "", v.Detail}, {"limit", "", v.Limit}, {"actual", "", v.Actual},
			{"hint", "", hintFor(v)}, {"cause", "", because(v)},
		})
	}
	return out
}

func obligationViews(list []verify.Obligation) []view {
	out := make([]view, 0, len(list))
	for _, o := range list {
		out = append(out, view{{"kind", "", o.Kind}, {"detail", "", o.Detail}, {"next", "", o.Next}})
	}
	return out
}

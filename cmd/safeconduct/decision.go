package main

import (
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

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

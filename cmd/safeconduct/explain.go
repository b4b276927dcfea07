package main

import (
	"context"
	"errors"
	"strings"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/verify"
)

const explainUsage = `usage: safeconduct explain [the flags of verify] [-at INSTANT] FILE

Says what verify would answer, and why: every step, what each link of the chain
takes away, and what is missing. It permits nothing, whatever it says; to let
somebody through, use safeconduct verify.

` + trustUsage + actUsage + judgeUsage + `  -at INSTANT      judge as of an instant in the past, with the lists or the
                   bundle of that time: what would the answer have been? A list
                   that was made later is refused
  -now INSTANT     what time to take it for: 2026-11-21T09:00:00Z
  -json            print the whole report as JSON

Exit code: 0 would be allowed, 1 denied, 3 undetermined, 2 usage, 4 I/O. As
with verify, a refusal goes to standard error (with -json, to standard output).

Example:
  safeconduct explain -trust did:key:z6Mk… -lists lists -audience did:web:shop.example \
    -action payments.charge -amount "12.50 USD" -category compute shown.json
  safeconduct explain -at 2026-11-01T12:00:00Z -bundle november.bundle …
`

func (a *app) explain(ctx context.Context, args []string) error {
	f := a.verifierFlags("explain")
	f.past()
	v, err := f.verifier(ctx, args)
	if err != nil {
		return err
	}
	raw, err := a.document(f.file)
	if err != nil {
		return err
	}
	var r *verify.Report
	if f.at.IsZero() {
		r = v.Explain(ctx, raw, f.request())
	} else {
		r = v.Audit(ctx, raw, f.request(), f.at)
	}
	if r.Code() == verify.RequestInvalid {
		return f.usage("%w", &r.Violations[0])
	}
	if a.json {
		if err := a.answer(newReportJSON(r, !f.at.IsZero())); err != nil {
			return err
		}
	} else {
		to := a.text
		if r.WouldBe != verify.Allow {
			to = a.err
		}
		to.report(r)
	}
	if r.WouldBe == verify.Allow {
		a.note("explain permits nothing: use safeconduct verify to decide")
		return nil
	}
	exit := exitDenied
	if r.WouldBe == verify.Undetermined {
		exit = exitUndetermined
	}
	return &failure{exit: exit, err: errors.New(string(r.Code())), silent: true, keepOutput: a.json}
}

// report prints what a decision would be.
func (p printer) report(r *verify.Report) {
	switch r.WouldBe {
	case verify.Allow:
		p.line("WOULD BE %s (this is no permission)", ink{green, "ALLOWED"})
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

// reportJSON is what explain -json prints.
type reportJSON struct {
	header
	MediaType   string           `json:"mediaType"`
	Permits     bool             `json:"permits"` // always false
	WouldBe     string           `json:"wouldBe"` // allow, deny or undetermined
	Code        string           `json:"code,omitempty"`
	At          string           `json:"at"`
	Audit       bool             `json:"audit"` // -at was given
	Steps       []stepJSON       `json:"steps"`
	Violations  []violationJSON  `json:"violations"`
	Missing     []string         `json:"missing"` // codes of what could not be found out
	Obligations []obligationJSON `json:"obligations"`
	Hops        []hopJSON        `json:"hops"` // as they say; not necessarily proven
}

func newReportJSON(r *verify.Report, audit bool) reportJSON {
	j := reportJSON{
		header: kind("report"), MediaType: reportMediaType, WouldBe: r.WouldBe.String(), Code: string(r.Code()),
		At: instant(r.At), Audit: audit, Steps: newStepsJSON(r.Steps), Violations: newViolationsJSON(r.Violations),
		Missing: missing(r.Violations), Obligations: newObligationsJSON(r.Obligations), Hops: []hopJSON{},
	}
	for _, h := range r.Hops {
		j.Hops = append(j.Hops, hopJSON{h.Passport, h.Issuer, h.Agent, h.Name, newChangesJSON(h.Narrows)})
	}
	return j
}

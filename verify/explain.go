package verify

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// mode tells a decision from a report.
type mode uint8

const (
	decision mode = iota
	explain
	audit
)

// Report is what a decision would be, or would have been. It permits nothing:
// nothing was reserved, nothing recorded, and it carries no error to be nil.
type Report struct {
	WouldBe     Verdict
	At          time.Time
	Steps       []Step
	Violations  []Violation
	Obligations []Obligation
	Audit       bool    // as of an instant in the past, by Audit
	Subject     Subject // whose act it would be, as far as that could be read
	Hops        []Hop   // what each link of the chain takes away; as far as the chain could be read
}

// Hop is one link of a presented chain, read and not necessarily proven.
type Hop struct {
	Passport string // id
	Issuer   string
	Agent    string
	Name     string
	Narrows  []passport.Change // against the links above; nil for the root
}

// Code returns the primary code; see [Decision.Code].
func (r *Report) Code() Code { return (&Decision{Violations: r.Violations}).Code() }

// Explain is a dry run of [Verifier.Verify]: all steps, with the ledger only
// asked what it would say. It uses nothing up and permits nothing.
func (v *Verifier) Explain(ctx context.Context, presented []byte, q Request) *Report {
	if !v.made() {
		return reportOf(Refuse(time.Time{}, notMade))
	}
	if ctx == nil {
		return reportOf(Refuse(time.Time{}, noContext))
	}
	now, err := read(v.config.Now)
	if err != nil {
		return reportOf(Refuse(time.Time{}, clockFailed(err)))
	}
	r := newRun(v, explain, now, &q)
	defer r.release()
	return r.report(ctx, presented)
}

// Audit judges as of an instant in the past, by the keys, lists and ledger
// that the Verifier is configured with: configure it with those of that time,
// such as an old trust bundle. Lists made after the instant are refused. It uses
// nothing up, permits nothing, and leaves no trace in the Verifier's
// memory of lists.
func (v *Verifier) Audit(ctx context.Context, presented []byte, q Request, at time.Time) *Report {
	if !v.made() {
		return reportOf(Refuse(at, notMade))
	}
	if ctx == nil {
		return reportOf(Refuse(at, noContext))
	}
	r := newRun(v, audit, at, &q)
	defer r.release()
	return r.report(ctx, presented)
}

// reportOf makes a report of a decision, whatever its error.
func reportOf(d *Decision, _ error) *Report {
	return &Report{
		WouldBe: d.Verdict, At: d.At, Steps: d.Steps, Violations: d.Violations, Obligations: d.Obligations, Subject: d.Subject,
	}
}

func (r *run) report(ctx context.Context, presented []byte) *Report {
	rep := reportOf(r.decide(ctx, presented))
	rep.Audit = r.mode == audit
	var above *passport.Effective
	for i := range r.links {
		var h Hop
		h, above = hopOf(r.links[i].passport, above, r.narrows)
		rep.Hops = append(rep.Hops, h)
	}
	return rep
}

// hopOf says what a link takes away from what the links above it allow, nil
// above the root, and what they then allow together. What was not proven to
// narrow is not compared at length.
func hopOf(p *passport.Passport, above *passport.Effective, narrows bool) (Hop, *passport.Effective) {
	h := Hop{Passport: p.ID, Issuer: p.Issuer.String(), Agent: p.Agent.String(), Name: p.Name}
	switch {
	case above == nil:
		above = p.Authority.Effective()
	case narrows:
		below := above.Intersect(&p.Authority)
		h.Narrows, above = above.Changes(below), below
	}
	return h, above
}

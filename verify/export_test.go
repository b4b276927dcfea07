package verify

import (
	"context"
	"slices"
)

// Prepared is a decision whose steps that parse and check signatures, 1 and 4,
// were done, for the benchmarks of the others. It is not for concurrent use.
type Prepared struct{ after, again run }

// CheapSteps are the steps that neither parse nor check signatures.
var CheapSteps = []StepName{StepAnchor, StepTime, StepDelegation, StepStatus, StepAuthority, StepLedger}

// Prepare runs the steps 1 to 7.
func (v *Verifier) Prepare(ctx context.Context, presented []byte, q Request) (*Prepared, error) {
	r := run{v: v, now: v.config.Now(), request: q, presented: presented, decision: newSteps()}
	for i := range len(pipeline) - 1 {
		r.step(ctx, i)
	}
	if bad := r.decision.primary(); bad != nil {
		return nil, bad
	}
	return &Prepared{after: r}, nil
}

// Run does the named steps once more, as if for the first time.
func (p *Prepared) Run(ctx context.Context, names []StepName) error {
	r := &p.again
	*r = p.after
	for i := range pipeline {
		r.decision.Steps[i] = Step{Name: pipeline[i].name}
	}
	r.decision.Violations = nil
	for i := range pipeline {
		if slices.Contains(names, pipeline[i].name) {
			r.step(ctx, i)
		}
	}
	if bad := r.decision.primary(); bad != nil {
		return bad
	}
	return nil
}

func newSteps() *Decision {
	d := &Decision{ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Steps: make([]Step, len(pipeline))}
	for i := range pipeline {
		d.Steps[i].Name = pipeline[i].name
	}
	return d
}

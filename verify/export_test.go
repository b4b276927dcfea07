package verify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Prepared is a decision whose steps that parse and check signatures, 1 and 4,
// were done, for the benchmarks of the others. It is not for concurrent use.
type Prepared struct{ after, again run }

// CheapSteps are the steps that neither parse nor check signatures.
var CheapSteps = []StepName{StepAnchor, StepTime, StepDelegation, StepStatus, StepAuthority, StepLedger}

// Prepare runs the steps 1 to 7.
func (v *Verifier) Prepare(ctx context.Context, presented []byte, q Request) (*Prepared, error) {
	r := run{v: v, clock: clockOf(v.config.Now(), v.config.Skew), request: q, presented: presented, decision: newSteps()}
	r.began, r.started = r.now, r.now
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
	origins := emptied(r.origins) // as of a run that was lent before
	*r = p.after
	r.origins = origins
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

// FillLists brings lists of that many bytes into the memory of lists, by four
// agents below an anchor and by the anchor itself, until each of them finds no
// room, and returns how many there are. Of each a revocation was seen.
func (v *Verifier) FillLists(ctx context.Context, anchor did.DID, now time.Time, raw []byte) (entries int) {
	r := &run{v: v, clock: clockOf(now, v.config.Skew), anchorOf: v.anchors[anchor.String()]}
	fill := func(b bearer) {
		for i := 0; ; i++ {
			url := fmt.Sprintf("https://%s.example/%d", b.issuer.SpecificID(), i)
			if _, err := v.lists.admit(ctx, r, b, url); err != nil {
				return
			}
			entries++
			rec := &listRecord{
				fetched: &statuslist.Fetched{Raw: slices.Clone(raw)},
				list:    &statuslist.ListCredential{ID: url, AsOf: now},
			}
			_, _, _ = v.lists.learn(ctx, r, b, rec)
			_ = v.lists.revoke(ctx, r, b, &statuslist.Entry{URL: url, Index: i % 1000, Purpose: statuslist.Revocation})
		}
	}
	fill(bearer{issuer: anchor})
	for i := range 4 {
		agent := did.MustParse(fmt.Sprintf("did:web:hostile%d", i))
		r.links = []link{{passport: &passport.Passport{Agent: agent}}}
		fill(bearer{issuer: agent, depth: 1, until: now.Add(time.Hour)})
	}
	return entries
}

package verify

import (
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// Decision is the outcome of one verification, with everything that led to it.
// Its claims about the passport are filled in only when Verdict is Allow.
type Decision struct {
	ID         string // a ULID
	Verdict    Verdict
	At         time.Time   // the instant that was used as now
	Steps      []Step      // always eight
	Violations []Violation // why it was refused, in step order; empty when allowed
	TZData     string      // edition of the time zone database in this build

	// Subject is whose act this is, as far as that could be read: identifiers
	// that grant nothing.
	Subject Subject

	// When allowed: what was proven.
	Passport *passport.Passport   // the leaf
	Chain    []*passport.Passport // root … leaf
	Intent   *passport.Intent     // nil for a bare passport

	// Obligations that come with the act: those that refused it, or, when
	// allowed, those that the caller discharges.
	Obligations []Obligation

	// Repeated says that this act was allowed before and must not be done
	// again: the caller repeats its stored answer. Of is the decision of then.
	Repeated bool
	Of       string

	// Evidence is what the decision stood on, for receipts; nil unless
	// Config.Evidence is set.
	Evidence *Evidence

	hold heldIn
	own  own

	few [shortChain]*passport.Passport // room for a short Chain
}

// Step is one of the eight steps of a decision.
type Step struct {
	Name    StepName
	Outcome Outcome
	Why     string        // empty when passed
	DataAge time.Duration // age of the oldest evidence the step used; zero if it used none
	Took    time.Duration // by the configured clock
}

// StepName names a step.
type StepName string

// The steps, in their order.
const (
	StepEnvelope   StepName = "envelope"
	StepAnchor     StepName = "anchor"
	StepTime       StepName = "time"
	StepProof      StepName = "proof"
	StepDelegation StepName = "delegation"
	StepStatus     StepName = "status"
	StepAuthority  StepName = "authority"
	StepLedger     StepName = "ledger"
)

// Outcome is how a step ended. The zero Outcome is NotReached.
type Outcome string

// The outcomes.
const (
	NotReached       Outcome = "not reached"
	Passed           Outcome = "passed"
	Failed           Outcome = "failed"
	StepUndetermined Outcome = "undetermined"
)

// Authority returns what the chain allows together; nil unless allowed.
func (d *Decision) Authority() *passport.Effective {
	var e *passport.Effective
	for _, p := range d.Chain {
		if e == nil {
			e = p.Authority.Effective()
		} else {
			e = e.Intersect(&p.Authority)
		}
	}
	return e
}

// Code returns the primary code: the first denial in step order, of one step
// what is final (revoked) before what can pass by itself (suspended); without a
// denial, the first reason why it is undetermined; "" when allowed.
func (d *Decision) Code() Code {
	if v := d.primary(); v != nil {
		return v.Code
	}
	return ""
}

func (d *Decision) primary() *Violation {
	if len(d.Violations) == 0 {
		return nil
	}
	return &d.Violations[primaryOf(d.Violations)]
}

// primaryOf returns the index of the reason that is told first, 0 if there is
// none.
func primaryOf(list []Violation) int {
	first := -1
	for i := range list {
		switch {
		case undetermined(list[i].Code):
		case first >= 0 && list[i].Step != list[first].Step:
			return first
		case !passing(list[i].Code):
			return i
		case first < 0:
			first = i
		}
	}
	return max(first, 0)
}

// judge says how the step ended, by those of the violations that are its own:
// one denial outweighs whatever could not be found out.
func (s *Step) judge(list []Violation) {
	for i := range list {
		v := &list[i]
		switch {
		case v.Step != s.Name || s.Outcome == Failed:
		case !undetermined(v.Code):
			s.Outcome, s.Why = Failed, v.why()
		case s.Outcome != StepUndetermined:
			s.Outcome, s.Why = StepUndetermined, v.why()
		}
	}
}

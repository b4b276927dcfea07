package verify

import (
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/tzdata"
)

// Refuse makes a refusal without asking a [Verifier]: for what runs in front
// of one and can tell by itself that there is nothing to decide, such as an
// HTTP guard or an adapter for another protocol. The result reads like that of
// [Verifier.Verify]; the error is a [*Refusal] and never nil. Nothing is
// recorded in a ledger.
//
// Each reason is a [Code], a [*Violation], or an error that wraps one of them,
// or a [*Refusal], or several joined. A reason that has no code of this
// vocabulary is internal.error; so is no reason at all. A reason belongs to the
// step envelope unless it is a Violation that names another.
//
//	return verify.Refuse(now(), verify.EnvelopeMissing)
//	return verify.Refuse(now(), &verify.Violation{Code: verify.EnvelopeMalformed, Detail: "the metadata is not text"})
//
// At is the instant of the decision; zero if it is not known.
func Refuse(at time.Time, reasons ...error) (*Decision, error) {
	d := newDecision(at.Round(0))
	// Without an id, for want of random numbers, it is a refusal all the same.
	_ = d.name(at)
	for _, reason := range reasons {
		d.Violations = append(d.Violations, violationsOf(reason, InternalError)...)
	}
	if len(d.Violations) == 0 {
		d.Violations = []Violation{{Code: InternalError, Detail: "refused without a reason"}}
	}
	for i := range d.Violations {
		v := &d.Violations[i]
		if v.Step == "" {
			v.Step = StepEnvelope
		}
		if _, known := Lookup(v.Code); !known {
			*v = Violation{Step: v.Step, Code: InternalError, Err: v}
		}
	}
	for i := range d.Steps {
		d.Steps[i].judge(d.Violations)
	}
	return d, d.refuse()
}

// RefuseOpenly is [Refuse] for reasons that quote nothing but what the caller has
// sent: [Refusal.Own] returns them, so that the caller may be told.
func RefuseOpenly(at time.Time, reasons ...error) (*Decision, error) {
	d, err := Refuse(at, reasons...)
	if refusal, ok := err.(*Refusal); ok {
		for i := range refusal.Violations {
			refusal.own.mark(refusal.Violations[:i+1], false)
		}
	}
	return d, err
}

// RefuseQuestion is [Refuse] for an error of the host's own code, where that is asked what
// a call means: one that has a [Code], or a [*Violation], keeps it; any other is
// request.invalid, a fault of the host.
func RefuseQuestion(at time.Time, err error) (*Decision, error) {
	err = sound(err)
	var v *Violation
	var c Code
	if !errors.As(err, &v) && !errors.As(err, &c) {
		err = &Violation{Code: RequestInvalid, Detail: "the host has no question for this call", Err: err}
	}
	return Refuse(at, err)
}

// newDecision makes a decision in which nothing is decided yet.
func newDecision(at time.Time) *Decision {
	d := &struct { // one piece of memory
		Decision
		steps [len(pipeline)]Step
	}{Decision: Decision{At: at, TZData: tzdata.Version}}
	for i := range pipeline {
		d.steps[i] = Step{Name: pipeline[i].name, Outcome: NotReached}
	}
	d.Steps = d.steps[:]
	return &d.Decision
}

// refuse closes the decision and returns its error: any denial beats any
// undetermined.
func (d *Decision) refuse() *Refusal {
	primary := primaryOf(d.Violations)
	d.Verdict = Deny
	if undetermined(d.Violations[primary].Code) {
		d.Verdict = Undetermined
	}
	return &Refusal{
		ID: d.ID, Verdict: d.Verdict, Violations: d.Violations, Subject: d.Subject, primary: primary, own: d.own,
	}
}

// violationsOf makes violations of an error, each under its own code or, if it
// has none of this vocabulary, under fallback; of joined errors each.
func violationsOf(err error, fallback Code) []Violation {
	if err == nil {
		return nil
	}
	err = sound(err)
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		list := many.Unwrap()
		if each(list, func(e error) bool { return told(e) != nil }) {
			var all []Violation
			for _, e := range list {
				all = append(all, violationsOf(e, fallback)...)
			}
			return all
		}
	}
	if v := told(err); v != nil {
		return []Violation{*v}
	}
	return []Violation{{Code: fallback, Err: err}}
}

// told returns the first refusal with a code of this vocabulary in the tree of
// an error, nil if there is none.
func told(err error) *Violation {
	v := &Violation{}
	switch e := firstCoded(err).(type) {
	case *Violation:
		*v = *e
	case *code.Error:
		*v = Violation{Code: e.Code, Path: e.Path, Detail: e.Detail, Limit: e.Limit, Actual: e.Actual, Hint: e.Hint, Err: e.Err, Until: e.Until}
	case Code:
		v.Code = e
		if err != error(e) { // the words around it
			v.Err = err
		}
	}
	if _, known := Lookup(v.Code); !known {
		return nil
	}
	return v
}

// firstCoded finds what carries a code as errors.As would: depth first.
func firstCoded(err error) error {
	for err != nil {
		switch err.(type) {
		case *Violation, *code.Error, Code:
			return err
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			err = u.Unwrap()
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if found := firstCoded(e); found != nil {
					return found
				}
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}

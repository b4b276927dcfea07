package verifyhttp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/verify"
)

func fault(c verify.Code, format string, args ...any) error {
	return &code.Error{Code: c, Detail: fmt.Sprintf(format, args...)}
}

// steps are the steps of a decision that the guard takes before the verifier:
// the first failed, no other was reached.
var steps = [...]verify.StepName{
	verify.StepEnvelope, verify.StepAnchor, verify.StepTime, verify.StepProof,
	verify.StepDelegation, verify.StepStatus, verify.StepAuthority, verify.StepLedger,
}

// refuse makes a decision of the guard's own, in the form of the verifier's.
func refuse(now func() time.Time, err error) (*verify.Decision, error) {
	e := &code.Error{Code: verify.InternalError, Err: err}
	errors.As(err, &e)
	vio := verify.Violation{
		Step: verify.StepEnvelope, Code: e.Code, Path: e.Path, Detail: e.Detail,
		Limit: e.Limit, Actual: e.Actual, Hint: e.Hint, Err: e.Err,
	}
	d := &verify.Decision{Verdict: verify.Deny, Violations: []verify.Violation{vio}, Steps: make([]verify.Step, len(steps))}
	if now != nil {
		d.At = now()
	}
	for i, name := range steps {
		d.Steps[i] = verify.Step{Name: name, Outcome: verify.NotReached}
	}
	d.Steps[0].Outcome, d.Steps[0].Why = verify.Failed, vio.Error()
	if info, ok := verify.Lookup(e.Code); !ok || info.Undetermined {
		d.Verdict, d.Steps[0].Outcome = verify.Undetermined, verify.StepUndetermined
	}
	// Without an id (no random numbers, or a clock that no ULID can hold) it is
	// a refusal all the same.
	if ms := d.At.UnixMilli(); ms >= 0 && uint64(ms) <= ulid.MaxTime() {
		if id, err := ulid.New(uint64(ms), rand.Reader); err == nil {
			d.ID = id.String()
		}
	}
	return d, &verify.Refusal{Verdict: d.Verdict, Violations: d.Violations}
}

type contextKey struct{}

// FromContext returns the decision that let a request through, for the handler
// behind a [Guard]; false if there was no guard.
func FromContext(ctx context.Context) (*verify.Decision, bool) {
	d, ok := ctx.Value(contextKey{}).(*verify.Decision)
	return d, ok
}

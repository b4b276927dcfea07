package policy

import (
	"fmt"
	"strconv"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

// TrustSource knows the record of agents, in thousandths: 0 nothing good, 1000
// the best. An agent that is not known counts as 0. It must be safe for
// concurrent use.
type TrustSource interface {
	Trust(agent did.DID) (thousandths int, known bool)
}

// Trust asks for a record that is good enough.
type Trust struct {
	Source TrustSource // nil is an error
	Least  int         // in thousandths, 1 to 1000; anything else is an error
}

// Rule refuses with trust.too_low. What the source says is recorded with the
// decision.
func (t Trust) Rule() verify.Rule {
	return verify.Rule{ID: "trust", Score: func(f verify.Facts) (int, bool) {
		return t.Source.Trust(f.Leaf().Agent)
	}, Check: func(f verify.Facts) error {
		score, known := t.Source.Trust(f.Leaf().Agent)
		if !known {
			score = 0
		}
		if score >= t.Least {
			return nil
		}
		return &verify.Violation{
			Code: verify.TrustTooLow, Detail: "the agent's record is not good enough",
			Limit: strconv.Itoa(t.Least), Actual: strconv.Itoa(score),
		}
	}, Valid: func() error {
		if t.Source == nil || t.Least < 1 || t.Least > 1000 {
			return invalid("Trust.Least is %d thousandths, want 1 to 1000, and a Source", t.Least)
		}
		return nil
	}}
}

// invalid is an error of a rule's configuration.
func invalid(format string, args ...any) error { return fmt.Errorf("policy: "+format, args...) }

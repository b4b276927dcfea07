package verify_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

// A refusal without a verifier reads like one of a verifier.
func TestRefuse(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	_, refusal := fault{bytes: replace(`"50.00"`, `"90.00"`)}.decide(t)
	type (
		codes []verify.Code
		errs  []error
	)
	const deny, unsure = verify.Deny, verify.Undetermined
	late := &verify.Violation{Code: verify.LedgerRateExceeded, Step: verify.StepLedger}
	two := errors.Join(verify.EnvelopeMissing, verify.RequestInvalid)
	for name, c := range map[string]struct {
		reasons errs
		codes   codes
		verdict verify.Verdict
		failed  verify.StepName
	}{
		"a code":       {errs{verify.EnvelopeMissing}, codes{verify.EnvelopeMissing}, deny, verify.StepEnvelope},
		"a violation":  {errs{late}, codes{verify.LedgerRateExceeded}, deny, verify.StepLedger},
		"wrapped":      {errs{fmt.Errorf("reading: %w", verify.EnvelopeTooLarge)}, codes{verify.EnvelopeTooLarge}, deny, verify.StepEnvelope},
		"joined":       {errs{two}, codes{verify.EnvelopeMissing, verify.RequestInvalid}, deny, verify.StepEnvelope},
		"several":      {errs{verify.StatusStale, verify.EnvelopeMissing}, codes{verify.StatusStale, verify.EnvelopeMissing}, deny, verify.StepEnvelope},
		"a refusal":    {errs{fmt.Errorf("before: %w", refusal)}, codes{verify.ProofInvalid}, deny, verify.StepProof},
		"undetermined": {errs{verify.LedgerUnavailable}, codes{verify.LedgerUnavailable}, unsure, verify.StepEnvelope},
		"no code":      {errs{io.EOF}, codes{verify.InternalError}, unsure, verify.StepEnvelope},
		"strange code": {errs{verify.Code("no.such")}, codes{verify.InternalError}, unsure, verify.StepEnvelope},
		"a nil error":  {errs{nil}, codes{verify.InternalError}, unsure, verify.StepEnvelope},
		"nothing":      {nil, codes{verify.InternalError}, unsure, verify.StepEnvelope},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := verify.Refuse(at, c.reasons...)
			var r *verify.Refusal
			require.ErrorAs(t, err, &r)
			require.Equal(t, c.verdict, d.Verdict)
			require.Equal(t, c.verdict, r.Verdict)
			require.Equal(t, d.Code(), r.Code())
			require.Len(t, d.ID, 26)
			require.Equal(t, at, d.At)
			require.Len(t, d.Steps, 8)
			for i, v := range d.Violations {
				require.Equal(t, c.codes[i], v.Code)
				require.ErrorIs(t, err, v.Code)
			}
			require.Len(t, d.Violations, len(c.codes))
			for _, s := range d.Steps {
				want := verify.NotReached
				switch {
				case s.Name == c.failed && c.verdict == deny:
					want = verify.Failed
				case s.Name == c.failed:
					want = verify.StepUndetermined
				}
				require.Equal(t, want, s.Outcome, s.Name)
			}
		})
	}
	d, err := verify.Refuse(time.Time{}, verify.EnvelopeMissing)
	require.ErrorIs(t, err, verify.EnvelopeMissing)
	require.True(t, d.At.IsZero())
	require.Nil(t, d.Passport)
}

// A context carries what allows, and nothing else.
func TestContextCarriesWhatAllows(t *testing.T) {
	allowed, err := fault{}.decide(t)
	require.NoError(t, err)
	carrying := verify.NewContext(ctx, allowed)
	d, ok := verify.FromContext(carrying)
	require.True(t, ok)
	require.Same(t, allowed, d)

	refused, err := verify.Refuse(time.Time{}, verify.EnvelopeMissing)
	require.Error(t, err)
	for name, inner := range map[string]*verify.Decision{"refused": refused, "zero": {}, "nil": nil} {
		_, ok := verify.FromContext(verify.NewContext(carrying, inner))
		require.False(t, ok, name)
	}
	_, ok = verify.FromContext(ctx)
	require.False(t, ok)
}

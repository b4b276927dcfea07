package verify_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// several is an error of a host's own that wraps others.
type several []error

func (several) Error() string     { return "several reasons" }
func (s several) Unwrap() []error { return s }

type operation func() (verify.Operation, error)

func (o operation) Operation(*verify.Request, time.Time) (verify.Operation, error) { return o() }

// A rule that returns an obligation together with a denial refuses, whatever the
// caller discharges: of joined errors each is judged by itself. So does an
// operation, and so does an error with a nil pointer in it, at which nobody panics.
func TestAnObligationNeverStandsForADenialBesideIt(t *testing.T) {
	ask, other := &verify.Obligation{Kind: "ask_human"}, &verify.Obligation{Kind: "sign_agreement"}
	plain := errors.New("not today")
	var noViolation *verify.Violation
	var noObligation *verify.Obligation
	for name, c := range map[string]struct {
		err  error
		want verify.Code // "": allowed
	}{
		"an obligation alone":          {ask, ""},
		"an obligation, wrapped":       {fmt.Errorf("rule 7: %w", ask), ""},
		"a join of one":                {errors.Join(ask), ""},
		"with a code":                  {errors.Join(ask, verify.TrustTooLow), verify.TrustTooLow},
		"with a code before":           {errors.Join(verify.TrustTooLow, ask), verify.TrustTooLow},
		"with a plain error":           {errors.Join(ask, plain), verify.PolicyDenied},
		"wrapped, with a plain error":  {fmt.Errorf("rule 7: %w", errors.Join(plain, ask)), verify.PolicyDenied},
		"in one text with a code":      {fmt.Errorf("%w, %w", ask, verify.TrustTooLow), verify.TrustTooLow},
		"as the cause of a violation":  {&verify.Violation{Code: verify.TrustTooLow, Err: ask}, verify.TrustTooLow},
		"with one that is not met":     {errors.Join(ask, other), verify.PolicyObligationUnmet},
		"in a type of the host":        {several{ask, nil, plain}, verify.PolicyDenied},
		"without a word":               {&verify.Obligation{}, verify.PolicyObligationUnmet},
		"a nil violation":              {noViolation, verify.PolicyDenied},
		"a nil violation, joined":      {errors.Join(ask, noViolation), verify.PolicyDenied},
		"a nil obligation, joined":     {errors.Join(noObligation, ask), verify.PolicyDenied},
		"a nil violation, wrapped":     {fmt.Errorf("rule 7: %w", error(noViolation)), verify.PolicyDenied},
		"several that are not errors":  {several{}, verify.PolicyDenied},
		"several that are nil pointer": {several{nil, noObligation}, verify.PolicyDenied},
	} {
		rule := verify.Rule{ID: "r", Check: func(verify.Facts) error { return c.err }}
		for where, edit := range map[string]func(*verify.Config){
			"rule": func(k *verify.Config) { k.Policy = []verify.Rule{rule} },
			"operation": func(k *verify.Config) {
				k.Operations = operation(func() (verify.Operation, error) { return verify.Operation{}, c.err })
			},
		} {
			t.Run(where+"/"+name, func(t *testing.T) {
				w := verifytest.NewWorld(t)
				v, err := verify.New(w.Config(edit))
				require.NoError(t, err)
				q := w.Request(func(q *verify.Request) { q.Discharges = []string{"ask_human", ""} })
				d, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), q)
				if c.want == "" {
					verifytest.AssertAllowed(t, err)
					require.Equal(t, []verify.Obligation{*ask}, d.Obligations)
					return
				}
				verifytest.AssertDenied(t, err, c.want)
				require.NotEmpty(t, err.Error())
			})
		}
	}
	_, err := verify.Refuse(time.Time{}, noViolation)
	verifytest.AssertDenied(t, err, verify.InternalError)
	_, err = verify.RefuseQuestion(time.Time{}, noViolation)
	verifytest.AssertDenied(t, err, verify.RequestInvalid)
}

package verify_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func ownOf(t *testing.T, err error) []verify.Violation {
	var refusal *verify.Refusal
	require.ErrorAs(t, err, &refusal)
	return refusal.Own()
}

// What follows from the agent's passports may be told; what the host says by
// its rules and its configuration may not, whatever code and place it has.
func TestOwnReasons(t *testing.T) {
	w := verifytest.NewWorld(t)
	secret := &verify.Violation{Code: verify.AuthorityAmountExceeded, Path: "/verifiableCredential/0/credentialSubject",
		Limit: "secret", Actual: "secret"}
	v := w.Verifier(func(c *verify.Config) {
		c.Policy = []verify.Rule{{ID: "house", Check: func(verify.Facts) error { return secret }}}
		c.Payments = []string{"data.*"}
	})
	price := passport.MustMoney("60.00", "USD")
	_, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent(func(in *passport.Intent) { in.Amount = price })),
		w.Request(func(q *verify.Request) { q.Amount, q.ResourceOwner = price, "mailto:secret@example.org" }))
	own := ownOf(t, err)
	require.Len(t, own, 1, "%v", own)
	require.Equal(t, verify.AuthorityAmountExceeded, own[0].Code)
	require.Contains(t, own[0].Limit, "50.00 USD")
	require.Contains(t, own[0].Actual, "60.00 USD")
	require.NotContains(t, fmt.Sprint(own), "secret")
	require.Contains(t, fmt.Sprint(err.(*verify.Refusal).Violations), "secret", "the host itself is told all")

	// Neither is what comes before anything is proven, nor what an adapter says.
	_, err = v.Verify(ctx, nil, w.Request())
	require.Empty(t, ownOf(t, err))
	_, err = verify.Refuse(w.Clock.Now(), secret)
	require.Empty(t, ownOf(t, err))
	for _, bad := range w.Shelf() {
		w := w.Verifier()
		if _, err := w.Verify(ctx, bad.Good, bad.GoodRequest); err != nil {
			continue
		}
		if bad.Between != nil {
			bad.Between()
		}
		_, err := w.Verify(ctx, bad.Bytes, bad.Request)
		for _, v := range ownOf(t, err) {
			require.Contains(t, []verify.StepName{verify.StepAuthority, verify.StepLedger}, v.Step, bad.Name)
		}
	}
}

// Of a budget above its own passport an agent is told the limit, which it has in
// its chain, and not what others have spent of it.
func TestOwnReasonsOfSharedBudgets(t *testing.T) {
	w := verifytest.NewWorld(t)
	day := func(amount string) []passport.SpendLimit {
		return []passport.SpendLimit{{Money: passport.MustMoney(amount, "USD"), Per: passport.PerDay}}
	}
	for name, c := range map[string]struct {
		root, leaf string
		actual     bool
	}{"its own": {"100.00", "20.00", true}, "a parent's": {"20.00", "20.00", false}} {
		t.Run(name, func(t *testing.T) {
			family := w.Family(func(p *passport.Passport) { p.Authority.SpendLimits = day(c.root) })
			chain := family.Delegate(family.Chain(0), func(p *passport.Passport) { p.Authority.SpendLimits = day(c.leaf) })
			v := w.Verifier()
			show := func() error {
				_, err := v.Verify(ctx, family.Present(chain, w.Intent()), w.Request())
				return err
			}
			require.NoError(t, show())
			own := ownOf(t, show())
			require.NotEmpty(t, own)
			first := own[0]
			require.Equal(t, verify.LedgerBudgetExceeded, first.Code)
			require.Contains(t, first.Limit, "20.00 USD")
			require.Equal(t, c.actual, first.Actual != "", first.Actual)
		})
	}
}

// More reasons than are marked are told to nobody.
func TestOwnReasonsHaveAnEnd(t *testing.T) {
	w := verifytest.NewWorld(t)
	many := make([]error, 70)
	for i := range many {
		many[i] = fmt.Errorf("%w: %d", verify.PolicyDenied, i)
	}
	v := w.Verifier(func(c *verify.Config) {
		c.Policy = []verify.Rule{{ID: "house", Check: func(verify.Facts) error { return errors.Join(many...) }}}
	})
	_, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.Len(t, err.(*verify.Refusal).Violations, 70)
	require.Empty(t, ownOf(t, err))
}

// What an adapter refuses openly may be told.
func TestRefuseOpenly(t *testing.T) {
	w := verifytest.NewWorld(t)
	cause := &verify.Violation{Code: verify.EnvelopeMalformed, Detail: "the amount is not a text", Err: errors.New("cause")}
	d, err := verify.RefuseOpenly(w.Clock.Now(), cause, verify.EnvelopeMissing)
	require.Equal(t, verify.Deny, d.Verdict)
	own := ownOf(t, err)
	require.Len(t, own, 2)
	require.Equal(t, "the amount is not a text", own[0].Detail)
	require.NoError(t, own[0].Err, "a cause may quote anything")
}

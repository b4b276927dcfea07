package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// G: amounts below the minor unit of a currency are limited, compared and
// counted exactly, together with those that state no decimals.
func TestGSubMinorAmounts(t *testing.T) {
	fine := func(amount string) passport.Money {
		m, err := passport.ParseAssetMoney(amount, "USD", 4)
		require.NoError(t, err)
		return m
	}
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.MaxTransaction = fine("0.0050")
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("0.01", "USD"), Per: passport.PerDay}}
	}))
	pay := func(said, asked passport.Money) error {
		raw := w.Present(pass, w.Intent(func(in *passport.Intent) { in.Amount = said }))
		d, err := v.Verify(ctx, raw, w.Request(func(q *verify.Request) { q.Amount = asked }))
		if err != nil {
			return err
		}
		return d.Commit(ctx)
	}
	cents := func(n int64) passport.Money {
		m, err := passport.MinorUnits(n, "USD")
		require.NoError(t, err)
		return m
	}
	require.ErrorIs(t, pay(cents(1), cents(1)), verify.AuthorityAmountExceeded)
	require.ErrorIs(t, pay(fine("0.0051"), fine("0.0051")), verify.AuthorityAmountExceeded)
	require.ErrorIs(t, pay(fine("0.0049"), fine("0.005")), verify.ProofIntentMismatch)
	require.NoError(t, pay(fine("0.0050"), fine("0.005")), "by value, however it is written")
	require.NoError(t, pay(fine("0.0049"), fine("0.0049")))
	require.ErrorIs(t, pay(fine("0.0002"), fine("0.0002")), verify.LedgerBudgetExceeded)
	require.NoError(t, pay(fine("0.0001"), fine("0.0001")), "to the last of a cent")
	require.ErrorIs(t, pay(fine("0.0001"), fine("0.0001")), verify.LedgerBudgetExceeded)
	require.NoError(t, pay(fine("0"), cents(0)), "nothing is an amount, too")
}

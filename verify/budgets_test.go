package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// What is used, held and left of every budget of a chain can be read, with its
// window.
func TestBudgets(t *testing.T) {
	limit := func(amount string, per passport.Period, zone, action string) passport.SpendLimit {
		return passport.SpendLimit{Money: passport.MustMoney(amount, "USD"), Per: per, TimeZone: zone, Action: action}
	}
	f := newFamily(t, func(p *passport.Passport) {
		p.Authority.MaxTransaction = passport.MustMoney("50", "USD")
		p.Authority.SpendLimits = []passport.SpendLimit{
			limit("100.00", passport.PerDay, "UTC", ""), limit("90.00", passport.PerLifetime, "", ""),
		}
		p.Authority.Limits = []passport.Limit{passport.RateOf("requests", time.Hour, 10)}
	})
	v := f.Verifier()
	chain := f.delegate(t, passport.Chain{f.signed}, func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{limit("60.00", passport.PerHour, "", "")}
	})
	spend := func(amount string) *verify.Decision {
		m := passport.MustMoney(amount, "USD")
		raw := f.PresentChain(f.agents[1], chain, f.Intent(func(in *passport.Intent) { in.Amount = m }))
		d, err := v.Verify(ctx, raw, f.Request(func(q *verify.Request) { q.Amount = m }))
		require.NoError(t, err)
		return d
	}
	began := f.Clock.Now()
	first := spend("20.00")
	require.NoError(t, first.CommitFor(ctx, passport.MustMoney("15.00", "USD")))
	f.Clock.Advance(2 * time.Minute)
	spend("30.00")
	list, err := v.Budgets(ctx, first.Chain)
	require.NoError(t, err)
	type row struct {
		link                          int
		name, limit, spent, held, lef string
		open                          int
		from, until                   time.Time
	}
	var got []row
	for _, b := range list {
		require.Equal(t, first.Chain[b.Link].ID, b.Passport)
		got = append(got, row{b.Link, b.Name, b.Text(b.Limit), b.Text(b.Spent), b.Text(b.Held), b.Text(b.Left()), b.Open,
			b.From.UTC(), b.Until.UTC()})
	}
	now, midnight := f.Clock.Now(), time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	hour := now.Add(-time.Hour + 1)
	require.Equal(t, []row{
		{0, "100.00 USD per day in UTC", "100.00 USD", "15.00 USD", "30.00 USD", "55.00 USD", 1, midnight, midnight.Add(24 * time.Hour)},
		{0, "90.00 USD per lifetime", "90.00 USD", "15.00 USD", "30.00 USD", "45.00 USD", 1, time.Time{}, time.Time{}},
		{0, "requests: 10 per hour", "10", "1", "1", "8", 1, hour, began.Add(time.Hour)},
		{1, "60.00 USD per hour", "60.00 USD", "15.00 USD", "30.00 USD", "15.00 USD", 1, hour, began.Add(time.Hour)},
	}, got)

	_, err = f.Verifier(func(c *verify.Config) { c.Ledger = broken{} }).Budgets(ctx, first.Chain)
	require.ErrorContains(t, err, "UsageReader")
	_, err = (&verify.Verifier{}).Budgets(ctx, first.Chain)
	require.Error(t, err)
	none, err := v.Budgets(ctx, nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

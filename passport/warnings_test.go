package passport_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// S13, S21: what is legal and may not be meant is told when a passport is
// issued.
func TestS13S21Warnings(t *testing.T) {
	limit := func(per passport.Period, action string) passport.SpendLimit {
		return passport.SpendLimit{Money: passport.MustMoney("50", "USD"), Per: per, Action: action}
	}
	scoped := func(may, per string) func(*passport.Passport) {
		return func(p *passport.Passport) {
			p.Authority.Capabilities = []passport.Capability{capability(may)}
			p.Authority.SpendLimits = []passport.SpendLimit{limit(passport.PerDay, per)}
		}
	}
	anew, amounts := "starts it again", "must state an amount"
	for _, c := range []struct {
		name string
		life time.Duration
		edit func(*passport.Passport)
		path string
		says string
	}{
		{"a month in a day", 24 * time.Hour, func(p *passport.Passport) {
			p.Authority.SpendLimits = []passport.SpendLimit{limit(passport.PerMonth, "")}
		}, "/spendLimits/0", anew},
		{"a week in a day", 24 * time.Hour, func(p *passport.Passport) {
			p.Authority.SpendLimits = []passport.SpendLimit{limit(passport.PerWeek, "")}
		}, "/spendLimits/0", anew},
		{"a day in an hour", time.Hour, func(p *passport.Passport) {
			p.Authority.SpendLimits = []passport.SpendLimit{limit(passport.PerDay, "")}
		}, "/spendLimits/0", anew},
		{"a rate of a day in an hour", time.Hour, func(p *passport.Passport) {
			p.Authority.Limits = []passport.Limit{passport.RateOf("requests", 24*time.Hour, 5)}
		}, "/limits/requests_per_day", anew},
		{"a rate of a capability", time.Hour, func(p *passport.Passport) {
			p.Authority.Capabilities[0].Params = []passport.Param{{Name: "max_per_day", Kind: passport.ParamRate, Int: 5}}
		}, "/capabilities/0/params/max_per_day", anew},
		{"a day in a day", 24 * time.Hour, func(p *passport.Passport) {
			p.Authority.SpendLimits = []passport.SpendLimit{limit(passport.PerDay, "")}
		}, "", ""},
		{"under a grant", time.Hour, func(p *passport.Passport) {
			p.GrantID, p.Authority.SpendLimits = "g", []passport.SpendLimit{limit(passport.PerMonth, "")}
		}, "", ""},
		{"a lifetime is the passport's", time.Hour, func(p *passport.Passport) {
			p.Authority.SpendLimits = []passport.SpendLimit{limit(passport.PerLifetime, "")}
		}, "", ""},
		{"a transaction has no window", time.Hour, func(p *passport.Passport) {
			p.Authority.SpendLimits = []passport.SpendLimit{limit(passport.PerTransaction, "")}
		}, "", ""},
		{"a limit for all of a wildcard", 24 * time.Hour, scoped("payments.*", "payments.*"), "/spendLimits/0", amounts},
		{"a limit for a part of a wildcard", 24 * time.Hour, scoped("payments.*", "payments.card.*"), "/spendLimits/0", amounts},
		{"a limit around a wildcard", 24 * time.Hour, scoped("payments.card.*", "payments.*"), "/spendLimits/0", amounts},
		{"a limit for an action of a wildcard", 24 * time.Hour, scoped("payments.*", "payments.tip"), "", ""},
		{"a limit for every payment", 24 * time.Hour, scoped("payments.*", ""), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := small(t)
			p.ValidFrom, p.ValidUntil = instant, instant.Add(c.life)
			c.edit(p)
			var told []passport.Warning
			_, err := passport.Issue(context.Background(), keyOf(t, 1), p, passport.IssueOptions{Now: at(instant),
				Warn: func(w passport.Warning) { told = append(told, w) }})
			require.NoError(t, err)
			require.Equal(t, p.Warnings(), told)
			if c.path == "" {
				require.Empty(t, told)
				return
			}
			require.Len(t, told, 1)
			require.Equal(t, c.path, told[0].Path)
			require.Contains(t, told[0].Detail, c.says)
		})
	}
	// Below the root a grant keeps nothing going.
	p := small(t)
	p.ValidFrom, p.ValidUntil, p.GrantID = instant, instant.Add(time.Hour), "g"
	p.DelegationDepth, p.ParentPassportID = 1, someID
	p.Authority.SpendLimits = []passport.SpendLimit{limit(passport.PerMonth, "")}
	require.Len(t, p.Warnings(), 1)
}

// S13: a grantId names an account of a ledger, and is at most 256 bytes long.
func TestS13LengthOfAGrant(t *testing.T) {
	for n, ok := range map[int]bool{1: true, 256: true, 257: false, 5000: false} {
		p := small(t)
		p.GrantID = strings.Repeat("g", n)
		_, err := passport.Issue(context.Background(), keyOf(t, 1), p, passport.IssueOptions{Now: at(instant)})
		require.Equal(t, ok, err == nil, "%d bytes: %v", n, err)
	}
}

package passport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

func forbidden(attribute string) passport.Limit {
	l := passport.Allow(attribute)
	l.Bool = false
	return l
}

// S7: a permission speaks of an attribute that is true or false. Another kind
// of value, which the service may read as true, is refused by its kind,
// whether the permission is given or not, whichever link states it.
func TestS7PermissionsByKind(t *testing.T) {
	link := func(limits ...passport.Limit) *passport.Authority {
		return &passport.Authority{Capabilities: []passport.Capability{capability("data.read")}, Limits: limits}
	}
	deny, allow, silent := link(forbidden("export")), link(passport.Allow("export")), link()
	at := func(i string) string { return "authority.limit_exceeded /" + i + "/limits/allow_export" }
	for _, value := range []string{`1`, `"true"`, `"yes"`, `[true]`, `{"on":true}`, `0`, `""`, `null`, `1.5`, `"false"`, `[]`, `{}`} {
		attrs := `{"export":` + value + `}`
		runPermits(t, []permitCase{
			{name: value + " denied", chain: []*passport.Authority{deny}, attrs: attrs, want: []string{at("0")}},
			{name: value + " allowed", chain: []*passport.Authority{allow}, attrs: attrs, want: []string{at("0")}},
			{name: value + " stated by the root", chain: []*passport.Authority{allow, silent}, attrs: attrs, want: []string{at("0")}},
			{name: value + " stated by the leaf", chain: []*passport.Authority{silent, deny}, attrs: attrs, want: []string{at("1")}},
			{name: value + " stated by both", chain: []*passport.Authority{allow, allow}, attrs: attrs, want: []string{at("0"), at("1")}},
			{name: value + " stated by nobody", chain: []*passport.Authority{silent, silent}, attrs: attrs},
		})
	}
	runPermits(t, []permitCase{
		{name: "absent", chain: []*passport.Authority{deny}},
		{name: "absent, allowed", chain: []*passport.Authority{allow}},
		{name: "false", chain: []*passport.Authority{deny}, attrs: `{"export":false}`},
		{name: "true and allowed", chain: []*passport.Authority{allow}, attrs: `{"export":true}`},
		{name: "true and denied", chain: []*passport.Authority{deny}, attrs: `{"export":true}`, want: []string{at("0")}},
		{name: "another attribute", chain: []*passport.Authority{deny}, attrs: `{"exports":"yes"}`},
		{name: "another case is another attribute", chain: []*passport.Authority{deny}, attrs: `{"Export":"yes"}`},
		// Siblings: the other kinds of limits and parameters ask for a kind, too.
		{name: "a maximum asks for a number", chain: []*passport.Authority{link(passport.MaxOf("rows", 5))},
			attrs: `{"rows":"5"}`, want: []string{"authority.limit_exceeded /0/limits/max_rows"}},
		{name: "a boolean parameter asks for a boolean",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.read",
				boolParam("export", true))}}), attrs: `{"export":"true"}`, want: []string{"authority.limit_exceeded /0/capabilities/0/params/export"}},
		{name: "a parameter does not stand in for the kind", chain: one(passport.Authority{
			Capabilities: []passport.Capability{capability("data.read", textParam("export", "yes"))}, Limits: []passport.Limit{forbidden("export")},
		}), attrs: `{"export":"yes"}`, want: []string{at("0")}},
	})
	errs := passport.Permits([]*passport.Authority{deny}, &passport.Act{Action: "data.read", Attributes: object(t, `{"export":1}`)}, "", instant)
	require.Len(t, errs, 1)
	require.Equal(t, "true or false", errs[0].Limit)
	require.Contains(t, errs[0].Detail, "a number")
}

// S8: a spend limit with an action grants its currency to the payments that it
// covers, and to no others.
func TestS8ScopedLimitsGrantTheirActionsAlone(t *testing.T) {
	pay := func(limits ...passport.SpendLimit) *passport.Authority {
		return &passport.Authority{Capabilities: []passport.Capability{capability("payments.*")}, SpendLimits: limits}
	}
	daily := func(amount, currency, action string) passport.SpendLimit {
		return passport.SpendLimit{Money: passport.MustMoney(amount, currency), Per: passport.PerDay, Action: action}
	}
	ceiling := func(a *passport.Authority, amount, currency string) *passport.Authority {
		a.MaxTransaction = passport.MustMoney(amount, currency)
		return a
	}
	act := func(action, amount, currency string) passport.Act {
		return passport.Act{Action: action, Amount: passport.MustMoney(amount, currency)}
	}
	currency := func(link string) []string {
		return []string{"authority.currency_not_allowed /" + link + "/maxTransactionAmount"}
	}
	tip, cards := daily("5", "USD", "payments.tip"), daily("5", "USD", "payments.card.*")
	runPermits(t, []permitCase{
		{name: "covered", chain: []*passport.Authority{pay(tip)}, act: act("payments.tip", "4", "USD")},
		{name: "another action", chain: []*passport.Authority{pay(tip)}, act: act("payments.charge", "4", "USD"), want: currency("0")},
		{name: "another action, of nothing", chain: []*passport.Authority{pay(tip)}, act: act("payments.charge", "0", "USD"), want: currency("0")},
		{name: "the action with a longer name", chain: []*passport.Authority{pay(tip)}, act: act("payments.tips", "4", "USD"), want: currency("0")},
		{name: "below the action", chain: []*passport.Authority{pay(tip)}, act: act("payments.tip.large", "4", "USD"), want: currency("0")},
		{name: "another currency for the action", chain: []*passport.Authority{pay(tip)}, act: act("payments.tip", "4", "EUR"), want: currency("0")},
		{name: "a pattern", chain: []*passport.Authority{pay(cards)}, act: act("payments.card.charge", "4", "USD")},
		{name: "beside a pattern", chain: []*passport.Authority{pay(cards)}, act: act("payments.card", "4", "USD"), want: currency("0")},
		{name: "the ceiling grants every action", chain: []*passport.Authority{ceiling(pay(tip), "9", "USD")}, act: act("payments.charge", "9", "USD")},
		{name: "the ceiling of another currency does not",
			chain: []*passport.Authority{ceiling(pay(tip), "9", "EUR")}, act: act("payments.charge", "4", "USD"), want: currency("0")},
		{name: "so does a limit without action", chain: []*passport.Authority{pay(tip, daily("9", "USD", ""))}, act: act("payments.charge", "9", "USD")},
		{name: "two limits, two actions", chain: []*passport.Authority{pay(tip, cards)}, act: act("payments.card.charge", "5", "USD")},
		{name: "per transaction, too", chain: []*passport.Authority{pay(passport.SpendLimit{Money: passport.MustMoney("5",
			"USD"), Per: passport.PerTransaction, Action: "payments.tip"})}, act: act("payments.charge", "4", "USD"), want: currency("0")},
		{name: "every link must grant it", chain: []*passport.Authority{pay(daily("9", "USD", "")), pay(tip)},
			act: act("payments.charge", "4", "USD"), want: currency("1")},
		{name: "the root, too", chain: []*passport.Authority{pay(tip), pay(daily("9", "USD", ""))},
			act: act("payments.charge", "4", "USD"), want: currency("0")},
		{name: "links grant different patterns that meet",
			chain: []*passport.Authority{pay(cards), pay(daily("5", "USD", "payments.card.charge"))}, act: act("payments.card.charge", "4", "USD")},
		{name: "links grant patterns that do not meet", chain: []*passport.Authority{pay(cards), pay(tip)},
			act: act("payments.tip", "4", "USD"), want: currency("0")},
	})
	errs := passport.Permits([]*passport.Authority{pay(tip)}, &passport.Act{Action: "payments.charge", Amount: passport.MustMoney("4", "USD")}, "", instant)
	require.Contains(t, errs[0].Limit, "USD for payments.tip", "the error tells what would have been granted")

	// Narrowing: each pair of the child is covered by a pair of its parent.
	for _, c := range []struct {
		name          string
		parent, child *passport.Authority
		ok            bool
	}{
		{"the same", pay(tip), pay(tip), true},
		{"every action", pay(tip), pay(daily("1", "USD", "")), false},
		{"a ceiling is every action", pay(tip), ceiling(pay(), "1", "USD"), false},
		{"another action", pay(tip), pay(cards), false},
		{"a wider pattern", pay(cards), pay(daily("1", "USD", "payments.*")), false},
		{"an action of a pattern", pay(cards), pay(daily("1", "USD", "payments.card.charge")), true},
		{"an action of every", pay(daily("9", "USD", "")), pay(daily("1", "USD", "payments.tip")), true},
		{"an action of the ceiling's", ceiling(pay(), "9", "USD"), pay(tip), true},
		{"two covered by two", pay(tip, cards), pay(cards, tip), true},
		{"one of two not covered", pay(tip), pay(tip, cards), false},
		{"nothing", pay(tip), pay(), true},
	} {
		err := c.child.Narrows(c.parent)
		if c.ok {
			require.NoError(t, err, c.name)
			continue
		}
		require.ErrorIs(t, err, code.DelegationWidened, c.name)
		require.ErrorContains(t, err, "USD", c.name)
	}

	// People read for what the currency is granted.
	texts := func(e *passport.Effective, name string) []string {
		for f := range e.Facets() {
			if f.Name == name {
				return f.Texts
			}
		}
		return nil
	}
	e := pay(tip, cards).Effective()
	require.Equal(t, []string{"USD for payments.card.*", "USD for payments.tip"}, texts(e, "currencies"))
	e = e.Intersect(pay(daily("5", "USD", "payments.card.charge")))
	require.Equal(t, []string{"USD for payments.card.charge"}, texts(e, "currencies"))
	require.Equal(t, []string{"5 USD per day for payments.card.*", "5 USD per day for payments.card.charge"},
		texts(e, "spendLimits"), "a limit that can count nothing more is not told")
	require.Equal(t, []string{"USD"}, texts(ceiling(pay(tip), "1", "USD").Effective(), "currencies"))
}

// S21: where a limit is for an action, the act states its amount: zero is one,
// none is not.
func TestS21ScopedLimitsWantAnAmount(t *testing.T) {
	pay := func(limits ...passport.SpendLimit) *passport.Authority {
		return &passport.Authority{Capabilities: []passport.Capability{capability("payments.*")}, Categories: []string{"it"}, SpendLimits: limits}
	}
	limit := func(per passport.Period, action string) passport.SpendLimit {
		return passport.SpendLimit{Money: passport.MustMoney("5", "USD"), Per: per, Action: action}
	}
	missing := func(at string) []string { return []string{"authority.attribute_missing " + at} }
	charge := passport.Act{Action: "payments.charge"}
	runPermits(t, []permitCase{
		{name: "a limit for every payment asks for none", chain: []*passport.Authority{pay(limit(passport.PerDay, ""))}, act: charge},
		{name: "a limit for the action", chain: []*passport.Authority{pay(limit(passport.PerDay, "payments.charge"))},
			act: charge, want: missing("/0/spendLimits/0")},
		{name: "a limit for a pattern", chain: []*passport.Authority{pay(limit(passport.PerMonth, "payments.*"))},
			act: charge, want: missing("/0/spendLimits/0")},
		{name: "a limit per transaction", chain: []*passport.Authority{pay(limit(passport.PerTransaction,
			"payments.*"))}, act: charge, want: missing("/0/spendLimits/0")},
		{name: "a limit for another action", chain: []*passport.Authority{pay(limit(passport.PerDay, "payments.tip"))}, act: charge},
		{name: "the second limit", chain: []*passport.Authority{pay(limit(passport.PerDay, ""),
			limit(passport.PerDay, "payments.charge"))}, act: charge, want: missing("/0/spendLimits/1")},
		{name: "of any link", chain: []*passport.Authority{pay(limit(passport.PerDay, "payments.charge")),
			pay(limit(passport.PerDay, ""))}, act: charge, want: missing("/0/spendLimits/0")},
		{name: "a payment by its category", chain: []*passport.Authority{pay(limit(passport.PerDay, "payments.*"))},
			act: passport.Act{Action: "payments.charge", Category: "it"}, want: missing("/0/spendLimits/0")},
		{name: "zero is an amount", chain: []*passport.Authority{pay(limit(passport.PerDay, "payments.charge"))},
			act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("0", "USD"), Category: "it"}},
	})
}

package passport_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

// reasons lists what speaks against an act: "code path" each.
func reasons(chain []*passport.Authority, act *passport.Act, audience string, at time.Time) []string {
	out := []string{}
	for _, e := range passport.Permits(chain, act, audience, at) {
		out = append(out, string(e.Code)+" "+e.Path)
	}
	return out
}

func capability(action string, params ...passport.Param) passport.Capability {
	return passport.Capability{Action: action, Params: params}
}

func maxParam(name string, n int64) passport.Param {
	return passport.Param{Name: name, Kind: passport.ParamMax, Int: n}
}

func boolParam(name string, b bool) passport.Param {
	return passport.Param{Name: name, Kind: passport.ParamBool, Bool: b}
}

func textParam(name string, values ...string) passport.Param {
	return passport.Param{Name: name, Kind: passport.ParamStrings, Strings: values}
}

type permitCase struct {
	name  string
	chain []*passport.Authority
	act   passport.Act
	attrs string // JSON of the attributes
	want  []string

	audience string
	at       time.Time
}

func runPermits(t *testing.T, cases []permitCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.act.Action == "" {
				c.act.Action = "data.read"
			}
			if c.attrs != "" {
				c.act.Attributes = object(t, c.attrs)
			}
			if c.want == nil {
				c.want = []string{}
			}
			require.Equal(t, c.want, reasons(c.chain, &c.act, c.audience, c.at))
		})
	}
}

func one(a passport.Authority) []*passport.Authority { return []*passport.Authority{&a} }

func TestPermitsActions(t *testing.T) {
	read := capability("data.read")
	runPermits(t, []permitCase{
		{name: "covered", chain: one(passport.Authority{Capabilities: []passport.Capability{read}})},
		{name: "covered by a wildcard", chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.*")}})},
		{name: "by the second entry", chain: one(passport.Authority{Capabilities: []passport.Capability{capability("mail.send"), read}})},
		{name: "the zero authority", chain: one(passport.Authority{}), want: []string{"authority.action_not_allowed /0/capabilities"}},
		{name: "another action", chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.write")}}),
			want: []string{"authority.action_not_allowed /0/capabilities"}},
		{name: "bare * by hand", chain: one(passport.Authority{Capabilities: []passport.Capability{capability("*")}}),
			want: []string{"authority.action_not_allowed /0/capabilities"}},
		{name: "no chain", chain: nil, want: []string{"authority.action_not_allowed "}},
		{name: "a link that is nothing", chain: []*passport.Authority{{Capabilities: []passport.Capability{read}},
			nil}, want: []string{"authority.action_not_allowed /1"}},
		{name: "denied", chain: one(passport.Authority{Capabilities: []passport.Capability{read},
			DeniedActions: []string{"data.read"}}), want: []string{"authority.action_denied /0/deniedActions"}},
		{name: "denied by a wildcard", chain: one(passport.Authority{Capabilities: []passport.Capability{read},
			DeniedActions: []string{"x", "data.*"}}), want: []string{"authority.action_denied /0/deniedActions"}},
		{name: "denied by *", chain: one(passport.Authority{Capabilities: []passport.Capability{read},
			DeniedActions: []string{"*"}}), want: []string{"authority.action_denied /0/deniedActions"}},
		{name: "another denied", chain: one(passport.Authority{Capabilities: []passport.Capability{read},
			DeniedActions: []string{"data.readall", "data.read.all", "data"}})},
		{name: "denied and not allowed", chain: one(passport.Authority{DeniedActions: []string{"*"}}),
			want: []string{"authority.action_not_allowed /0/capabilities", "authority.action_denied /0/deniedActions"}},
		{name: "all links allow", chain: []*passport.Authority{{Capabilities: []passport.Capability{capability("data.*")}},
			{Capabilities: []passport.Capability{read}}}},
		{name: "the child does not", chain: []*passport.Authority{{Capabilities: []passport.Capability{capability("data.*")}},
			{}}, want: []string{"authority.action_not_allowed /1/capabilities"}},
		{name: "the parent does not", chain: []*passport.Authority{{}, {Capabilities: []passport.Capability{read}}},
			want: []string{"authority.action_not_allowed /0/capabilities"}},
		{name: "the middle denies", chain: []*passport.Authority{{Capabilities: []passport.Capability{read}},
			{Capabilities: []passport.Capability{read}, DeniedActions: []string{"data.*"}},
			{Capabilities: []passport.Capability{read}}}, want: []string{"authority.action_denied /1/deniedActions"}},
		{name: "a pattern is no action", chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.*")}}),
			act: passport.Act{Action: "data.*"}, want: []string{"request.invalid "}},
		{name: "nor is what has an empty segment",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.*")}}),
			act:   passport.Act{Action: "data..read"}, want: []string{"request.invalid "}},
		{name: "attributes are an object", chain: one(passport.Authority{Capabilities: []passport.Capability{read}}),
			attrs: `["rows"]`, want: []string{"request.invalid "}},
	})
	require.ErrorIs(t, passport.Permits(nil, nil, "", time.Time{})[0], code.RequestInvalid)
	require.Len(t, passport.Permits(one(passport.Authority{}), &passport.Act{}, "", time.Time{}), 1, "an act has an action")
}

func TestPermitsParameters(t *testing.T) {
	with := func(params ...passport.Param) []*passport.Authority {
		return one(passport.Authority{Capabilities: []passport.Capability{capability("data.read", params...)}})
	}
	exceeded, missing := "authority.limit_exceeded /0/capabilities/0/params/", "authority.attribute_missing /0/capabilities/0/params/"
	runPermits(t, []permitCase{
		{name: "max_: at the bound", chain: with(maxParam("max_rows", 5)), attrs: `{"rows":5}`},
		{name: "max_: above", chain: with(maxParam("max_rows", 5)), attrs: `{"rows":6}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: a fraction below", chain: with(maxParam("max_rows", 5)), attrs: `{"rows":4.999}`},
		{name: "max_: a fraction above", chain: with(maxParam("max_rows", 5)), attrs: `{"rows":5.0000000000000001}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: with exponent", chain: with(maxParam("max_rows", 500)), attrs: `{"rows":5e2}`},
		{name: "max_: with exponent above", chain: with(maxParam("max_rows", 499)), attrs: `{"rows":5e2}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: enormous", chain: with(maxParam("max_rows", 1<<53-1)), attrs: `{"rows":1e300}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: negative", chain: with(maxParam("max_rows", 0)), attrs: `{"rows":-5}`},
		{name: "max_: zero", chain: with(maxParam("max_rows", 0)), attrs: `{"rows":0}`},
		{name: "max_: above zero", chain: with(maxParam("max_rows", 0)), attrs: `{"rows":1}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: digits without end", chain: with(maxParam("max_rows", 5)), attrs: `{"rows":4.` +
			strings.Repeat("9", 70) + `}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: missing", chain: with(maxParam("max_rows", 5)), want: []string{missing + "max_rows"}},
		{name: "max_: the name with max_ is not it", chain: with(maxParam("max_rows", 5)), attrs: `{"max_rows":1}`, want: []string{missing + "max_rows"}},
		{name: "max_: a string", chain: with(maxParam("max_rows", 5)), attrs: `{"rows":"1"}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: null", chain: with(maxParam("max_rows", 5)), attrs: `{"rows":null}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: a list", chain: with(maxParam("max_rows", 5)), attrs: `{"rows":[1]}`, want: []string{exceeded + "max_rows"}},
		{name: "max_: case", chain: with(maxParam("max_rows", 5)), attrs: `{"Rows":1}`, want: []string{missing + "max_rows"}},
		{name: "integer of its own name", chain: with(maxParam("rows", 5)), attrs: `{"rows":5}`},
		{name: "integer of its own name, above", chain: with(maxParam("rows", 5)), attrs: `{"rows":6}`, want: []string{exceeded + "rows"}},
		{name: "rates are for the ledger", chain: with(passport.Param{Name: "max_per_day", Kind: passport.ParamRate})},
		{name: "false must be false", chain: with(boolParam("express", false)), attrs: `{"express":false}`},
		{name: "false is true", chain: with(boolParam("express", false)), attrs: `{"express":true}`,
			want: []string{exceeded + "express", "authority.limit_exceeded /0/limits/allow_express"}},
		{name: "false is missing", chain: with(boolParam("express", false)), want: []string{missing + "express"}},
		{name: "true may be true", chain: with(boolParam("express", true)), attrs: `{"express":true}`},
		{name: "true may be false", chain: with(boolParam("express", true)), attrs: `{"express":false}`},
		{name: "true is missing", chain: with(boolParam("express", true)), want: []string{missing + "express"}},
		{name: "true is a number", chain: with(boolParam("express", true)), attrs: `{"express":1}`, want: []string{exceeded + "express"}},
		{name: "a string", chain: with(textParam("shop", "main")), attrs: `{"shop":"main"}`},
		{name: "one of strings", chain: with(textParam("shop", "main", "annex")), attrs: `{"shop":"annex"}`},
		{name: "none of strings", chain: with(textParam("shop", "main", "annex")), attrs: `{"shop":"Main"}`, want: []string{exceeded + "shop"}},
		{name: "not a string", chain: with(textParam("shop", "main")), attrs: `{"shop":["main"]}`, want: []string{exceeded + "shop"}},
		{name: "string missing", chain: with(textParam("shop", "main")), attrs: `{}`, want: []string{missing + "shop"}},
		{name: "a parameter of no kind denies", chain: with(passport.Param{Name: "x"}), attrs: `{"x":0}`, want: []string{exceeded + "x"}},
		{name: "all hold", chain: with(maxParam("max_rows", 5), textParam("shop", "main")), attrs: `{"rows":1,"shop":"main"}`},
		{name: "the second does not", chain: with(maxParam("max_rows", 5), textParam("shop", "main")),
			attrs: `{"rows":1,"shop":"x"}`, want: []string{exceeded + "shop"}},
		{
			name: "another entry holds",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.read",
				maxParam("max_rows", 5)), capability("data.*", maxParam("max_rows", 50))}}),
			attrs: `{"rows":50}`,
		},
		{
			name: "none holds: the first that covers is named",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("mail.send"),
				capability("data.read", maxParam("max_rows", 5)), capability("data.*", maxParam("max_cols", 50))}}),
			attrs: `{"rows":50}`, want: []string{"authority.limit_exceeded /0/capabilities/1/params/max_rows"},
		},
		{
			name: "every link has its own",
			chain: []*passport.Authority{{Capabilities: []passport.Capability{capability("data.*",
				maxParam("max_rows", 9))}}, {Capabilities: []passport.Capability{capability("data.read", maxParam("max_rows", 5))}}},
			attrs: `{"rows":6}`, want: []string{"authority.limit_exceeded /1/capabilities/0/params/max_rows"},
		},
	})
}

func TestPermitsLimitsAndPermissions(t *testing.T) {
	with := func(limits ...passport.Limit) *passport.Authority {
		return &passport.Authority{Capabilities: []passport.Capability{capability("data.read")}, Limits: limits}
	}
	never := passport.Limit{Name: "allow_pii", Kind: passport.LimitAllow}
	allow := "authority.limit_exceeded /0/limits/allow_"
	runPermits(t, []permitCase{
		{name: "at the limit", chain: []*passport.Authority{with(passport.MaxOf("rows", 5))}, attrs: `{"rows":5}`},
		{name: "above", chain: []*passport.Authority{with(passport.MaxOf("rows", 5))}, attrs: `{"rows":6}`,
			want: []string{"authority.limit_exceeded /0/limits/max_rows"}},
		{name: "not given", chain: []*passport.Authority{with(passport.MaxOf("rows", 5))}},
		{name: "given as text", chain: []*passport.Authority{with(passport.MaxOf("rows", 5))}, attrs: `{"rows":"5"}`,
			want: []string{"authority.limit_exceeded /0/limits/max_rows"}},
		{name: "DEL-01 zero is zero", chain: []*passport.Authority{with(passport.MaxOf("rows", 0))},
			attrs: `{"rows":1}`, want: []string{"authority.limit_exceeded /0/limits/max_rows"}},
		{name: "rates are for the ledger", chain: []*passport.Authority{with(passport.RateOf("rows", time.Hour, 0))}, attrs: `{"rows":6}`},
		{name: "the child's", chain: []*passport.Authority{with(passport.MaxOf("rows", 9)),
			with(passport.MaxOf("rows", 5))}, attrs: `{"rows":6}`, want: []string{"authority.limit_exceeded /1/limits/max_rows"}},
		{name: "the parent's still", chain: []*passport.Authority{with(passport.MaxOf("rows", 5)), with()},
			attrs: `{"rows":6}`, want: []string{"authority.limit_exceeded /0/limits/max_rows"}},

		{name: "permitted", chain: []*passport.Authority{with(passport.Allow("pii"))}, attrs: `{"pii":true}`},
		{name: "not permitted", chain: []*passport.Authority{with()}, attrs: `{"pii":true}`, want: []string{allow + "pii"}},
		{name: "false needs no permission", chain: []*passport.Authority{with()}, attrs: `{"pii":false}`},
		{name: "a permission that says false", chain: []*passport.Authority{with(never)}, attrs: `{"pii":true}`, want: []string{allow + "pii"}},
		{name: "of another attribute", chain: []*passport.Authority{with(passport.Allow("gift"))}, attrs: `{"pii":true}`, want: []string{allow + "pii"}},
		{name: "each that lacks one", chain: []*passport.Authority{with(passport.Allow("c"))},
			attrs: `{"a":true,"b":true,"c":true}`, want: []string{allow + "a", allow + "b"}},
		{name: "a name that a pointer must escape", chain: []*passport.Authority{with()}, attrs: `{"a/b~c":true}`, want: []string{allow + "a~1b~0c"}},
		{name: "every link must permit", chain: []*passport.Authority{with(passport.Allow("pii")), with()},
			attrs: `{"pii":true}`, want: []string{"authority.limit_exceeded /1/limits/allow_pii"}},
		{name: "every link does", chain: []*passport.Authority{with(passport.Allow("pii")), with(passport.Allow("pii"))}, attrs: `{"pii":true}`},
		{name: "told beside an action that is not allowed", chain: []*passport.Authority{{}}, attrs: `{"pii":true}`,
			want: []string{"authority.action_not_allowed /0/capabilities", allow + "pii"}},
		{
			name:  "a parameter permits too",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.read", boolParam("pii", true))}}), attrs: `{"pii":true}`,
		},
		{
			name: "but not against a permission that says false",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.read",
				boolParam("pii", true))}, Limits: []passport.Limit{never}}), attrs: `{"pii":true}`,
			want: []string{allow + "pii"},
		},
		{
			name: "nor from a capability that does not hold",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.*",
				boolParam("pii", true), maxParam("max_rows", 5)), capability("data.read")}}), attrs: `{"pii":true,"rows":100}`,
			want: []string{"authority.limit_exceeded /0/capabilities/0/params/max_rows"},
		},
		{
			name: "nor half from one and half from another",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.*",
				boolParam("pii", true)), capability("data.read", boolParam("gift", true))}}), attrs: `{"pii":true,"gift":true}`,
			want: []string{allow + "gift"},
		},
		{
			name: "nor from one for another action",
			chain: one(passport.Authority{Capabilities: []passport.Capability{capability("data.write",
				boolParam("pii", true)), capability("data.read")}}), attrs: `{"pii":true}`,
			want: []string{allow + "pii"},
		},
	})
}

func TestPermitsPayments(t *testing.T) {
	pay := func(edit func(*passport.Authority)) *passport.Authority {
		a := &passport.Authority{Capabilities: []passport.Capability{capability("payments.*"), capability("data.*")}}
		if edit != nil {
			edit(a)
		}
		return a
	}
	ceiling := func(amount string) *passport.Authority {
		return pay(func(a *passport.Authority) { a.MaxTransaction = passport.MustMoney(amount, "USD") })
	}
	limit := func(l passport.SpendLimit) *passport.Authority {
		return pay(func(a *passport.Authority) { a.SpendLimits = []passport.SpendLimit{l} })
	}
	usd := func(amount string) passport.Act {
		return passport.Act{Action: "payments.charge", Amount: passport.MustMoney(amount, "USD")}
	}
	perTransaction := passport.SpendLimit{Money: passport.MustMoney("50", "USD"), Per: passport.PerTransaction}
	forCards := perTransaction
	forCards.Action = "payments.card.*"
	daily := passport.SpendLimit{Money: passport.MustMoney("50", "USD"), Per: passport.PerDay}
	six, err := passport.ParseAssetMoney("5", dai, 6)
	require.NoError(t, err)
	eighteen, err := passport.ParseAssetMoney("1", dai, 18)
	require.NoError(t, err)

	categories := func(list ...string) *passport.Authority {
		return pay(func(a *passport.Authority) { a.Categories = list })
	}
	rails := func(list ...string) *passport.Authority {
		return pay(func(a *passport.Authority) { a.Rails = list })
	}
	payees := func(list ...string) *passport.Authority {
		return pay(func(a *passport.Authority) { a.Payees = list })
	}
	act := func(edit func(*passport.Act)) passport.Act {
		a := passport.Act{Action: "payments.charge"}
		edit(&a)
		return a
	}
	category := func(s string) passport.Act { return act(func(a *passport.Act) { a.Category = s }) }
	rail := func(s string) passport.Act { return act(func(a *passport.Act) { a.Rail = s }) }
	payee := func(s string) passport.Act { return act(func(a *passport.Act) { a.Payee = s }) }
	exceeded, currency := "authority.amount_exceeded /0/maxTransactionAmount", "authority.currency_not_allowed /0/maxTransactionAmount"

	runPermits(t, []permitCase{
		{name: "MON-06 exactly the ceiling", chain: []*passport.Authority{ceiling("50.00")}, act: usd("50")},
		{name: "MON-06 a cent more", chain: []*passport.Authority{ceiling("50.00")}, act: usd("50.01"), want: []string{exceeded}},
		{name: "MON-06 a ceiling of zero", chain: []*passport.Authority{ceiling("0")}, act: usd("0.01"), want: []string{exceeded}},
		{name: "MON-06 zero under a ceiling of zero", chain: []*passport.Authority{ceiling("0")}, act: usd("0.00")},
		{name: "MON-06 currency not granted", chain: []*passport.Authority{pay(nil)}, act: usd("0.01"), want: []string{currency}},
		{name: "MON-05 another currency", chain: []*passport.Authority{ceiling("50")},
			act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("1", "EUR")}, want: []string{currency}},
		{name: "MON-05 no conversion of stablecoins", chain: []*passport.Authority{ceiling("50")},
			act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("1", "USDC")}, want: []string{currency}},
		{name: "decimals of the asset differ",
			chain: []*passport.Authority{limit(passport.SpendLimit{Money: six, Per: passport.PerDay})},
			act:   passport.Act{Action: "payments.charge", Amount: eighteen}, want: []string{currency}},
		{name: "per transaction: at", chain: []*passport.Authority{limit(perTransaction)}, act: usd("50.00")},
		{name: "per transaction: above", chain: []*passport.Authority{limit(perTransaction)}, act: usd("50.01"),
			want: []string{"authority.amount_exceeded /0/spendLimits/0"}},
		{name: "windows are for the ledger, and grant", chain: []*passport.Authority{limit(daily)}, act: usd("50.01")},
		{name: "a limit for other actions does not bound", chain: []*passport.Authority{pay(func(a *passport.Authority) {
			a.SpendLimits = []passport.SpendLimit{forCards, daily}
		})}, act: usd("50.01")},
		{name: "a limit for the action", chain: []*passport.Authority{limit(forCards)},
			act:  passport.Act{Action: "payments.card.charge", Amount: passport.MustMoney("50.01", "USD")},
			want: []string{"authority.amount_exceeded /0/spendLimits/0"}},
		{name: "the lower of both", chain: []*passport.Authority{pay(func(a *passport.Authority) {
			a.MaxTransaction, a.SpendLimits = passport.MustMoney("100", "USD"), []passport.SpendLimit{perTransaction}
		})}, act: usd("70"), want: []string{"authority.amount_exceeded /0/spendLimits/0"}},
		{name: "MON-18 the tightest link is named",
			chain: []*passport.Authority{ceiling("100"), ceiling("50"), ceiling("70")}, act: usd("60"),
			want: []string{"authority.amount_exceeded /1/maxTransactionAmount"}},
		{name: "MON-18 all that are passed", chain: []*passport.Authority{ceiling("100"), ceiling("50")},
			act: usd("200"), want: []string{exceeded, "authority.amount_exceeded /1/maxTransactionAmount"}},
		{name: "a child without the currency", chain: []*passport.Authority{ceiling("100"), pay(nil)}, act: usd("1"),
			want: []string{"authority.currency_not_allowed /1/maxTransactionAmount"}},

		{name: "category granted", chain: []*passport.Authority{categories("office", "it")}, act: category("it")},
		{name: "another category", chain: []*passport.Authority{categories("office")}, act: category("it"),
			want: []string{"authority.category_not_allowed /0/allowedMPPCategories"}},
		{name: "category in another case", chain: []*passport.Authority{categories("office")},
			act: category("Office"), want: []string{"authority.category_not_allowed /0/allowedMPPCategories"}},
		{name: "no link states categories", chain: []*passport.Authority{pay(nil), pay(nil)}, act: category("it"),
			want: []string{"authority.category_not_allowed /0/allowedMPPCategories"}},
		{name: "stated, and the payment names none", chain: []*passport.Authority{ceiling("50"), pay(func(a *passport.Authority) {
			a.MaxTransaction, a.Categories = passport.MustMoney("50", "USD"), []string{"it"}
		})}, act: usd("1"), want: []string{"authority.category_not_allowed /1/allowedMPPCategories"}},
		{name: "only the parent grants it", chain: []*passport.Authority{categories("it"), pay(nil)},
			act: category("it"), want: []string{"authority.category_not_allowed /1/allowedMPPCategories"}},
		{name: "only the child grants it", chain: []*passport.Authority{pay(nil), categories("it")},
			act: category("it"), want: []string{"authority.category_not_allowed /0/allowedMPPCategories"}},
		{name: "all grant it", chain: []*passport.Authority{categories("it"), categories("it")}, act: category("it")},
		{name: "no payment: categories play no part", chain: []*passport.Authority{categories("it")}, act: passport.Act{Action: "data.read"}},

		{name: "rail granted", chain: []*passport.Authority{rails("card", "sepa")}, act: rail("sepa")},
		{name: "another rail", chain: []*passport.Authority{rails("card")}, act: rail("sepa"), want: []string{"authority.rail_not_allowed /0/paymentRails"}},
		{name: "no link states rails", chain: []*passport.Authority{pay(nil)}, act: rail("sepa"), want: []string{"authority.rail_not_allowed /0/paymentRails"}},
		{name: "rails and categories are judged apart", chain: []*passport.Authority{categories("it")},
			act: act(func(a *passport.Act) { a.Category, a.Rail = "it", "card" }), want: []string{"authority.rail_not_allowed /0/paymentRails"}},
		{name: "rails stated, none named", chain: []*passport.Authority{rails("card")}, act: payee("x"),
			want: []string{"authority.rail_not_allowed /0/paymentRails"}},

		{name: "payee covered", chain: []*passport.Authority{payees("acct_1", "https://shop.example/*")}, act: payee("https://shop.example/x")},
		{name: "another payee", chain: []*passport.Authority{payees("acct_1")}, act: payee("acct_2"), want: []string{"authority.payee_not_allowed /0/payees"}},
		{name: "payees restricted, none named", chain: []*passport.Authority{pay(func(a *passport.Authority) {
			a.MaxTransaction, a.Payees = passport.MustMoney("50", "USD"), []string{"acct_1"}
		})}, act: usd("1"), want: []string{"authority.payee_not_allowed /0/payees"}},
		{name: "payees not restricted", chain: []*passport.Authority{pay(nil)}, act: payee("anybody")},
		{name: "the parent's restriction holds below", chain: []*passport.Authority{payees("acct_1"), pay(nil)},
			act: payee("acct_2"), want: []string{"authority.payee_not_allowed /0/payees"}},
		{name: "both must cover", chain: []*passport.Authority{payees("acct_1"), payees("acct_2")},
			act: payee("acct_2"), want: []string{"authority.payee_not_allowed /0/payees"}},
		{name: "no payment: payees play no part", chain: []*passport.Authority{payees("acct_1")}, act: passport.Act{Action: "data.read"}},
		{name: "an empty list lets nothing pass",
			chain: []*passport.Authority{pay(func(a *passport.Authority) { a.Payees = []string{} })},
			act:   payee("acct_1"), want: []string{"authority.payee_not_allowed /0/payees"}},

		{name: "all reasons at once", chain: []*passport.Authority{pay(func(a *passport.Authority) {
			a.Payees,
				a.Regions = []string{"x"}, []string{"DE"}
		})}, act: passport.Act{Action: "mail.send", Amount: passport.MustMoney("1", "USD"), Category: "it", Rail: "card"},
			want: []string{"authority.action_not_allowed /0/capabilities",
				"authority.category_not_allowed /0/allowedMPPCategories",
				"authority.rail_not_allowed /0/paymentRails", currency, "authority.payee_not_allowed /0/payees", "authority.region_blocked /0/regions"}},
	})
	for _, a := range []passport.Act{usd("0"), category("x"), rail("x"), payee("x")} {
		require.True(t, a.IsPayment())
	}
	require.False(t, (&passport.Act{Action: "a", Resource: "r", Region: "DE"}).IsPayment())
}

func TestPermitsRestrictions(t *testing.T) {
	with := func(edit func(*passport.Authority)) *passport.Authority {
		a := &passport.Authority{Capabilities: []passport.Capability{capability("data.read")}}
		edit(a)
		return a
	}
	resources := func(list ...string) *passport.Authority {
		return with(func(a *passport.Authority) { a.Resources = list })
	}
	audiences := func(list ...string) *passport.Authority {
		return with(func(a *passport.Authority) { a.Audiences = list })
	}
	regions := func(list ...string) *passport.Authority {
		return with(func(a *passport.Authority) { a.Regions = list })
	}
	office := passport.TimeWindow{Days: []string{"sat"}, Start: "09:00", End: "10:00", TimeZone: "UTC"}
	night := passport.TimeWindow{Days: []string{"sat"}, Start: "22:00", End: "02:00", TimeZone: "UTC"}
	windows := func(list ...passport.TimeWindow) *passport.Authority {
		return with(func(a *passport.Authority) { a.TimeWindows = list })
	}
	free := with(func(*passport.Authority) {})
	resource := func(s string) passport.Act { return passport.Act{Resource: s} }
	region := func(s string) passport.Act { return passport.Act{Region: s} }
	runPermits(t, []permitCase{
		{name: "resource covered", chain: []*passport.Authority{resources("/srv/*", "x")}, act: resource("/srv/a/b")},
		{name: "another resource", chain: []*passport.Authority{resources("/srv/*")}, act: resource("/etc/passwd"),
			want: []string{"authority.resource_not_allowed /0/resources"}},
		{name: "traversal", chain: []*passport.Authority{resources("/srv/*")}, act: resource("/srv/../etc/passwd"),
			want: []string{"authority.resource_not_allowed /0/resources"}},
		{name: "unknown resource", chain: []*passport.Authority{resources("/srv/*")}, want: []string{"authority.resource_not_allowed /0/resources"}},
		{name: "no restriction", chain: []*passport.Authority{free}, act: resource("/etc/passwd")},
		{name: "resource: both links", chain: []*passport.Authority{resources("/srv/*"), resources("/srv/a")},
			act: resource("/srv/b"), want: []string{"authority.resource_not_allowed /1/resources"}},
		{name: "resource: an empty list", chain: []*passport.Authority{with(func(a *passport.Authority) { a.Resources = []string{} })},
			act: resource("x"), want: []string{"authority.resource_not_allowed /0/resources"}},

		{name: "audience", chain: []*passport.Authority{audiences("did:web:shop.example")}, audience: "did:web:shop.example"},
		{name: "another audience", chain: []*passport.Authority{audiences("did:web:shop.example")},
			audience: "did:web:evil.example", want: []string{"authority.resource_not_allowed /0/audiences"}},
		{name: "unknown audience", chain: []*passport.Authority{audiences("did:web:shop.example")},
			want: []string{"authority.resource_not_allowed /0/audiences"}},

		{name: "region", chain: []*passport.Authority{regions("AT", "DE")}, act: region("DE-BY")},
		{name: "another region", chain: []*passport.Authority{regions("AT", "DE")}, act: region("CH"), want: []string{"authority.region_blocked /0/regions"}},
		{name: "wider than allowed", chain: []*passport.Authority{regions("DE-BY")}, act: region("DE"), want: []string{"authority.region_blocked /0/regions"}},
		{name: "unknown region", chain: []*passport.Authority{regions("DE")}, want: []string{"authority.region_blocked /0/regions"}},
		{name: "regions: both links", chain: []*passport.Authority{regions("DE"), regions("DE-BY")},
			act: region("DE-BE"), want: []string{"authority.region_blocked /1/regions"}},

		{name: "in the window", chain: []*passport.Authority{windows(night, office)}, at: instant},
		{name: "in none", chain: []*passport.Authority{windows(night, office)}, at: instant.Add(time.Hour),
			want: []string{"authority.outside_time_window /0/timeWindows"}},
		{name: "in the parent's only", chain: []*passport.Authority{windows(office), windows(night)}, at: instant,
			want: []string{"authority.outside_time_window /1/timeWindows"}},
		{name: "no instant", chain: []*passport.Authority{windows(office)}, want: []string{"authority.outside_time_window /0/timeWindows"}},
		{name: "windows: an empty list", chain: []*passport.Authority{with(func(a *passport.Authority) { a.TimeWindows = []passport.TimeWindow{} })},
			at: instant, want: []string{"authority.outside_time_window /0/timeWindows"}},
	})
}

func TestReasonsSayWhatWouldHaveBeenRight(t *testing.T) {
	a := &passport.Authority{Capabilities: []passport.Capability{capability("data.read", textParam("shop", "main"))},
		Resources: []string{"/srv/*"}, Regions: []string{"DE"}}
	errs := passport.Permits([]*passport.Authority{a},
		&passport.Act{Action: "data.read", Region: "CH", Attributes: object(t, `{"shop":"`+strings.Repeat("é", 300)+`"}`)}, "", time.Time{})
	require.Len(t, errs, 3)
	require.Equal(t, `one of ["main"]`, errs[0].Limit)
	require.LessOrEqual(t, len(errs[0].Actual), 210, "what a stranger sends is cut")
	require.True(t, strings.HasSuffix(errs[0].Actual, "é…"), "at a character: %q", errs[0].Actual)
	require.Equal(t, []string{`one of ["/srv/*"]`, "none stated"}, []string{errs[1].Limit, errs[1].Actual})
	require.Equal(t, []string{`one of ["DE"]`, "CH"}, []string{errs[2].Limit, errs[2].Actual})

	grants := &passport.Authority{Capabilities: []passport.Capability{capability("pay")}, Rails: []string{"card"}}
	errs = passport.Permits([]*passport.Authority{grants, {Capabilities: grants.Capabilities}}, &passport.Act{Action: "pay", Rail: "card"}, "", time.Time{})
	require.Len(t, errs, 1)
	require.Equal(t, []string{"none", "card"}, []string{errs[0].Limit, errs[0].Actual})
}

func TestLevels(t *testing.T) {
	rank := -1
	for _, l := range []passport.Level{passport.L0, passport.L1, passport.L2, passport.L3, passport.L4KYC, passport.L4FIN} {
		require.Equal(t, rank+1, l.Rank())
		rank = l.Rank()
	}
	require.Zero(t, passport.Level("").Rank())
	require.Equal(t, -1, passport.Level("l1").Rank())
	require.True(t, passport.Assurance{}.IsZero())
	require.True(t, passport.Attestation{}.IsZero())
	require.True(t, passport.Consent{}.IsZero())
	require.False(t, passport.Assurance{Level: passport.L0}.IsZero())
}

// Decimals of a currency are never part of what it is: not of the key of a
// limit, nor of what is granted, nor of a comparison along a chain.
func TestDecimalsAreNotIdentity(t *testing.T) {
	money := func(amount string, decimals int) passport.Money {
		if decimals == 2 {
			return passport.MustMoney(amount, "USD")
		}
		m, err := passport.ParseAssetMoney(amount, "USD", decimals)
		require.NoError(t, err)
		return m
	}
	link := func(m passport.Money) *passport.Authority {
		return &passport.Authority{Capabilities: []passport.Capability{capability("payments.charge")},
			SpendLimits: []passport.SpendLimit{{Money: m, Per: passport.PerTransaction}}}
	}
	act := func(m passport.Money) passport.Act { return passport.Act{Action: "payments.charge", Amount: m} }
	exceeded := []string{"authority.amount_exceeded /0/spendLimits/0"}
	runPermits(t, []permitCase{
		{name: "finer than the limit", chain: []*passport.Authority{link(money("0.01", 2))}, act: act(money("0.009", 4))},
		{name: "finer, and more", chain: []*passport.Authority{link(money("0.01", 2))}, act: act(money("0.0101", 4)), want: exceeded},
		{name: "coarser than the limit", chain: []*passport.Authority{link(money("0.015", 3))}, act: act(money("0.01", 2))},
		{name: "coarser, and more", chain: []*passport.Authority{link(money("0.015", 3))}, act: act(money("0.02", 2)), want: exceeded},
	})
	require.NoError(t, link(money("0.005", 3)).Narrows(link(money("0.01", 2))))
	require.NoError(t, link(money("0.01", 2)).Narrows(link(money("0.010", 3))))
	require.ErrorIs(t, link(money("0.02", 2)).Narrows(link(money("0.015", 3))), code.DelegationWidened)
	// One key: the lower holds, and it is listed twice in one passport.
	require.Len(t, link(money("0.02", 2)).Effective().Intersect(link(money("0.015", 3))).SpendLimits(), 1)
	p := small(t)
	p.Authority.SpendLimits = append(link(money("1", 2)).SpendLimits, link(money("2", 4)).SpendLimits...)
	_, err := passport.Issue(context.Background(), keyOf(t, 1), p, passport.IssueOptions{Now: at(instant)})
	require.ErrorContains(t, err, "/credentialSubject/spendLimits/1: a limit of the same action")
	// One currency in two spellings of decimals is no fault; on the wire they stay.
	p.Authority.SpendLimits = []passport.SpendLimit{{Money: money("0.005", 4), Per: passport.PerTransaction}, {Money: money("1", 2), Per: passport.PerDay}}
	q, err := passport.ReadUnverified(issue(t, p))
	require.NoError(t, err)
	require.Equal(t, p.Authority.SpendLimits, q.Authority.SpendLimits)
}

package build

import (
	"encoding/json"
	"slices"
)

const dai = "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"

func capability(action string, params ...any) members {
	if len(params) == 0 {
		return o("action", action)
	}
	return o("action", action, "params", o(params...))
}

// wide is an authority with every facet that narrows.
func wideAuthority() members {
	return o(
		"capabilities", []any{
			capability("pay.*", "max_rows", 5, "fast", false, "kind", []string{"x", "y"}, "max_per_day", 3),
			capability("data.*"),
		},
		"allowedMPPCategories", []string{"compute", "storage"}, "paymentRails", []string{"tempo", "card"},
		"maxTransactionAmount", money("50.00", "USD"),
		"spendLimits", []any{money("100.00", "USD", "per", "day"), money("10.00", "EUR", "per", "transaction",
			"action", "pay.card.*"), money("5", dai, "decimals", 18, "per", "month")},
		"limits", o("max_rows", 10, "requests_per_hour", 10, "allow_pii", true),
		"payees", []string{"https://a.example/*", "acct_1"}, "resources", []string{"https://b.example/*"},
		"audiences", []string{audience},
		"regions", []string{"DE", "FR-75C"}, "assurance", o("level", "L2"), "maxDelegationDepth", 2,
	)
}

// narrowsAlone has each facet by itself, with all else as it is above, where it is
// stated on one side alone.
func narrowsAlone(g *group) {
	window := o("days", []string{"mon"}, "start", "09:00", "end", "17:00", "timeZone", "UTC")
	all := wideAuthority().with("deniedActions", []string{"pay.cash"}).with("timeWindows", []any{window})
	in := func(child, above members) object { return object{"chain": []members{above}, "child": child} }
	g.rule = "F-80"
	g.good("the same, with denials and windows", in(all, all))
	for _, f := range []struct {
		rule, facet string
		grant       bool // the child may not state what the parent does not
	}{
		{"F-81", "capabilities", true}, {"F-84", "maxTransactionAmount", false}, {"F-83", "spendLimits", true},
		{"F-86", "limits", true}, {"F-88", "timeWindows", false}, {"F-89", "assurance", true},
		{"F-90", "maxDelegationDepth", true},
	} {
		g.rule = f.rule
		g.good(f.facet+" alone: not below", in(all.with(f.facet, nil), all))
		if f.grant {
			g.bad(f.facet+" alone: not above", f.facet+" alone: not below", "delegation.widened",
				in(all, all.with(f.facet, nil)))
		} else {
			g.good(f.facet+" alone: not above", in(all, all.with(f.facet, nil)))
		}
	}
	g.rule = "F-87"
	g.good("audiences alone: one of two", in(all, all.with("audiences", []string{audience, "did:web:other.example"})))
	g.rule = "F-88"
	g.good("deniedActions alone: one more", in(all.with("deniedActions", []string{"pay.cash", "data.delete"}), all))
	g.good("deniedActions alone: another", in(all.with("deniedActions", []string{"data.delete"}), all))
}

func narrows(m *maker) {
	g := m.group("narrow", "narrow",
		"Narrowing: whether an authority fits within what a chain of authorities allows together.")
	in := func(child members, chain ...members) object { return object{"chain": chain, "child": child} }
	all := wideAuthority()
	g.rule = "F-80"
	g.good("the same", in(all, all))
	g.good("nothing", in(o(), all))
	g.good("nothing of nothing", in(o(), o()))
	const widened = "delegation.widened"
	ok := func(rule, title string, edits ...func(members) members) {
		g.rule = rule
		c := all
		for _, e := range edits {
			c = e(c)
		}
		g.good(title, in(c, all))
	}
	no := func(rule, title, twin string, edits ...func(members) members) {
		g.rule = rule
		c := all
		for _, e := range edits {
			c = e(c)
		}
		g.bad(title, twin, widened, in(c, all))
	}
	caps := func(c ...any) func(members) members { return set("capabilities", c) }
	pay := func(action string, params ...any) func(members) members { return caps(capability(action, params...)) }
	ok("F-81", "an action that the pattern covers", pay("pay.card", "max_rows", 5, "fast", false, "kind",
		[]string{"x"}, "max_per_day", 3))
	ok("F-81", "a narrower pattern", pay("pay.card.*"))
	ok("F-81", "parameters left out", pay("pay.*"))
	ok("F-81", "a smaller maximum", pay("pay.*", "max_rows", 4))
	ok("F-81", "a maximum of zero", pay("pay.*", "max_rows", 0))
	ok("F-81", "a new parameter", pay("pay.*", "max_pages", 1))
	ok("F-81", "a new parameter of texts", pay("pay.*", "color", "red"))
	ok("F-81", "a boolean that limits have", pay("data.read", "pii", true))
	ok("F-81", "a boolean that says false", pay("data.read", "other", false))
	ok("F-81", "a boolean that its own limits forbid", pay("data.read", "other", true), set("limits",
		json.RawMessage(`{"allow_other":false}`)))
	ok("F-81", "fewer texts", pay("pay.*", "kind", []string{"y"}))
	ok("F-81", "one text", pay("pay.*", "kind", "y"))
	ok("F-81", "fewer capabilities", caps(capability("data.*")))
	ok("F-81", "two below one", caps(capability("data.read"), capability("data.write")))
	ok("F-81", "a smaller rate", pay("pay.*", "max_per_day", 2))
	no("F-81", "a larger maximum", "a smaller maximum", pay("pay.*", "max_rows", 6))
	no("F-81", "a larger rate", "a smaller rate", pay("pay.*", "max_per_day", 4))
	no("F-81", "a boolean that says true", "parameters left out", pay("pay.*", "fast", true))
	no("F-81", "another text", "fewer texts", pay("pay.*", "kind", []string{"x", "z"}))
	no("F-81", "another kind of parameter", "fewer texts", pay("pay.*", "kind", 1))
	no("F-81", "a boolean that nothing has", "a boolean that limits have", pay("data.read", "other", true))
	no("F-81", "another action", "an action that the pattern covers", pay("files.read"))
	no("F-81", "the action above a pattern", "a narrower pattern", pay("pay"))
	no("F-81", "another separator", "a narrower pattern", pay("pay:card"))
	no("F-81", "one more capability", "fewer capabilities", caps(capability("data.*"), capability("files.read")))
	no("F-81", "a pattern that is wider", "fewer capabilities", caps(capability("data.*"), capability("d.*")))
	for _, f := range []struct{ rule, facet, fewer, other string }{{"F-82", "allowedMPPCategories", "compute",
		"gambling"}, {"F-82", "paymentRails", "tempo", "cash"}} {
		ok(f.rule, f.facet+": fewer", set(f.facet, []string{f.fewer}))
		no(f.rule, f.facet+": one more", f.facet+": fewer", set(f.facet, []string{f.fewer, f.other}))
		no(f.rule, f.facet+": another", f.facet+": fewer", set(f.facet, []string{f.other}))
		no(f.rule, f.facet+": in another case", f.facet+": fewer", set(f.facet, []string{"C" + f.fewer[1:]}))
		g.rule = f.rule
		g.bad(f.facet+": the parent has none", f.facet+": fewer", widened, in(all.with(f.facet, []string{f.fewer}),
			all.with(f.facet, nil)))
		g.good(f.facet+": the child has none", in(all.with(f.facet, nil), all))
	}
	noSpend := set("spendLimits", nil)
	spend := func(l ...any) func(members) members { return set("spendLimits", l) }
	ok("F-83", "no currency at all", noSpend, set("maxTransactionAmount", nil))
	ok("F-83", "fewer currencies", noSpend)
	ok("F-83", "euros for a narrower action", spend(money("1", "EUR", "per", "day", "action", "pay.card.charge")))
	no("F-83", "another currency", "fewer currencies", noSpend, set("maxTransactionAmount", money("1", "GBP")))
	no("F-83", "euros for every action", "euros for a narrower action", spend(money("1", "EUR", "per", "day")))
	no("F-83", "euros for another action", "euros for a narrower action", spend(money("1", "EUR", "per", "day",
		"action", "pay.cash.*")))
	no("F-83", "an asset of other decimals", "fewer currencies", spend(money("1", dai, "decimals", 6, "per",
		"month")))
	no("F-83", "dollars become USDC", "fewer currencies", noSpend, set("maxTransactionAmount", money("1", "USDC")))
	g.rule = "F-83"
	g.bad("a currency where the parent has none", "no currency at all", widened, in(o("maxTransactionAmount",
		money("1", "USD")), o("capabilities", []any{capability("a")})))
	ok("F-84", "a lower ceiling", set("maxTransactionAmount", money("49.99", "USD")))
	ok("F-84", "an equal ceiling, written otherwise", set("maxTransactionAmount", money("50", "USD")))
	no("F-84", "a higher ceiling", "a lower ceiling", set("maxTransactionAmount", money("50.01", "USD")))
	ok("F-84", "a higher ceiling beside the ceiling as a limit per transaction", set("maxTransactionAmount", money("60",
		"USD")), spend(money("50.00", "USD", "per", "transaction")))
	ok("F-84", "a lower limit per day", spend(money("99.99", "USD", "per", "day")))
	no("F-84", "a higher limit per day", "a lower limit per day", spend(money("100.01", "USD", "per", "day")))
	ok("F-84", "a limit per week beside it", spend(money("10000", "USD", "per", "week")))
	ok("F-84", "a higher limit in another zone", spend(money("10000", "USD", "per", "day", "timeZone", "UTC")))
	ok("F-84", "a higher limit for an action", spend(money("10000", "USD", "per", "day", "action", "pay.card")))
	ok("F-84", "the ceiling as a limit per transaction", set("maxTransactionAmount", nil), spend(money("50.00", "USD",
		"per", "transaction")))
	no("F-84", "a higher ceiling as a limit per transaction", "the ceiling as a limit per transaction",
		set("maxTransactionAmount", nil), spend(money("50.01", "USD", "per", "transaction")))
	no("F-84", "a higher limit, finer decimals", "a lower limit per day", spend(money("100.001", "USD", "decimals", 3,
		"per", "day")))
	ok("F-84", "an equal limit, finer decimals", spend(money("100.000", "USD", "decimals", 3, "per", "day")))
	no("F-84", "a higher limit of an asset", "a lower limit per day", spend(money("5.000000000000000001", dai,
		"decimals", 18, "per", "month")))
	limits := func(s string) func(members) members { return set("limits", json.RawMessage(s)) }
	ok("F-85", "smaller limits", limits(`{"max_rows":9,"requests_per_hour":9}`))
	ok("F-85", "limits left out", limits(`{"allow_pii":true}`))
	ok("F-85", "a new limit", limits(`{"max_pages":1000}`))
	ok("F-85", "a rate of another window", limits(`{"requests_per_minute":1000}`))
	no("F-85", "a larger limit", "smaller limits", limits(`{"max_rows":11}`))
	no("F-85", "a larger rate limit", "smaller limits", limits(`{"requests_per_hour":11}`))
	ok("F-86", "a permission kept", limits(`{"allow_pii":true}`))
	ok("F-86", "a permission given up", limits(`{"allow_pii":false}`))
	ok("F-86", "a new permission that says false", limits(`{"allow_other":false}`))
	no("F-86", "a new permission", "a permission kept", limits(`{"allow_other":true}`))
	for _, f := range []struct {
		facet             string
		within, beyond    []string
		nearby, ambiguous []string
	}{
		{"payees", []string{"https://a.example/x"}, []string{"https://c.example/x"}, []string{"https://a.example/x/*",
			"acct_1"}, []string{"https://a.example/../x"}},
		{"resources", []string{"https://b.example/x"}, []string{"https://b.example"}, []string{"https://b.example/*"},
			[]string{"https://b.example/%2e%2e/x"}},
		{"audiences", []string{audience}, []string{audience + "/*"}, []string{audience},
			[]string{"did:web:other.example"}},
		{"regions", []string{"DE-BY"}, []string{"FR"}, []string{"DE", "FR-75C"}, []string{"DK"}},
	} {
		ok("F-87", f.facet+": within", set(f.facet, f.within))
		ok("F-87", f.facet+": as wide", set(f.facet, f.nearby))
		ok("F-87", f.facet+": left out", set(f.facet, nil))
		no("F-87", f.facet+": beyond", f.facet+": within", set(f.facet, f.beyond))
		no("F-87", f.facet+": neither", f.facet+": within", set(f.facet, f.ambiguous))
		no("F-87", f.facet+": one within and one beyond", f.facet+": within", set(f.facet,
			append(slices.Clone(f.within), f.beyond...)))
		g.rule = "F-87"
		g.good(f.facet+": the parent restricts nothing", in(all.with(f.facet, f.beyond), all.with(f.facet, nil)))
	}
	ok("F-88", "a denial", set("deniedActions", []string{"pay.cash"}))
	g.rule = "F-88"
	g.good("a denial left out", in(all, all.with("deniedActions", []string{"pay.cash"})))
	w := o("days", []string{"mon"}, "start", "09:00", "end", "17:00", "timeZone", "UTC")
	g.good("a window where the parent has another", in(all.with("timeWindows", []any{w.with("end", "24:00")}),
		all.with("timeWindows", []any{w})))
	ok("F-89", "a lower level", set("assurance", o("level", "L1")))
	ok("F-89", "no level", set("assurance", nil))
	no("F-89", "a higher level", "a lower level", set("assurance", o("level", "L3")))
	no("F-89", "the highest level", "a lower level", set("assurance", o("level", "L4FIN")))
	g.rule = "F-89"
	g.bad("a level where the parent has none", "no level", widened, in(o("assurance", o("level", "L1")),
		o("capabilities", []any{capability("a")})))
	ok("F-90", "a smaller deepest link", set("maxDelegationDepth", 1))
	no("F-90", "a deeper deepest link", "a smaller deepest link", set("maxDelegationDepth", 3))
	narrowsAlone(g)
	narrowsBelowTwo(g)

	// What counts is what all above allow together.
	g.rule = "F-79"
	chain := func(title string, child members, above ...members) { g.good(title, in(child, above...)) }
	wider := func(title, twin string, child members, above ...members) {
		g.bad(title, twin, widened, in(child, above...))
	}
	c := func(actions ...string) members {
		var list []any
		for _, a := range actions {
			list = append(list, capability(a))
		}
		return o("capabilities", list)
	}
	chain("within both", c("a.b"), c("a.*"), c("a.b"))
	wider("within the root only", "within both", c("a.c"), c("a.*"), c("a.b"))
	wider("within the second only", "within both", c("b"), c("a"), c("a", "b"))
	chain("the meet of two patterns", c("a.b.c"), c("a.*"), c("a.b.*", "x"))
	usd := func(n string) members { return o("maxTransactionAmount", money(n, "USD")) }
	chain("the lowest ceiling", usd("20"), usd("100"), usd("20"), usd("50"))
	wider("above the lowest ceiling", "the lowest ceiling", usd("20.01"), usd("100"), usd("20"), usd("50"))
	wider("a currency that was dropped in between", "the lowest ceiling", usd("1"), usd("100"), o("capabilities",
		[]any{capability("a")}))
	chain("a limit that a link left out is inherited", o("limits", o("max_rows", 5)), o("limits", o("max_rows", 5)),
		o("limits", o("max_pages", 5)))
	wider("a limit that a link left out still holds", "a limit that a link left out is inherited", o("limits",
		o("max_rows", 6)), o("limits", o("max_rows", 5)), o("limits", o("max_pages", 5)))
	chain("a region below both", o("regions", []string{"DE-BY"}), o("regions", []string{"DE", "FR"}), o("regions",
		[]string{"DE-BY", "DE-BE"}))
	wider("a region below one", "a region below both", o("regions", []string{"DE-HH"}), o("regions", []string{"DE",
		"FR"}), o("regions", []string{"DE-BY", "DE-BE"}))
	wider("a permission that was dropped in between", "a permission kept", o("limits", o("allow_pii", true)),
		o("limits", o("allow_pii", true)), o("limits", o("max_rows", 1)))
	chain("a parameter of either", o("capabilities", []any{capability("a", "max_rows", 3, "kind", "x")}),
		o("capabilities", []any{capability("a", "max_rows", 5)}), o("capabilities", []any{capability("a", "max_rows",
			3, "kind", []string{"x", "y"})}))
	wider("a parameter beyond the tighter one", "a parameter of either", o("capabilities", []any{capability("a",
		"max_rows", 4, "kind", "x")}), o("capabilities", []any{capability("a", "max_rows", 5)}), o("capabilities",
		[]any{capability("a", "max_rows", 3, "kind", []string{"x", "y"})}))
	wider("everything at once", "the same", o("capabilities", []any{capability("files.*")}, "allowedMPPCategories",
		[]string{"x"}, "paymentRails", []string{"y"}, "maxTransactionAmount", money("51", "USD"),
		"limits", o("max_rows", 11, "allow_other", true), "payees", []string{"z"}, "resources", []string{"z"},
		"audiences", []string{"z"}, "regions", []string{"US"}, "assurance", o("level", "L4KYC"),
		"maxDelegationDepth", 9), all)
}

package build

// narrowsBelowTwo compares a child with what two links above it allow together: each facet where the second takes
// something away, where it leaves out what the root has, and where it adds what the root has not.
func narrowsBelowTwo(g *group) {
	list := func(facet string, items ...string) members { return o(facet, items) }
	caps := func(c ...any) members { return o("capabilities", c) }
	limit := func(pairs ...any) members { return o("limits", o(pairs...)) }
	spend := func(l ...any) members { return o("spendLimits", l) }
	usd := func(amount string, more ...any) members {
		return money(amount, "USD", append([]any{"per", "day"}, more...)...)
	}
	level := func(l string) members { return o("assurance", o("level", l)) }
	deep := func(n int) members { return o("maxDelegationDepth", n) }
	none := o()
	for _, c := range []struct {
		rule, title string
		root, link  members
		good, bad   members
	}{
		{"F-81", "the action of the second link", caps(capability("pay.*")), caps(capability("pay.card")),
			caps(capability("pay.card")), caps(capability("pay.cash"))},
		{"F-81", "the maximum of the second link", caps(capability("a", "max_rows", 9)),
			caps(capability("a", "max_rows", 5)), caps(capability("a", "max_rows", 5)),
			caps(capability("a", "max_rows", 6))},
		{"F-81", "a maximum that the second link left out", caps(capability("a", "max_rows", 9)), caps(capability("a")),
			caps(capability("a", "max_rows", 9)), caps(capability("a", "max_rows", 10))},
		{"F-81", "a maximum that the second link added", caps(capability("a")), caps(capability("a", "max_rows", 5)),
			caps(capability("a", "max_rows", 5)), caps(capability("a", "max_rows", 6))},
		{"F-81", "a rate of the second link", caps(capability("a", "max_per_day", 9)),
			caps(capability("a", "max_per_day", 5)), caps(capability("a")), caps(capability("a", "max_per_day", 6))},
		{"F-81", "the texts of the second link", caps(capability("a", "kind", []string{"x", "y"})),
			caps(capability("a", "kind", []string{"y"})), caps(capability("a", "kind", "y")),
			caps(capability("a", "kind", "x"))},
		{"F-81", "a text that the second link added", caps(capability("a")), caps(capability("a", "kind", "wide")),
			caps(capability("a", "kind", []string{"wide"})), caps(capability("a", "kind", "w"))},
		{"F-81", "texts that the second link left out", caps(capability("a", "kind", []string{"x", "y"})),
			caps(capability("a")), caps(capability("a", "kind", "x")), caps(capability("a", "kind", "z"))},
		{"F-81", "a boolean that the second link kept", caps(capability("a", "fast", true)),
			caps(capability("a", "fast", true)), caps(capability("a", "fast", true)),
			caps(capability("a", "slow", true))},
		{"F-81", "a boolean that the second link turned", caps(capability("a", "fast", true)),
			caps(capability("a", "fast", false)), caps(capability("a", "fast", false)),
			caps(capability("a", "fast", true))},
		{"F-81", "a boolean that the second link left out", caps(capability("a", "fast", true)), caps(capability("a")),
			caps(capability("a", "fast", false)), caps(capability("a", "fast", true))},
		{"F-82", "the categories of the second link", list("allowedMPPCategories", "compute", "storage"),
			list("allowedMPPCategories", "compute"), list("allowedMPPCategories", "compute"),
			list("allowedMPPCategories", "storage")},
		{"F-82", "categories that the second link left out", list("allowedMPPCategories", "compute"), none, none,
			list("allowedMPPCategories", "compute")},
		{"F-82", "the rails of the second link", list("paymentRails", "tempo", "card"), list("paymentRails", "card"),
			list("paymentRails", "card"), list("paymentRails", "tempo")},
		{"F-82", "rails that the second link left out", list("paymentRails", "card"), none, none,
			list("paymentRails", "card")},
		{"F-83", "the action that the second link pays for", spend(usd("9")), spend(usd("9", "action", "pay.*")),
			spend(usd("9", "action", "pay.card")), spend(usd("9"))},
		{"F-83", "the narrower of two actions", spend(usd("9", "action", "pay.*")),
			spend(usd("9", "action", "pay.card.*")),
			spend(usd("9", "action", "pay.card.*")), spend(usd("9", "action", "pay.*"))},
		{"F-83", "a currency that the second link left out", spend(usd("9"), money("9", "EUR", "per", "day")),
			spend(usd("9")), spend(usd("9")), spend(money("9", "EUR", "per", "day"))},
		{"F-84", "the limit of the second link", spend(usd("9")), spend(usd("5")), spend(usd("5")), spend(usd("6"))},
		{"F-84", "a limit that the second link left out", spend(usd("9")),
			o("maxTransactionAmount", money("50", "USD")),
			spend(usd("9")), spend(usd("10"))},
		{"F-84", "a limit that the second link added", o("maxTransactionAmount", money("50", "USD")), spend(usd("5")),
			spend(usd("5")), spend(usd("6"))},
		{"F-85", "the lower maximum of the second link", limit("max_rows", 9), limit("max_rows", 5),
			limit("max_rows", 5),
			limit("max_rows", 6)},
		{"F-85", "a maximum of limits that the second link added", none, limit("max_rows", 5), limit("max_rows", 5),
			limit("max_rows", 6)},
		{"F-85", "the lower rate of the second link", limit("calls_per_day", 9), limit("calls_per_day", 5),
			limit("calls_per_day", 5), limit("calls_per_day", 6)},
		{"F-86", "a permission that the second link turned", limit("allow_a", true, "allow_b", true),
			limit("allow_a", true, "allow_b", false), limit("allow_a", true), limit("allow_b", true)},
		{"F-89", "the level of the second link", level("L3"), level("L1"), level("L1"), level("L2")},
		{"F-89", "a level that the second link left out", level("L3"), none, level("L0"), level("L1")},
		{"F-90", "the depth of the second link", deep(5), deep(3), deep(3), deep(4)},
		{"F-90", "a depth that the second link left out", deep(5), none, none, deep(5)},
	} {
		g.rule = c.rule
		chain := []members{c.root, c.link}
		g.good(c.title, object{"chain": chain, "child": c.good})
		g.bad(c.title+": beyond it", c.title, "delegation.widened", object{"chain": chain, "child": c.bad})
	}
	for _, facet := range []struct{ name, wide, narrow, within, beyond, other string }{
		{"payees", "https://a.example/*", "https://a.example/x/*", "https://a.example/x/1", "https://a.example/y",
			"acct_1"},
		{"resources", "/srv/*", "/srv/a/*", "/srv/a/b", "/srv/b", "/docs/a"},
		{"audiences", "https://a.example/*", "https://a.example/x", "https://a.example/x", "https://a.example/y",
			"did:web:b.example"},
		{"regions", "DE", "DE-BY", "DE-BY", "DE", "FR"},
	} {
		g.rule = "F-87"
		wide, narrow := list(facet.name, facet.wide), list(facet.name, facet.narrow)
		for _, c := range []struct {
			title      string
			root, link members
			good, bad  string
		}{
			{facet.name + " of the second link", wide, narrow, facet.within, facet.beyond},
			{facet.name + " that the second link left out", narrow, none, facet.within, facet.beyond},
			{facet.name + " that the second link added", none, narrow, facet.within, facet.beyond},
			{facet.name + " of the narrower of two links, whichever it is", narrow, wide, facet.within, facet.beyond},
			{facet.name + " that two links share", list(facet.name, facet.wide, facet.other),
				list(facet.name, facet.narrow), facet.within, facet.other},
		} {
			chain := []members{c.root, c.link}
			g.good(c.title, object{"chain": chain, "child": list(facet.name, c.good)})
			g.bad(c.title+": beyond it", c.title, "delegation.widened", object{"chain": chain,
				"child": list(facet.name, c.bad)})
		}
	}
}

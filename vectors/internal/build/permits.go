package build

import (
	"encoding/json"
)

func permits(m *maker) {
	g := m.group("permits", "permits",
		"What a chain of authorities permits: every reason against an act, with its path.")
	g.now = nowText
	in := func(act members, chain ...members) object {
		return object{"chain": chain, "act": act, "audience": audience}
	}
	act := func(action string, more ...any) members { return append(o("action", action), o(more...)...) }
	caps := func(list ...any) members { return o("capabilities", list) }
	ok := func(rule, title string, a members, chain ...members) {
		g.rule = rule
		g.good(title, in(a, chain...))
	}
	no := func(rule, title, twin, code string, a members, chain ...members) {
		g.rule = rule
		g.bad(title, twin, code, in(a, chain...))
	}
	const (
		action, denied, limit, missing = "authority.action_not_allowed", "authority.action_denied",
			"authority.limit_exceeded", "authority.attribute_missing"
		category, rail, currency = "authority.category_not_allowed", "authority.rail_not_allowed",
			"authority.currency_not_allowed"
		exceeded, payee, resource = "authority.amount_exceeded", "authority.payee_not_allowed",
			"authority.resource_not_allowed"
		region, window = "authority.region_blocked", "authority.outside_time_window"
	)
	read := caps(capability("data.read"))
	attrs := func(s string) []any { return []any{"parameters", json.RawMessage(s)} }
	ok("F-66", "the action", act("data.read"), read)
	no("F-66", "another action", "the action", action, act("data.write"), read)
	no("F-66", "no capabilities", "the action", action, act("data.read"), o())
	no("F-66", "an action below", "the action", action, act("data.read.all"), read)
	ok("F-66", "a pattern", act("data.read.all"), caps(capability("data.*")))
	no("F-66", "the name before the pattern", "a pattern", action, act("data"), caps(capability("data.*")))
	ok("F-66", "the second capability", act("mail.send"), caps(capability("data.*"), capability("mail.send")))
	ok("F-66", "both links", act("data.read"), caps(capability("data.*")), read)
	no("F-66", "the root only", "both links", action, act("data.read"), read, caps(capability("data.write")))
	no("F-66", "the leaf only", "both links", action, act("data.read"), caps(capability("mail.*")), read)
	no("F-66", "a link without capabilities", "both links", action, act("data.read"), read, o(), read)
	rows := caps(capability("data.read", "max_rows", 100))
	ok("F-67", "at the maximum", act("data.read", attrs(`{"rows":100}`)...), rows)
	no("F-67", "above the maximum", "at the maximum", limit, act("data.read", attrs(`{"rows":101}`)...), rows)
	for _, b := range []string{`"5"`, `true`, `[5]`, `{"n":5}`} {
		no("F-67", "rows that are "+b, "at the maximum", limit, act("data.read", attrs(`{"rows":`+b+`}`)...), rows)
	}
	limited := read.with("limits", o("max_rows", 100))
	ok("F-76", "at the maximum of all actions", act("data.read", attrs(`{"rows":100}`)...), limited)
	for _, b := range []string{`"5"`, `true`, `[5]`} {
		no("F-76", "rows of all actions that are "+b, "at the maximum of all actions", limit,
			act("data.read", attrs(`{"rows":`+b+`}`)...), limited)
	}
	no("F-67", "a part above the maximum", "at the maximum", limit, act("data.read", attrs(`{"rows":100.5}`)...),
		rows)
	ok("F-67", "a part below the maximum", act("data.read", attrs(`{"rows":99.5}`)...), rows)
	ok("F-67", "below zero", act("data.read", attrs(`{"rows":-1}`)...), rows)
	ok("F-67", "an exponent", act("data.read", attrs(`{"rows":1e2}`)...), rows)
	no("F-67", "a large exponent", "an exponent", limit, act("data.read", attrs(`{"rows":1e30}`)...), rows)
	no("F-67", "no attribute", "at the maximum", missing, act("data.read"), rows)
	no("F-67", "an attribute of another name", "at the maximum", missing, act("data.read", attrs(`{"Rows":1}`)...),
		rows)
	no("F-67", "an attribute that is a text", "at the maximum", limit, act("data.read", attrs(`{"rows":"1"}`)...),
		rows)
	no("F-67", "an attribute that is null", "at the maximum", limit, act("data.read", attrs(`{"rows":null}`)...),
		rows)
	no("F-67", "an attribute that is a boolean", "at the maximum", limit, act("data.read", attrs(`{"rows":true}`)...),
		rows)
	no("F-67", "an attribute that is a list", "at the maximum", limit, act("data.read", attrs(`{"rows":[1]}`)...),
		rows)
	depth := caps(capability("data.read", "depth", 3))
	ok("F-67", "an integer without max", act("data.read", attrs(`{"depth":3}`)...), depth)
	no("F-67", "an integer without max, above", "an integer without max", limit, act("data.read",
		attrs(`{"depth":4}`)...), depth)
	ok("F-67", "a rate bounds no attribute", act("data.read"), caps(capability("data.read", "max_per_day", 1)))
	pii := func(v bool) members { return caps(capability("data.read", "pii", v)) }
	ok("F-67", "a boolean true takes true", act("data.read", attrs(`{"pii":true}`)...), pii(true))
	ok("F-67", "a boolean true takes false", act("data.read", attrs(`{"pii":false}`)...), pii(true))
	ok("F-67", "a boolean false takes false", act("data.read", attrs(`{"pii":false}`)...), pii(false))
	no("F-67", "a boolean false does not take true", "a boolean false takes false", limit, act("data.read",
		attrs(`{"pii":true}`)...), pii(false))
	no("F-67", "a boolean and a number", "a boolean true takes true", limit, act("data.read", attrs(`{"pii":1}`)...),
		pii(true))
	no("F-67", "a boolean and nothing", "a boolean true takes true", missing, act("data.read"), pii(true))
	kind := caps(capability("data.read", "kind", []string{"x", "y"}))
	ok("F-67", "a text of the list", act("data.read", attrs(`{"kind":"y"}`)...), kind)
	no("F-67", "a text of no list", "a text of the list", limit, act("data.read", attrs(`{"kind":"z"}`)...), kind)
	no("F-67", "a list of texts", "a text of the list", limit, act("data.read", attrs(`{"kind":["x"]}`)...), kind)
	no("F-67", "a text in another case", "a text of the list", limit, act("data.read", attrs(`{"kind":"X"}`)...),
		kind)
	ok("F-67", "a single text", act("data.read", attrs(`{"kind":"x"}`)...), caps(capability("data.read", "kind",
		"x")))
	long := caps(capability("data.read", "kind", "wide"))
	ok("F-67", "a longer text", act("data.read", attrs(`{"kind":"wide"}`)...), long)
	no("F-67", "a part of a text", "a longer text", limit, act("data.read", attrs(`{"kind":"wi"}`)...), long)
	no("F-67", "no text", "a longer text", limit, act("data.read", attrs(`{"kind":""}`)...), long)
	no("F-67", "both parameters must hold", "at the maximum", limit, act("data.read",
		attrs(`{"rows":1,"kind":"z"}`)...), caps(capability("data.read", "max_rows", 1, "kind", "x")))
	ok("F-67", "another capability whose parameters hold", act("data.read", attrs(`{"rows":500}`)...),
		caps(capability("data.*", "max_rows", 100), capability("data.read", "max_rows", 1000)))
	no("F-67", "parameters of every link", "at the maximum", limit, act("data.read", attrs(`{"rows":60}`)...), rows,
		caps(capability("data.read", "max_rows", 50)))
	allow := func(v string) members { return append(read[:1:1], o("limits", json.RawMessage(v))...) }
	ok("F-68", "a true attribute that limits permit", act("data.read", attrs(`{"pii":true}`)...),
		allow(`{"allow_pii":true}`))
	no("F-68", "a true attribute that nothing permits", "a true attribute that limits permit", limit, act("data.read",
		attrs(`{"pii":true}`)...), read)
	no("F-68", "a true attribute where no capability covers the action", "a true attribute that limits permit", action,
		act("data.write", attrs(`{"pii":true}`)...), read)
	ok("F-68", "a false attribute that nothing permits", act("data.read", attrs(`{"pii":false}`)...), read)
	no("F-68", "a permission that says false", "a true attribute that limits permit", limit, act("data.read",
		attrs(`{"pii":true}`)...), allow(`{"allow_pii":false}`))
	no("F-68", "a permission that says false stands against a parameter", "a boolean true takes true", limit,
		act("data.read", attrs(`{"pii":true}`)...), append(pii(true), o("limits",
			json.RawMessage(`{"allow_pii":false}`))...))
	no("F-68", "a permission of the root only", "a true attribute that limits permit", limit, act("data.read",
		attrs(`{"pii":true}`)...), allow(`{"allow_pii":true}`), read)
	no("F-68", "half from one and half from another capability", "a boolean true takes true", limit, act("data.read",
		attrs(`{"pii":true,"gift":true}`)...), caps(capability("data.*", "pii", true), capability("data.read", "gift",
		true)))
	ok("F-69", "a denial of another action", act("data.read"), append(read[:1:1], o("deniedActions",
		[]string{"data.write"})...))
	for _, p := range []string{"data.read", "data.*", "*"} {
		no("F-69", "denied by "+p, "a denial of another action", denied, act("data.read"), append(read[:1:1],
			o("deniedActions", []string{p})...))
	}
	no("F-69", "denied by the root", "a denial of another action", denied, act("data.read"), append(read[:1:1],
		o("deniedActions", []string{"data.*"})...), read)
	no("F-69", "denied by the leaf", "a denial of another action", denied, act("data.read"), read, append(read[:1:1],
		o("deniedActions", []string{"data.*"})...))

	pays := func(more ...any) members {
		return append(caps(capability("payments.*"), capability("data.*")), o(more...)...)
	}
	pay := func(more ...any) members { return act("payments.charge", more...) }
	amount := func(n, c string, more ...any) []any { return []any{"transactionAmount", money(n, c, more...)} }
	for _, f := range []struct{ facet, member, code string }{{"allowedMPPCategories", "category", category},
		{"paymentRails", "rail", rail}} {
		a := func(v string) members { return pay(f.member, v) }
		ok("F-71", f.member+": listed", a("it"), pays(f.facet, []string{"office", "it"}))
		no("F-71", f.member+": another", f.member+": listed", f.code, a("toys"), pays(f.facet, []string{"office",
			"it"}))
		no("F-71", f.member+": in another case", f.member+": listed", f.code, a("IT"), pays(f.facet, []string{"it"}))
		no("F-71", f.member+": no link states any", f.member+": listed", f.code, a("it"), pays(), pays())
		no("F-71", f.member+": the root only", f.member+": listed", f.code, a("it"), pays(f.facet, []string{"it"}),
			pays())
		no("F-71", f.member+": the leaf only", f.member+": listed", f.code, a("it"), pays(), pays(f.facet,
			[]string{"it"}))
		ok("F-71", f.member+": both", a("it"), pays(f.facet, []string{"it"}), pays(f.facet, []string{"it", "x"}))
		no("F-71", f.member+": stated, and the payment names none", f.member+": listed", f.code, pay(amount("1",
			"USD")...), pays(f.facet, []string{"it"}, "maxTransactionAmount", money("5", "USD")))
		no("F-71", f.member+": stated by two, and the payment names none", f.member+": listed", f.code,
			pay(amount("1", "USD")...), pays(f.facet, []string{"it"}, "maxTransactionAmount", money("5", "USD")),
			pays(f.facet, []string{"it"}, "maxTransactionAmount", money("5", "USD")))
		ok("F-70", f.member+": no payment", act("data.read"), pays(f.facet, []string{"it"}))
	}
	ceiling := func(n string) members { return pays("maxTransactionAmount", money(n, "USD")) }
	ok("F-72", "a currency of the ceiling", pay(amount("1", "USD")...), ceiling("50"))
	no("F-72", "another currency", "a currency of the ceiling", currency, pay(amount("1", "EUR")...), ceiling("50"))
	no("F-72", "no currency", "a currency of the ceiling", currency, pay(amount("0.01", "USD")...), pays())
	no("F-72", "zero of no currency", "a currency of the ceiling", currency, pay(amount("0", "USD")...), pays())
	no("F-72", "a stablecoin", "a currency of the ceiling", currency, pay(amount("1", "USDC")...), ceiling("50"))
	ok("F-72", "a currency of a limit per day", pay(amount("60", "USD")...), pays("spendLimits", []any{money("50",
		"USD", "per", "day")}))
	ok("F-72", "a currency for this action", pay(amount("1", "USD")...), pays("spendLimits", []any{money("50", "USD",
		"per", "day", "action", "payments.*")}))
	no("F-72", "a currency for another action", "a currency for this action", currency, pay(amount("1", "USD")...),
		pays("spendLimits", []any{money("50", "USD", "per", "day", "action", "payments.card.*")}))
	no("F-72", "an asset of other decimals", "a currency of the ceiling", currency, pay(amount("1", dai, "decimals",
		6)...), pays("spendLimits", []any{money("50", dai, "decimals", 18, "per", "day")}))
	ok("F-72", "dollars with finer decimals", pay(amount("0.005", "USD", "decimals", 3)...), ceiling("50"))
	no("F-72", "a currency of the root only", "a currency of the ceiling", currency, pay(amount("1", "USD")...),
		ceiling("50"), pays())
	no("F-72", "a currency of the leaf only", "a currency of the ceiling", currency, pay(amount("1", "USD")...),
		pays(), ceiling("50"))
	ok("F-73", "exactly the ceiling", pay(amount("50.00", "USD")...), ceiling("50"))
	no("F-73", "a cent more", "exactly the ceiling", exceeded, pay(amount("50.01", "USD")...), ceiling("50"))
	no("F-73", "a tenth of a cent more", "exactly the ceiling", exceeded, pay(amount("50.001", "USD", "decimals",
		3)...), ceiling("50"))
	ok("F-73", "zero under a ceiling of zero", pay(amount("0", "USD")...), ceiling("0"))
	no("F-73", "a cent under a ceiling of zero", "zero under a ceiling of zero", exceeded, pay(amount("0.01",
		"USD")...), ceiling("0"))
	per := func(l ...any) members { return pays("spendLimits", l) }
	ok("F-73", "exactly the limit per transaction", pay(amount("50", "USD")...), per(money("50", "USD", "per",
		"transaction")))
	no("F-73", "above the limit per transaction", "exactly the limit per transaction", exceeded, pay(amount("50.01",
		"USD")...), per(money("50", "USD", "per", "transaction")))
	no("F-73", "the lower of limit and ceiling", "exactly the limit per transaction", exceeded, pay(amount("70",
		"USD")...), pays("maxTransactionAmount", money("100", "USD"), "spendLimits", []any{money("50", "USD", "per",
		"transaction")}))
	ok("F-73", "a limit for another action does not bound", pay(amount("60", "USD")...), per(money("50", "USD", "per",
		"transaction", "action", "payments.card.*"), money("100", "USD", "per", "day")))
	no("F-73", "a limit for this action", "a limit for another action does not bound", exceeded,
		act("payments.card.pay", amount("60", "USD")...), per(money("50", "USD", "per", "transaction", "action",
			"payments.card.*"), money("100", "USD", "per", "day")))
	ok("F-73", "a limit in another currency does not bound", pay(amount("60", "EUR")...), per(money("50", "USD", "per",
		"transaction"), money("100", "EUR", "per", "transaction")))
	no("F-73", "the tightest link", "exactly the ceiling", exceeded, pay(amount("60", "USD")...), ceiling("100"),
		ceiling("50"), ceiling("70"))
	no("F-73", "two links are passed", "exactly the ceiling", exceeded, pay(amount("200", "USD")...), ceiling("100"),
		ceiling("50"))
	ok("F-74", "an act of another action needs no amount", act("data.read"), per(money("50", "USD", "per", "day",
		"action", "payments.*")))
	ok("F-74", "a limit for every payment asks for no amount", act("data.read"), per(money("50", "USD", "per", "day")))
	no("F-74", "an act that a limit covers states an amount", "an act of another action needs no amount", missing,
		act("payments.charge"), per(money("50", "USD", "per", "day", "action", "payments.*")))
	ok("F-74", "an amount of zero is stated", pay(amount("0", "USD")...), per(money("50", "USD", "per", "day",
		"action", "payments.*")))
	payees := func(l ...string) members { return pays("payees", l) }
	ok("F-75", "a payee", pay("payee", "acct_1"), payees("acct_1", "https://shop.example/*"))
	ok("F-75", "a payee below", pay("payee", "https://shop.example/x"), payees("acct_1", "https://shop.example/*"))
	no("F-75", "another payee", "a payee", payee, pay("payee", "acct_2"), payees("acct_1"))
	no("F-75", "no payee", "a payee", payee, pay(amount("1", "USD")...), pays("payees", []string{"acct_1"},
		"maxTransactionAmount", money("5", "USD")))
	no("F-75", "a payee that two readers read otherwise", "a payee below", payee, pay("payee",
		"https://shop.example/../x"), payees("https://shop.example/*"))
	ok("F-75", "no restriction of payees", pay("payee", "anybody"), pays())
	ok("F-75", "no payment, no payee", act("data.read"), payees("acct_1"))
	no("F-75", "both links restrict", "a payee", payee, pay("payee", "acct_2"), payees("acct_1"), payees("acct_2"))
	maxRows := append(read[:1:1], o("limits", o("max_rows", 10))...)
	ok("F-76", "a limit, at it", act("data.read", attrs(`{"rows":10}`)...), maxRows)
	ok("F-76", "a limit, attribute not stated", act("data.read"), maxRows)
	no("F-76", "a limit, above it", "a limit, at it", limit, act("data.read", attrs(`{"rows":11}`)...), maxRows)
	no("F-76", "a limit, a text", "a limit, at it", limit, act("data.read", attrs(`{"rows":"10"}`)...), maxRows)
	no("F-76", "a limit of the root", "a limit, at it", limit, act("data.read", attrs(`{"rows":11}`)...), maxRows,
		read)
	no("F-76", "a permission, a number", "a true attribute that limits permit", limit, act("data.read",
		attrs(`{"pii":1}`)...), allow(`{"allow_pii":true}`))
	no("F-76", "a permission, a text", "a true attribute that limits permit", limit, act("data.read",
		attrs(`{"pii":"yes"}`)...), allow(`{"allow_pii":true}`))
	no("F-76", "a permission that says false, a number", "a false attribute that nothing permits", limit,
		act("data.read", attrs(`{"pii":1}`)...), allow(`{"allow_pii":false}`))
	with := func(more ...any) members { return append(read[:1:1], o(more...)...) }
	ok("F-77", "a resource", act("data.read", "resource", "/srv/a/b"), with("resources", []string{"/srv/*", "x"}))
	no("F-77", "another resource", "a resource", resource, act("data.read", "resource", "/etc/passwd"),
		with("resources", []string{"/srv/*"}))
	no("F-77", "no resource", "a resource", resource, act("data.read"), with("resources", []string{"/srv/*"}))
	no("F-77", "a resource with dots", "a resource", resource, act("data.read", "resource", "/srv/../etc"),
		with("resources", []string{"/srv/*"}))
	no("F-77", "a resource of both links", "a resource", resource, act("data.read", "resource", "/srv/b"),
		with("resources", []string{"/srv/*"}), with("resources", []string{"/srv/a"}))
	ok("F-77", "no restriction of resources", act("data.read", "resource", "/etc/passwd"), read)
	ok("F-77", "the audience", act("data.read"), with("audiences", []string{audience}))
	no("F-77", "another audience", "the audience", resource, act("data.read"), with("audiences",
		[]string{"did:web:other.example"}))
	ok("F-77", "a region below", act("data.read", "region", "DE-BY"), with("regions", []string{"AT", "DE"}))
	no("F-77", "another region", "a region below", region, act("data.read", "region", "CH"), with("regions",
		[]string{"AT", "DE"}))
	no("F-77", "a region that is wider", "a region below", region, act("data.read", "region", "DE"), with("regions",
		[]string{"DE-BY"}))
	no("F-77", "no region", "a region below", region, act("data.read"), with("regions", []string{"DE"}))
	no("F-77", "a region of both links", "a region below", region, act("data.read", "region", "DE-BE"),
		with("regions", []string{"DE"}), with("regions", []string{"DE-BY"}))
	win := func(day, start, end string) members {
		return o("days", []string{day}, "start", start, "end", end, "timeZone", "UTC")
	}
	ok("F-78", "a window", act("data.read"), with("timeWindows", []any{win("sat", "09:00", "10:00")}))
	ok("F-78", "one of two windows", act("data.read"), with("timeWindows", []any{win("mon", "09:00", "10:00"),
		win("sat", "09:00", "10:00")}))
	no("F-78", "no window", "a window", window, act("data.read"), with("timeWindows", []any{win("mon", "09:00",
		"10:00")}))
	no("F-78", "a window that ends now", "a window", window, act("data.read"), with("timeWindows", []any{win("sat",
		"08:00", "09:00")}))
	g.rule = "F-34"
	g.bad("a window of the leaf only", "a window", window, in(act("data.read"), with("timeWindows", []any{win("sun",
		"09:00", "10:00")}), with("timeWindows", []any{win("sat", "09:00", "10:00")})))
	g.good("a window of both", in(act("data.read"), with("timeWindows", []any{win("sat", "08:00", "10:00")}),
		with("timeWindows", []any{win("sat", "09:00", "11:00")})))
	no("F-66", "every reason at once", "the action", action, act("mail.send", "transactionAmount", money("1", "USD"),
		"category", "it", "rail", "card", "region", "CH", "resource", "/x"),
		o("capabilities", []any{capability("data.read")}, "deniedActions", []string{"mail.*"}, "payees",
			[]string{"x"}, "regions", []string{"DE"}, "resources", []string{"/srv/*"}, "audiences", []string{"z"},
			"timeWindows", []any{win("mon", "09:00", "10:00")}))
}

package build

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/passport"
)

func passports(m *maker) {
	g := m.group("passport", "passport",
		"Passports as documents: what is read, and what is refused. Nothing is signed here.")
	doc := func(p members) object { return object{"document": p.text()} }
	base := plain("passport")
	good := func(rule, title string, edits ...func(members) members) {
		g.rule = rule
		p := base
		for _, e := range edits {
			p = e(p)
		}
		g.good(title, doc(p))
	}
	bad := func(rule, title, twin, code string, edits ...func(members) members) {
		g.rule = rule
		p := base
		for _, e := range edits {
			p = e(p)
		}
		g.bad(title, twin, code, doc(p))
	}
	good("F-57", "a passport")
	g.rule = "F-59"
	g.good("every member", doc(full()))
	const ok = "a passport"
	sub := subject

	good("F-51", "a third context", set("@context", append(append([]string{}, contexts2...),
		"https://w3id.org/security/data-integrity/v2")))
	more := func(urls ...string) func(members) members {
		return set("@context", append(append([]string{}, contexts2...), urls...))
	}
	bad("F-51", "a context twice", ok, badCtx, more(contexts2[1]))
	bad("F-51", "the context of version 1 behind", ok, badCtx, more("https://www.w3.org/2018/credentials/v1"))
	bad("F-51", "contexts as a text", ok, badCtx, set("@context", contexts2[0]))
	bad("F-51", "contexts with a number", ok, badCtx, set("@context", []any{contexts2[0], contexts2[1], 1}))
	bad("F-51", "contexts the other way round", ok, badCtx, set("@context", []string{contexts2[1], contexts2[0]}))
	bad("F-51", "another context in the second place", "a third context", badCtx,
		set("@context", []string{contexts2[0], "https://w3id.org/security/data-integrity/v2", contexts2[1]}))
	bad("F-51", "an unknown context", ok, badCtx, set("@context", append(append([]string{}, contexts2...),
		"https://evil.example/v1")))
	bad("F-10", "a context inside the document", ok, badCtx, set("@context", []any{contexts2[0], contexts2[1],
		o("@vocab", "https://evil.example/")}))
	bad("F-10", "a context as one text", ok, badCtx, set("@context", contexts2[0]))
	bad("F-10", "no context", ok, badCtx, set("@context", nil))
	good("F-52", "types in the other order", set("type", []string{"AgentPassportCredential", "VerifiableCredential"}))
	bad("F-52", "a third type", ok, malformed, set("type", []string{"VerifiableCredential", "AgentPassportCredential",
		"ManifestationOfWillCredential"}))
	bad("F-52", "no agent passport", ok, "envelope.unsupported", set("type", []string{"VerifiableCredential"}))
	bad("F-52", "no credential", ok, malformed, set("type", []string{"AgentPassportCredential"}))
	bad("F-52", "a type twice", ok, malformed, set("type", []string{"VerifiableCredential", "AgentPassportCredential",
		"AgentPassportCredential"}))
	good("F-53", "an id of another prefix", set("id", "urn:grantex:passport:"+ulid("x")))
	bad("F-53", "no id", ok, malformed, set("id", nil))
	bad("F-53", "an id without ULID", ok, malformed, set("id", "urn:safeconduct:passport:1"))
	bad("F-53", "a ULID in small letters", ok, malformed, set("id",
		"urn:safeconduct:passport:"+strings.ToLower(ulid("x"))))
	bad("F-53", "a ULID with a letter that is not in it", ok, malformed, set("id",
		"urn:safeconduct:passport:"+ulid("x")[:25]+"U"))
	bad("F-53", "a ULID that overflows", ok, malformed, set("id", "urn:safeconduct:passport:8"+ulid("x")[1:]))
	good("F-54", "an issuer object", set("issuer", o("id", issuer.DID().String(), "name", "The Issuer", "description",
		"of passports")))
	bad("F-54", "an issuer that is not a DID", ok, malformed, set("issuer", "https://issuer.example"))
	bad("F-54", "an issuer object without id", "an issuer object", malformed, set("issuer", o("name", "x")))
	bad("F-54", "no issuer", ok, malformed, set("issuer", nil))
	bad("F-54", "two issuers", ok, malformed, set("issuer", []string{issuer.DID().String(), agent.DID().String()}))
	for _, name := range []string{"validFrom", "validUntil"} {
		bad("F-55", "no "+name, ok, malformed, set(name, nil))
		bad("F-55", name+" without zone", ok, malformed, set(name, "2026-11-21T08:00:00"))
	}
	bad("F-55", "an end at the beginning", ok, malformed, set("validUntil", "2026-11-21T08:00:00Z"))
	bad("F-55", "an end before the beginning", ok, malformed, set("validUntil", "2026-11-21T07:00:00Z"))
	bad("F-55", "issuanceDate", ok, malformed, set("issuanceDate", "2026-11-21T08:00:00Z"))
	good("F-56", "one entry, not in an array", set("credentialStatus", entry(listURL, "revocation", "7")))
	good("F-56", "one entry in an array", set("credentialStatus", []any{entry(listURL, "revocation", "7")}))
	six := func(n int) (list []any) {
		for i := range n {
			list = append(list, entry(listURL, "revocation", fmt.Sprint(i)))
		}
		return list
	}
	good("F-56", "six entries", set("credentialStatus", six(6)))
	bad("F-56", "seven entries", "six entries", tooLarge, set("credentialStatus", six(7)))
	bad("F-56", "no status", ok, malformed, set("credentialStatus", nil))
	bad("F-56", "no entries", ok, malformed, set("credentialStatus", []any{}))
	bad("F-56", "an entry twice", "one entry in an array", malformed, set("credentialStatus", []any{entry(listURL,
		"revocation", "7"), entry(listURL, "revocation", "7")}))
	bad("F-91", "an entry with a bad index", "one entry in an array", status, set("credentialStatus", entry(listURL,
		"revocation", "07")))
	bad("F-57", "no subject id", ok, malformed, sub("id", nil))
	bad("F-57", "a subject id that is not a DID", ok, malformed, sub("id", "mailto:agent@example.org"))
	bad("F-57", "no subject type", ok, dataLoss, sub("type", nil))
	bad("F-57", "another subject type", ok, dataLoss, sub("type", "Person"))
	bad("F-57", "two subjects", ok, malformed, func(p members) members {
		return p.with("credentialSubject", []any{p.get("credentialSubject"), o("id", "did:web:other.example", "type",
			"AIAgent")})
	})
	bad("F-57", "a subject in an array", ok, malformed, func(p members) members {
		return p.with("credentialSubject",
			[]any{p.get("credentialSubject")})
	})
	bad("F-57", "no subject", ok, malformed, set("credentialSubject", nil))
	bad("F-58", "a name", ok, malformed, set("name", "passport"))
	bad("F-58", "evidence", ok, malformed, set("evidence", o("type", "BitstringStatusList")))
	bad("F-7", "a member that nothing defines", ok, dataLoss, set("superuser", true))
	bad("F-7", "a subject member that nothing defines", ok, dataLoss, sub("superuser", "yes"))
	bad("F-7", "a subject member in another case", ok, dataLoss, sub("Regions", []string{"DE"}))
	bad("F-7", "a caveat that nobody knows", ok, dataLoss, sub("caveats", []any{o("never", true)}))
	bad("F-7", "a member of a capability", ok, dataLoss, sub("capabilities", []any{o("action", "a", "unless", "b")}))
	bad("F-7", "a member of an amount", ok, dataLoss, sub("maxTransactionAmount", money("1", "USD", "about", true)))
	bad("F-8", "null", ok, malformed, sub("role", json.RawMessage("null")))
	bad("F-8", "an array in an array", ok, malformed, sub("regions", []any{[]any{"DE"}}))
	bad("F-8", "a fraction", ok, malformed, sub("maxDelegationDepth", 1.5))
	good("F-9", "numbers in JSON", sub("extensions",
		json.RawMessage(`{"a":[0.1,1e3,1.50,-2,9007199254740991,null]}`)))
	bad("F-9", "a number that is rounded", "numbers in JSON", malformed, sub("extensions",
		json.RawMessage(`{"a":0.10000000000000000001}`)))
	bad("F-9", "an integer that is rounded", "numbers in JSON", malformed, sub("extensions",
		json.RawMessage(`{"a":9007199254740993}`)))
	bad("F-9", "minus zero", "numbers in JSON", malformed, sub("extensions", json.RawMessage(`{"a":-0}`)))
	bad("F-9", "JSON that is an array", "numbers in JSON", malformed, sub("extensions", []any{1}))
	bad("F-11", "an entry with the id of the subject", "one entry, not in an array", malformed,
		set("credentialStatus", entry(listURL, "revocation", "7", "id", agent.DID().String())))
	bad("F-11", "an entry with the id of the passport", "one entry, not in an array", malformed,
		func(p members) members {
			return p.with("credentialStatus", entry(listURL, "revocation", "7", "id", p.get("id")))
		})
	bad("F-11", "an entry with the id of the issuer", "one entry, not in an array", malformed, set("credentialStatus",
		entry(listURL, "revocation", "7", "id", issuer.DID().String())))
	bad("F-12", "a principal that is relative", ok, malformed, sub("humanPrincipal", "ada"))
	bad("F-12", "a principal with a space", ok, malformed, sub("humanPrincipal", "mailto:a b"))
	bad("F-12", "a principal that is an object", ok, malformed, sub("humanPrincipal", o("id",
		"mailto:ada@example.org")))
	bad("F-12", "an invisible character in an IRI", ok, malformed, sub("humanPrincipal", "https://a.example/\u200b"))
	bad("F-12", "a percent sign alone", ok, malformed, sub("humanPrincipal", "https://a.example/100%"))
	bad("F-12", "two fragments", ok, malformed, sub("humanPrincipal", "https://a.example/#a#b"))
	bad("F-13", "a name with a colon", ok, malformed, sub("cred:x", "y"))
	bad("F-13", "a keyword", ok, malformed, sub("@id", "urn:x:y"))

	arrays := map[string]any{"deniedActions": "a", "allowedMPPCategories": "compute", "paymentRails": "tempo",
		"payees": "x", "resources": "x", "audiences": "x", "regions": "DE"}
	for _, name := range []string{"deniedActions", "allowedMPPCategories", "paymentRails", "payees", "resources",
		"audiences", "regions"} {
		v := arrays[name]
		good("F-59", name+" with one item", sub(name, []any{v}))
		bad("F-59", name+" that is empty", name+" with one item", malformed, sub(name, []any{}))
		bad("F-59", name+" that is a text", name+" with one item", malformed, sub(name, v))
		bad("F-59", name+" with an item twice", name+" with one item", malformed, sub(name, []any{v, v}))
		bad("F-59", name+" with an empty text", name+" with one item", malformed, sub(name, []any{""}))
		bad("F-59", name+" with a number", name+" with one item", malformed, sub(name, []any{1}))
	}
	for _, name := range []string{"allowedMPPCategories", "paymentRails"} {
		twin := name + ": every character"
		good("F-59", twin, sub(name, []any{"Az09_-.:", strings.Repeat("c", 64)}))
		for _, b := range [][2]string{{"a space", "a b"}, {"65 characters", strings.Repeat("c", 65)},
			{"a slash", "a/b"}, {"an umlaut", "büro"}, {"a star", "*"}} {
			bad("F-59", name+": "+b[0], twin, malformed, sub(name, []any{b[1]}))
		}
	}
	for _, name := range []string{"payees", "resources", "audiences"} {
		twin := name + ": a pattern"
		good("F-30", twin, sub(name, []any{"https://a.example/x/*"}))
		for _, b := range [][2]string{{"a space", "https://a.example/a b"}, {"a star in the middle",
			"https://*.example/x"}, {"a star behind a letter", "https://a.example/x*"}, {"a star alone", "*"},
			{"a line break", "https://a.example/\n"}, {"an invisible character", "https://a.example/\u200b"}} {
			bad("F-30", name+": "+b[0], twin, malformed, sub(name, []any{b[1]}))
		}
	}
	items := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("item-%d", i))
		}
		return list
	}
	good("F-59", "64 items", sub("payees", items(64)))
	bad("F-59", "65 items", "64 items", tooLarge, sub("payees", items(65)))
	for _, name := range []string{"name", "description", "role", "framework"} {
		bad("F-59", name+" that is empty", ok, malformed, sub(name, ""))
		bad("F-59", name+" that is a number", ok, malformed, sub(name, 1))
	}
	good("F-59", "a grant of 256 bytes", sub("grantId", strings.Repeat("g", 256)))
	bad("F-59", "a grant of 257 bytes", "a grant of 256 bytes", malformed, sub("grantId", strings.Repeat("g", 257)))
	bad("F-59", "a grant with a space", "a grant of 256 bytes", malformed, sub("grantId", "a b"))
	bad("F-15", "a digest of another alphabet", "every member", malformed, sub("attestation", o("modelDigest",
		"z"+sha("m")[1:])))
	bad("F-15", "a digest cut short", "every member", malformed, sub("attestation", o("modelDigest", sha("m")[:40])))
	bad("F-15", "a digest of another hash", "every member", malformed, sub("attestation", o("modelDigest",
		"uEy"+sha("m")[3:])))
	bad("F-15", "a digest with padding", "every member", malformed, sub("attestation", o("modelDigest",
		sha("m")+"=")))
	good("F-15", "a digest", sub("attestation", o("modelDigest", sha("m"))))

	caps := func(c ...any) func(members) members { return sub("capabilities", c) }
	good("F-60", "parameters", caps(o("action", "data.*", "params", o("max_rows", 0, "pii", false, "kind", "x",
		"kinds", []string{"a", "b"}, "depth", 3))))
	for _, b := range []struct {
		title string
		edit  func(members) members
	}{
		{"no capabilities in it", caps()}, {"capability without action", caps(o("params", o("max_rows", 1)))},
		{"capability that is a text", caps("data.*")}, {"capability action twice", caps(o("action", "a"),
			o("action", "a", "params", o("max_rows", 1)))},
		{"capability of everything", caps(o("action", "*"))}, {"capability pattern in the middle", caps(o("action",
			"a.*.b"))}, {"capability in capitals", caps(o("action", "Data.read"))},
		{"no parameters in it", caps(o("action", "a", "params", o()))}, {"parameter below zero", caps(o("action", "a",
			"params", o("max_rows", -1)))}, {"parameter with a fraction", caps(o("action", "a", "params",
			json.RawMessage(`{"max_rows":1.5}`)))},
		{"parameter that is null", caps(o("action", "a", "params", json.RawMessage(`{"x":null}`)))},
		{"parameter that is an object", caps(o("action", "a", "params", o("x", o("y", 1))))},
		{"parameter that is an empty list", caps(o("action", "a", "params", o("x", []any{})))},
		{"parameter with an item twice", caps(o("action", "a", "params", o("x", []string{"y", "y"})))},
		{"parameter with a number in a list", caps(o("action", "a", "params", o("x", []any{1})))},
		{"parameter beyond 2^53", caps(o("action", "a", "params",
			json.RawMessage(`{"max_rows":9007199254740992}`)))},
		{"parameter name with a space", caps(o("action", "a", "params", o("max rows", 1)))}, {"parameters as a list",
			caps(o("action", "a", "params", []any{"x"}))},
	} {
		bad("F-60", b.title, "parameters", malformed, b.edit)
	}
	spend := func(l ...any) func(members) members { return sub("spendLimits", l) }
	for _, per := range []string{"transaction", "hour", "day", "week", "month", "lifetime"} {
		good("F-61", "a limit per "+per, spend(money("1", "USD", "per", per)))
	}
	good("F-61", "a limit of the calendar, for an action", spend(money("1", "USD", "per", "day", "timeZone",
		"Europe/Berlin", "action", "payments.*")))
	for _, b := range []struct {
		title string
		edit  func(members) members
	}{
		{"a limit per year", spend(money("1", "USD", "per", "year"))}, {"a limit without per", spend(money("1",
			"USD"))}, {"a limit per day in capitals", spend(money("1", "USD", "per", "Day"))},
		{"a limit with zone per transaction", spend(money("1", "USD", "per", "transaction", "timeZone", "UTC"))},
		{"a limit with zone per lifetime", spend(money("1", "USD", "per", "lifetime", "timeZone", "UTC"))},
		{"a limit in an unknown zone", spend(money("1", "USD", "per", "day", "timeZone", "Mars"))},
		{"a limit twice", spend(money("1", "USD", "per", "day"), money("2", "USD", "per", "day"))},
		{"a limit for everything by name", spend(money("1", "USD", "per", "day", "action", "*"))},
		{"a limit without currency", spend(o("amount", "1", "per", "day"))}, {"a limit without amount",
			spend(o("currency", "USD", "per", "day"))},
	} {
		bad("F-61", b.title, "a limit per day", malformed, b.edit)
	}
	bad("F-19", "an amount that is a number", ok, malformed, sub("maxTransactionAmount", o("amount", 50, "currency",
		"USD")))
	bad("F-21", "an amount too precise", ok, malformed, sub("maxTransactionAmount", money("50.001", "USD")))
	bad("F-20", "a currency in small letters", ok, malformed, sub("maxTransactionAmount", money("50", "usd")))
	two := func(decimals int) func(members) members {
		return sub("spendLimits", []any{money("5", dai, "decimals", 18, "per", "day"), money("50", dai, "decimals",
			decimals, "per", "month")})
	}
	good("F-22", "two limits of one asset", two(18))
	bad("F-22", "one asset with two numbers of decimals", "two limits of one asset", malformed, two(6))
	bad("F-22", "an asset without decimals", ok, malformed, sub("maxTransactionAmount", money("50",
		"eip155:1/slip44:60")))
	good("F-62", "a permission whose attribute is named like a rate", sub("limits", o("allow_calls_per_day", true)))
	good("F-62", "limits", sub("limits", o("max_rows", 0, "requests_per_minute", 1, "rows_per_hour", 2,
		"msgs_per_day", 3, "allow_pii", true, "allow_x", false)))
	for _, b := range []struct {
		title  string
		limits string
	}{
		{"min_rows", `{"min_rows":1}`}, {"rows", `{"rows":1}`}, {"max_ alone", `{"max_":1}`}, {"a rate of nothing",
			`{"_per_day":1}`}, {"per week", `{"rows_per_week":1}`}, {"a maximum and a rate",
			`{"max_rows_per_day":1}`}, {"max_ that is boolean", `{"max_rows":true}`},
		{"allow_ that is a number", `{"allow_pii":1}`}, {"deny_", `{"deny_pii":true}`}, {"max_amount",
			`{"max_amount":1}`}, {"max_category", `{"max_category":1}`}, {"max_region", `{"max_region":1}`},
		{"allow_payee", `{"allow_payee":true}`}, {"allow_rail", `{"allow_rail":true}`}, {"allow_resource",
			`{"allow_resource":true}`},
		{"below zero", `{"max_rows":-1}`}, {"a fraction in it", `{"max_rows":0.5}`}, {"a text", `{"max_rows":"1"}`},
		{"null in it", `{"max_rows":null}`}, {"nothing in it", `{}`}, {"a space in a name", `{"max_a b":1}`},
	} {
		bad("F-62", "limits with "+b.title, "limits", malformed, sub("limits", json.RawMessage(b.limits)))
	}
	w := o("days", []string{"mon"}, "start", "09:00", "end", "17:00", "timeZone", "Europe/Berlin")
	good("F-32", "a time window", sub("timeWindows", []any{w}))
	for _, b := range []struct {
		title string
		w     members
	}{
		{"no days", w.with("days", nil)}, {"an unknown day", w.with("days", []string{"monday"})}, {"a day twice",
			w.with("days", []string{"mon", "mon"})}, {"one digit", w.with("start", "9:00")}, {"hour 25", w.with("end",
			"25:00")}, {"an end of midnight as 00:00", w.with("end", "00:00")},
		{"one instant", w.with("end", "09:00")}, {"no zone", w.with("timeZone", nil)}, {"an unknown zone",
			w.with("timeZone", "Europe/Berlim")}, {"the host's zone", w.with("timeZone", "Local")}, {"no start",
			w.with("start", nil)}, {"no end", w.with("end", nil)},
	} {
		bad("F-32", "time window: "+b.title, "a time window", malformed, sub("timeWindows", []any{b.w}))
	}
	bad("F-32", "time window: listed twice", "a time window", malformed, sub("timeWindows", []any{w, w}))
	bad("F-28", "a region in small letters", "regions with one item", malformed, sub("regions", []string{"de"}))
	bad("F-28", "a group of regions", "regions with one item", malformed, sub("regions", []string{"EU"}))
	bad("F-26", "a denied action in capitals", "deniedActions with one item", malformed, sub("deniedActions",
		[]string{"Payments"}))
	good("F-26", "everything denied", sub("deniedActions", []string{"*"}))
	for _, l := range []string{"L0", "L1", "L2", "L3", "L4KYC", "L4FIN"} {
		good("F-63", "level "+l, sub("assurance", o("level", l)))
	}
	for _, l := range []any{"L4", "l1", "", 1, "L5"} {
		bad("F-63", fmt.Sprintf("level %v of no list", l), "level L1", malformed, sub("assurance", o("level", l)))
	}
	bad("F-63", "assurance without level", "level L1", malformed, sub("assurance", o("method", "video")))
	chain := []func(members) members{sub("delegationDepth", 1), sub("parentPassportId",
		passport.PassportURN+ulid("parent")), sub("parentDigest", sha("parent"))}
	with := func(more ...func(members) members) []func(members) members {
		return append(append([]func(members) members{}, chain...), more...)
	}
	good("F-64", "a delegated passport", chain...)
	good("F-64", "a delegated passport without status", with(set("credentialStatus", nil))...)
	bad("F-64", "delegated, no parent", "a delegated passport", malformed, with(sub("parentPassportId", nil))...)
	bad("F-64", "delegated, no digest", "a delegated passport", malformed, with(sub("parentDigest", nil))...)
	bad("F-64", "delegated, no depth", "a delegated passport", malformed, with(sub("delegationDepth", nil))...)
	bad("F-64", "delegated, depth 0", "a delegated passport", malformed, with(sub("delegationDepth", 0))...)
	bad("F-64", "delegated, depth below zero", "a delegated passport", malformed, with(sub("delegationDepth", -1))...)
	bad("F-64", "delegated, a template", "a delegated passport", malformed, with(sub("templateId",
		passport.PassportURN+ulid("t")))...)
	bad("F-64", "delegated, deepest below its own depth", "a delegated passport", malformed,
		with(sub("delegationDepth", 2), sub("maxDelegationDepth", 1))...)
	bad("F-64", "a root with a parent", ok, malformed, sub("parentPassportId", passport.PassportURN+ulid("parent")))
	bad("F-64", "a parent that is no passport id", "a delegated passport", malformed, with(sub("parentPassportId",
		"urn:x:y"))...)
	consent := o("id", passport.ManifestationURN+ulid("will"), "type", "ManifestationOfWillCredential",
		"digestMultibase", sha("will"))
	good("F-65", "consent", sub("consent", consent))
	for _, n := range []string{"id", "digestMultibase"} {
		bad("F-65", "consent without "+n, "consent", malformed, sub("consent", consent.with(n, nil)))
	}
	bad("F-65", "consent of another type", "consent", dataLoss, sub("consent", consent.with("type", "Consent")))
	g.rule = "F-2"
	g.bad("a member twice", ok, malformed, object{"document": replace(base.text(), `"name":`, `"name":"x","name":`)})
}

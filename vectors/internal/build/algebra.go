package build

import (
	"fmt"
	"strings"
)

const malformed = "envelope.malformed"

func moneys(m *maker) {
	g := m.group("money", "money",
		"Amounts: reading, comparing, adding. Units are 10^-18 of the asset, as a decimal string.")
	money := func(amount, currency string, decimals ...int) object {
		o := object{"amount": amount, "currency": currency}
		if len(decimals) > 0 {
			o["decimals"] = decimals[0]
		}
		return o
	}
	read := func(amount, currency string, decimals ...int) object {
		return object{"op": "read", "a": money(amount, currency, decimals...)}
	}
	e18 := func(digits string) object { return object{"units": digits} }
	zeros := strings.Repeat("0", 16)
	const dai = "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"

	g.rule = "F-19"
	g.is("fifty dollars", read("50.00", "USD"), e18("5000"+zeros))
	g.is("zero", read("0", "USD"), e18("0"))
	g.is("zero with decimals", read("0.00", "USD"), e18("0"))
	g.is("a cent", read("0.01", "USD"), e18("1"+zeros))
	g.is("no point", read("7", "USD"), e18("700"+zeros))
	g.is("one decimal", read("7.5", "USD"), e18("750"+zeros))
	g.is("eighteen digits before the point", read("999999999999999999.99", "USD"), e18("99999999999999999999"+zeros))
	g.is("a number that a float cannot hold", read("9007199254740993", "USD"), e18("900719925474099300"+zeros))
	g.is("0.1 and nothing else", read("0.1", "USD"), e18("10"+zeros))
	for _, b := range []string{"", "-1", "+1", "-0", "1e3", "1E3", ".5", "5.", ".", "00", "01", "007.50", "1,000",
		"1 000", "1_000", " 1", "1 ", "0x10",
		"1.2.3", "1..2", "NaN", "Infinity", "inf", "١", "１", "$5", "5 USD", "1000000000000000000", "1'000", "--1",
		"1.-5", "null"} {
		g.bad(fmt.Sprintf("amount %q is not a plain decimal", b), "fifty dollars", malformed, read(b, "USD"))
	}
	g.rule = "F-20"
	for _, c := range []string{"EUR", "JPY", "KWD", "CHF", "USDC", "USDT", "EURC", "PYUSD", "VED", "ZWG"} {
		g.good("currency "+c, read("1", c))
	}
	g.is("a CAIP-19 asset", read("1.5", dai, 18), e18("1500000000000000000"))
	g.good("a CAIP-19 asset of solana", read("1",
		"solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/token:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", 6))
	for _, c := range []string{"", "usd", "Usd", "US", "USDD", "XXX", "XTS", "XAU", "BTC", "ETH", "usdc", "DEM",
		"USN", "$", "USD ", "840"} {
		g.bad(fmt.Sprintf("currency %q is not known", c), "fifty dollars", malformed, read("1", c))
	}
	for _, c := range []string{"eip155:1", "eip155:1/erc20", "eip155/erc20:0x1", "eip155:1/erc20:",
		"EIP155:1/erc20:0x1", "eip155:1/erc20:0x1/2 3"} {
		g.bad(fmt.Sprintf("asset %q is not CAIP-19", c), "a CAIP-19 asset", malformed, read("1", c, 6))
	}
	g.rule = "F-21"
	g.good("yen have none", read("50", "JPY"))
	g.bad("half a yen", "yen have none", malformed, read("50.5", "JPY"))
	g.bad("half a yen that is zero", "yen have none", malformed, read("50.0", "JPY"))
	g.good("dinars have three", read("1.234", "KWD"))
	g.bad("dinars have not four", "dinars have three", malformed, read("1.2345", "KWD"))
	g.bad("a tenth of a cent", "fifty dollars", malformed, read("50.001", "USD"))
	g.bad("a tenth of a cent that is zero", "fifty dollars", malformed, read("50.000", "USD"))
	g.good("USDC has six", read("0.000001", "USDC"))
	g.bad("USDC has not seven", "USDC has six", malformed, read("0.0000001", "USDC"))
	g.good("eighteen decimals", read("0.000000000000000001", dai, 18))
	g.bad("nineteen decimals", "eighteen decimals", malformed, read("0.0000000000000000001", dai, 18))
	g.rule = "F-22"
	g.good("USD with three decimals", read("0.005", "USD", 3))
	g.good("USD with nine decimals", read("0.000000001", "USD", 9))
	g.bad("USD with ten decimals", "USD with nine decimals", malformed, read("1", "USD", 10))
	g.bad("USD with its own decimals", "USD with three decimals", malformed, read("1", "USD", 2))
	g.bad("USD with fewer decimals", "USD with three decimals", malformed, read("1", "USD", 0))
	g.bad("USDC with decimals", "USDC has six", malformed, read("1", "USDC", 6))
	g.bad("a CAIP-19 asset without decimals", "a CAIP-19 asset", malformed, read("1", dai))
	g.bad("a CAIP-19 asset with 19 decimals", "a CAIP-19 asset", malformed, read("1", dai, 19))
	g.bad("a CAIP-19 asset with -1 decimals", "a CAIP-19 asset", malformed, read("1", dai, -1))
	g.good("a CAIP-19 asset without a fraction", read("1", dai, 0))
	g.bad("unknown code with decimals", "USD with three decimals", malformed, read("1", "DAI", 18))

	compare := func(a, b object) object { return object{"op": "compare", "a": a, "b": b} }
	order := func(n int) object { return object{"sameAsset": true, "order": n} }
	other := object{"sameAsset": false}
	g.rule = "F-23"
	g.is("equal by value", compare(money("50", "USD"), money("50.00", "USD")), order(0))
	g.is("a cent less", compare(money("49.99", "USD"), money("50.00", "USD")), order(-1))
	g.is("a cent more", compare(money("50.01", "USD"), money("50", "USD")), order(1))
	g.is("not as text", compare(money("9", "USD"), money("10", "USD")), order(-1))
	g.is("beyond floats", compare(money("9007199254740993", "USD"), money("9007199254740992", "USD")), order(1))
	g.is("other currencies", compare(money("1", "USD"), money("1", "EUR")), other)
	g.is("dollars are not USDC", compare(money("1", "USD"), money("1", "USDC")), other)
	g.is("finer decimals of one code", compare(money("0.50", "USD"), money("0.500", "USD", 3)), order(0))
	g.is("finer decimals, less", compare(money("0.499", "USD", 3), money("0.50", "USD")), order(-1))
	g.is("one CAIP-19 asset", compare(money("1", dai, 18), money("1.0", dai, 18)), order(0))
	g.is("one CAIP-19 asset, other decimals", compare(money("1", dai, 18), money("1", dai, 6)), other)
	g.is("CAIP-19 assets of other case", compare(money("1", dai, 18), money("1", strings.Replace(dai, "6b", "6B", 1),
		18)), other)
	g.is("zero and zero", compare(money("0", "USD"), money("0.00", "USD")), order(0))
	g.is("the smallest units", compare(money("0.000000000000000001", dai, 18), money("0.000000000000000002", dai,
		18)), order(-1))

	add := func(a, b object) object { return object{"op": "add", "a": a, "b": b} }
	g.rule = "F-24"
	g.is("a tenth and two tenths", add(money("0.1", "USD"), money("0.2", "USD")), e18("30"+zeros))
	g.is("carry", add(money("999.99", "USD"), money("0.01", "USD")), e18("100000"+zeros))
	g.is("beyond 64 bits", add(money("500000000000000000", "USD"), money("499999999999999999.99", "USD")),
		e18("99999999999999999999"+zeros))
	g.bad("a sum with nineteen digits", "beyond 64 bits", none, add(money("500000000000000000", "USD"),
		money("500000000000000000", "USD")))
	g.bad("a sum of two currencies", "carry", none, add(money("1", "USD"), money("1", "EUR")))
	g.bad("a sum of two scales of an asset", "carry", none, add(money("1", dai, 18), money("1", dai, 6)))
}

func times(m *maker) {
	g := m.group("time", "time", "Instants: reading them. The answer is in seconds since 1970 and nanoseconds.")
	g.rule = "F-17"
	read := func(s string) object { return object{"op": "read", "text": s} }
	for _, c := range []struct {
		text string
		unix int64
		nano int
	}{
		{"2026-11-21T09:00:00Z", 1795251600, 0},
		{"1970-01-01T00:00:00Z", 0, 0},
		{"2026-11-21T09:00:00.5Z", 1795251600, 500000000},
		{"2026-11-21T09:00:00.000000001Z", 1795251600, 1},
		{"2026-11-21T09:00:00.100Z", 1795251600, 100000000},
		{"2026-11-21T10:00:00+01:00", 1795251600, 0},
		{"2026-11-21T03:30:00-05:30", 1795251600, 0},
		{"2026-11-21T23:00:00+14:00", 1795251600, 0},
		{"2026-11-20T19:00:00-14:00", 1795251600, 0},
		{"2026-11-21T09:00:00+00:00", 1795251600, 0},
		{"2024-02-29T12:00:00Z", 1709208000, 0},
		{"2000-02-29T00:00:00Z", 951782400, 0},
		{"9999-12-31T23:59:59Z", 253402300799, 0},
		{"2026-12-31T23:59:59.999999999Z", 1798761599, 999999999},
		{"1970-01-01T01:00:00+01:00", 0, 0},
		{"2038-01-19T03:14:08Z", 2147483648, 0},
	} {
		g.is(c.text, read(c.text), object{"unix": c.unix, "nanos": c.nano})
	}
	for _, b := range []string{
		"", "2026-11-21", "2026-11-21T09:00Z", "2026-11-21T09:00:00", "2026-11-21t09:00:00Z", "2026-11-21T09:00:00z",
		"2026-11-21 09:00:00Z",
		"2026-11-21T9:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T23:59:60Z", "2026-11-21T23:60:00Z",
		"2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
		"2026-02-30T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
		"2026-11-21T09:00:00.Z", "2026-11-21T09:00:00,5Z", "2026-11-21T09:00:00.1234567890Z",
		"2026-11-21T09:00:00-00:00", "2026-11-21T09:00:00+14:01",
		"2026-11-21T09:00:00+24:00", "2026-11-21T09:00:00+01:60", "2026-11-21T09:00:00+0100",
		"2026-11-21T09:00:00+01", "2026-11-21T09:00:00+1:00",
		"2026-11-21T09:00:00 Z", " 2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z ", "2026-11-21T09:00:00ZZ",
		"02026-11-21T09:00:00Z", "+2026-11-21T09:00:00Z",
		"-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:30:00+01:00",
		"9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00Z",
		"2026-11-21T09:00:00+01:00Z", "1795251600", "Sat, 21 Nov 2026 09:00:00 GMT", "20261121T090000Z",
		"2026-325T09:00:00Z", "2026-W47-6T09:00:00Z",
		"２026-11-21T09:00:00Z", "2026-11-21T09:00:00−01:00", "2026/11/21T09:00:00Z", "2026-11-21T09.00.00Z",
		"2026-11-21T-9:00:00Z", "2026-11-21T09:+1:00Z",
	} {
		g.bad(fmt.Sprintf("%q is not an instant", b), "2026-11-21T09:00:00Z", malformed, read(b))
	}
}

func actions(m *maker) {
	g := m.group("action", "action", "Actions and patterns: their form, and what covers what.")
	g.rule = "F-25"
	name := func(s string) object { return object{"op": "action", "action": s} }
	for _, s := range []string{"a", "payments.charge", "payments:mpp:compute", "a.b:c.d", "data_read.all-rows", "0.1",
		"-", strings.Repeat("a", 256)} {
		g.good("action "+s[:min(len(s), 30)], name(s))
	}
	for _, s := range []string{"", ".", "a.", ".a", "a..b", "a:.b", "A", "payments.Charge", "a b", "a/b", "a*", "*",
		"a.*", "é", "a\n", "a\x00b", "ａ", "a,b", "a;b", strings.Repeat("a", 257)} {
		g.bad(fmt.Sprintf("action %.30q is refused", s), "action a", malformed, name(s))
	}
	g.rule = "F-26"
	pattern := func(s string) object { return object{"op": "pattern", "pattern": s} }
	for _, s := range []string{"payments.charge", "payments.*", "payments:*", "a.b.*", "a:b.*"} {
		g.good("pattern "+s+strings.Repeat(" of colon", strings.Count(s, ":")), pattern(s))
	}
	g.good("pattern of 256 bytes", pattern(strings.Repeat("a", 254)+".*"))
	for _, s := range []string{"*", "a*", "*.a", "a.*.b", "a.**", "a.b*", ".*", "a..*", "A.*", "*.*", "a.* ", "",
		strings.Repeat("a", 255) + ".*"} {
		g.bad(fmt.Sprintf("pattern %.30q is refused%s", s, strings.Repeat("!", 0)), "pattern payments.charge",
			malformed, pattern(s))
	}
	g.rule = "F-27"
	for i, c := range []struct {
		pattern, action string
		covers          bool
	}{
		{"payments.charge", "payments.charge", true}, {"payments.charge", "payments.refund", false},
		{"payments.charge", "payments", false},
		{"payments.charge", "payments.charge.card", false}, {"payments", "payments.charge", false},
		{"payments.*", "payments.charge", true}, {"payments.*", "payments.charge.card", true}, {"payments.*",
			"payments", false},
		{"payments.*", "payments:charge", false}, {"payments.*", "paymentsx.charge", false}, {"payments:*",
			"payments:charge", true},
		{"payments:*", "payments.charge", false}, {"payments.*", "payments.*", true}, {"payments.*",
			"payments.charge.*", true},
		{"payments.charge.*", "payments.*", false}, {"payments.charge", "payments.*", false}, {"a.b.*", "a.bc.d",
			false}, {"a.b.*", "a.b.c", true},
		{"a.b.*", "a.b:c", false}, {"a:b.*", "a:b.c", true}, {"*", "anything.at.all", true}, {"*", "a.*", true},
		{"a.*", "*", false},
		{"a.*", "a.b:c", true}, {"data.*", "data_x.y", false}, {"a.b", "a:b", false}, {"a.b.c", "a.b", false},
	} {
		g.is(fmt.Sprintf("covers %d: %s and %s", i+1, strings.ReplaceAll(c.pattern, "*", "any"),
			strings.ReplaceAll(c.action, "*", "any")),
			object{"op": "covers", "pattern": c.pattern, "action": c.action}, object{"covers": c.covers})
	}
}

func regions(m *maker) {
	g := m.group("region", "region", "Regions: their form, and what covers what.")
	g.rule = "F-28"
	form := func(s string) object { return object{"op": "region", "region": s} }
	for _, s := range []string{"DE", "US", "GB", "DE-BY", "US-CA", "FR-75C", "GB-ENG", "AQ", "CN-11"} {
		g.good("region "+s, form(s))
	}
	for _, s := range []string{"", "de", "De", "D", "DEU", "UK", "EU", "XK", "EL", "EEA", "EFTA", "ZZ", "XX", "QQ",
		"AA", "DE-", "DE-by", "DE-BAYE", "DE_BY", "DE-B Y", "-BY", "DE-BY-X", "DE ", " DE", "276", "SU", "AN", "*"} {
		g.bad(fmt.Sprintf("region %q is refused", s), "region DE", malformed, form(s))
	}
	g.rule = "F-29"
	for i, c := range []struct {
		entry, region string
		covers        bool
	}{{"DE", "DE", true}, {"DE", "DE-BY", true}, {"DE-BY", "DE", false}, {"DE-BY", "DE-BY", true}, {"DE-BY", "DE-BE",
		false}, {"DE", "FR", false},
		{"DE", "DK", false}, {"US-C", "US-CA", false}, {"US", "US-CA", true}, {"FR", "FR-75C", true}, {"DE-B",
			"DE-BY", false}} {
		g.is(fmt.Sprintf("covers %d: %s and %s", i+1, c.entry, c.region), object{"op": "covers", "entry": c.entry,
			"region": c.region}, object{"covers": c.covers})
	}
}

func texts(m *maker) {
	g := m.group("text", "text", "Entries of payees, resources and audiences: what covers what.")
	for _, c := range []struct {
		rule, title, entry, value string
		covers                    bool
	}{
		{"F-30", "the same text", "acct_1", "acct_1", true},
		{"F-30", "another text", "acct_1", "acct_2", false},
		{"F-30", "another case", "acct_a", "acct_A", false},
		{"F-30", "a prefix is no match", "acct_1", "acct_12", false},
		{"F-30", "below", "https://shop.example/*", "https://shop.example/x", true},
		{"F-30", "far below", "https://shop.example/*", "https://shop.example/x/y/z", true},
		{"F-30", "the folder itself", "https://shop.example/*", "https://shop.example/", false},
		{"F-30", "the folder without its slash", "https://shop.example/*", "https://shop.example", false},
		{"F-30", "another host that begins alike", "https://shop.example/*", "https://shop.example.evil/x", false},
		{"F-30", "another host", "https://shop.example/*", "https://evil.example/shop.example/x", false},
		{"F-30", "another scheme", "https://shop.example/*", "http://shop.example/x", false},
		{"F-30", "a star that is not behind a slash", "https://shop.example*", "https://shop.example.evil", false},
		{"F-30", "a star in the middle", "https://*/x", "https://shop.example/x", false},
		{"F-30", "a star alone", "*", "anything", false},
		{"F-30", "an entry within an entry", "https://shop.example/*", "https://shop.example/x/*", true},
		{"F-30", "an entry that is wider", "https://shop.example/x/*", "https://shop.example/*", false},
		{"F-30", "the same wildcard", "https://shop.example/*", "https://shop.example/*", true},
		{"F-30", "an absolute path", "/srv/*", "/srv/a", true},
		{"F-30", "another absolute path", "/srv/*", "/srvx/a", false},
		{"F-30", "a relative path", "srv/*", "srv/a", true},
		{"F-30", "a path of another case", "/srv/*", "/SRV/a", false},
		{"F-30", "a port", "https://shop.example/*", "https://shop.example:8443/x", false},
		{"F-30", "percent-encoding that means the same to everybody", "https://shop.example/*",
			"https://shop.example/a%20b", true},
		{"F-30", "letters beyond ASCII", "/srv/*", "/srv/été", true},
		{"F-30", "a query", "/srv/*", "/srv/a?b=c", true},
		{"F-31", "two dots", "/srv/*", "/srv/../etc", false},
		{"F-31", "two dots at the end", "/srv/*", "/srv/a/..", false},
		{"F-31", "one dot", "/srv/*", "/srv/./a", false},
		{"F-31", "three dots", "/srv/*", "/srv/.../a", false},
		{"F-31", "two dots and a blank", "/srv/*", "/srv/.. /a", false},
		{"F-31", "two dots and an encoded blank", "/srv/*", "/srv/..%20/a", false},
		{"F-31", "a blank alone", "/srv/*", "/srv/ /a", false},
		{"F-31", "a variation selector", "/srv/*", "/srv/a\ufe0fb", false},
		{"F-31", "three dots in a name", "/srv/*", "/srv/a...b", true},
		{"F-31", "a name that begins with a dot", "/srv/*", "/srv/.a", true},
		{"F-31", "exact text with two dots", "/srv/../etc", "/srv/../etc", true},
		{"F-31", "an empty segment", "/srv/*", "/srv//a", false},
		{"F-31", "a slash at the end", "/srv/*", "/srv/a/", false},
		{"F-31", "a backslash", "/srv/*", `/srv/..\etc`, false},
		{"F-31", "a semicolon", "/srv/*", "/srv/a;b", false},
		{"F-31", "two dots and a semicolon", "/srv/*", "/srv/..;/etc", false},
		{"F-31", "encoded dots", "/srv/*", "/srv/%2e%2e/etc", false},
		{"F-31", "encoded dots in capitals", "/srv/*", "/srv/%2E%2E/etc", false},
		{"F-31", "an encoded slash", "/srv/*", "/srv/a%2fb", false},
		{"F-31", "an encoded backslash", "/srv/*", "/srv/a%5cb", false},
		{"F-31", "an encoded percent", "/srv/*", "/srv/a%252e", false},
		{"F-31", "an encoded semicolon", "/srv/*", "/srv/a%3bb", false},
		{"F-31", "a percent that encodes nothing", "/srv/*", "/srv/100%", false},
		{"F-31", "a percent with one digit", "/srv/*", "/srv/%2", false},
		{"F-31", "a percent with letters", "/srv/*", "/srv/%zz", false},
		{"F-31", "an encoded control character", "/srv/*", "/srv/a%00b", false},
		{"F-31", "an encoded line break", "/srv/*", "/srv/a%0ab", false},
		{"F-31", "encoded bytes that are not UTF-8", "/srv/*", "/srv/%ff", false},
		{"F-31", "an overlong slash", "/srv/*", "/srv/%c0%af", false},
		{"F-31", "encoded letters", "/srv/*", "/srv/%C3%A9", true},
		{"F-31", "a control character", "/srv/*", "/srv/a\tb", false},
		{"F-31", "a delete character", "/srv/*", "/srv/a\x7fb", false},
		{"F-31", "an invisible character", "/srv/*", "/srv/a\u200bb", false},
		{"F-31", "a text that turns around", "/srv/*", "/srv/a\u202eb", false},
		{"F-31", "a byte order mark", "/srv/*", "/srv/\ufeffa", false},
		{"F-31", "a full-width slash", "/srv/*", "/srv/a／b", false},
		{"F-31", "full-width dots", "/srv/*", "/srv/．．/etc", false},
		{"F-31", "a one dot leader", "/srv/*", "/srv/\u2024\u2024/etc", false},
		{"F-31", "a two dot leader", "/srv/*", "/srv/\u2025/etc", false},
		{"F-31", "a fraction slash", "/srv/*", "/srv/a\u2044b", false},
		{"F-31", "a division slash", "/srv/*", "/srv/a\u2215b", false},
		{"F-31", "an ideographic full stop", "/srv/*", "/srv/\u3002\u3002/etc", false},
		{"F-31", "a yen sign", "/srv/*", "/srv/a¥b", false},
		{"F-31", "a Greek question mark", "/srv/*", "/srv/a\u037eb", false},
		{"F-31", "two dots before a query", "/srv/*", "/srv/..?x", false},
		{"F-31", "two dots before a fragment", "/srv/*", "/srv/..#x", false},
		{"F-31", "two dots before a full-width question mark", "/srv/*", "/srv/..\uff1fx", false},
		{"F-31", "two dots before a full-width number sign", "/srv/*", "/srv/..\uff03x", false},
		{"F-31", "a name with a full-width question mark", "/srv/*", "/srv/a\uff1f/b", true},
		{"F-31", "a scheme within", "/srv/*", "/srv/a/../b://c", false},
		{"F-31", "two slashes behind a scheme", "https://shop.example/*", "https://shop.example/a", true},
		{"F-31", "two slashes behind a host", "https://shop.example/*", "https://shop.example//a", false},
	} {
		g.rule = c.rule
		g.is(c.title, object{"entry": c.entry, "value": c.value}, object{"covers": c.covers})
	}
}

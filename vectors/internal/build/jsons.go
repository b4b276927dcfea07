package build

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

func text(s string) object { return object{"text": s} }

func bytesOf(s string) object { return object{"base64": base64.StdEncoding.EncodeToString([]byte(s))} }

const tooLarge = "envelope.too_large"

func jsons(m *maker) {
	g := m.group("json", "json", "Strict JSON: what is read, and what is refused.")
	g.rule = "F-1"
	g.good("an object", text(`{"a":1}`))
	g.good("white space around", text(" \t\r\n{\"a\" : [ 1 , 2 ] }\n"))
	g.good("every kind of value", text(`{"a":[null,true,false,0,-1.5e+3,"x",{},[]]}`))
	g.good("a text alone", text(`"a"`))
	g.good("a number alone", text(`1`))
	g.good("letters beyond ASCII", text(`{"é":"日本𝄞"}`))
	for _, b := range []struct{ title, text string }{
		{"nothing", ""}, {"white space alone", " \n"}, {"cut short", `{"a":1`}, {"two values", `{} {}`},
		{"a letter behind", `{}x`}, {"a comma behind", `{},`},
		{"a comma too many in an object", `{"a":1,}`}, {"a comma too many in an array", `[1,]`},
		{"a comma at the front", `[,1]`}, {"no comma", `[1 2]`},
		{"no colon", `{"a" 1}`}, {"no value", `{"a":}`}, {"a name without quotes", `{a:1}`}, {"single quotes",
			`{'a':1}`}, {"a comment", `{/* */"a":1}`},
		{"a line comment", "{\"a\":1}//x"}, {"a closing bracket too many", `{}}`}, {"brackets crossed", `[{]}`},
		{"capital TRUE", `TRUE`}, {"nil", `nil`}, {"a word", `hello`},
		{"a name that is a number", `{1:1}`}, {"vertical tab", "{\v}"}, {"no-break space", "{\u00a0}"},
		{"undefined",
			`undefined`},
	} {
		g.bad(b.title, "an object", malformed, text(b.text))
	}
	g.bad("a byte order mark", "an object", malformed, bytesOf("\xef\xbb\xbf{}"))
	g.bad("UTF-16", "an object", malformed, bytesOf("\xff\xfe{\x00}\x00"))
	g.bad("a zero byte behind", "an object", malformed, bytesOf("{}\x00"))

	g.rule = "F-2"
	g.good("two names", text(`{"a":1,"b":2}`))
	g.good("names that differ in case", text(`{"a":1,"A":2}`))
	g.good("names that look alike", text("{\"\u00e9\":1,\"e\u0301\":2}"))
	g.good("one name in two objects", text(`[{"a":1},{"a":2}]`))
	for _, b := range []struct{ title, text string }{
		{"a name twice", `{"a":1,"a":2}`}, {"a name twice with one value", `{"a":1,"a":1}`},
		{"a name twice, once escaped", `{"a":1,"\u0061":2}`},
		{"a name twice, deep", `{"x":[{"a":1,"b":2,"a":3}]}`}, {"the empty name twice", `{"":1,"":2}`},
		{"a name twice beyond the BMP", `{"𝄞":1,"\ud834\udd1e":2}`},
		{"a name twice, far apart", `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"a":11}`},
		{"__proto__ twice", `{"__proto__":1,"__proto__":2}`},
	} {
		g.bad(b.title, "two names", malformed, text(b.text))
	}
	g.rule = "F-3"
	g.good("escapes", text(`"\"\\\/\b\f\n\r\t\u0000\u001f\u00e9\ud834\udd1e"`))
	g.good("a delete character", text("\"\x7f\""))
	g.good("a noncharacter", text(`"\uffff"`))
	g.good("a line separator", text("\"\u2028\""))
	for _, b := range []struct{ title, text string }{
		{"a lone high surrogate", `"\ud800"`}, {"a lone low surrogate", `"\udc00"`},
		{"surrogates the wrong way round", `"\udd1e\ud834"`},
		{"two high surrogates", `"\ud834\ud834"`}, {"a high surrogate and a letter", `"\ud834x"`},
		{"a lone surrogate in a name", `{"\ud800":1}`},
		{"a line break in a string", "\"a\nb\""}, {"a tab in a string", "\"a\tb\""},
		{"a control character in a string", "\"a\x01b\""},
		{"an escape that is none", `"\x41"`}, {"an escape of an apostrophe", `"\'"`}, {"three digits",
			`"\u00e"`},
		{"no digits", `"\u"`}, {"digits that are letters", `"\u00zz"`},
		{"a string that does not end", `"a`}, {"a backslash at the end", `"a\`}, {"an escape in capitals",
			`"\U0041"`}, {"an escape with a sign", `"\u+041"`},
	} {
		g.bad(b.title, "escapes", malformed, text(b.text))
	}
	for _, b := range []struct{ title, text string }{
		{"a byte that is not UTF-8", "\"\xff\""}, {"an overlong slash", "\"\xc0\xaf\""},
		{"an encoded surrogate",
			"\"\xed\xa0\x80\""}, {"a lone continuation byte", "\"\x80\""},
		{"a sequence cut short", "\"\xe2\x82\""}, {"beyond Unicode", "\"\xf4\x90\x80\x80\""},
		{"an overlong zero",
			"\"\xc0\x80\""}, {"bad UTF-8 in a name", "{\"\xff\":1}"},
	} {
		g.bad(b.title, "letters beyond ASCII", malformed, bytesOf(b.text))
	}
	g.rule = "F-4"
	for _, s := range []string{"0", "-0", "1", "-1", "0.5", "1e3", "1E+3", "1e-3",
		"123456789012345678901234567890",
		"1.7976931348623157e308", "5e-324", "0e999", "0.0000001"} {
		g.good("number "+s+strings.Repeat(" capital", strings.Count(s, "E")), text("["+s+"]"))
	}
	for _, s := range []string{"01", "-01", "00", "+1", ".5", "1.", "1.e3", "1e", "1e+", "1.5.5", "-", "--1",
		"0x10",
		"1_000", "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "1٠", "１", "1f", "0b1", "1 e3",
		"- 1"} {
		g.bad(fmt.Sprintf("number %q", s), "number 1", malformed, text("["+s+"]"))
	}
	g.rule = "F-5"
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	many := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }
	g.good("32 deep", text(deep(32)))
	g.bad("33 deep", "32 deep", tooLarge, text(deep(33)))
	g.bad("33 deep in objects", "32 deep", tooLarge, text(strings.Repeat(`{"a":`, 33)+"1"+strings.Repeat("}",
		33)))
	g.good("1024 items", text(many(1024)))
	g.bad("1025 items", "1024 items", tooLarge, text(many(1025)))
	g.good("4096 members and items", text("["+strings.TrimSuffix(strings.Repeat(many(1023)+",", 4), ",")+"]"))
	g.bad("4097 members and items", "4096 members and items", tooLarge, text("["+strings.Repeat(many(1023)+",",
		4)+"1]"))
	g.good("a name of 256 bytes", text(`{"`+strings.Repeat("a", 256)+`":1}`))
	g.bad("a name of 257 bytes", "a name of 256 bytes", tooLarge, text(`{"`+strings.Repeat("a", 257)+`":1}`))
	g.good("a string of 16384 bytes", text(`"`+strings.Repeat("a", 16384)+`"`))
	g.bad("a string of 16385 bytes", "a string of 16384 bytes", tooLarge, text(`"`+strings.Repeat("a",
		16385)+`"`))
}

func jcses(m *maker) {
	g := m.group("jcs", "jcs",
		"The JSON Canonicalization Scheme of RFC 8785: text to canonical text and its SHA-256.")
	g.rule = "F-14"
	same := func(title, in, out string) {
		g.is(title, text(in), object{"canonical": out, "sha256": sumOf(out)})
	}
	same("empty object", `{}`, `{}`)
	same("empty array", ` [ ] `, `[]`)
	same("white space", "{ \"a\" :\t[ 1 ,\n2 ] }", `{"a":[1,2]}`)
	same("members are sorted", `{"b":1,"a":2,"c":0}`, `{"a":2,"b":1,"c":0}`)
	same("members are sorted at every depth", `{"b":{"d":1,"c":2},"a":[{"f":1,"e":2}]}`,
		`{"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}`)
	same("items keep their order", `[3,1,2]`, `[3,1,2]`)
	same("capitals before small letters", `{"b":1,"B":2,"a":3,"A":4}`, `{"A":4,"B":2,"a":3,"b":1}`)
	same("digits as text", `{"10":1,"9":2,"1":3}`, `{"1":3,"10":1,"9":2}`)
	same("a prefix comes first", `{"ab":1,"a":2,"":3}`, `{"":3,"a":2,"ab":1}`)
	same("sorted by UTF-16 code units", `{"\ufb33":1,"😀":2}`, "{\"😀\":2,\"\ufb33\":1}")
	same("names sorted after unescaping", `{"\u0062":1,"a":2}`, `{"a":2,"b":1}`)
	same("control characters in names", `{"\n":1,"\r":2,"\t":3}`, `{"\t":3,"\n":1,"\r":2}`)
	same("accents are not folded", "{\"\u00e9\":1,\"e\u0301\":2,\"e\":3}",
		"{\"e\":3,\"e\u0301\":2,\"\u00e9\":1}")
	for _, c := range []struct{ in, out string }{
		{`"\u0061"`, `"a"`}, {`"\/"`, `"/"`}, {`"\u002f"`, `"/"`}, {`"\""`, `"\""`}, {`"\\"`, `"\\"`},
		{`"\u0008\u0009\u000a\u000c\u000d"`, `"\b\t\n\f\r"`},
		{`"\u0000\u001f"`, `"\u0000\u001f"`}, {`"\u001F"`, `"\u001f"`}, {`"\u007f"`, "\"\x7f\""}, {`"\u00e9"`,
			`"é"`},
		{`"\u20ac"`, `"€"`}, {`"\ud83d\ude00"`, `"😀"`},
		{`"\u2028\u2029"`, "\"\u2028\u2029\""}, {`"<>&"`, `"<>&"`}, {`"\u003c\u003e\u0026"`, `"<>&"`},
		{`"\uffff"`,
			"\"\uffff\""}, {`"é"`, `"é"`}, {`"\u0080"`, "\"\u0080\""}, {`""`, `""`},
	} {
		same(fmt.Sprintf("string %d", len(g.Cases)), c.in, c.out)
	}
	for _, c := range []struct{ in, out string }{
		{"0", "0"}, {"-0", "0"}, {"0.0", "0"}, {"-0.0", "0"}, {"0e10", "0"}, {"1", "1"}, {"-1", "-1"}, {"1.0",
			"1"},
		{"1.50", "1.5"}, {"10e-1", "1"}, {"1e0", "1"}, {"1E2", "100"},
		{"1e20", "100000000000000000000"}, {"1e21", "1e+21"}, {"123456789012345678901",
			"123456789012345680000"},
		{"1e-6", "0.000001"}, {"1e-7", "1e-7"}, {"0.0000001", "1e-7"},
		{"0.1", "0.1"}, {"0.10000000000000001", "0.1"}, {"0.3", "0.3"}, {"0.30000000000000004",
			"0.30000000000000004"}, {"333333333.33333329", "333333333.3333333"},
		{"9007199254740991", "9007199254740991"}, {"9007199254740992", "9007199254740992"}, {"9007199254740993",
			"9007199254740992"}, {"-9007199254740993", "-9007199254740992"},
		{"9007199254740995", "9007199254740996"}, {"1.7976931348623157e308", "1.7976931348623157e+308"},
		{"5e-324",
			"5e-324"}, {"4.9406564584124654e-324", "5e-324"}, {"2.2250738585072014e-308",
			"2.2250738585072014e-308"},
		{"1e23", "1e+23"}, {"9.5e-3", "0.0095"}, {"1e+300", "1e+300"}, {"1.5e300", "1.5e+300"}, {"100", "100"},
		{"1200e-2", "12"}, {"0.000001234", "0.000001234"}, {"123e-20", "1.23e-18"},
		{"4.35", "4.35"}, {"2.5e15", "2500000000000000"}, {"295147905179352830000", "295147905179352830000"},
		{"999999999999999900000", "999999999999999900000"}, {"9999999999999999999999", "1e+22"},
		{"1424953923781206.2", "1424953923781206.2"}, {"0.5e1", "5"}, {"-1e-7", "-1e-7"}, {"-1.5", "-1.5"},
	} {
		same("number "+strings.ReplaceAll(strings.ReplaceAll(c.in, ".", " point "), "-",
			" minus ")+strings.Repeat(" capital", strings.Count(c.in, "E"))+strings.Repeat(" plus",
			strings.Count(c.in, "+")), "["+c.in+"]", "["+c.out+"]")
	}
	same("literals", `[true,false,null]`, `[true,false,null]`)
	same("a passport's money", `{"currency":"USD","amount":"50.00"}`, `{"amount":"50.00","currency":"USD"}`)
	same("a number alone", ` 1.0 `, `1`)
	same("a string alone", ` "\u0061" `, `"a"`)
	g.rule = "F-2"
	g.bad("a name twice has no canonical form", "members are sorted", malformed, text(`{"a":1,"a":1}`))
	g.rule = "F-3"
	g.bad("a lone surrogate has no canonical form", "string 13", malformed, text(`"\ud800"`))
	g.rule = "F-4"
	g.bad("infinity has no canonical form", "a number alone", malformed, text(`1e400`))
}

func sumOf(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

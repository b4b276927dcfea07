package strictjson_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

var (
	defaults = limits.Default().JSON(limits.Default().DocumentBytes)
	ceiling  = limits.Max().JSON(4 * limits.Max().DocumentBytes)
)

// refused parses text and returns the error it must give.
func refused(t testing.TB, text string) *strictjson.Error {
	t.Helper()
	v, err := strictjson.Parse(text, defaults)
	var e *strictjson.Error
	require.ErrorAs(t, err, &e, "%q is accepted", text)
	require.False(t, v.Exists())
	require.LessOrEqual(t, e.Offset, len(text))
	return e
}

func parse(t testing.TB, text string) strictjson.Value {
	t.Helper()
	v, err := strictjson.Parse(text, defaults)
	require.NoError(t, err, "%q", text)
	return v
}

// PAR-01: a duplicate name at any depth, in any order of the two values, in
// any spelling of the name, is refused where it stands the second time.
func TestPAR01DuplicateNames(t *testing.T) {
	for name, text := range map[string]string{
		"side by side":    `{"a":1,@"a":2}`,
		"other order":     `{"a":2,@"a":1}`,
		"equal values":    `{"a":1,@"a":1}`,
		"far apart":       `{"a":1,"b":2,"c":3,@"a":4}`,
		"nested object":   `{"proof":{"type":1,"x":0,@"type":2}}`,
		"inside an array": `[{"a":1},{"b":1,@"b":1}]`,
		"empty name":      `{"":1,@"":2}`,
		"escape":          `{"a":1,@"\u0061":2}`,
		"escape first":    `{"\u0061":1,@"a":2}`,
		"two escapes":     `{"\/":1,@"\u002f":2}`,
		"hex case":        `{"\u00e9":1,@"\u00E9":2}`,
		"surrogate pair":  "{\"\U0001F600\":1,@\"\\ud83d\\ude00\":2}",
		"three times":     `{"a":1,@"a":2,"a":3}`,
	} {
		t.Run(name, func(t *testing.T) {
			at := strings.IndexByte(text, '@')
			e := refused(t, text[:at]+text[at+1:])
			require.Contains(t, e.Error(), "is listed twice in one object")
			if name != "three times" { // either repetition may be named
				require.Equal(t, at, e.Offset)
			}
		})
	}
	// More members than are sorted by insertion, each one repeated in turn.
	for dup := range 100 {
		var b strings.Builder
		b.WriteByte('{')
		for i := range 100 {
			fmt.Fprintf(&b, `"k%d":0,`, i*37%100)
		}
		at := b.Len()
		fmt.Fprintf(&b, `"k%d":0}`, dup)
		require.Equal(t, at, refused(t, b.String()).Offset)
	}
	// The same name in different objects is no duplicate.
	parse(t, `{"a":{"a":[{"a":1},{"a":2}]}}`)
}

// PAR-05: exactly one value.
func TestPAR05DataAfterTheValue(t *testing.T) {
	for _, text := range []string{"{} {}", "{}x", "{}\x00", "{}{}", "[],", "1 2", "null\n{}", "\"\"\"\"", "{}//", "{}/* */", "{}#", "[]]", "{}}", "truefalse"} {
		require.NotEmpty(t, refused(t, text).Detail, text)
	}
	for _, text := range []string{"", " ", "\n", "{", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1,", "\"",
		"\"\\", "tru", "-", "[1,]", "{\"a\":1,}", "[,1]", "{,}", "{a:1}", "{'a':1}", "['a']", "[1 2]", "{\"a\" 1}", "{1:2}", "True", "nul", "undefined"} {
		refused(t, text)
	}
	require.Equal(t, "{}", parse(t, " \t\r\n{} \t\r\n").Raw())
}

// PAR-06: no byte order mark, no other encoding, no white space but JSON's.
func TestPAR06EncodingAndSpace(t *testing.T) {
	require.Contains(t, refused(t, "\xEF\xBB\xBF{}").Detail, "byte order mark")
	for _, text := range []string{"\xFF\xFE{\x00}\x00", "\xFE\xFF\x00{\x00}", "{\x00}\x00", "\x00{\x00}", "\xFF\xFE"} {
		require.Contains(t, refused(t, text).Detail, "the text is UTF-16")
	}
	for _, text := range []string{"{", "[\x01]", "\xFF{}", "\xFE", "\x00", "\x00\x00", ""} {
		require.NotContains(t, refused(t, text).Detail, "UTF-16")
	}
	for _, text := range []string{
		"\x00{}",
		"\v{}", "\f{}", "\u00a0{}", "\u2028{}", "\u3000{}", "{}\u0085", "[\v1]", "{\"a\"\u00a0:1}", "[1\uFEFF]", "\x1e{}",
	} {
		refused(t, text)
	}
	// Inside a string, U+FEFF is a character as any other.
	require.Equal(t, "\uFEFF", parse(t, "\"\uFEFF\"").Str())
}

// PAR-07: invalid UTF-8 is refused in names and values, with and without
// escapes before it, and never repaired.
func TestPAR07InvalidUTF8(t *testing.T) {
	for name, bad := range map[string]string{
		"FF":                     "\xFF",
		"FE":                     "\xFE",
		"lone continuation":      "\x80",
		"cut, two bytes":         "\xC3",
		"cut, three bytes":       "\xE2\x82",
		"cut, four bytes":        "\xF0\x9F\x98",
		"overlong slash":         "\xC0\xAF",
		"overlong, three bytes":  "\xE0\x80\xAF",
		"overlong, four bytes":   "\xF0\x80\x80\xAF",
		"overlong NUL":           "\xC0\x80",
		"surrogate D800":         "\xED\xA0\x80",
		"CESU-8 pair":            "\xED\xA0\xBD\xED\xB8\x80",
		"above U+10FFFF":         "\xF4\x90\x80\x80",
		"five bytes":             "\xF8\x88\x80\x80\x80",
		"six bytes":              "\xFC\x84\x80\x80\x80\x80",
		"Latin-1 between ASCII":  "a\xE9b",
		"after a good character": "é\x80",
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{`"` + bad + `"`, `{"` + bad + `":1}`, `{"a":"\n` + bad + `"}`, `{"\n` +
				bad + `":1}`, `"0123456789abcdef` + bad + `"`, `"` + bad} {
				require.Contains(t, refused(t, text).Detail, "invalid UTF-8")
			}
			refused(t, bad)
			refused(t, "["+bad+"]")
		})
	}
	// U+FFFD itself is a character.
	require.Equal(t, "\uFFFD", parse(t, "\"\uFFFD\"").Str())
	require.Equal(t, "\uFFFD", parse(t, `"\ufffd"`).Str())
}

// PAR-08: a surrogate escape is half of a pair in the right order, or refused.
func TestPAR08Surrogates(t *testing.T) {
	for _, body := range []string{
		`\ud800`, `\udc00`, `\uD800`, `\uDFFF`, `\udc00\ud800`, `\ud800\ud800`, `\ud800x`, `\ud800\n`, `\ud800\u0041`, `\ud800\\dc00`,
		`\ud800\udbff`, `\ud800\ue000`, `\ud800\u`, `\ud800\udc0`, `\ud800\udc0g`, `x\udbffy`, `\ud83d\ude00\ud83d`, "\\ud83d\xED\xB8\x80",
	} {
		require.Contains(t, refused(t, `"`+body+`"`).Detail, "surrogate", body)
		require.Contains(t, refused(t, `{"`+body+`":1}`).Detail, "surrogate", body)
	}
	require.Equal(t, "\U0001F600", parse(t, `"\ud83d\ude00"`).Str())
	require.Equal(t, "\U00010000\U0010FFFF", parse(t, `"\uD800\uDC00\udbff\udfff"`).Str())
	require.Equal(t, "\uD7FF\uE000", parse(t, `"\ud7ff\ue000"`).Str())
}

func TestEscapes(t *testing.T) {
	require.Equal(t, "\"\\/\b\f\n\r\t\x00\x7fé", parse(t, `"\"\\\/\b\f\n\r\t\u0000\u007f\u00E9"`).Str())
	for _, body := range []string{`\a`, `\v`, `\0`, `\x41`, `\'`, `\U00000041`, `\u`, `\u1`, `\u12`, `\u123`,
		`\u12G4`, `\u+123`, `\u 123`, "\\\n", "\\\x00", `\é`, "\\\xFF"} {
		e := refused(t, `"`+body+`"`)
		require.NotContains(t, e.Error(), "\n")
		require.Contains(t, e.Detail, "escape")
	}
	// Every control character wants an escape, at every place in a word of eight.
	for c := range byte(0x20) {
		for lead := range 17 {
			for _, head := range []string{"", `\n`} {
				e := refused(t, `"`+head+strings.Repeat("a", lead)+string(rune(c))+`bcdefghijklmnop"`)
				require.Contains(t, e.Detail, "control character")
				require.Equal(t, 1+len(head)+lead, e.Offset)
			}
		}
	}
	require.Equal(t, "\x7f", parse(t, "\"\x7f\"").Str())
}

// PAR-09: the number grammar of RFC 8259 and nothing else.
func TestPAR09NumberSyntax(t *testing.T) {
	for _, text := range []string{
		"01", "-01", "00", "-00", "+1", ".5", "-.5", "1.", "-1.", "1.e1", "1_000", "0x10", "0b1", "0o7", "NaN", "nan", "Infinity", "-Infinity", "inf",
		"1e", "1e+", "1e-", "1E", "1.5e", "1e1.5", "1e1e1", "--1", "-", "1-", "1+1", "- 1", "1 000", "1,000", "0.1.2",
		"1f", "1n", "0e", "٣", "１", "1e٣", "-a", "0a",
	} {
		refused(t, text)
		refused(t, "["+text+"]")
		refused(t, `{"a":`+text+`}`)
	}
	require.Contains(t, refused(t, "1e+").Detail, "exponent")
	require.Contains(t, refused(t, "1.").Detail, "point")
	for _, text := range []string{"0", "-0", "1", "-1", "10", "0.0", "0.10", "1e1", "1E1", "1e+1", "1e-1", "1e01",
		"1.5E+10", "0e0", "-0.0e-0", "123456789012345678901234567890"} {
		v := parse(t, text)
		require.Equal(t, strictjson.Number, v.Kind())
		require.Equal(t, text, v.Raw())
	}
}

// PAR-10: what a double cannot hold is refused or told by [Value.Int] and
// [Value.ExactNumber]; the text is kept, nothing is rounded silently.
func TestPAR10Numbers(t *testing.T) {
	for _, text := range []string{"1e400", "-1e400", "1e309", "1.7976931348623159e308", "1" +
		strings.Repeat("0", 400), "1" + strings.Repeat("0", 309), "-2" + strings.Repeat("0", 308), "1e99999999999999999999"} {
		require.Contains(t, refused(t, text).Detail, "out of range", text)
	}
	for _, text := range []string{"1e-400", "-1e-400", "1e-324", "0." + strings.Repeat("0", 400) + "1", "1e-99999999999999999999"} {
		require.Contains(t, refused(t, text).Detail, "too close to zero", text)
	}
	for _, c := range []struct {
		text  string
		exact bool
		n     int64
		isInt bool
	}{
		{"0", true, 0, true},
		{"-0", false, 0, false},
		{"0.0", true, 0, false},
		{"-0.0", false, 0, false},
		{"-0e5", false, 0, false},
		{"0e99999", true, 0, false},
		{"7", true, 7, true},
		{"-7", true, -7, true},
		{"7.0", true, 0, false},
		{"1e3", true, 0, false},
		{"1E+3", true, 0, false},
		{"10e-1", true, 0, false},
		{"100000000000000000000000e-23", true, 0, false},
		{"0.1", true, 0, false},
		{"1.50", true, 0, false},
		{"0.3", true, 0, false},
		{"0.30000000000000004", true, 0, false},
		{"0.1000000000000000055", false, 0, false},
		{"0.1000000000000000055511151231257827021181583404541015625", false, 0, false}, // its double exactly, but not its shortest form
		{"1.0000000000000001", false, 0, false},
		{"9007199254740991", true, 9007199254740991, true},
		{"-9007199254740991", true, -9007199254740991, true},
		{"9007199254740992", true, 0, false},
		{"-9007199254740992", true, 0, false},
		{"9007199254740993", false, 0, false},
		{"9223372036854775807", false, 0, false},
		{"18446744073709551616", false, 0, false},
		{"18446744073709552000", true, 0, false},
		{"1e23", true, 0, false},
		{"99999999999999999999999", false, 0, false},
		{"5e-324", true, 0, false},
		{"3e-324", false, 0, false},
		{"1.7976931348623157e308", true, 0, false},
		{"123456789.123456789123456789", false, 0, false},
	} {
		v := parse(t, c.text)
		require.Equal(t, c.text, v.Raw())
		require.Equal(t, c.exact, v.ExactNumber(), c.text)
		n, ok := v.Int()
		require.Equal(t, c.isInt, ok, c.text)
		require.Equal(t, c.n, n, c.text)
	}
	for _, text := range []string{`"1"`, "true", "null", "[1]", `{"a":1}`} {
		_, ok := parse(t, text).Int()
		require.False(t, ok)
		require.False(t, parse(t, text).ExactNumber())
	}
}

// PAR-16: composed and decomposed forms are two names and two texts; nothing
// normalises them, not even for the order.
func TestPAR16NoNormalisation(t *testing.T) {
	const nfc, nfd = "caf\u00e9", "cafe\u0301"
	v := parse(t, `{"`+nfc+`":1,"`+nfd+`":2}`)
	require.Equal(t, 2, v.Len())
	require.Equal(t, "1", v.Get(nfc).Raw())
	require.Equal(t, "2", v.Get(nfd).Raw())
	require.Equal(t, `{"`+nfd+`":2,"`+nfc+`":1}`, string(jcs.Append(nil, v)))

	a, b := jcs.Append(nil, parse(t, `"`+nfc+`"`)), jcs.Append(nil, parse(t, `"`+nfd+`"`))
	require.NotEqual(t, a, b)
	// Nor does letter case, nor a letter that folds to another, match a name.
	w := parse(t, `{"SpendLimit":1,"\u017fpendLimit":2,"to\u212aen":3}`)
	require.False(t, w.Get("spendLimit").Exists())
	require.False(t, w.Get("token").Exists())
}

func TestErrorsSayWhatAndWhere(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":tru}`:     `json: byte 5: unexpected text where a value is due`,
		`[1;2]`:         `json: byte 2: want ',' or ']' in the array that begins at byte 0`,
		"{\"a\":1,\n1}": `json: byte 8: want a member name in double quotes`,
		`{"a"=1}`:       `json: byte 4: want ':' after a member name`,
		`{"a":1`:        `json: byte 6: want ',' or '}' in the object that begins at byte 0`,
		`?`:             `json: byte 0: unexpected byte 0x3f where a value is due`,
		"[\x1b[31m]":    `json: byte 1: unexpected byte 0x1b where a value is due`,
		``:              `json: byte 0: the text ends where a value is due`,
	} {
		_, err := strictjson.Parse(text, defaults)
		require.EqualError(t, err, want)
	}
	var e *strictjson.Error
	_, err := strictjson.Parse("[]", limits.JSON{})
	require.True(t, errors.As(err, &e))
	require.Equal(t, "Bytes", e.Limit, "zero caps allow nothing")
}

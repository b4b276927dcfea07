package oap

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// form is one of the canonical forms that are in use for this dialect.
type form uint8

const (
	formJCS    form = iota // RFC 8785: the specification, the conformance suite
	formTools              // JSON.stringify with sorted keys: integer-like keys come first, by number
	formGuards             // jq --sort-keys -c of the guardrails: by code point
)

// appendForm writes a value. A nil member is left out, as undefined is.
func appendForm(dst []byte, v *laxjson.Value, f form) []byte {
	switch v.Kind() {
	case laxjson.Object:
		members := slices.Clone(v.Members())
		slices.SortFunc(members, func(a, b laxjson.Member) int { return f.order(a.Name, b.Name) })
		return appendMembers(dst, members, f)
	case laxjson.Array:
		dst = append(dst, '[')
		for i, item := range v.Items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendForm(dst, item, f)
		}
		return append(dst, ']')
	case laxjson.String:
		return f.text(dst, v.Text())
	case laxjson.Number:
		return appendNumber(dst, v.Text())
	case laxjson.Bool:
		return strconv.AppendBool(dst, v.Truth())
	}
	return append(dst, "null"...)
}

func appendMembers(dst []byte, members []laxjson.Member, f form) []byte {
	dst = append(dst, '{')
	first := true
	for _, m := range members {
		if m.Value == nil || f == formTools && m.Name == "__proto__" { // the tools set a prototype, and lose it
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(f.text(dst, m.Name), ':')
		dst = appendForm(dst, m.Value, f)
	}
	return append(dst, '}')
}

// appendObject writes an object of some members, in the order of the form.
func appendObject(dst []byte, f form, members ...laxjson.Member) []byte {
	slices.SortFunc(members, func(a, b laxjson.Member) int { return f.order(a.Name, b.Name) })
	return appendMembers(dst, members, f)
}

func (f form) order(a, b string) int {
	switch f {
	case formGuards:
		return strings.Compare(a, b) // UTF-8 is in the order of code points
	case formTools:
		x, xIs := arrayIndex(a)
		y, yIs := arrayIndex(b)
		switch {
		case xIs && yIs:
			return int(x - y)
		case xIs:
			return -1
		case yIs:
			return 1
		}
	}
	return compareUTF16(a, b)
}

// arrayIndex reports whether JavaScript takes a key for an index, which it lists
// before all others: 0 to 2^32-2 in their one spelling.
func arrayIndex(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return int64(n), err == nil && n < 1<<32-1 && strconv.FormatUint(n, 10) == s
}

func compareUTF16(a, b string) int {
	for a != "" && b != "" {
		x, n := laxjson.Next(a)
		y, m := laxjson.Next(b)
		if x != y {
			xs, ys := utf16.AppendRune(nil, x), utf16.AppendRune(nil, y)
			if x >= 0xd800 && x < 0xe000 {
				xs = []uint16{uint16(x)}
			}
			if y >= 0xd800 && y < 0xe000 {
				ys = []uint16{uint16(y)}
			}
			return slices.Compare(xs, ys)
		}
		a, b = a[n:], b[m:]
	}
	return len(a) - len(b)
}

// text writes a string. JSON.stringify escapes what JCS does, and lone surrogates.
func (f form) text(dst []byte, s string) []byte {
	if !laxjson.Lone(s) {
		if f == formGuards { // jq escapes DEL, too
			return append(dst, strings.ReplaceAll(string(jcs.AppendString(nil, s)), "\x7f", `\u007f`)...)
		}
		return jcs.AppendString(dst, s)
	}
	dst = append(dst, '"')
	for s != "" {
		r, n := laxjson.Next(s)
		if r >= 0xd800 && r < 0xe000 && n == 3 {
			dst = append(dst, `\u`...)
			dst = append(dst, strconv.FormatInt(int64(r), 16)...)
		} else {
			inner := jcs.AppendString(nil, s[:n])
			dst = append(dst, inner[1:len(inner)-1]...)
		}
		s = s[n:]
	}
	return append(dst, '"')
}

// appendNumber writes a number as JavaScript does. This is canonical form only:
// nothing is decided on a number that went through it.
func appendNumber(dst []byte, text string) []byte {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil && (n > 1 || n < -1) { // beyond a double: Infinity, which JSON.stringify writes as null
		return append(dst, "null"...)
	}
	return jcs.AppendFloat(dst, n)
}

// Digest returns "sha256:" and the SHA-256 digest in lower-case hexadecimal.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// appendSource writes a value with the source text of its numbers, so that amounts
// never go through a floating-point number.
func appendSource(dst []byte, v *laxjson.Value) []byte {
	switch v.Kind() {
	case laxjson.Object:
		return appendSourceMembers(dst, v.Members())
	case laxjson.Array:
		dst = append(dst, '[')
		for i, item := range v.Items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendSource(dst, item)
		}
		return append(dst, ']')
	case laxjson.Number:
		return append(dst, v.Text()...)
	}
	return appendForm(dst, v, formJCS)
}

func appendSourceMembers(dst []byte, list []laxjson.Member) []byte {
	dst = append(dst, '{')
	for i, m := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(formJCS.text(dst, m.Name), ':')
		dst = appendSource(dst, m.Value)
	}
	return append(dst, '}')
}

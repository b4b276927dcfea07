// Package jcs writes the JSON Canonicalization Scheme of RFC 8785 by walking a
// strictly parsed tree. It is linear in the size of the document, but for the
// ordering of member names, which the parse has done already.
package jcs

import (
	"strconv"

	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Append appends the canonical form of v to dst. An absent value appends
// nothing.
func Append(dst []byte, v strictjson.Value) []byte {
	switch v.Kind() {
	case strictjson.Object:
		return AppendEdited(dst, v)
	case strictjson.Array:
		dst = append(dst, '[')
		first := true
		for item := range v.Items() {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = Append(dst, item)
		}
		return append(dst, ']')
	case strictjson.String:
		// Text without escapes holds nothing that section 3.2.2.2 would escape.
		if v.Escaped() {
			return AppendString(dst, v.Str())
		}
		return append(dst, v.Raw()...)
	case strictjson.Number:
		return appendNumber(dst, v.Raw())
	default: // true, false, null; nothing when absent
		return append(dst, v.Raw()...)
	}
}

// Edit changes one member of an object on the way out.
type Edit struct {
	Name string
	Text string // canonical JSON that takes the member's place; "" leaves it out
}

// AppendEdited appends the canonical form of the object v with the edits made
// to its own members: a named member is replaced, left out, or, where the
// object has none of that name, added. Names in edits must be distinct, of
// letters and digits only, and in ascending order. A v that is no object counts
// as an empty one.
func AppendEdited(dst []byte, v strictjson.Value, edits ...Edit) []byte {
	dst = append(dst, '{')
	first := true
	name := func(s string, escaped bool) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if escaped {
			dst = AppendString(dst, s)
		} else {
			dst = append(dst, '"')
			dst = append(dst, s...)
			dst = append(dst, '"')
		}
		dst = append(dst, ':')
	}
	for key, member := range v.Sorted() {
		for len(edits) > 0 && edits[0].Name < key {
			if edits[0].Text != "" {
				name(edits[0].Name, false)
				dst = append(dst, edits[0].Text...)
			}
			edits = edits[1:]
		}
		if len(edits) > 0 && edits[0].Name == key {
			if edits[0].Text != "" {
				name(key, false)
				dst = append(dst, edits[0].Text...)
			}
			edits = edits[1:]
			continue
		}
		name(key, needsEscape(key))
		dst = Append(dst, member)
	}
	for _, e := range edits {
		if e.Text != "" {
			name(e.Name, false)
			dst = append(dst, e.Text...)
		}
	}
	return append(dst, '}')
}

func needsEscape(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			return true
		}
	}
	return false
}

const hexDigits = "0123456789abcdef"

// AppendString appends s, which must be valid UTF-8, as RFC 8785 section
// 3.2.2.2 writes strings.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= 0x20:
			dst = append(dst, c)
		case c == '\b':
			dst = append(dst, '\\', 'b')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\f':
			dst = append(dst, '\\', 'f')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(dst, '"')
}

// appendNumber rewrites a JSON number as section 3.2.2.3 wants it.
func appendNumber(dst []byte, text string) []byte {
	if len(text) <= 15 && isInteger(text) {
		if text == "-0" {
			return append(dst, '0')
		}
		return append(dst, text...)
	}
	// The parser has refused what a double cannot hold.
	f, _ := strconv.ParseFloat(text, 64)
	return AppendFloat(dst, f)
}

func isInteger(text string) bool {
	for i := range len(text) {
		if c := text[i]; c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// AppendFloat appends a number, which must be finite as every parsed one is,
// as ECMAScript's Number::toString does (ECMA-262, section 6.1.6.1.20): the
// shortest digits that round back.
func AppendFloat(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '0') // minus zero too
	}
	if f < 0 {
		dst, f = append(dst, '-'), -f
	}
	var buf [32]byte
	// d.ddde±xx, with the shortest digits.
	sci := strconv.AppendFloat(buf[:0], f, 'e', -1, 64)
	e := len(sci) - 1
	for sci[e] != 'e' {
		e--
	}
	exp, _ := strconv.Atoi(string(sci[e+1:]))
	var digits [20]byte
	k := 0
	for _, c := range sci[:e] {
		if c != '.' {
			digits[k] = c
			k++
		}
	}
	n := exp + 1 // the decimal point stands behind n digits
	switch {
	case k <= n && n <= 21:
		dst = append(dst, digits[:k]...)
		for range n - k {
			dst = append(dst, '0')
		}
	case 0 < n && n <= 21:
		dst = append(dst, digits[:n]...)
		dst = append(dst, '.')
		dst = append(dst, digits[n:k]...)
	case -6 < n && n <= 0:
		dst = append(dst, '0', '.')
		for range -n {
			dst = append(dst, '0')
		}
		dst = append(dst, digits[:k]...)
	default:
		dst = append(dst, digits[0])
		if k > 1 {
			dst = append(dst, '.')
			dst = append(dst, digits[1:k]...)
		}
		dst = append(dst, 'e')
		if exp >= 0 {
			dst = append(dst, '+')
		}
		dst = strconv.AppendInt(dst, int64(exp), 10)
	}
	return dst
}

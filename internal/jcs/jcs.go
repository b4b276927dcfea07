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
	if v.Canonical() {
		return append(dst, v.Raw()...)
	}
	switch v.Kind() {
	case strictjson.Object:
		dst = append(dst, '{')
		first := true
		for name, member := range v.Sorted() {
			var whole bool
			if dst, whole = appendMember(dst, name, member, first); !whole {
				dst = Append(dst, member)
			}
			first = false
		}
		return append(dst, '}')
	case strictjson.Array:
		dst = append(dst, '[')
		first := true
		for item := range v.Items() {
			if !first {
				dst = append(dst, ',')
			}
			dst, first = Append(dst, item), false
		}
		return append(dst, ']')
	case strictjson.String:
		return appendText(dst, v)
	case strictjson.Number:
		return appendNumber(dst, v.Raw())
	default: // true, false, null; nothing when absent
		return append(dst, v.Raw()...)
	}
}

// appendMember appends a member, with the comma before it: the whole of it, or
// up to its colon, if the value has to be written by [Append]. It does not call
// that itself: functions that call each other are taken to keep dst, which would
// then be made on the heap.
func appendMember(dst []byte, name, member strictjson.Value, first bool) (out []byte, whole bool) {
	if !first {
		dst = append(dst, ',')
	}
	if text := strictjson.CanonicalMember(name, member); text != "" {
		return append(dst, text...), true
	}
	return append(appendText(dst, name), ':'), false
}

// appendText appends a string. Text without escapes holds nothing that section
// 3.2.2.2 would escape.
func appendText(dst []byte, v strictjson.Value) []byte {
	if v.Escaped() {
		return AppendString(dst, v.Str())
	}
	return append(dst, v.Raw()...)
}

// Cut is where one member of an object stands in its canonical form, with the
// one comma that goes with it: what is left without it is canonical again. The
// zero Cut leaves nothing out.
type Cut struct{ From, To int }

// AppendObject appends the canonical form of the object v, as [Append] does,
// and tells where in what was appended the member of that name stands.
func AppendObject(dst []byte, v strictjson.Value, name string) ([]byte, Cut) {
	begin := len(dst)
	var cut Cut
	dst = append(dst, '{')
	first, leading := true, false
	for key, member := range v.Sorted() {
		from := len(dst)
		var whole bool
		if dst, whole = appendMember(dst, key, member, first); !whole {
			dst = Append(dst, member)
		}
		switch {
		case leading:
			// The member was the first: its comma is the one behind it.
			cut.To, leading = from+1-begin, false
		case key.Str() == name:
			cut, leading = Cut{from - begin, len(dst) - begin}, first
		}
		first = false
	}
	return append(dst, '}'), cut
}

// Edit changes one member of an object on the way out.
type Edit struct {
	Name string
	Text []byte // canonical JSON that takes the member's place; empty leaves it out
}

// AppendEdited appends the canonical form of the object v with the edits made
// to its own members: a named member is replaced, left out, or, where the
// object has none of that name, added. Names in edits must be distinct, of
// ASCII that needs no escape, and in ascending order. A v that is no object counts
// as an empty one.
func AppendEdited(dst []byte, v strictjson.Value, edits ...Edit) []byte {
	dst = append(dst, '{')
	first := true
	put := func(e *Edit) {
		if len(e.Text) == 0 {
			return
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(append(dst, '"'), e.Name...), '"', ':')
		dst = append(dst, e.Text...)
	}
	for key, member := range v.Sorted() {
		if len(edits) > 0 {
			name := key.Str()
			for len(edits) > 0 && edits[0].Name < name {
				put(&edits[0])
				edits = edits[1:]
			}
			if len(edits) > 0 && edits[0].Name == name {
				put(&edits[0])
				edits = edits[1:]
				continue
			}
		}
		var whole bool
		if dst, whole = appendMember(dst, key, member, first); !whole {
			dst = Append(dst, member)
		}
		first = false
	}
	for i := range edits {
		put(&edits[i])
	}
	return append(dst, '}')
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

// Package onepath tells whether everybody reads a path alike. It is the one rule
// for the paths of HTTP requests and for the resources, payees and audiences
// that a passport's wildcards cover.
package onepath

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What [Doubt] says. The sentences quote nothing of the path, so that they may
// be shown to whoever sent it.
const (
	Backslash  = `the path holds '\', which some readers take for '/'`
	Parameter  = "the path holds ';', behind which some readers cut a segment off"
	Control    = "the path holds a control or an invisible character"
	Encoding   = "the path holds a '%' that is not followed by two hexadecimal digits"
	Twice      = `the path holds '/', '\', '.', '%' or ';' percent-encoded, which some readers decode and others do not`
	NotUTF8    = "the path is not UTF-8"
	LooksAlike = "the path holds a character that some readers fold to '.', '/', '\\', '%' or ';'"
	Empty      = "the path holds an empty segment, which some readers leave out"
	Dots       = "the path holds a segment '.' or '..'"
	Blank      = "the path holds a segment of dots and blanks alone, which some readers shorten"
)

// Doubt returns what in a path some reader may take for another path, as one of
// the sentences above, or "" if there is one reading. Percent-encoding that is
// legal and means the same to everybody, such as %40, %2c or %C3%A9, is no
// doubt. A first '/' begins no empty segment and a last one ends none. '?' and
// '#' end a segment as '/' does: who takes the text for a URL sees a path end
// there. Such a reader may also fold a full-width '？' to '?', so that nothing,
// dots or blanks in front of one are a doubt, though it is none by itself: names
// of files have it.
func Doubt(path string) string {
	decoded, doubt := decode(path)
	if doubt != "" {
		return doubt
	}
	for _, r := range decoded {
		switch {
		case r == utf8.RuneError:
			return NotUTF8
		case r == '\\':
			return Backslash
		case r == ';':
			return Parameter
		case r < ' ' || r == 0x7f:
			return Control
		case r < utf8.RuneSelf:
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
			unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			return Control
		case unicode.Is(alike, r):
			return LooksAlike
		}
	}
	for rest, more := strings.TrimPrefix(decoded, "/"), true; more; {
		end := strings.IndexAny(rest, "/?#")
		segment := rest
		if more = end >= 0; more {
			segment, rest = rest[:end], rest[end+1:]
		}
		ended := more
		if fold := strings.IndexAny(segment, folded); fold >= 0 {
			segment, ended = segment[:fold], true
		}
		switch {
		case segment == "." || segment == "..":
			return Dots
		case segment == "" && ended:
			return Empty
		case segment != "" && strings.TrimLeftFunc(segment, dotOrBlank) == "":
			return Blank
		}
	}
	return ""
}

// folded are the characters that compatibility forms fold to a text with '?' or '#'.
const folded = "\u2047\u2048\u2049\ufe16\ufe56\ufe5f\uff03\uff1f"

// dotOrBlank: Windows, and what trims its input, drop these at the end of a
// segment, so that "..%20" or "..." is another segment to them.
func dotOrBlank(r rune) bool { return r == '.' || unicode.IsSpace(r) }

// decode undoes percent-encoding, once.
func decode(path string) (decoded, doubt string) {
	first := strings.IndexByte(path, '%')
	if first < 0 {
		return path, ""
	}
	out := append(make([]byte, 0, len(path)), path[:first]...)
	for i := first; i < len(path); i++ {
		if path[i] != '%' {
			out = append(out, path[i])
			continue
		}
		if i+2 >= len(path) {
			return "", Encoding
		}
		hi, lo := hex(path[i+1]), hex(path[i+2])
		if hi < 0 || lo < 0 {
			return "", Encoding
		}
		c := byte(hi<<4 | lo)
		if strings.IndexByte(`/\.%;`, c) >= 0 {
			return "", Twice
		}
		out, i = append(out, c), i+2
	}
	return string(out), ""
}

func hex(c byte) int {
	if c >= 'A' && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}

// alike are the characters that compatibility forms of Unicode (NFKC), names of
// hosts or older character sets fold to one of . / \ % ;
var alike = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00a5, 0x00a5, 1}, // the backslash of a Japanese set
		{0x037e, 0x037e, 1},
		{0x2024, 0x2026, 1},
		{0x2044, 0x2044, 1},
		{0x20a9, 0x20a9, 1}, // the backslash of a Korean set
		{0x2100, 0x2101, 1},
		{0x2105, 0x2106, 1},
		{0x2215, 0x2216, 1},
		{0x2488, 0x249b, 1},
		{0x29f5, 0x29f5, 1},
		{0x29f8, 0x29f9, 1},
		{0x3002, 0x3002, 1},
		{0x33c2, 0x33c2, 1},
		{0x33c7, 0x33c7, 1},
		{0x33d8, 0x33d8, 1},
		{0xfe14, 0xfe14, 1},
		{0xfe19, 0xfe19, 1},
		{0xfe30, 0xfe30, 1},
		{0xfe52, 0xfe52, 1},
		{0xfe54, 0xfe54, 1},
		{0xfe68, 0xfe68, 1},
		{0xfe6a, 0xfe6a, 1},
		{0xff05, 0xff05, 1},
		{0xff0e, 0xff0f, 1},
		{0xff1b, 0xff1b, 1},
		{0xff3c, 0xff3c, 1},
		{0xff61, 0xff61, 1},
	},
	R32:         []unicode.Range32{{0x1f100, 0x1f100, 1}},
	LatinOffset: 1,
}

package contexts

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsAbsoluteIRI reports whether s is an absolute IRI that every writer and
// reader of N-Quads takes the same: a scheme, then characters of RFC 3987 only,
// with well-formed percent escapes and no credentials in the authority. Spaces,
// controls, invisible and unassigned characters and < > " { } | \ ^ ` are
// refused: unescaped in N-Quads they would let two datasets be written alike.
// The length is not looked at.
func IsAbsoluteIRI(s string) bool {
	colon := SchemeEnd(s)
	if colon <= 0 || colon == len(s)-1 {
		return false
	}
	rest := s[colon+1:]
	if strings.HasPrefix(rest, "//") {
		end := 2
		for end < len(rest) && rest[end] != '/' && rest[end] != '?' && rest[end] != '#' {
			end++
		}
		if !validAuthority(rest[2:end]) {
			return false
		}
		rest = rest[end:]
	}
	return iriCharacters(rest)
}

// SchemeEnd returns the index of the colon behind a scheme of RFC 3986 section
// 3.1, or -1.
func SchemeEnd(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		case c == ':' && i > 0:
			return i
		default:
			return -1
		}
	}
	return -1
}

// validAuthority accepts a host with an optional port; user information is
// where a misleading host hides. An IP literal may stand in brackets.
func validAuthority(s string) bool {
	host := s
	if strings.HasPrefix(s, "[") {
		i := strings.IndexByte(s, ']')
		if i < 0 {
			return false
		}
		for _, c := range []byte(s[1:i]) {
			if !isHex(c) && c != ':' && c != '.' {
				return false
			}
		}
		host = s[i+1:]
	}
	name, port, hasPort := strings.Cut(host, ":")
	if strings.IndexByte(name, '@') >= 0 || (name == "") != (host != s) || !iriCharacters(name) {
		return false
	}
	for _, c := range []byte(port) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return !hasPort || port != ""
}

// iriByte says of each byte what it is in an IRI behind its scheme and
// authority.
var iriByte = func() (t [256]iriClass) {
	for c := range t {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			t[c] = iriPlain
		case c >= utf8.RuneSelf:
			t[c] = iriRune
		}
	}
	for _, c := range "-._~:/?@!$&'()*+,;=" { // unreserved, reserved without brackets
		t[c] = iriPlain
	}
	t['%'], t['#'] = iriPercent, iriHash
	return t
}()

type iriClass uint8

const (
	iriNone    iriClass = iota // may not stand there
	iriPlain                   // may stand anywhere
	iriPercent                 // two hexadecimal digits follow
	iriHash                    // may stand once
	iriRune                    // part of a character beyond ASCII
)

func iriCharacters(s string) bool {
	hash := false
	for i := 0; i < len(s); i++ {
		class := iriByte[s[i]]
		if class == iriPlain { // nearly all of them
			continue
		}
		switch class {
		case iriPercent:
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case iriHash:
			if hash {
				return false
			}
			hash = true
		case iriRune:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !IsVisible(r) {
				return false
			}
			i += size - 1
		default:
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// IsVisible reports whether r is an assigned character that shows itself:
// letters, marks, digits, punctuation, symbols. Controls, format characters
// (bidirectional and zero-width ones among them), spaces other than U+0020,
// private use, surrogates and unassigned code points are not.
func IsVisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r < 0x7F
	}
	switch r {
	case utf8.RuneError, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x034F, 0x2800: // shown as nothing
		return false
	}
	if unicode.Is(unicode.Variation_Selector, r) {
		return false
	}
	return unicode.IsOneOf(unicode.GraphicRanges, r) && !unicode.Is(unicode.Zs, r)
}

// IsVisibleText reports whether s is valid UTF-8, not empty, and made of
// visible characters only: what an identifier, an action or a currency may be.
func IsVisibleText(s string) bool {
	plain := 0 // most text is ASCII
	for plain < len(s) && s[plain] > ' ' && s[plain] < 0x7F {
		plain++
	}
	if plain == len(s) {
		return s != ""
	}
	for _, r := range s[plain:] {
		if !IsVisible(r) {
			return false
		}
	}
	return s != ""
}

// IsLanguageTag reports whether s is a well-formed language tag as N-Quads and
// Turtle take it: letters, then groups of letters and digits of at most eight
// characters (RFC 5646, section 2.1, without the registry).
func IsLanguageTag(s string) bool {
	for n, first := 0, true; ; first = false {
		for n = 0; n < len(s) && s[n] != '-'; n++ {
			c := s[n]
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (first || c < '0' || c > '9') {
				return false
			}
		}
		if n == 0 || n > 8 {
			return false
		}
		if n == len(s) {
			return true
		}
		s = s[n+1:]
	}
}

package grantex

import (
	"encoding/base64"
	"strings"
)

// strictBase64 takes one spelling: base64url, no padding, no bits that say nothing.
var strictBase64 = base64.RawURLEncoding.Strict()

// decode reads base64url text.
func (r Reading) decode(text string) ([]byte, bool) {
	if r == Strict {
		if strings.ContainsAny(text, "\r\n") { // which encoding/base64 skips
			return nil, false
		}
		b, err := strictBase64.DecodeString(text)
		return b, err == nil
	}
	// Node's decoder takes both alphabets, reads nothing behind a '=', and skips
	// whatever else is not of them, and whatever is left over at the end.
	text, _, _ = strings.Cut(text, "=")
	clean := strings.Map(func(c rune) rune {
		switch {
		case c == '-':
			return '+'
		case c == '_':
			return '/'
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '/':
			return c
		}
		return -1
	}, text)
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	b, err := base64.RawStdEncoding.DecodeString(clean)
	return b, err == nil
}

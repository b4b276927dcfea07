package did

import (
	"fmt"
	"strings"
)

// A URL is a DID URL that names one part of a DID document, in practice a key:
// did:web:issuer.example#key-1. It is a DID, '#' and a fragment.
//
// URLs are opaque and comparable, as a [DID] is. The zero URL names nothing.
type URL struct {
	s        string
	method   uint16
	fragment uint16 // where the DID ends: the '#'
}

// ParseURL reads a DID URL (W3C DID Core 1.0, section 3.2) of at most 2,048
// bytes. It refuses, with [ErrInvalidDID], relative URLs, a missing or empty
// fragment, and a path, query or parameter: they ask for another document than
// the one that the DID names.
func ParseURL(s string) (URL, error) {
	if len(s) > defaults.DIDBytes {
		return URL{}, fmt.Errorf("%w: a DID URL of %d bytes, want at most %d", ErrInvalidDID, len(s), defaults.DIDBytes)
	}
	hash := strings.IndexByte(s, '#')
	if hash < 0 {
		return URL{}, fmt.Errorf("%w: %.64q names no key, want a DID followed by '#' and a fragment", ErrInvalidDID, s)
	}
	d, err := Parse(s[:hash])
	if err != nil {
		return URL{}, err
	}
	if hash+1 == len(s) {
		return URL{}, fmt.Errorf("%w: %.64q has an empty fragment", ErrInvalidDID, s)
	}
	for i := hash + 1; i < len(s); i++ {
		switch {
		case fragmentChar[s[i]]:
		case isEscape(s[i:]):
			i += 2
		default:
			return URL{}, fmt.Errorf("%w: character %q in the fragment of %.64q", ErrInvalidDID, runeAt(s, i), s)
		}
	}
	return URL{s: s, method: d.method, fragment: uint16(hash)}, nil
}

// fragmentChar has the characters that may be in a fragment (RFC 3986, section 3.5)
// as they are.
var fragmentChar = func() (t [256]bool) {
	for c := range t {
		t[c] = isIDChar(byte(c)) || strings.IndexByte("~!$&'()*+,;=:@/?", byte(c)) >= 0
	}
	return t
}()

// DID returns the DID in front of the fragment; the zero DID for the zero URL.
func (u URL) DID() DID { return DID{s: u.s[:u.fragment], method: u.method} }

// Fragment returns what follows the '#', not decoded; "" for the zero URL.
func (u URL) Fragment() string {
	if u.IsZero() {
		return ""
	}
	return u.s[u.fragment+1:]
}

// String returns the text of the URL; "" for the zero URL.
func (u URL) String() string { return u.s }

// IsZero reports whether u is the zero URL, which names nothing.
func (u URL) IsZero() bool { return u.s == "" }

// MarshalText returns the text of the URL, empty for the zero URL.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.s), nil }

// UnmarshalText is [ParseURL]. Empty text gives the zero URL.
func (u *URL) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*u = URL{}
		return nil
	}
	parsed, err := ParseURL(string(text))
	if err != nil {
		return err
	}
	*u = parsed
	return nil
}

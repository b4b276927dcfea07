package did

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// defaults are the bounds of everything in this package that is parsed without
// bounds of the caller's own. Never written to.
var defaults = limits.Default()

// A DID is a decentralized identifier, such as did:web:issuer.example.
//
// DIDs are opaque and comparable: two are equal if their text is, byte for
// byte, so a DID may be a map key. The zero DID is not an identifier; see
// [DID.IsZero].
type DID struct {
	s      string
	method uint16 // where the method name ends: the second colon
}

const scheme = "did:"

// Parse reads a DID (W3C DID Core 1.0, section 3.1) of at most 2,048 bytes. It
// refuses, with [ErrInvalidDID], what is a DID URL and no DID: a path, a query,
// a parameter, a fragment. The text is not normalised: scheme and method name
// must be in lower case already, and there may be no white space around it.
//
// Whether the method's own rules hold is for its [Resolver] to say.
func Parse(s string) (DID, error) {
	if len(s) > defaults.DIDBytes {
		return DID{}, fmt.Errorf("%w: %d bytes, want at most %d", ErrInvalidDID, len(s), defaults.DIDBytes)
	}
	if !strings.HasPrefix(s, scheme) {
		return DID{}, fmt.Errorf("%w: %.64q does not begin with %q", ErrInvalidDID, s, scheme)
	}
	method := len(scheme)
	for method < len(s) && isMethodChar(s[method]) {
		method++
	}
	if method == len(scheme) || method == len(s) || s[method] != ':' {
		return DID{}, fmt.Errorf("%w: %.64q has no method name of lower-case letters and digits before a second colon", ErrInvalidDID, s)
	}
	for i := method + 1; i < len(s); i++ {
		switch c := s[i]; {
		case isIDChar(c) || c == ':':
		case c == '%' && isEscape(s[i:]):
			i += 2
		default:
			return DID{}, fmt.Errorf("%w: character %q at byte %d of %.64q, want letters, digits, '.', '-', '_', ':' or %%XX",
				ErrInvalidDID, runeAt(s, i), i, s)
		}
	}
	// The last part of a method-specific id is not empty.
	if s[len(s)-1] == ':' {
		return DID{}, fmt.Errorf("%w: %.64q ends with a colon", ErrInvalidDID, s)
	}
	return DID{s: s, method: uint16(method)}, nil
}

// runeAt returns the whole character at a byte of s, for a message.
func runeAt(s string, i int) rune {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return r
}

func isMethodChar(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func isIDChar(c byte) bool {
	return isMethodChar(c) || 'A' <= c && c <= 'Z' || c == '.' || c == '-' || c == '_'
}

// isEscape reports whether s begins with a percent-encoded byte.
func isEscape(s string) bool { return len(s) >= 3 && s[0] == '%' && isHex(s[1]) && isHex(s[2]) }

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Method returns the method name, such as "web"; "" for the zero DID.
func (d DID) Method() string {
	if d.IsZero() {
		return ""
	}
	return d.s[len(scheme):d.method]
}

// SpecificID returns what follows the method name and its colon, such as
// "issuer.example"; "" for the zero DID.
func (d DID) SpecificID() string {
	if d.IsZero() {
		return ""
	}
	return d.s[d.method+1:]
}

// String returns the text of the DID; "" for the zero DID.
func (d DID) String() string { return d.s }

// IsZero reports whether d is the zero DID, which names nobody.
func (d DID) IsZero() bool { return d.s == "" }

// URL returns the DID URL of the part of d's document that has this fragment,
// given without '#'. It fails with [ErrInvalidDID] as [ParseURL] does.
func (d DID) URL(fragment string) (URL, error) { return ParseURL(d.s + "#" + fragment) }

// MarshalText returns the text of the DID, empty for the zero DID.
func (d DID) MarshalText() ([]byte, error) { return []byte(d.s), nil }

// UnmarshalText is [Parse]. Empty text gives the zero DID.
func (d *DID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = DID{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

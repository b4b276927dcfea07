// Package multibase reads and writes the few self-describing text forms that
// this library uses: base58btc ("z…"), base64url without padding ("u…") and the
// SHA-256 multihash.
//
// Every decoder is strict: each byte string has exactly one accepted text.
package multibase

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// sha256Head is the multihash header of SHA-256.
var sha256Head = [2]byte{0x12, 0x20}

// ErrForm is wrapped by every decoding error of this package.
var ErrForm = errors.New("multibase")

// DecodeBase64URL decodes base64url without padding. It refuses white space,
// padding, other alphabets and non-zero trailing bits.
func DecodeBase64URL(s string) ([]byte, error) {
	return appendBase64URL(make([]byte, 0, base64.RawURLEncoding.DecodedLen(len(s))), s)
}

func appendBase64URL(dst []byte, s string) ([]byte, error) {
	// encoding/base64 skips CR and LF even in strict mode.
	for i := range len(s) {
		if s[i] == '\n' || s[i] == '\r' {
			return nil, fmt.Errorf("%w: line break at byte %d of a base64url text", ErrForm, i)
		}
	}
	dst, err := base64.RawURLEncoding.Strict().AppendDecode(dst, []byte(s))
	if err != nil {
		return nil, fmt.Errorf("%w: not base64url without padding: %w", ErrForm, err)
	}
	return dst, nil
}

// EncodeBase64URL encodes to base64url without padding.
func EncodeBase64URL(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Digest returns the digest of data as this library writes digests everywhere:
// the SHA-256 multihash in multibase base64url ("uEi…").
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return EncodeDigest(sum)
}

// EncodeDigest writes a SHA-256 value as [Digest] does.
func EncodeDigest(sum [sha256.Size]byte) string {
	var raw [2 + sha256.Size]byte
	copy(raw[:], sha256Head[:])
	copy(raw[2:], sum[:])
	var text [digestLen]byte
	return string(base64.RawURLEncoding.AppendEncode(append(text[:0], 'u'), raw[:]))
}

// digestLen is the length of every digest: "u" and 34 bytes in base64url.
const digestLen = 1 + (8*(2+sha256.Size)+5)/6

// DecodeDigest reads the one accepted spelling of a digest: "u", base64url
// without padding, SHA-256 multihash.
func DecodeDigest(s string) (sum [sha256.Size]byte, err error) {
	if len(s) == 0 || s[0] != 'u' {
		return sum, fmt.Errorf("%w: a digest begins with 'u' (base64url), not %.8q", ErrForm, s)
	}
	if len(s) != digestLen {
		return sum, fmt.Errorf("%w: a digest has %d characters, this text %d", ErrForm, digestLen, len(s))
	}
	var space [digestLen]byte
	raw, err := appendBase64URL(space[:0], s[1:])
	if err != nil {
		return sum, err
	}
	if len(raw) != 2+sha256.Size || [2]byte(raw[:2]) != sha256Head {
		return sum, fmt.Errorf("%w: a digest is a SHA-256 multihash of 34 bytes", ErrForm)
	}
	return [sha256.Size]byte(raw[2:]), nil
}

// KeyBytes is the most that [DecodeKey] decodes.
const KeyBytes = 128

// EncodeKey writes Multikey text ("z…"): a multicodec header, as a varint, and
// the key behind it.
func EncodeKey(header, key string) string { return "z" + EncodeBase58([]byte(header+key)) }

// DecodeKey reads Multikey text into dst and returns the multicodec header with
// the key behind it. It judges neither; see package did.
func DecodeKey(dst []byte, s string) ([]byte, error) {
	if len(s) == 0 || s[0] != 'z' {
		return nil, fmt.Errorf("%w: a Multikey begins with 'z' (base58btc)", ErrForm)
	}
	n, err := DecodeBase58(dst, s[1:])
	return dst[:n], err
}

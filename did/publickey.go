package did

import (
	"crypto"
	"fmt"
)

// A PublicKey verifies signatures. It is immutable, safe for concurrent use and
// comparable: two are equal if algorithm and bytes are, and it may be a map
// key. Every way to make one refuses, with [ErrKey], a key that no honest party
// has; so a PublicKey that is not zero was checked. The zero PublicKey verifies
// nothing.
type PublicKey struct {
	algorithm Algorithm
	raw       string
}

// NewPublicKey returns the key with these bytes, in the algorithm's own
// encoding: for [Ed25519] the 32 bytes of RFC 8032. It fails with [ErrKey] if
// the size is wrong, if the key is weak (a point of small order), and if the
// same point has another spelling that is the right one.
func NewPublicKey(a Algorithm, raw []byte) (PublicKey, error) {
	row := a.row()
	if row == nil {
		return PublicKey{}, fmt.Errorf("%w: a public key of no known algorithm", ErrKey)
	}
	if len(raw) != row.publicBytes {
		return PublicKey{}, fmt.Errorf("%w: an %s public key of %d bytes, want %d", ErrKey, row.name, len(raw), row.publicBytes)
	}
	key := string(raw)
	if err := row.check(key); err != nil {
		return PublicKey{}, err
	}
	return PublicKey{a, key}, nil
}

// PublicKeyOf returns a key of package crypto as a PublicKey: an
// [ed25519.PublicKey]. It fails as [NewPublicKey] does, and for every other
// type.
func PublicKeyOf(key crypto.PublicKey) (PublicKey, error) {
	for a := 1; a < len(algorithms); a++ {
		if raw, ok := algorithms[a].public(key); ok {
			return NewPublicKey(Algorithm(a), raw)
		}
	}
	return PublicKey{}, fmt.Errorf("%w: the key is a %T, want %s", ErrKey, key, names(func(row *algorithm) string { return row.name }))
}

// Algorithm returns what the key verifies; 0 for the zero PublicKey.
func (k PublicKey) Algorithm() Algorithm { return k.algorithm }

// IsZero reports whether k is the zero PublicKey, which is not a key.
func (k PublicKey) IsZero() bool { return k.algorithm == 0 }

// Equal reports whether k and other are the same key, as == does.
func (k PublicKey) Equal(other PublicKey) bool { return k == other }

// Bytes returns a copy of the key in the encoding of [NewPublicKey]; nil for
// the zero PublicKey.
func (k PublicKey) Bytes() []byte {
	if k.IsZero() {
		return nil
	}
	return []byte(k.raw)
}

// Crypto returns a copy of the key in its type of package crypto, such as
// [ed25519.PublicKey]; nil for the zero PublicKey.
func (k PublicKey) Crypto() crypto.PublicKey {
	row := k.algorithm.row()
	if row == nil {
		return nil
	}
	return row.standard([]byte(k.raw))
}

// Verify reports whether sig is the signature of msg under k. It is false, and
// never a panic, for a signature of the wrong size and for the zero PublicKey.
func (k PublicKey) Verify(msg, sig []byte) bool {
	row := k.algorithm.row()
	return row != nil && row.verify(k.raw, msg, sig)
}

// String returns the Multikey text of the key; "" for the zero PublicKey.
func (k PublicKey) String() string { return k.Multikey() }

// MarshalText returns the Multikey text, empty for the zero PublicKey.
func (k PublicKey) MarshalText() ([]byte, error) { return []byte(k.Multikey()), nil }

// UnmarshalText is [ParseMultikey]. Empty text gives the zero PublicKey.
func (k *PublicKey) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*k = PublicKey{}
		return nil
	}
	parsed, err := ParseMultikey(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// must refuses the zero PublicKey where a key has to be written.
func (k PublicKey) must() error {
	if k.IsZero() {
		return fmt.Errorf("%w: there is no public key", ErrKey)
	}
	return nil
}

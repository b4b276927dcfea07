package did

import (
	"fmt"

	"github.com/safeconduct/safeconduct/internal/multibase"
)

// ParseMultikey reads a public key in its Multikey text, "z6Mk…" for Ed25519
// (Controlled Identifiers 1.0, section 2.2.2). A multicodec of no [Algorithm],
// any other base than base58btc and any key that [NewPublicKey] refuses is an
// [ErrKey].
func ParseMultikey(text string) (PublicKey, error) {
	var space [multibase.KeyBytes]byte
	raw, err := multibase.DecodeKey(space[:], text)
	if err != nil {
		return PublicKey{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	for a := 1; a < len(algorithms); a++ {
		if h := algorithms[a].header; len(raw) >= len(h) && string(raw[:len(h)]) == h {
			return NewPublicKey(Algorithm(a), raw[len(h):])
		}
	}
	return PublicKey{}, fmt.Errorf("%w: not a multicodec of a key that is used here, want %s", ErrKey, names(func(row *algorithm) string { return row.codec }))
}

// Multikey returns the key as Multikey text, "z6Mk…" for Ed25519; "" for the
// zero PublicKey.
func (k PublicKey) Multikey() string {
	if k.IsZero() {
		return ""
	}
	return multibase.EncodeKey(k.algorithm.row().header, k.raw)
}

// ParseSecretMultikey reads a private key in its secret Multikey text, "z3u2…"
// for Ed25519. Its errors wrap [ErrKey] and never quote the text.
func ParseSecretMultikey(text string) (*KeyPair, error) {
	var space [multibase.KeyBytes]byte
	raw, err := multibase.DecodeKey(space[:], text)
	if err == nil {
		for a := 1; a < len(algorithms); a++ {
			h := algorithms[a].secretHeader
			if len(raw) == len(h)+algorithms[a].secretBytes && string(raw[:len(h)]) == h {
				return newKeyPair(Algorithm(a), raw[len(h):])
			}
		}
	}
	// The cause may quote a character of the secret.
	return nil, fmt.Errorf("%w: not a secret Multikey, want %s", ErrKey, names(func(row *algorithm) string { return row.secretCodec }))
}

// SecretMultikey returns the private key in its secret Multikey text, "z3u2…"
// for Ed25519; "" for the zero KeyPair.
func (k *KeyPair) SecretMultikey() string {
	if k.isZero() {
		return ""
	}
	return multibase.EncodeKey(k.Algorithm().row().secretHeader, string(k.secret()))
}

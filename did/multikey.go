package did

import (
	"crypto/ed25519"
	"fmt"

	"github.com/safeconduct/safeconduct/internal/multibase"
)

// ParseMultikey reads a public key in its Multikey text, "z6Mk…" (Controlled
// Identifiers 1.0, section 2.2.2). Any other multicodec than ed25519-pub, any
// other base than base58btc and any key that [CheckPublicKey] refuses is an
// [ErrKey].
func ParseMultikey(text string) (ed25519.PublicKey, error) {
	key, err := multibase.DecodeEd25519Public(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if err := CheckPublicKey(key); err != nil {
		return nil, err
	}
	return key, nil
}

// Multikey returns the Multikey text of a public key, "z6Mk…". It fails as
// [CheckPublicKey] does.
func Multikey(key ed25519.PublicKey) (string, error) {
	if err := CheckPublicKey(key); err != nil {
		return "", err
	}
	return multibase.EncodeEd25519Public(key), nil
}

// ParseSecretMultikey reads a private key in its secret Multikey text, "z3u2…".
// Its errors wrap [ErrKey] and never quote the text.
func ParseSecretMultikey(text string) (*KeyPair, error) {
	seed, err := multibase.DecodeEd25519Secret(text)
	if err != nil {
		// The cause may quote a character of the secret.
		return nil, fmt.Errorf("%w: not the secret Multikey of an Ed25519 key", ErrKey)
	}
	return newKeyPair(seed)
}

// SecretMultikey returns the private key in its secret Multikey text, "z3u2…";
// "" for the zero KeyPair.
func (k *KeyPair) SecretMultikey() string {
	if k.seed() == nil {
		return ""
	}
	return multibase.EncodeEd25519Secret(k.seed())
}

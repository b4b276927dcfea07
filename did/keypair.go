package did

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
)

// A KeyPair is an Ed25519 private key with its did:key identity. It is a
// [Signer]. It is immutable and safe for concurrent use; the zero KeyPair has
// no key, and signs nothing.
//
// However it is printed, logged or marshalled, only its public identity shows.
// What writes the secret out says so in its name: [KeyPair.PrivateKey],
// [KeyPair.PrivatePEM], [KeyPair.PrivateJWK], [KeyPair.SecretMultikey].
type KeyPair struct {
	id URL
	// The secret is behind a func because no printer looks into one, not even
	// those that follow pointers and ignore methods. It also keeps the type
	// from being compared with ==.
	secret func() ed25519.PrivateKey
}

var _ Signer = (*KeyPair)(nil)

// GenerateKey makes a new key pair from the system's randomness.
func GenerateKey() (*KeyPair, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("did: generating a key: %w", err)
	}
	return newKeyPair(private.Seed())
}

// NewKeyPair returns the key pair of a private key, which it copies. It
// refuses, with [ErrKey], a key of the wrong length and one whose public half
// does not belong to its private half: signing with such a key gives the
// private half away.
func NewKeyPair(key ed25519.PrivateKey) (*KeyPair, error) {
	if err := checkPrivateKey(key); err != nil {
		return nil, err
	}
	return newKeyPair(key.Seed())
}

func checkPrivateKey(key ed25519.PrivateKey) error {
	if len(key) != ed25519.PrivateKeySize {
		return fmt.Errorf("%w: an Ed25519 private key of %d bytes, want %d", ErrKey, len(key), ed25519.PrivateKeySize)
	}
	if !bytes.Equal(ed25519.NewKeyFromSeed(key.Seed())[ed25519.SeedSize:], key[ed25519.SeedSize:]) {
		return fmt.Errorf("%w: an Ed25519 private key whose public half belongs to another", ErrKey)
	}
	return nil
}

func newKeyPair(seed []byte) (*KeyPair, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%w: an Ed25519 seed of %d bytes, want %d", ErrKey, len(seed), ed25519.SeedSize)
	}
	private := ed25519.NewKeyFromSeed(seed)
	id, err := NewKeyDID(ed25519.PublicKey(private[ed25519.SeedSize:]))
	if err != nil {
		return nil, err
	}
	url, err := id.URL(id.SpecificID())
	if err != nil {
		return nil, err
	}
	return &KeyPair{id: url, secret: func() ed25519.PrivateKey { return private }}, nil
}

// seed returns the private half, nil for the zero KeyPair. It is not a copy.
func (k *KeyPair) seed() []byte {
	if k == nil || k.secret == nil {
		return nil
	}
	return k.secret()[:ed25519.SeedSize]
}

// DID returns the did:key of the pair; the zero DID for the zero KeyPair.
func (k *KeyPair) DID() DID { return k.KeyID().DID() }

// KeyID returns the DID URL of the key in the document of its did:key.
func (k *KeyPair) KeyID() URL {
	if k == nil {
		return URL{}
	}
	return k.id
}

// PublicKey returns a copy of the public key; nil for the zero KeyPair.
func (k *KeyPair) PublicKey() ed25519.PublicKey {
	if k == nil || k.secret == nil {
		return nil
	}
	return bytes.Clone(k.secret()[ed25519.SeedSize:])
}

// PrivateKey returns a copy of the private key, the secret itself; nil for the
// zero KeyPair. It is a [crypto.Signer], for [NewSigner] under another name
// than the did:key.
func (k *KeyPair) PrivateKey() ed25519.PrivateKey {
	if k == nil || k.secret == nil {
		return nil
	}
	return bytes.Clone(k.secret())
}

// Sign signs msg. It fails if ctx is done, and for the zero KeyPair.
func (k *KeyPair) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	if k == nil || k.secret == nil {
		return nil, errors.New("did: signing with a zero KeyPair")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return ed25519.Sign(k.secret(), msg), nil
}

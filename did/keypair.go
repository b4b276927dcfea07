package did

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/internal/callctx"
)

// A KeyPair is a private key with its did:key identity. It is a [Signer]. It is
// immutable and safe for concurrent use; the zero KeyPair has no key, and signs
// nothing.
//
// However it is printed, logged or marshalled, only its public identity shows.
// What writes the secret out says so in its name: [KeyPair.PrivateKey],
// [KeyPair.PrivatePEM], [KeyPair.PrivateJWK], [KeyPair.SecretMultikey].
type KeyPair struct {
	id     URL
	public PublicKey
	// The private key is behind a func because no printer looks into one, not
	// even those that follow pointers and ignore methods. It also keeps the
	// type from being compared with ==.
	private func() crypto.Signer
}

var _ Signer = (*KeyPair)(nil)

// GenerateKey makes a new [Ed25519] key pair from the system's randomness.
func GenerateKey() (*KeyPair, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("did: generating a key: %w", err)
	}
	return newKeyPair(Ed25519, private.Seed())
}

// NewKeyPair returns the key pair of a private key of package crypto, an
// [ed25519.PrivateKey], which it copies. It refuses, with [ErrKey], a key of
// another type, a key of the wrong length and one whose public half does not
// belong to its private half: signing with such a key gives the private half
// away.
func NewKeyPair(key crypto.Signer) (*KeyPair, error) {
	pair, ok, err := localKeyPair(key)
	if err == nil && !ok {
		err = fmt.Errorf("%w: the private key is a %T, want %s", ErrKey, key, names(func(row *algorithm) string { return row.name }))
	}
	return pair, err
}

// localKeyPair returns the key pair of a private key that is at hand; ok is
// false if the key is somewhere else, or of another algorithm.
func localKeyPair(key crypto.Signer) (pair *KeyPair, ok bool, err error) {
	for a := 1; a < len(algorithms); a++ {
		secret, ok, err := algorithms[a].secret(key)
		switch {
		case err != nil:
			return nil, true, err
		case ok:
			pair, err := newKeyPair(Algorithm(a), secret)
			return pair, true, err
		}
	}
	return nil, false, nil
}

func newKeyPair(a Algorithm, secret []byte) (*KeyPair, error) {
	row := a.row()
	if len(secret) != row.secretBytes {
		return nil, fmt.Errorf("%w: an %s private key of %d bytes, want %d", ErrKey, row.name, len(secret), row.secretBytes)
	}
	private := row.private(secret)
	public, err := PublicKeyOf(private.Public())
	if err != nil {
		return nil, err
	}
	id, err := NewKeyDID(public)
	if err != nil {
		return nil, err
	}
	url, err := id.URL(id.SpecificID())
	if err != nil {
		return nil, err
	}
	return &KeyPair{id: url, public: public, private: func() crypto.Signer { return private }}, nil
}

func (k *KeyPair) isZero() bool { return k == nil || k.private == nil }

// secret returns a copy of the private half; the pair is not zero.
func (k *KeyPair) secret() []byte {
	raw, _, _ := k.Algorithm().row().secret(k.private())
	return raw
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

// Algorithm returns what the pair signs with; 0 for the zero KeyPair.
func (k *KeyPair) Algorithm() Algorithm { return k.PublicKey().algorithm }

// PublicKey returns the public key; the zero PublicKey for the zero KeyPair.
func (k *KeyPair) PublicKey() PublicKey {
	if k == nil {
		return PublicKey{}
	}
	return k.public
}

// PrivateKey returns a copy of the private key, the secret itself, in its type
// of package crypto, such as [ed25519.PrivateKey]; nil for the zero KeyPair. It
// is for [NewSigner] under another name than the did:key.
func (k *KeyPair) PrivateKey() crypto.Signer {
	if k.isZero() {
		return nil
	}
	return k.Algorithm().row().private(k.secret())
}

// Sign signs msg. It fails if ctx is done, and for the zero KeyPair.
func (k *KeyPair) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	if k.isZero() {
		return nil, errors.New("did: signing with a zero KeyPair")
	}
	if err := callctx.Err(ctx); err != nil {
		return nil, err
	}
	// Hash(0) says that msg is the message and not its hash; nil would panic.
	return k.private().Sign(rand.Reader, msg, crypto.Hash(0))
}

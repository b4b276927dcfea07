package did

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
)

// A Signer signs with one Ed25519 key and knows under which name verifiers
// find it. Implementations are safe for concurrent use.
type Signer interface {
	// KeyID returns the DID URL that verifiers resolve to the public key.
	KeyID() URL
	// Sign returns the 64 bytes of the Ed25519 signature of msg.
	Sign(ctx context.Context, msg []byte) ([]byte, error)
}

// A ContextSigner is what a key given to [NewSigner] may also be, if its
// signing can be interrupted: a key in a KMS, behind a network.
type ContextSigner interface {
	Public() crypto.PublicKey
	// SignContext returns the 64 bytes of the Ed25519 signature of msg. It
	// returns soon after ctx is done.
	SignContext(ctx context.Context, msg []byte) ([]byte, error)
}

// NewSigner returns a Signer that signs with key under the name id. The key
// may live in a KMS or HSM: it is called through [crypto.SignMessage], with
// the message itself and [crypto.Hash](0), or through its
// [ContextSigner.SignContext] if it has that. An [ed25519.PrivateKey] is copied.
//
// It fails with [ErrKey] if key is nil or not an Ed25519 key, if
// [CheckPublicKey] refuses it, and if id is a did:key or did:jwk of another
// key; with [ErrInvalidDID] if id is zero. For other methods the caller
// answers for the document listing this key under this id.
//
// A signature from a key that is not an [ed25519.PrivateKey] is verified
// before it is returned: a KMS set to the wrong key or to a pre-hashed variant
// is found by the signer and not by everybody else.
func NewSigner(id URL, key crypto.Signer) (Signer, error) {
	if id.IsZero() {
		return nil, fmt.Errorf("%w: a signer needs the DID URL of its key", ErrInvalidDID)
	}
	if key == nil {
		return nil, fmt.Errorf("%w: no key to sign with", ErrKey)
	}
	if private, ok := key.(*ed25519.PrivateKey); ok {
		if private == nil {
			return nil, fmt.Errorf("%w: no key to sign with", ErrKey)
		}
		key = *private
	}
	s := &signer{id: id}
	var public ed25519.PublicKey
	if private, ok := key.(ed25519.PrivateKey); ok {
		pair, err := NewKeyPair(private)
		if err != nil {
			return nil, err
		}
		public, s.sign = pair.PublicKey(), pair.Sign
	} else {
		if public, ok = key.Public().(ed25519.PublicKey); !ok {
			return nil, fmt.Errorf("%w: the key to sign with is a %T, want Ed25519", ErrKey, key.Public())
		}
		if err := CheckPublicKey(public); err != nil {
			return nil, err
		}
		s.sign = remote{key, bytes.Clone(public)}.sign
	}
	if err := checkOwnName(id, public); err != nil {
		return nil, err
	}
	return s, nil
}

// checkOwnName refuses an id that says itself which key it names, if that is
// another key.
func checkOwnName(id URL, public ed25519.PublicKey) error {
	named, err := (keyMethods{}).ResolveKey(context.Background(), id, AssertionMethod)
	switch {
	case errors.Is(err, ErrMethodNotSupported):
		return nil
	case err != nil:
		return err
	case !bytes.Equal(named, public):
		return fmt.Errorf("%w: %s names another key than the one to sign with", ErrKey, id)
	}
	return nil
}

type signer struct {
	id   URL
	sign func(ctx context.Context, msg []byte) ([]byte, error) // hides the key from printers
}

func (s *signer) KeyID() URL { return s.id }

func (s *signer) String() string { return "did.Signer(" + s.id.String() + ")" }

func (s *signer) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sig, err := s.sign(ctx, msg)
	if err != nil {
		return nil, fmt.Errorf("did: signing as %s: %w", s.id, err)
	}
	return sig, nil
}

// remote is a key that somebody else holds.
type remote struct {
	key    crypto.Signer
	public ed25519.PublicKey
}

func (r remote) sign(ctx context.Context, msg []byte) (sig []byte, err error) {
	if key, ok := r.key.(ContextSigner); ok {
		sig, err = key.SignContext(ctx, msg)
	} else {
		// Hash(0) says that msg is the message and not its hash; nil would panic.
		sig, err = crypto.SignMessage(r.key, rand.Reader, msg, crypto.Hash(0))
	}
	if err != nil {
		return nil, err
	}
	if len(sig) != ed25519.SignatureSize {
		return nil, fmt.Errorf("%w: it gave a signature of %d bytes, want %d", ErrKey, len(sig), ed25519.SignatureSize)
	}
	if !Verify(r.public, msg, sig) {
		return nil, fmt.Errorf("%w: it gave a signature that does not verify under its public key", ErrKey)
	}
	return sig, nil
}

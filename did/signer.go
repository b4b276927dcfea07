package did

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
)

// A Signer signs with one key and knows under which name verifiers find it. Implementations are safe for concurrent use.
type Signer interface {
	// KeyID returns the DID URL that verifiers resolve to the public key.
	KeyID() URL
	// Algorithm returns what it signs with.
	Algorithm() Algorithm
	// Sign returns the signature of msg, of Algorithm().SignatureBytes() bytes.
	Sign(ctx context.Context, msg []byte) ([]byte, error)
}

// A ContextSigner is what a key given to [NewSigner] may also be, if its
// signing can be interrupted: a key in a KMS, behind a network.
type ContextSigner interface {
	Public() crypto.PublicKey
	// SignContext returns the signature of msg, for Ed25519 its 64 bytes. It
	// returns soon after ctx is done.
	SignContext(ctx context.Context, msg []byte) ([]byte, error)
}

// NewSigner returns a Signer that signs with key under the name id. The key
// may live in a KMS or HSM: it is called through [crypto.SignMessage], with
// the message itself and [crypto.Hash](0), or through its
// [ContextSigner.SignContext] if it has that. A key of package crypto that is at
// hand, an [ed25519.PrivateKey], is copied.
//
// It fails with [ErrKey] if key is nil or of no [Algorithm], if [NewPublicKey]
// refuses its public half, and if id is a did:key or did:jwk of another key;
// with [ErrInvalidDID] if id is zero. For other methods the caller answers for
// the document listing this key under this id.
//
// A signature from a key that is somewhere else is verified before it is returned: a KMS set to the wrong key or to a pre-hashed variant
// is found by the signer and not by everybody else.
func NewSigner(id URL, key crypto.Signer) (Signer, error) {
	if id.IsZero() {
		return nil, fmt.Errorf("%w: a signer needs the DID URL of its key", ErrInvalidDID)
	}
	if key == nil {
		return nil, fmt.Errorf("%w: no key to sign with", ErrKey)
	}
	s := &signer{id: id}
	pair, ok, err := localKeyPair(key)
	switch {
	case err != nil:
		return nil, err
	case ok:
		s.public, s.sign = pair.PublicKey(), pair.Sign
	default:
		if s.public, err = PublicKeyOf(key.Public()); err != nil {
			return nil, fmt.Errorf("the key to sign with: %w", err)
		}
		s.sign = remote{key, s.public}.sign
	}
	if err := checkOwnName(id, s.public); err != nil {
		return nil, err
	}
	return s, nil
}

// checkOwnName refuses an id that says itself which key it names, if that is
// another key.
func checkOwnName(id URL, public PublicKey) error {
	named, err := (keyMethods{}).ResolveKey(context.Background(), id, AssertionMethod, time.Time{})
	switch {
	case errors.Is(err, ErrMethodNotSupported):
		return nil
	case err != nil:
		return err
	case named != public:
		return fmt.Errorf("%w: %s names another key than the one to sign with", ErrKey, id)
	}
	return nil
}

type signer struct {
	id     URL
	public PublicKey
	sign   func(ctx context.Context, msg []byte) ([]byte, error) // hides the key from printers
}

func (s *signer) KeyID() URL { return s.id }

func (s *signer) Algorithm() Algorithm { return s.public.algorithm }

// PublicKey returns the public half, as that of a [KeyPair] does.
func (s *signer) PublicKey() PublicKey { return s.public }

func (s *signer) String() string { return "did.Signer(" + s.id.String() + ")" }

func (s *signer) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	if err := callctx.Err(ctx); err != nil {
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
	public PublicKey
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
	if want := r.public.algorithm.SignatureBytes(); len(sig) != want {
		return nil, fmt.Errorf("%w: it gave a signature of %d bytes, want %d", ErrKey, len(sig), want)
	}
	if !r.public.Verify(msg, sig) {
		return nil, fmt.Errorf("%w: it gave a signature that does not verify under its public key", ErrKey)
	}
	return sig, nil
}

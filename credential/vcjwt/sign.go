package vcjwt

import (
	"context"
	"crypto/ed25519"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/safeconduct/safeconduct/did"
)

// sign makes the compact form. The header's members are in the order of their
// names, so that one document, key and kind give one token.
func sign(ctx context.Context, signer did.Signer, payload []byte, typ string) (string, error) {
	options := new(jose.SignerOptions).WithType(jose.ContentType(typ))
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(signer.Algorithm().JOSE()), Key: opaque{ctx, signer}}, options)
	if err != nil {
		return "", err
	}
	signed, err := s.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// opaque lends a did.Signer, whose key may be far away, to go-jose. It lives
// for one signature, which is why it may carry a context.
type opaque struct {
	ctx    context.Context
	signer did.Signer
}

var _ jose.OpaqueSigner = opaque{}

// Public gives go-jose the kid of the header. The key itself is not needed.
func (o opaque) Public() *jose.JSONWebKey {
	return &jose.JSONWebKey{KeyID: o.signer.KeyID().String(), Key: ed25519.PublicKey(nil)}
}

func (o opaque) Algs() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.SignatureAlgorithm(o.signer.Algorithm().JOSE())}
}

func (o opaque) SignPayload(payload []byte, _ jose.SignatureAlgorithm) ([]byte, error) {
	sig, err := o.signer.Sign(o.ctx, payload)
	if err != nil {
		return nil, err
	}
	if want := o.signer.Algorithm().SignatureBytes(); len(sig) != want {
		return nil, fmt.Errorf("signer %s gave a signature of %d bytes, want %d", o.signer.KeyID(), len(sig), want)
	}
	return sig, nil
}

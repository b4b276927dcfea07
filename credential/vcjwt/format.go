package vcjwt

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// The media types of what is enveloped.
const (
	MediaTypeCredential   = "application/vc+jwt"
	MediaTypePresentation = "application/vp+jwt"
)

// Format returns the format vc+jwt for credentials and vp+jwt for
// presentations. It has no state and is safe for concurrent use.
func Format() credential.Format { return format{} }

type format struct{}

// Open takes a token apart and reads its header. It keeps a copy of raw.
func (format) Open(raw []byte, want credential.Kind) (*credential.Envelope, error) {
	typ, media, err := names(want)
	if err != nil {
		return nil, err
	}
	if !looksLikeJWT(raw) {
		return nil, credential.ErrNotThisFormat
	}
	if len(raw) > bounds.JWTBytes {
		return nil, refuse(code.EnvelopeTooLarge, "a token of %d bytes, at most %d are allowed", len(raw), bounds.JWTBytes)
	}
	t, err := readToken(bytes.Clone(raw))
	if err != nil {
		return nil, err
	}
	kid, ok := usualHeader(t.header, typ)
	if !ok {
		kid, err = readHeader(string(t.header), typ, want)
	}
	if err != nil {
		return nil, err
	}
	t.envelope = credential.Envelope{MediaType: media, Raw: t.text, Payload: t.payload, KeyID: kid, Check: t.check}
	return &t.envelope, nil
}

// check verifies the signature over the first two segments as they stand in
// the token (RFC 7515 section 5.2, RFC 8037 section 3.1). This is the hot path
// of a verifier and is done here, not by go-jose, which would encode the
// segments anew; tests hold it against go-jose.
func (t *token) check(key ed25519.PublicKey) error {
	if len(t.signature) != ed25519.SignatureSize {
		return refuse(code.ProofInvalid, "a signature has %d bytes, this one %d", ed25519.SignatureSize, len(t.signature))
	}
	if !did.Verify(key, t.text[:t.signed], t.signature) {
		return &credential.Error{Code: code.ProofInvalid, Detail: "the signature does not match the token", Hint: "the token was changed after signing, or the key is another"}
	}
	return nil
}

// Seal signs the payload with go-jose and opens the token that it made, so
// that nothing is handed out that would be refused.
func (f format) Seal(ctx context.Context, signer did.Signer, payload []byte, kind credential.Kind) (*credential.Envelope, error) {
	typ, _, err := names(kind)
	if err != nil {
		return nil, err
	}
	if signer == nil {
		return nil, refuse(code.RequestInvalid, "there is no signer")
	}
	text, err := sign(ctx, signer, payload, typ)
	if err != nil {
		return nil, fmt.Errorf("vcjwt: %w", err)
	}
	return f.Open([]byte(text), kind)
}

// names returns typ and media type of a kind.
func names(kind credential.Kind) (typ, media string, err error) {
	switch kind {
	case credential.KindCredential:
		return "vc+jwt", MediaTypeCredential, nil
	case credential.KindPresentation:
		return "vp+jwt", MediaTypePresentation, nil
	}
	return "", "", refuse(code.RequestInvalid, "%.40q is no kind of document", string(kind))
}

func refuse(c code.Code, format string, args ...any) error {
	return &credential.Error{Code: c, Detail: fmt.Sprintf(format, args...)}
}

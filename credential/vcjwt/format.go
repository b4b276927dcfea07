package vcjwt

import (
	"context"
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

// Open takes a token apart and reads its header. What it keeps are the decoded
// segments.
func (format) Open(raw []byte, want credential.Kind) (credential.Envelope, error) {
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
	t, err := readToken(raw)
	if err != nil {
		return nil, err
	}
	t.media = media
	var ok bool
	if t.kid, t.algorithm, ok = usualHeader(t.header, typ); !ok {
		t.kid, t.algorithm, err = readHeader(t.header, typ, want)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Seal signs the payload with go-jose and opens the token that it made, so
// that nothing is handed out that would be refused.
func (f format) Seal(ctx context.Context, signer did.Signer, payload []byte, kind credential.Kind) ([]byte, error) {
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
	if _, err := f.Open([]byte(text), kind); err != nil {
		return nil, err
	}
	return []byte(text), nil
}

// names returns typ and media type of a kind.
func names(kind credential.Kind) (typ, media string, err error) {
	switch kind {
	case credential.KindCredential:
		return "vc+jwt", MediaTypeCredential, nil
	case credential.KindPresentation:
		return "vp+jwt", MediaTypePresentation, nil
	}
	return "", "", refuse(code.RequestInvalid, "%.40q is not a kind of document", string(kind))
}

func refuse(c code.Code, format string, args ...any) error {
	return &credential.Error{Code: c, Detail: fmt.Sprintf(format, args...)}
}

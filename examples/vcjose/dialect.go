package main

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
)

// dialect is vc+jwt and vp+jwt as package vcjwt reads them, and beside that what
// the suite's own tokens have and the library refuses: a kid that is the JWK
// thumbprint of a key handed over out of band, and an iat that is a date in
// text. It is for this suite and nothing else.
type dialect struct{ *method }

var _ credential.Format = dialect{}

func (d dialect) Seal(ctx context.Context, signer did.Signer, payload []byte, kind credential.Kind) ([]byte, error) {
	return vcjwt.Format().Seal(ctx, signer, payload, kind)
}

func (d dialect) Open(raw []byte, want credential.Kind) (credential.Envelope, error) {
	env, err := vcjwt.Format().Open(raw, want)
	if err == nil || errors.Is(err, credential.ErrNotThisFormat) {
		return env, err
	}
	token, parseErr := jose.ParseSignedCompact(string(raw), []jose.SignatureAlgorithm{jose.EdDSA})
	if parseErr != nil {
		return nil, err
	}
	kid, headerErr := d.header(token, want)
	if headerErr != nil {
		return nil, fmt.Errorf("%w; and not as the suite writes it: %w", err, headerErr)
	}
	payload, payloadErr := withoutTextIat(token.UnsafePayloadWithoutVerification())
	if payloadErr != nil {
		return nil, payloadErr
	}
	return &suiteToken{token: token, text: string(raw), payload: string(payload), media: "application/" + string(want) + "+jwt", kid: kid}, nil
}

// suiteToken is a token as the suite writes it.
type suiteToken struct {
	token                     *jose.JSONWebSignature
	text, payload, media, kid string
}

func (t *suiteToken) MediaType() string { return t.media }
func (t *suiteToken) Payload() string   { return t.payload }
func (t *suiteToken) KeyID() string     { return t.kid }
func (t *suiteToken) HeaderBytes() int {
	return base64.RawURLEncoding.DecodedLen(strings.IndexByte(t.text, '.'))
}
func (t *suiteToken) AppendText(dst []byte) []byte { return append(dst, t.text...) }

func (t *suiteToken) Check(key did.PublicKey) error {
	_, err := t.token.Verify(key.Crypto())
	return err
}

// header holds the protected header to what a token of the suite has, and
// returns the id of the key that was handed over.
func (d dialect) header(token *jose.JSONWebSignature, want credential.Kind) (string, error) {
	h := token.Signatures[0].Protected
	thumbprint, err := (&jose.JSONWebKey{Key: d.public.Crypto()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", err
	}
	if h.KeyID != base64.RawURLEncoding.EncodeToString(thumbprint) {
		return "", fmt.Errorf("kid %.80q is not the thumbprint of the key", h.KeyID)
	}
	if typ, _ := h.ExtraHeaders["typ"].(string); typ != string(want)+"+jwt" {
		return "", fmt.Errorf("typ is %.40q, want %s+jwt", typ, want)
	}
	if cty, ok := h.ExtraHeaders["cty"]; ok && cty != string(want) {
		return "", fmt.Errorf("cty is %.40v, want %s", cty, want)
	}
	if _, ok := h.ExtraHeaders["crit"]; ok || h.JSONWebKey != nil {
		return "", errors.New("crit and jwk are refused")
	}
	return d.id.String(), nil
}

// withoutTextIat leaves out an iat that is no number: it says nothing that
// anybody here would act on. The signature is over the token as it stands.
func withoutTextIat(payload []byte) ([]byte, error) {
	doc, err := credential.ParseValue(string(payload))
	if err != nil {
		return nil, err
	}
	if _, isText := doc.Get("iat").LookupStr(); !isText {
		return payload, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil {
		return nil, err
	}
	delete(fields, "iat")
	return json.Marshal(fields)
}

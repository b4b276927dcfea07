package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// jwk is a public key as it is published, in the order of Grantex.
type jwk struct {
	Curve string `json:"crv,omitempty"`
	X     string `json:"x,omitempty"`
	Type  string `json:"kty"`
	N     string `json:"n,omitempty"`
	E     string `json:"e,omitempty"`
	Alg   string `json:"alg"`
	Use   string `json:"use"`
	ID    string `json:"kid"`
}

// signingKey signs compact JWS. Its name is the thumbprint of the key (RFC 7638), so it does not change when the office
// starts again.
type signingKey struct {
	jwk
	sign   func(ctx context.Context, input []byte) ([]byte, error)
	verify func(input, signature []byte) bool
}

var b64 = base64.RawURLEncoding

// rsaKey signs with RS256.
func rsaKey(key crypto.Signer) (*signingKey, error) {
	public, ok := key.Public().(*rsa.PublicKey)
	if !ok || public.N.BitLen() < 2048 {
		return nil, errors.New("want an RSA key of at least 2048 bits")
	}
	digest := func(input []byte) []byte { h := sha256.Sum256(input); return h[:] }
	n := b64.EncodeToString(public.N.Bytes())
	e := b64.EncodeToString(bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, uint32(public.E)), "\x00"))
	id := digest(fmt.Appendf(nil, `{"e":%q,"kty":"RSA","n":%q}`, e, n))
	return &signingKey{
		jwk: jwk{Type: "RSA", N: n, E: e, Alg: "RS256", Use: "sig", ID: "grantex-" + b64.EncodeToString(id)},
		sign: func(_ context.Context, input []byte) ([]byte, error) {
			return key.Sign(rand.Reader, digest(input), crypto.SHA256)
		},
		verify: func(input, signature []byte) bool {
			return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest(input), signature) == nil
		},
	}, nil
}

// kidPrefix begins the names of keys that sign decisions of APort.
const kidPrefix = "oap:registry:"

// edKey verifies EdDSA. Whoever has the private key sets sign.
func edKey(public did.PublicKey) *signingKey {
	x := b64.EncodeToString(public.Bytes())
	id := sha256.Sum256(fmt.Appendf(nil, `{"crv":"Ed25519","kty":"OKP","x":%q}`, x))
	return &signingKey{
		jwk: jwk{
			Type: "OKP", Curve: "Ed25519", X: x, Alg: "EdDSA", Use: "sig", ID: kidPrefix + b64.EncodeToString(id[:]),
		},
		verify: public.Verify,
	}
}

// header is that of a token of a type. What is sealed for one purpose does not open for another.
func (k *signingKey) header(typ string) string {
	h, _ := json.Marshal(struct { // it does not fail
		Alg  string `json:"alg"`
		ID   string `json:"kid"`
		Type string `json:"typ,omitempty"`
	}{k.Alg, k.ID, typ})
	return b64.EncodeToString(h)
}

// seal signs claims.
func (k *signingKey) seal(ctx context.Context, typ string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := k.header(typ) + "." + b64.EncodeToString(payload)
	signature, err := k.sign(ctx, []byte(input))
	if err != nil {
		return "", err
	}
	return input + "." + b64.EncodeToString(signature), nil
}

var errToken = errors.New("it is not a token of this office")

// open reads what seal has sealed: the header is the one that seal writes, byte for byte.
func (k *signingKey) open(typ, token string, claims any) error {
	header, rest, _ := strings.Cut(token, ".")
	payload, text, _ := strings.Cut(rest, ".")
	// The decoder passes over line breaks: a token would have many spellings.
	signature, err := b64.Strict().DecodeString(text)
	if err != nil || b64.EncodeToString(signature) != text || header != k.header(typ) || !k.verify([]byte(header+"."+payload), signature) {
		return errToken
	}
	raw, err := b64.Strict().DecodeString(payload)
	if err != nil {
		return errToken
	}
	return json.Unmarshal(raw, claims)
}

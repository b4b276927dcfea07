package did

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// ParsePublicJWK reads an Ed25519 public key as a JSON Web Key (RFC 8037,
// section 2) of at most 2,048 bytes. kty must be "OKP" and crv "Ed25519"; where
// the JWK says what the key is for, that must be verifying signatures: alg
// "EdDSA" or "Ed25519", use "sig", key_ops with "verify". Other members are
// ignored, but for d: a private key is refused where a public one is due.
// Errors wrap [ErrKey] and never quote a value of d.
func ParsePublicJWK(text []byte) (ed25519.PublicKey, error) {
	v, err := parseJWK(text)
	if err != nil {
		return nil, err
	}
	return publicJWK(v)
}

// ParsePrivateJWK reads an Ed25519 private key as a JSON Web Key, by the rules
// of [ParsePublicJWK]: but d must be there, must belong to x, and key_ops must
// have "sign".
func ParsePrivateJWK(text []byte) (*KeyPair, error) {
	v, err := parseJWK(text)
	if err != nil {
		return nil, err
	}
	public, err := jwkMembers(v, "sign")
	if err != nil {
		return nil, err
	}
	seed, err := jwkBytes(v, "d")
	if err != nil {
		return nil, err
	}
	pair, err := newKeyPair(seed)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(pair.PublicKey(), public) {
		return nil, fmt.Errorf("%w: JWK whose x does not belong to its d", ErrKey)
	}
	return pair, nil
}

// PublicJWK returns the JSON Web Key of a public key: crv, kty and x, in the
// form that its thumbprint (RFC 7638) is taken of. It fails as
// [CheckPublicKey] does.
func PublicJWK(key ed25519.PublicKey) ([]byte, error) {
	if err := CheckPublicKey(key); err != nil {
		return nil, err
	}
	return appendJWK(nil, key), nil
}

func appendJWK(dst []byte, key ed25519.PublicKey) []byte {
	dst = append(dst, `{"crv":"Ed25519","kty":"OKP","x":"`...)
	dst = append(dst, multibase.EncodeBase64URL(key)...)
	return append(dst, `"}`...)
}

// PrivateJWK returns the private key as a JSON Web Key: crv, d, kty and x; nil
// for the zero KeyPair.
func (k *KeyPair) PrivateJWK() []byte {
	if k.seed() == nil {
		return nil
	}
	text := []byte(`{"crv":"Ed25519","d":"` + multibase.EncodeBase64URL(k.seed()))
	text = append(text, `","kty":"OKP","x":"`...)
	text = append(text, multibase.EncodeBase64URL(k.PublicKey())...)
	return append(text, `"}`...)
}

func parseJWK(text []byte) (strictjson.Value, error) {
	v, err := strictjson.Parse(string(text), defaults.JSON(defaults.DIDBytes))
	if err != nil {
		return v, fmt.Errorf("%w: JWK: %w", ErrKey, err)
	}
	return v, nil
}

func publicJWK(v strictjson.Value) (ed25519.PublicKey, error) {
	if v.Get("d").Exists() {
		return nil, fmt.Errorf("%w: JWK with a private key (member d) where a public key is due", ErrKey)
	}
	return jwkMembers(v, "verify")
}

// jwkMembers checks every member but d, and returns the public key.
func jwkMembers(v strictjson.Value, operation string) (ed25519.PublicKey, error) {
	if v.Kind() != strictjson.Object {
		return nil, fmt.Errorf("%w: JWK is %s, want an object", ErrKey, v.Kind())
	}
	for _, member := range [...]struct{ name, want string }{{"kty", "OKP"}, {"crv", "Ed25519"}} {
		if got, ok := v.Get(member.name).LookupStr(); !ok || got != member.want {
			return nil, fmt.Errorf("%w: JWK with %s %.32q, want %q", ErrKey, member.name, got, member.want)
		}
	}
	if err := jwkPurpose(v, operation); err != nil {
		return nil, err
	}
	key, err := jwkBytes(v, "x")
	if err != nil {
		return nil, err
	}
	if err := CheckPublicKey(key); err != nil {
		return nil, err
	}
	return key, nil
}

// jwkPurpose holds alg, use and key_ops against the operation the key is for.
func jwkPurpose(v strictjson.Value, operation string) error {
	if alg := v.Get("alg"); alg.Exists() && alg.Str() != "EdDSA" && alg.Str() != "Ed25519" {
		return fmt.Errorf("%w: JWK with alg %.32q, want \"EdDSA\" or \"Ed25519\"", ErrKey, alg.Str())
	}
	if use := v.Get("use"); use.Exists() && use.Str() != "sig" {
		return fmt.Errorf("%w: JWK with use %.32q, want \"sig\"", ErrKey, use.Str())
	}
	ops := v.Get("key_ops")
	if !ops.Exists() {
		return nil
	}
	found := false
	for op := range ops.Items() {
		found = found || op.Str() == operation
	}
	if !found {
		return fmt.Errorf("%w: JWK whose key_ops do not have %q", ErrKey, operation)
	}
	return nil
}

// jwkBytes reads a member of base64url text, of any length. It does not quote
// what it reads.
func jwkBytes(v strictjson.Value, name string) ([]byte, error) {
	text, ok := v.Get(name).LookupStr()
	if !ok {
		return nil, fmt.Errorf("%w: JWK without the string member %s", ErrKey, name)
	}
	b, err := multibase.DecodeBase64URL(text)
	if err != nil {
		return nil, fmt.Errorf("%w: JWK whose %s is not base64url without padding", ErrKey, name)
	}
	return b, nil
}

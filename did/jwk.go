package did

import (
	"fmt"
	"slices"

	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// ParsePublicJWK reads a public key as a JSON Web Key (RFC 8037, section 2) of
// at most 2,048 bytes. kty and crv must be those of an [Algorithm] ("OKP" and
// "Ed25519"); where the JWK says what the key is for, that must be verifying
// signatures: alg "EdDSA" or "Ed25519", use "sig", key_ops with "verify". Other
// members are ignored, but for d: a private key is refused where a public one
// is due. Errors wrap [ErrKey] and never quote a value of d.
func ParsePublicJWK(text []byte) (PublicKey, error) {
	v, err := parseJWK(text)
	if err != nil {
		return PublicKey{}, err
	}
	return publicJWK(v)
}

// ParsePrivateJWK reads a private key as a JSON Web Key, by the rules of
// [ParsePublicJWK]: but d must be there, must belong to x, and key_ops must
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
	secret, err := jwkBytes(v, "d")
	if err != nil {
		return nil, err
	}
	pair, err := newKeyPair(public.algorithm, secret)
	if err != nil {
		return nil, err
	}
	if pair.PublicKey() != public {
		return nil, fmt.Errorf("%w: JWK whose x does not belong to its d", ErrKey)
	}
	return pair, nil
}

// JWK returns the key as a JSON Web Key: crv, kty and x, in the form of which
// its thumbprint (RFC 7638) is taken; nil for the zero PublicKey.
func (k PublicKey) JWK() []byte {
	if k.IsZero() {
		return nil
	}
	row := k.algorithm.row()
	return []byte(`{"crv":"` + row.crv + `","kty":"` + row.kty + `","x":"` + multibase.EncodeBase64URL([]byte(k.raw)) + `"}`)
}

// PrivateJWK returns the private key as a JSON Web Key: crv, d, kty and x; nil
// for the zero KeyPair.
func (k *KeyPair) PrivateJWK() []byte {
	if k.isZero() {
		return nil
	}
	row := k.Algorithm().row()
	return []byte(`{"crv":"` + row.crv + `","d":"` + multibase.EncodeBase64URL(k.secret()) + `","kty":"` + row.kty +
		`","x":"` + multibase.EncodeBase64URL([]byte(k.public.raw)) + `"}`)
}

func parseJWK(text []byte) (strictjson.Value, error) {
	v, err := strictjson.Parse(string(text), defaults.JSON(defaults.DIDBytes))
	if err != nil {
		return v, fmt.Errorf("%w: JWK: %w", ErrKey, err)
	}
	return v, nil
}

func publicJWK(v strictjson.Value) (PublicKey, error) {
	if v.Get("d").Exists() {
		return PublicKey{}, fmt.Errorf("%w: JWK with a private key (member d) where a public key is due", ErrKey)
	}
	return jwkMembers(v, "verify")
}

// jwkMembers checks every member but d, and returns the public key.
func jwkMembers(v strictjson.Value, operation string) (PublicKey, error) {
	if v.Kind() != strictjson.Object {
		return PublicKey{}, fmt.Errorf("%w: JWK is %s, want an object", ErrKey, v.Kind())
	}
	kty, crv := v.Get("kty").Str(), v.Get("crv").Str()
	a := findAlgorithm(func(row *algorithm) bool { return row.kty == kty && row.crv == crv })
	if a == 0 {
		return PublicKey{}, fmt.Errorf("%w: JWK with kty %s and crv %s, want %s",
			ErrKey, said(v.Get("kty")), said(v.Get("crv")), names(func(row *algorithm) string {
				return fmt.Sprintf("%q and %q", row.kty, row.crv)
			}))
	}
	if err := jwkPurpose(v, a.row(), operation); err != nil {
		return PublicKey{}, err
	}
	raw, err := jwkBytes(v, "x")
	if err != nil {
		return PublicKey{}, err
	}
	return NewPublicKey(a, raw)
}

// said is what a member says, for an error: its text, or what is there instead.
func said(v strictjson.Value) string {
	switch s, ok := v.LookupStr(); {
	case ok:
		return fmt.Sprintf("%.32q", s)
	case !v.Exists():
		return "missing"
	default:
		return v.Kind().String()
	}
}

// jwkPurpose holds alg, use and key_ops against the operation the key is for.
func jwkPurpose(v strictjson.Value, row *algorithm, operation string) error {
	if alg := v.Get("alg"); alg.Exists() && !slices.Contains(row.jose, alg.Str()) {
		return fmt.Errorf("%w: JWK with alg %s, want %q", ErrKey, said(alg), row.jose)
	}
	if use := v.Get("use"); use.Exists() && use.Str() != "sig" {
		return fmt.Errorf("%w: JWK with use %s, want \"sig\"", ErrKey, said(use))
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

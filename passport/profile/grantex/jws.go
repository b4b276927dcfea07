package grantex

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha256" // RS256
	_ "crypto/sha512" // the others
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// algorithm is a row of JOSE's signature algorithms.
type algorithm struct {
	name, kty, curve string
	strict           bool // also for the strict reading
	hash             crypto.Hash
	pss              bool
}

// algorithms are those that jose, on which Grantex' verifier stands, takes from a
// JWKS. A shared secret is never one of them.
var algorithms = []algorithm{
	{name: "RS256", kty: "RSA", strict: true, hash: crypto.SHA256},
	{name: "EdDSA", kty: "OKP", curve: "Ed25519", strict: true},
	{name: "RS384", kty: "RSA", hash: crypto.SHA384},
	{name: "RS512", kty: "RSA", hash: crypto.SHA512},
	{name: "PS256", kty: "RSA", hash: crypto.SHA256, pss: true},
	{name: "PS384", kty: "RSA", hash: crypto.SHA384, pss: true},
	{name: "PS512", kty: "RSA", hash: crypto.SHA512, pss: true},
	{name: "ES256", kty: "EC", curve: "P-256", hash: crypto.SHA256},
	{name: "ES384", kty: "EC", curve: "P-384", hash: crypto.SHA384},
	{name: "ES512", kty: "EC", curve: "P-521", hash: crypto.SHA512},
}

// open checks a compact JWS against the set and returns its payload.
func (r Reading) open(token string, keys *KeySet) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("the proofValue is not a compact JWS: want three parts")
	}
	header, err := r.header(parts[0])
	if err != nil {
		return nil, err
	}
	payload, ok := r.decode(parts[1])
	signature, ok2 := r.decode(parts[2])
	if !ok || !ok2 {
		return nil, errors.New("the payload or the signature is not base64url without padding")
	}
	alg, err := r.algorithm(header.Get("alg"))
	if err != nil {
		return nil, err
	}
	kid := header.Get("kid")
	key := keys.find(alg, kid.Text(), kid.Kind() == laxjson.String)
	if key == nil {
		return nil, fmt.Errorf("no key, or more than one, of the JWKS is for %s and the key id %.80q", alg.name,
			kid.Text())
	}
	if !alg.holds(key, []byte(parts[0]+"."+parts[1]), signature) {
		return nil, errors.New("the signature does not hold under the key of the JWKS")
	}
	return payload, nil
}

// header reads the protected header. In the strict reading it has the members
// that Grantex writes and no other: a key in the header, or an extension that
// must be understood, is never taken.
func (r Reading) header(text string) (*value, error) {
	raw, ok := r.decode(text)
	if !ok {
		return nil, errors.New("the header of the JWT is not base64url without padding")
	}
	h, err := r.parse(string(raw))
	if err != nil || h.Kind() != laxjson.Object {
		return nil, errors.New("the header of the JWT is not a JSON object")
	}
	if r == Compatible {
		if !understood(h) {
			return nil, errors.New("an extension that must be understood (crit)")
		}
		return h, nil
	}
	for _, m := range h.Members() {
		switch {
		case m.Name != "alg" && m.Name != "kid" && m.Name != "typ":
			return nil, fmt.Errorf("the header of the JWT has the member %.80q: want alg, kid and typ alone", m.Name)
		case m.Value.Kind() != laxjson.String:
			return nil, fmt.Errorf("the member %s of the JWT's header is not a string", m.Name)
		case m.Name == "typ" && m.Value.Text() != "JWT":
			return nil, fmt.Errorf("the JWT is of another kind, %.80q", m.Value.Text())
		}
	}
	return h, nil
}

// understood reports whether jose knows every extension of a header that must be
// understood. It knows one, b64, and in a JWT that may only be true.
func understood(h *value) bool {
	crit, plain := h.Get("crit"), h.Get("b64")
	if crit.Kind() == laxjson.Absent {
		return true
	}
	for _, name := range crit.Items() {
		if name.Kind() != laxjson.String || name.Text() != "b64" {
			return false
		}
	}
	return len(crit.Items()) > 0 && plain.Kind() == laxjson.Bool && plain.Truth()
}

func (r Reading) algorithm(v *value) (algorithm, error) {
	for _, a := range algorithms {
		if v.Kind() == laxjson.String && a.name == v.Text() && (a.strict || r == Compatible) {
			return a, nil
		}
	}
	return algorithm{}, fmt.Errorf("the JWT is signed with %.40q, want RS256 or EdDSA", v.Text())
}

func (a *algorithm) holds(key crypto.PublicKey, message, signature []byte) bool {
	var digest []byte
	if a.hash != 0 {
		h := a.hash.New()
		h.Write(message)
		digest = h.Sum(nil)
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		if a.pss {
			return rsa.VerifyPSS(k, a.hash, digest, signature,
				&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return rsa.VerifyPKCS1v15(k, a.hash, digest, signature) == nil
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, signature)
	case *ecdsa.PublicKey:
		size := (k.Curve.Params().BitSize + 7) / 8
		return len(signature) == 2*size &&
			ecdsa.Verify(k, digest, new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:]))
	}
	return false
}

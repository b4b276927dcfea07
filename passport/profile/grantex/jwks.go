package grantex

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"

	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// KeySet is a pinned JWKS: the keys that an issuer published, as of when the
// host took them. A key that the issuer withdraws counts until the host takes a
// new set. The zero KeySet has no key. It is immutable and safe for concurrent
// use.
type KeySet struct{ keys []jwk }

type jwk struct {
	id, alg, kty, curve string
	hasID               bool
	key                 crypto.PublicKey // nil: of a type that is not read here
}

const (
	maxKeys       = 64
	minRSABits    = 2048
	maxRSABits    = 8192
	maxKeySetText = 1 << 20
)

// ParseKeySet reads a JWKS, such as a copy of /.well-known/jwks.json. RSA keys of
// 2048 to 8192 bits and Ed25519 keys are for both readings, keys on P-256, P-384
// and P-521 for the compatible one; others are skipped, as are keys that are not
// for signatures. A set with the private half of a key is refused.
func ParseKeySet(text []byte) (*KeySet, error) {
	if len(text) > maxKeySetText {
		return nil, fmt.Errorf("grantex: a JWKS has at most %d bytes, not %d", maxKeySetText, len(text))
	}
	doc, err := laxjson.Parse(string(text), laxjson.JavaScript)
	if err != nil {
		return nil, fmt.Errorf("grantex: a JWKS is JSON: %w", err)
	}
	list := doc.Get("keys")
	if list.Kind() != laxjson.Array {
		return nil, errors.New(`grantex: a JWKS is an object with a list "keys"`)
	}
	if len(list.Items()) > maxKeys {
		return nil, fmt.Errorf("grantex: a JWKS has at most %d keys, not %d", maxKeys, len(list.Items()))
	}
	set := new(KeySet)
	for i, v := range list.Items() {
		if v.Get("d").Kind() != laxjson.Absent {
			return nil, fmt.Errorf("grantex: keys[%d] of the JWKS has its private half, which is secret", i)
		}
		if !verifies(v) {
			continue
		}
		k := jwk{id: v.Get("kid").Text(), hasID: v.Get("kid").Kind() == laxjson.String, alg: v.Get("alg").Text(),
			kty: v.Get("kty").Text(), curve: v.Get("crv").Text()}
		if k.key, err = publicKey(v); err != nil {
			return nil, fmt.Errorf("grantex: keys[%d] of the JWKS: %w", i, err)
		}
		set.keys = append(set.keys, k)
	}
	return set, nil
}

// verifies reports whether a key may verify signatures, by what its set says.
func verifies(v *value) bool {
	use, ops := v.Get("use"), v.Get("key_ops")
	return (use.Kind() != laxjson.String || use.Text() == "sig") &&
		(ops.Kind() != laxjson.Array || includes(ops, "verify"))
}

var curves = map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}

func publicKey(v *value) (crypto.PublicKey, error) {
	number := func(name string) *big.Int {
		b, _ := Strict.decode(v.Get(name).Text())
		return new(big.Int).SetBytes(b)
	}
	switch v.Get("kty").Text() {
	case "RSA":
		n, e := number("n"), number("e")
		if bits := n.BitLen(); bits < minRSABits || bits > maxRSABits {
			return nil, fmt.Errorf("an RSA key of %d bits, want %d to %d", bits, minRSABits, maxRSABits)
		}
		if !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 || e.Bit(0) == 0 {
			return nil, errors.New("an RSA key has an odd exponent from 3 to 2^31-1")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case "OKP":
		if v.Get("crv").Text() != "Ed25519" {
			return nil, nil
		}
		b, ok := Strict.decode(v.Get("x").Text())
		if !ok || len(b) != ed25519.PublicKeySize {
			return nil, errors.New("an Ed25519 key has 32 bytes in x, as base64url without padding")
		}
		return ed25519.PublicKey(b), nil
	case "EC":
		curve := curves[v.Get("crv").Text()]
		if curve == nil {
			return nil, nil
		}
		key := &ecdsa.PublicKey{Curve: curve, X: number("x"), Y: number("y")}
		if _, err := key.ECDH(); err != nil {
			return nil, errors.New("an EC key that is not a point of its curve")
		}
		return key, nil
	}
	return nil, nil
}

// find returns the one key of the set that a header means. No key, and more than
// one, are both none.
func (s *KeySet) find(alg algorithm, kid string, named bool) crypto.PublicKey {
	var found crypto.PublicKey
	n := 0
	for i := range s.list() {
		k := &s.keys[i]
		if k.kty == alg.kty && (alg.curve == "" || k.curve == alg.curve) && (!named || k.hasID && k.id == kid) &&
			(k.alg == "" || k.alg == alg.name) {
			found = k.key
			n++
		}
	}
	if n != 1 {
		return nil
	}
	return found
}

func (s *KeySet) list() []jwk {
	if s == nil {
		return nil
	}
	return s.keys
}

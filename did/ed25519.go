package did

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"fmt"
)

var ed25519Algorithm = algorithm{
	name: "Ed25519",

	publicBytes:    ed25519.PublicKeySize,
	secretBytes:    ed25519.SeedSize,
	signatureBytes: ed25519.SignatureSize,

	codec: "ed25519-pub", header: "\xed\x01",
	secretCodec: "ed25519-priv", secretHeader: "\x80\x26",
	method: "Ed25519VerificationKey2020",

	// RFC 8037, section 2. RFC 9864 has the second name.
	kty: "OKP", crv: "Ed25519", jose: []string{"EdDSA", "Ed25519"},

	// RFC 8410, sections 4 and 7. Nothing in it varies, so it is compared and
	// not parsed.
	spki:  "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00",
	pkcs8: "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20",

	check: checkEd25519,
	verify: func(key string, msg, sig []byte) bool {
		// Neither pre-hash nor context, and cofactorless. The standard library
		// panics on a short key, and not on a short signature.
		return ed25519.Verify([]byte(key), msg, sig)
	},

	public: func(key crypto.PublicKey) ([]byte, bool) {
		k, ok := key.(ed25519.PublicKey)
		return k, ok
	},
	standard: func(raw []byte) crypto.PublicKey { return ed25519.PublicKey(raw) },
	secret:   ed25519Secret,
	private:  func(raw []byte) crypto.Signer { return ed25519.NewKeyFromSeed(raw) },
}

// ed25519Secret returns the seed of a private key.
func ed25519Secret(key crypto.Signer) (seed []byte, ok bool, err error) {
	if p, isPointer := key.(*ed25519.PrivateKey); isPointer {
		if p == nil {
			return nil, true, fmt.Errorf("%w: no key to sign with", ErrKey)
		}
		key = *p
	}
	k, ok := key.(ed25519.PrivateKey)
	switch {
	case !ok:
		return nil, false, nil
	case len(k) != ed25519.PrivateKeySize:
		return nil, true, fmt.Errorf("%w: an Ed25519 private key of %d bytes, want %d", ErrKey, len(k), ed25519.PrivateKeySize)
	case !bytes.Equal(ed25519.NewKeyFromSeed(k.Seed())[ed25519.SeedSize:], k[ed25519.SeedSize:]):
		return nil, true, fmt.Errorf("%w: an Ed25519 private key whose public half belongs to another", ErrKey)
	}
	return k.Seed(), true, nil
}

// The y coordinates of the eight points of small order, little-endian and
// without the sign of x. With the two spellings that are not reduced (p and
// p+1) and both signs they make the 14 encodings that name such a point. Under
// such a key, signatures can be found without any secret.
var lowOrderY = [...][32]byte{
	{0x00},
	{0x01},
	{
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	},
	{
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	},
	{ // p-1
		0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
	},
}

// checkEd25519 refuses the encoding of a point of small order, and one that is
// not reduced (y >= p, RFC 8032 section 5.1.3). It compares bytes only: a key
// that is not a point of the curve at all passes, and verifies nothing.
func checkEd25519(key string) error {
	var y [32]byte
	copy(y[:], key)
	y[31] &= 0x7f // the sign of x
	if !reduced(&y) {
		return fmt.Errorf("%w: Ed25519 public key %x is not in canonical form", ErrKey, key)
	}
	for i := range lowOrderY {
		if y == lowOrderY[i] {
			return fmt.Errorf("%w: Ed25519 public key %x is of small order", ErrKey, key)
		}
	}
	return nil
}

// reduced reports whether y < p = 2^255 - 19.
func reduced(y *[32]byte) bool {
	if y[31] != 0x7f || y[0] < 0xed {
		return true
	}
	for _, b := range y[1:31] {
		if b != 0xff {
			return true
		}
	}
	return false
}

package did

import (
	"crypto/ed25519"
	"fmt"
)

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

// CheckPublicKey refuses, with [ErrKey], a key that is not 32 bytes long, that
// is the encoding of a point of small order, or that spells its point in a way
// that is not reduced (y >= p, RFC 8032 section 5.1.3). It compares bytes only:
// a key that is no point of the curve at all passes, and verifies nothing.
func CheckPublicKey(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: an Ed25519 public key of %d bytes, want %d", ErrKey, len(key), ed25519.PublicKeySize)
	}
	y := [32]byte(key)
	y[31] &= 0x7f // the sign of x
	if !reduced(&y) {
		return fmt.Errorf("%w: Ed25519 public key %x is not in canonical form", ErrKey, []byte(key))
	}
	for i := range lowOrderY {
		if y == lowOrderY[i] {
			return fmt.Errorf("%w: Ed25519 public key %x is of small order", ErrKey, []byte(key))
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

// Verify reports whether sig is the Ed25519 signature of msg under key (RFC
// 8032, without pre-hash or context, cofactorless). It holds [CheckPublicKey]
// against the key first, and is false, never a panic, for a key or a signature
// of the wrong length.
func Verify(key ed25519.PublicKey, msg, sig []byte) bool {
	// The standard library panics on a short key, and not on a short signature.
	return CheckPublicKey(key) == nil && ed25519.Verify(key, msg, sig)
}

package multibase

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

const base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58Value maps a character to its digit, 0xff if it has none.
var base58Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range len(base58Alphabet) {
		t[base58Alphabet[i]] = byte(i)
	}
	return t
}()

// EncodeBase58 encodes with the Bitcoin alphabet. Its time is quadratic in the
// length; this library encodes at most 64 bytes.
func EncodeBase58(src []byte) string {
	zeros := 0
	for zeros < len(src) && src[zeros] == 0 {
		zeros++
	}
	// Five digits of base 58 to a limb, least significant first; four bytes of
	// the source at a time, the odd ones first.
	const five = 58 * 58 * 58 * 58 * 58
	limbs := make([]uint32, 0, len(src)/3+1)
	for rest := src[zeros:]; len(rest) > 0; {
		n := (len(rest)-1)%4 + 1
		carry := uint64(0)
		for _, c := range rest[:n] {
			carry = carry<<8 | uint64(c)
		}
		rest = rest[n:]
		for i := range limbs {
			carry += uint64(limbs[i]) << (8 * n)
			limbs[i] = uint32(carry % five)
			carry /= five
		}
		for ; carry > 0; carry /= five {
			limbs = append(limbs, uint32(carry%five))
		}
	}
	out := make([]byte, zeros+5*len(limbs))
	for i := range zeros {
		out[i] = base58Alphabet[0]
	}
	at := len(out)
	for _, limb := range limbs {
		for range 5 {
			at--
			out[at] = base58Alphabet[limb%58]
			limb /= 58
		}
	}
	// The last limb may begin with zeros that are none of the source.
	lead := zeros
	for lead < len(out) && out[lead] == base58Alphabet[0] {
		lead++
	}
	return string(out[lead-zeros:])
}

// DecodeBase58 decodes into dst and returns the number of bytes. It refuses
// text that decodes to more than len(dst) bytes, before doing the work; beside
// leading zero bytes it decodes at most 128.
func DecodeBase58(dst []byte, s string) (int, error) {
	// One character carries at most 0.733 bytes; "1" carries a whole one.
	if len(s) > len(dst)*138/100+1 {
		return 0, fmt.Errorf("%w: %d characters of base58 are more than %d bytes", ErrForm, len(s), len(dst))
	}
	zeros := 0
	for zeros < len(s) && s[zeros] == base58Alphabet[0] {
		zeros++
	}
	// Limbs of 64 bits, least significant first, none of them a leading zero.
	// Ten characters at a time: 58^10 is the last power that fits in one.
	var limbs [16]uint64
	used := 0
	for rest := s[zeros:]; rest != ""; {
		chunk := rest[:min(10, len(rest))]
		carry, all := uint64(0), byte(0)
		for _, c := range []byte(chunk) {
			d := base58Value[c]
			all |= d
			carry = carry*58 + uint64(d)
		}
		if all >= 64 { // no digit has these bits
			return 0, notBase58(rest)
		}
		rest = rest[len(chunk):]
		scale := base58Power[len(chunk)]
		for j := range used {
			high, low := bits.Mul64(limbs[j], scale)
			sum, over := bits.Add64(low, carry, 0)
			limbs[j], carry = sum, high+over
		}
		if carry > 0 {
			if used == len(limbs) {
				return 0, fmt.Errorf("%w: base58 text too long", ErrForm)
			}
			limbs[used] = carry
			used++
		}
	}
	n := 0
	if used > 0 {
		n = 8*used - bits.LeadingZeros64(limbs[used-1])/8
	}
	if zeros+n > len(dst) {
		return 0, fmt.Errorf("%w: base58 text of %d bytes, want at most %d", ErrForm, zeros+n, len(dst))
	}
	clear(dst[:zeros])
	out := dst[zeros : zeros+n]
	for i := range used {
		if len(out) < 8 {
			for limb := limbs[i]; len(out) > 0; limb >>= 8 {
				out[len(out)-1] = byte(limb)
				out = out[:len(out)-1]
			}
			break
		}
		binary.BigEndian.PutUint64(out[len(out)-8:], limbs[i])
		out = out[:len(out)-8]
	}
	return zeros + n, nil
}

// base58Power has 58^n for each n up to 10.
var base58Power = func() (t [11]uint64) {
	t[0] = 1
	for i := range 10 {
		t[i+1] = 58 * t[i]
	}
	return t
}()

// notBase58 names the first character of s that is not a digit.
func notBase58(s string) error {
	for i, r := range s {
		if base58Value[s[i]] == 0xff {
			return fmt.Errorf("%w: character %q is not base58", ErrForm, r)
		}
	}
	return ErrForm
}

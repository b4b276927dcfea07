package verify

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"

	"github.com/safeconduct/safeconduct/passport"
)

// Quantity is how much of a budget is used or allowed: an amount in units of
// 10^-18 of its asset, or a count. It has 128 bits and never wraps. It is
// written as decimal digits, without a sign, and read back from them.
//
// No 64-bit column holds it: 2^64 units are 18 dollars. A database keeps the 16
// bytes of [Quantity.Bytes], which compare as the quantities do, or the digits,
// where it has a type for 39 of them that is exact (NUMERIC(39)), or Hi and Lo in
// two columns, each with its highest bit inverted if the column is signed. Sums
// that it makes itself must not round, and may need more than 39 digits.
type Quantity struct{ Hi, Lo uint64 }

// ParseQuantity reads what [Quantity.String] writes: decimal digits without
// anything else, at most 2^128 − 1, without superfluous zeros in front.
func ParseQuantity(s string) (Quantity, error) {
	var q Quantity
	if s == "" || len(s) > 1 && s[0] == '0' {
		return Quantity{}, fmt.Errorf("verify: %.50q is not a quantity: want decimal digits without zeros in front", s)
	}
	for i := range len(s) {
		digit := uint64(s[i] - '0')
		if digit > 9 {
			return Quantity{}, fmt.Errorf("verify: %.50q is not a quantity: want decimal digits alone", s)
		}
		carry, lo := bits.Mul64(q.Lo, 10)
		over, hi := bits.Mul64(q.Hi, 10)
		lo, c1 := bits.Add64(lo, digit, 0)
		hi, c2 := bits.Add64(hi, carry, c1)
		if over != 0 || c2 != 0 {
			return Quantity{}, fmt.Errorf("verify: %.50q is not a quantity: it is more than 2^128 − 1", s)
		}
		q = Quantity{hi, lo}
	}
	return q, nil
}

// QuantityFromBytes returns the quantity of which these are the [Quantity.Bytes].
func QuantityFromBytes(b [16]byte) Quantity {
	return Quantity{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// Bytes returns the quantity as 16 bytes, the highest first. Compared as bytes,
// they are in the order of the quantities.
func (q Quantity) Bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], q.Hi)
	binary.BigEndian.PutUint64(b[8:], q.Lo)
	return b
}

// MarshalText writes the quantity as String does.
func (q Quantity) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads what ParseQuantity reads; after an error q is zero.
func (q *Quantity) UnmarshalText(text []byte) (err error) {
	*q, err = ParseQuantity(string(text))
	return err
}

// Count returns the quantity of n things; a negative n counts as 0.
func Count(n int64) Quantity { return Quantity{Lo: uint64(max(n, 0))} }

// AmountOf returns an amount as a quantity.
func AmountOf(m passport.Money) Quantity {
	hi, lo := m.Units()
	return Quantity{hi, lo}
}

// Add returns q + r, and the largest Quantity if the sum does not fit: more
// than any limit.
func (q Quantity) Add(r Quantity) Quantity {
	lo, carry := bits.Add64(q.Lo, r.Lo, 0)
	hi, carry := bits.Add64(q.Hi, r.Hi, carry)
	if carry != 0 {
		return Quantity{^uint64(0), ^uint64(0)}
	}
	return Quantity{hi, lo}
}

// Sub returns q − r, and zero if r is more than q.
func (q Quantity) Sub(r Quantity) Quantity {
	if q.Cmp(r) <= 0 {
		return Quantity{}
	}
	lo, borrow := bits.Sub64(q.Lo, r.Lo, 0)
	hi, _ := bits.Sub64(q.Hi, r.Hi, borrow)
	return Quantity{hi, lo}
}

// Cmp compares: -1, 0 or +1.
func (q Quantity) Cmp(r Quantity) int {
	switch {
	case q.Hi != r.Hi:
		if q.Hi < r.Hi {
			return -1
		}
		return 1
	case q.Lo < r.Lo:
		return -1
	case q.Lo > r.Lo:
		return 1
	}
	return 0
}

// amount reads a quantity of units of 10^-18 as an amount of that asset:
// "12.50 USD".
func (q Quantity) amount(asset passport.Money) string {
	const places = 18
	digits := q.String()
	if n := places + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	whole, fraction := digits[:len(digits)-places], digits[len(digits)-places:]
	n := places
	for n > asset.Decimals() && fraction[n-1] == '0' {
		n--
	}
	if n > 0 {
		whole += "." + fraction[:n]
	}
	return whole + " " + asset.Currency()
}

// String returns the decimal digits.
func (q Quantity) String() string {
	var digits [39]byte
	i := len(digits)
	for {
		var r uint64
		q.Hi, r = q.Hi/10, q.Hi%10
		q.Lo, r = bits.Div64(r, q.Lo, 10)
		i--
		digits[i] = '0' + byte(r)
		if q == (Quantity{}) {
			return string(digits[i:])
		}
	}
}

package verify

import (
	"math/bits"
	"strings"

	"github.com/safeconduct/safeconduct/passport"
)

// Quantity is how much of a budget is used or allowed: an amount in units of
// 10^-18 of its asset, or a count. It has 128 bits and never wraps.
type Quantity struct{ Hi, Lo uint64 }

// Count returns the quantity of n things; a negative n is none.
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

// Package decimal reads numbers from their text and keeps them exact: what other
// systems write as a JSON number is an amount here, and amounts never go through
// a floating-point number.
package decimal

import (
	"math/big"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number. The zero Decimal is 0.
type Decimal struct {
	unscaled big.Int
	scale    int // the number is unscaled / 10^scale; never negative
}

const (
	maxDigits   = 1024
	maxExponent = 1024
)

// Parse reads a number by the grammar of JSON, so without white space, a '+', or
// leading zeros. Texts of more than 1024 digits, and exponents beyond ±1024, are
// refused: no amount has them.
func Parse(text string) (d Decimal, ok bool) {
	number, negative := strings.CutPrefix(text, "-")
	mantissa, exponent, scientific := number, "", false
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		mantissa, exponent, scientific = number[:i], number[i+1:], true
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	if !digits(whole) || len(whole) > 1 && whole[0] == '0' || point && !digits(fraction) || len(mantissa) > maxDigits {
		return d, false
	}
	shift := 0
	if scientific {
		if unsigned := strings.TrimLeft(exponent, "+-"); len(exponent)-len(unsigned) > 1 || !digits(unsigned) {
			return d, false
		}
		n, err := strconv.Atoi(exponent)
		if err != nil || n > maxExponent || n < -maxExponent {
			return d, false
		}
		shift = n
	}
	d.unscaled.SetString(whole+fraction, 10)
	if d.scale = len(fraction) - shift; d.scale < 0 {
		d.unscaled.Mul(&d.unscaled, power(-d.scale))
		d.scale = 0
	}
	if negative {
		d.unscaled.Neg(&d.unscaled)
	}
	d.trim()
	return d, true
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// trim takes zeros at the end of the fraction away.
func (d *Decimal) trim() {
	var quotient, rest big.Int
	for d.scale > 0 {
		if quotient.QuoRem(&d.unscaled, big.NewInt(10), &rest); rest.Sign() != 0 {
			return
		}
		d.unscaled.Set(&quotient)
		d.scale--
	}
}

// Sign returns -1, 0 or 1.
func (d *Decimal) Sign() int { return d.unscaled.Sign() }

// Fraction returns how many fraction digits the number needs: 2 for 1.250.
func (d *Decimal) Fraction() int { return d.scale }

// Cmp compares two numbers: -1, 0 or 1.
func (d *Decimal) Cmp(e *Decimal) int {
	a, b := d.Units(max(d.scale, e.scale)), e.Units(max(d.scale, e.scale))
	return a.Cmp(b)
}

// Units returns the number in units of 10^-places. What is below that is cut off.
func (d *Decimal) Units(places int) *big.Int {
	n := new(big.Int)
	if places >= d.scale {
		return n.Mul(&d.unscaled, power(places-d.scale))
	}
	return n.Quo(&d.unscaled, power(d.scale-places))
}

// String returns the number as plain text: no exponent, no zeros at the end of a
// fraction.
func (d *Decimal) String() string {
	if d.scale == 0 {
		return d.unscaled.String()
	}
	sign, text := "", d.unscaled.String()
	if d.unscaled.Sign() < 0 {
		sign, text = "-", text[1:]
	}
	if len(text) <= d.scale {
		text = strings.Repeat("0", d.scale-len(text)+1) + text
	}
	return sign + text[:len(text)-d.scale] + "." + text[len(text)-d.scale:]
}

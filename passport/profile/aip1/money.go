package aip1

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/safeconduct/safeconduct/internal/decimal"
	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// exponents are the currencies of which AIP-1 counts other than two decimals.
var exponents = map[string]int{
	"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3,
}

func exponent(currency string) int {
	if n, ok := exponents[strings.ToUpper(currency)]; ok {
		return n
	}
	return 2
}

// minor returns a decimal number in minor units; false if it has more decimals
// than the currency.
func minor(source, currency string) (*big.Int, bool) {
	d, ok := decimal.Parse(source)
	if !ok || d.Fraction() > exponent(currency) {
		return nil, false
	}
	return d.Units(exponent(currency)), true
}

// noisyMinor is minor for a floating-point number: what is off by less than the
// noise of such a number is rounded, as the SDK does.
func noisyMinor(n float64, currency string) (*big.Int, bool) {
	d, ok := decimal.Parse(strconv.FormatFloat(n, 'f', -1, 64))
	if !ok {
		return nil, false // NaN, infinity
	}
	scale := exponent(currency)
	if d.Fraction() <= scale {
		return d.Units(scale), true
	}
	const fine = 40 // more places than any shortest text of a double that is not all noise
	value := d.Units(scale + fine)
	whole, off := halfEven(value, power(fine))
	tolerance := power(fine - 6) // 10^-6 of a minor unit
	if relative := new(big.Int).Quo(new(big.Int).Abs(value), big.NewInt(1e12)); relative.Cmp(tolerance) > 0 {
		tolerance = relative
	}
	return whole, off.Cmp(tolerance) <= 0
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// halfEven rounds a number to whole units, halves to the even one, and returns
// how far off that is.
func halfEven(value, unit *big.Int) (whole, off *big.Int) {
	whole, off = new(big.Int).DivMod(value, unit, new(big.Int))
	if twice := new(big.Int).Lsh(off, 1); twice.Cmp(unit) > 0 || twice.Cmp(unit) == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
		off.Sub(unit, off)
	}
	return whole, off
}

// pythonMinor is minor for a text or an integer as the SDK has it: Python's
// decimal arithmetic keeps 28 digits, and what is behind them counts as nothing.
func pythonMinor(source, currency string) (*big.Int, bool) {
	const kept = 28
	d, ok := decimal.Parse(source)
	if !ok {
		return nil, false
	}
	n, shift := d.Units(d.Fraction()), exponent(currency)-d.Fraction()
	if over := len(new(big.Int).Abs(n).String()) - kept; over > 0 {
		n, _ = halfEven(n, power(over))
		shift += over
	}
	if shift >= 0 {
		return n.Mul(n, power(shift)), true
	}
	n, rest := n.QuoRem(n, power(-shift), new(big.Int))
	return n, rest.Sign() == 0
}

// limitMinor returns a limit of the boundaries in minor units.
func (r Reading) limitMinor(c *cell, currency string) (*big.Int, bool) {
	if r == Strict {
		return minor(c.text, currency)
	}
	return noisyMinor(c.float, currency)
}

// amountMinor finds the amount of an act in its parameters: nil if it has none.
// The strict reading wants one amount, not negative, exact, of the limit's
// currency; the compatible one does what the SDK does.
func (r Reading) amountMinor(parameters *value, currency string) (*big.Int, *Error) {
	const path = "/intent/parameters/"
	units, major := parameters.Get("amount_minor"), parameters.Get("amount")
	if r == Strict {
		return exactAmount(units, major, currency)
	}
	if units.Kind() != laxjson.Absent {
		if units.Kind() != laxjson.Number || strings.ContainsAny(units.Text(), ".eENy") {
			return nil, malformed(path+"amount_minor", "want an integer")
		}
		n, _ := new(big.Int).SetString(units.Text(), 10)
		return n, nil
	}
	var n *big.Int
	ok := true
	switch major.Kind() {
	case laxjson.Number:
		if strings.ContainsAny(major.Text(), ".eENy") {
			f, _ := strconv.ParseFloat(major.Text(), 64)
			n, ok = noisyMinor(f, currency)
		} else {
			n, ok = pythonMinor(major.Text(), currency)
		}
	case laxjson.String:
		n, ok = pythonMinor(pythonDecimal(major.Text()), currency)
	}
	if !ok {
		return nil, malformed(path+"amount", "not an amount in whole minor units of %.20s", currency)
	}
	return n, nil
}

func exactAmount(units, major *value, currency string) (*big.Int, *Error) {
	const path = "/intent/parameters/"
	var n *big.Int
	ok := true
	switch {
	case units.Kind() != laxjson.Absent && major.Kind() != laxjson.Absent:
		return nil, malformed(path+"amount", "two amounts, amount_minor and amount: only one may be there")
	case units.Kind() == laxjson.Number && strings.Trim(units.Text(), "0123456789") == "":
		n, _ = new(big.Int).SetString(units.Text(), 10)
	case units.Kind() != laxjson.Absent:
		return nil, malformed(path+"amount_minor", "want an integer that is not negative, without point and exponent")
	case major.Kind() == laxjson.Number, major.Kind() == laxjson.String:
		n, ok = minor(major.Text(), currency)
	case major.Kind() != laxjson.Absent:
		return nil, malformed(path+"amount", "want a number, not %s", major.Kind())
	}
	switch {
	case !ok:
		return nil, malformed(path+"amount", "%.40q is not an amount in whole minor units of %.20s", major.Text(),
			currency)
	case n != nil && n.Sign() < 0:
		return nil, malformed(path+"amount", "the amount is negative")
	}
	return n, nil
}

// pythonDecimal turns what Python's Decimal takes into a JSON number: digits of
// every script, underscores and white space around it.
func pythonDecimal(s string) string {
	s = strings.TrimFunc(s, func(c rune) bool { return unicode.IsSpace(c) || '\x1c' <= c && c <= '\x1f' })
	s = strings.Map(asciiDigit, s)
	unsigned, negative := strings.CutPrefix(s, "-")
	if !negative {
		unsigned = strings.TrimPrefix(s, "+")
	}
	mantissa, exponent := unsigned, ""
	if i := strings.IndexAny(unsigned, "eE"); i >= 0 {
		mantissa, exponent = unsigned[:i], unsigned[i:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if strings.Trim(whole+fraction, "0123456789") != "" || whole+fraction == "" {
		return "NaN"
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	if negative {
		whole = "-" + whole
	}
	return whole + fraction + exponent
}

// asciiDigit turns a decimal digit of any script into the ASCII one, and drops
// an underscore. In Unicode, the ten of a script follow each other.
func asciiDigit(c rune) rune {
	if c == '_' {
		return -1
	}
	if c < 0x80 || !unicode.Is(unicode.Nd, c) {
		return c
	}
	first := c
	for unicode.Is(unicode.Nd, first-1) {
		first--
	}
	return '0' + (c-first)%10
}

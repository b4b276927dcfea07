package passport

import (
	"math/bits"
	"strconv"
	"strings"
)

// MinorUnits returns a number of minor units of a currency as an amount: 1050
// of "USD" are 10.50 USD, of "JPY" 1050 JPY, of "USDC" 0.001050 USDC. The
// currency is one that [ParseMoney] takes. A negative number is refused.
func MinorUnits(units int64, currency string) (Money, error) {
	return ParseMinorUnits(strconv.FormatInt(units, 10), currency)
}

// ParseMinorUnits is [MinorUnits] for a number as text: digits without sign,
// point or leading zero, of at most 18 more than the minor unit has.
func ParseMinorUnits(units, currency string) (Money, error) {
	decimals, known := assetDecimals(currency)
	if !known {
		if isCAIP19(currency) {
			return Money{}, invalid("", "asset %.80q needs its number of decimals, such as 18", currency)
		}
		return Money{}, unknownCurrency(currency)
	}
	amount, err := shiftPoint(units, int(decimals))
	if err != nil {
		return Money{}, err
	}
	return ParseMoney(amount, currency)
}

// ParseAtomicUnits returns a number of the smallest units of an asset with
// these decimals as an amount: "1500000" of a CAIP-19 asset with 6 are 1.500000
// of it. Asset and decimals are as [ParseAssetMoney] takes them, so of an ISO
// 4217 code "5" with 3 are 0.005 of it; the number is as in [ParseMinorUnits].
func ParseAtomicUnits(units, asset string, decimals int) (Money, error) {
	if decimals < 0 || decimals > maxFraction {
		return Money{}, invalid("/decimals", "%d decimals of %.80q, want 0 to %d", decimals, asset, maxFraction)
	}
	amount, err := shiftPoint(units, decimals)
	if err != nil {
		return Money{}, err
	}
	return ParseAssetMoney(amount, asset, decimals)
}

// shiftPoint writes a whole number of units as a decimal with that many
// fraction digits.
func shiftPoint(units string, decimals int) (string, error) {
	switch {
	case units == "" || !isDigits(units):
		return "", invalid("", "%.40q is not a whole number of units, such as \"1050\"", units)
	case len(units) > 1 && units[0] == '0':
		return "", invalid("", "the number of units %.40q has a leading zero", units)
	case len(units) > maxInteger+decimals:
		return "", invalid("", "the number of units %.40q has more than %d digits", units, maxInteger+decimals)
	case decimals == 0:
		return units, nil
	}
	if missing := decimals + 1 - len(units); missing > 0 {
		units = strings.Repeat("0", missing) + units
	}
	point := len(units) - decimals
	return units[:point] + "." + units[point:], nil
}

// AtomicUnits returns the amount as a whole number of its smallest units, of
// which one asset has 10 to the power of [Money.Decimals]: "1050" for 10.50
// USD. It is exact, and what [ParseMinorUnits] and [ParseAtomicUnits] read. It
// is "" for no amount.
func (m Money) AtomicUnits() string {
	if m.IsZero() {
		return ""
	}
	whole, rest := bits.Div64(m.hi, m.lo, one) // every Money is below tooMuch
	digits := strconv.AppendUint(nil, whole, 10)
	// A one before the digits keeps the zeros that they begin with.
	fraction := strconv.AppendUint(nil, one+rest, 10)[1:]
	text := strings.TrimLeft(string(append(digits, fraction[:m.decimals]...)), "0")
	if text == "" {
		return "0"
	}
	return text
}

package passport

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// maxFraction is how many fraction digits an amount may have; amounts are held
// in units of 10^-18 of the asset.
const (
	maxFraction = 18
	maxInteger  = 18

	// one is how many units the amount 1 has. 18 digits are below it, and it
	// fits into 64 bits.
	one = 1_000_000_000_000_000_000
)

// Money is an exact amount of an asset: "50.00 USD". The zero Money is no
// amount at all, not an amount of zero. Values are immutable; compare them
// with [Money.Cmp] and [Money.SameAsset].
type Money struct {
	hi, lo   uint64 // the amount in units of 10^-18
	fraction uint8  // fraction digits as written
	stated   bool   // decimals are stated in the document
	decimals uint8  // of the asset, or as stated
	currency string
}

// ParseMoney reads a decimal string with an asset: an ISO 4217 code or one of
// the registered stablecoins USDC, USDT, EURC, PYUSD. The amount has no sign,
// no exponent, no superfluous leading zero, at most 18 integer and 18 fraction
// digits and no more fraction digits than the asset has.
func ParseMoney(amount, currency string) (Money, error) {
	decimals, ok := assetDecimals(currency)
	if !ok {
		if isCAIP19(currency) {
			return Money{}, invalid("", "asset %.80q needs its number of decimals, such as 18", currency)
		}
		return Money{}, unknownCurrency(currency)
	}
	return parseMoney(amount, currency, decimals, false)
}

func unknownCurrency(s string) error {
	return invalid("/currency", "%.80q is not a currency: want an ISO 4217 code such as USD, one of %s, or for "+
		"other tokens the CAIP-19 id of the asset and its number of decimals", s, tokenNames)
}

// maxFineDecimals is how many decimals an amount of a currency may state.
const maxFineDecimals = 9

// ParseAssetMoney reads a decimal string with a number of decimals: of a
// CAIP-19 asset id, whose decimals (0–18) must be the same along a chain of
// passports; or of an ISO 4217 code, more than the code has and at most 9, for
// amounts below its minor unit, such as "0.005" USD with 3. The latter are
// amounts of the same currency as those of [ParseMoney] and compare by value.
// The registered stablecoins take none.
func ParseAssetMoney(amount, asset string, decimals int) (Money, error) {
	most, least := maxFraction, 0
	if !isCAIP19(asset) {
		own, known := assetDecimals(asset)
		switch {
		case !known:
			return Money{}, unknownCurrency(asset)
		case isToken6(asset):
			return Money{}, invalid("/decimals", "%.20q has 6 decimals, always, and states none", asset)
		}
		most, least = maxFineDecimals, int(own)+1
	}
	if decimals < least || decimals > most {
		return Money{}, invalid("/decimals", "%d decimals of %.80q, want %d to %d", decimals, asset, least, most)
	}
	return parseMoney(amount, asset, uint8(decimals), true)
}

// MustMoney is [ParseMoney] for constants; it panics on what that refuses.
func MustMoney(amount, currency string) Money {
	m, err := ParseMoney(amount, currency)
	if err != nil {
		panic(err)
	}
	return m
}

func parseMoney(amount, currency string, decimals uint8, stated bool) (Money, error) {
	whole, frac, point := strings.Cut(amount, ".")
	switch {
	case whole == "" || point && frac == "" || !isDigits(whole) || !isDigits(frac):
		return Money{}, invalid("", "amount %.40q is not a plain decimal such as \"50.00\"", amount)
	case len(whole) > 1 && whole[0] == '0':
		return Money{}, invalid("", "amount %.40q has a leading zero", amount)
	case len(whole) > maxInteger:
		return Money{}, invalid("", "amount %.40q has more than %d integer digits", amount, maxInteger)
	case len(frac) > int(decimals):
		return Money{}, invalid("", "amount %.40q has %d fraction digits, %s has %d", amount, len(frac), currency, decimals)
	}
	m := Money{fraction: uint8(len(frac)), decimals: decimals, stated: stated, currency: currency}
	var units, carry uint64
	for i := range maxFraction {
		units *= 10
		if i < len(frac) {
			units += uint64(frac[i] - '0')
		}
	}
	n := uint64(0)
	for i := range len(whole) {
		n = n*10 + uint64(whole[i]-'0')
	}
	m.hi, m.lo = bits.Mul64(n, one)
	m.lo, carry = bits.Add64(m.lo, units, 0)
	m.hi += carry // 36 digits are below 2^120
	return m, nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// IsZero reports whether m is not an amount at all.
func (m Money) IsZero() bool { return m.currency == "" }

// Currency returns the asset: "USD", "USDC", a CAIP-19 id; "" for no amount.
func (m Money) Currency() string { return m.currency }

// Decimals returns how many fraction digits the asset has, or the amount was
// stated with, 0 to 18.
func (m Money) Decimals() int { return int(m.decimals) }

// SameAsset reports whether both are amounts of one asset: of one currency, or
// of one CAIP-19 asset counted with the same number of decimals. It is false
// for no amount.
func (m Money) SameAsset(n Money) bool { return m.sameAsset(&n) }

// sameAsset is SameAsset where both are at hand: amounts are large to hand over.
func (m *Money) sameAsset(n *Money) bool {
	return m.currency == n.currency && m.currency != "" && (m.decimals == n.decimals || !isCAIP19(m.currency))
}

// less is Cmp in the same way.
func (m *Money) less(n *Money) bool { return m.hi < n.hi || m.hi == n.hi && m.lo < n.lo }

// Cmp compares two amounts by value: -1, 0 or +1. It looks at the amounts
// alone; compare the assets first.
func (m Money) Cmp(n Money) int {
	switch {
	case m.hi < n.hi || m.hi == n.hi && m.lo < n.lo:
		return -1
	case m.hi == n.hi && m.lo == n.lo:
		return 0
	}
	return 1
}

// Add returns m + n and false if the assets differ or the sum would not fit
// into 18 integer digits.
func (m Money) Add(n Money) (sum Money, ok bool) {
	if !m.SameAsset(n) {
		return Money{}, false
	}
	sum = m
	var carry uint64
	sum.lo, carry = bits.Add64(m.lo, n.lo, 0)
	sum.hi, carry = bits.Add64(m.hi, n.hi, carry)
	sum.fraction, sum.decimals, sum.stated = max(m.fraction, n.fraction), max(m.decimals, n.decimals), m.stated || n.stated
	if carry != 0 || sum.Cmp(tooMuch) >= 0 {
		return Money{}, false
	}
	return sum, true
}

// Sub returns m − n and false if the assets differ or n is more than m.
func (m Money) Sub(n Money) (difference Money, ok bool) {
	if !m.SameAsset(n) || m.Cmp(n) < 0 {
		return Money{}, false
	}
	difference = m
	var borrow uint64
	difference.lo, borrow = bits.Sub64(m.lo, n.lo, 0)
	difference.hi, _ = bits.Sub64(m.hi, n.hi, borrow)
	difference.fraction, difference.decimals, difference.stated = max(m.fraction, n.fraction), max(m.decimals, n.decimals), m.stated || n.stated
	return difference, true
}

// tooMuch is 10^36 units: the first number with 19 integer digits.
var tooMuch = func() Money {
	hi, lo := bits.Mul64(one, one)
	return Money{hi: hi, lo: lo}
}()

// Amount returns the decimal string with the fraction digits that the amount
// was written with; a sum or difference has those of the longer operand. It is
// "" for no amount.
func (m Money) Amount() string {
	if m.IsZero() {
		return ""
	}
	return string(m.appendAmount(make([]byte, 0, maxInteger+1+maxFraction)))
}

func (m Money) appendAmount(out []byte) []byte {
	whole, units := bits.Div64(m.hi, m.lo, one) // every Money is below tooMuch
	out = strconv.AppendUint(out, whole, 10)
	if m.fraction == 0 {
		return out
	}
	shown := uint64(1) // in units of the last digit, 1 is this many
	for range m.fraction {
		shown *= 10
	}
	at := len(out)
	// A one before the digits keeps the zeros that they begin with.
	out = strconv.AppendUint(out, shown+units/(one/shown), 10)
	out[at] = '.'
	return out
}

// String returns the amount with its asset: "50.00 USD".
func (m Money) String() string {
	if m.IsZero() {
		return "no amount"
	}
	return m.Amount() + " " + m.currency
}

// of returns the same number of an asset of another name, for a ledger that keeps the two apart;
// with "" it is no amount until it gets its name back.
func (m Money) of(currency string) Money {
	m.currency = currency
	return m
}

func init() { seam.MustLend("passport.moneyOf", Money.of) }

// Units returns the amount in units of 10^-18 of the asset, as 128 bits, for
// whoever must add up amounts exactly.
func (m Money) Units() (hi, lo uint64) { return m.hi, m.lo }

func (m Money) appendMembers(w *jsonwrite.Writer) {
	w.Member("amount", m.Amount())
	w.Member("currency", m.currency)
	if m.stated {
		w.Name("decimals")
		w.Int(int64(m.decimals))
	}
}

// money reads amount, currency and decimals out of an object; extra handles
// the members that a spend limit has besides.
func (r *reader) money(v credential.Value, extra func(name string, m credential.Value) bool) Money {
	if !r.object(v, "an amount") {
		return Money{}
	}
	var amount, currency string
	decimals := -1
	for name, m := range v.Members() {
		switch name {
		case "amount":
			if m.Kind() == strictjson.Number {
				r.fail(m, "an amount is a decimal string such as \"50.00\", never a number")
			}
			amount = r.text(m)
		case "currency":
			currency = r.text(m)
		case "decimals":
			decimals = r.count(m)
		default:
			if extra == nil || !extra(name, m) {
				r.unknown(m, name, "an amount")
			}
		}
	}
	if r.err != nil {
		return Money{}
	}
	var out Money
	var err error
	switch {
	case decimals < 0:
		out, err = ParseMoney(amount, currency)
	default:
		out, err = ParseAssetMoney(amount, currency, decimals)
	}
	r.because(v, err)
	return out
}

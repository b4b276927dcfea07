package packs

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// number is a decimal by its source text: digits × 10^-scale. Money never passes
// through a float64. A number that does not fit is huge: it is larger, or smaller
// if negative, than every other, and no sum makes it small again.
type number struct {
	digits int64
	scale  int8 // 0 to maxScale
	huge   int8 // +1, -1; else 0
}

const maxScale = 18

// parseNumber reads a JSON number. It fails for one that is too fine: more than
// maxScale places, or more digits than fit.
func parseNumber(text string) (n number, ok bool) {
	mantissa, exp := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		var err error
		if exp, err = strconv.Atoi(strings.TrimPrefix(text[i+1:], "+")); err != nil {
			return number{}, false
		}
		mantissa = text[:i]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	sign := int8(1)
	if rest, minus := strings.CutPrefix(whole, "-"); minus {
		sign, whole = -1, rest
	}
	fraction = strings.TrimRight(fraction, "0")
	var magnitude uint64
	zero := true
	places := len(fraction) - exp
	for _, part := range [2]string{whole, fraction} {
		for i := range len(part) {
			zero = zero && part[i] == '0'
			if magnitude > math.MaxInt64/10-1 {
				return overflow(sign, places)
			}
			magnitude = magnitude*10 + uint64(part[i]-'0')
		}
	}
	for ; places > 0 && magnitude%10 == 0 && !zero; places-- {
		magnitude /= 10
	}
	for ; places < 0 && !zero; places++ {
		if magnitude > math.MaxInt64/10 {
			return number{huge: sign}, true
		}
		magnitude *= 10
	}
	switch {
	case zero:
		return number{}, true
	case places > maxScale:
		return number{}, false
	}
	return number{digits: int64(magnitude) * int64(sign), scale: int8(places)}, true
}

// overflow tells a number that is too large from one that is too fine.
func overflow(sign int8, places int) (number, bool) {
	if places > 0 {
		return number{}, false
	}
	return number{huge: sign}, true
}

func whole(n int64) number { return number{digits: n} }

// compare returns -1, 0 or +1. Two huge numbers of one sign are not equal: which
// is larger is not known, so neither "at most" nor "at least" holds.
func (a number) compare(b number) (order int, known bool) {
	switch {
	case a.huge != 0 && a.huge == b.huge:
		return 0, false
	case a.huge != 0:
		return int(a.huge), true
	case b.huge != 0:
		return -int(b.huge), true
	}
	sa, sb := sign(a.digits), sign(b.digits)
	if sa != sb || sa == 0 {
		return sign(int64(sa - sb)), true
	}
	hiA, loA := scaled(a.digits, b.scale-a.scale)
	hiB, loB := scaled(b.digits, a.scale-b.scale)
	order = 0
	switch {
	case hiA != hiB:
		order = 1
		if hiA < hiB {
			order = -1
		}
	case loA != loB:
		order = 1
		if loA < loB {
			order = -1
		}
	}
	return order * sa, true
}

func sign(n int64) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// scaled returns |n| × 10^by in 128 bits; by at most maxScale, and negative is 0.
func scaled(n int64, by int8) (hi, lo uint64) {
	magnitude := uint64(n)
	if n < 0 {
		magnitude = -magnitude
	}
	if by <= 0 {
		return 0, magnitude
	}
	return bits.Mul64(magnitude, powers[by])
}

var powers = func() (p [maxScale + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// plus returns a + b; huge if it does not fit.
func (a number) plus(b number) number {
	if a.huge != 0 || b.huge != 0 {
		if a.huge != 0 {
			return number{huge: a.huge}
		}
		return number{huge: b.huge}
	}
	for a.scale < b.scale {
		if a = a.finer(); a.huge != 0 {
			return a
		}
	}
	for b.scale < a.scale {
		if b = b.finer(); b.huge != 0 {
			return b
		}
	}
	sum := a.digits + b.digits
	if (sum > a.digits) != (b.digits > 0) && b.digits != 0 {
		return number{huge: int8(sign(a.digits))}
	}
	return number{digits: sum, scale: a.scale}
}

// finer writes the same number with one place more.
func (a number) finer() number {
	if a.digits > math.MaxInt64/10 || a.digits < math.MinInt64/10 {
		return number{huge: int8(sign(a.digits))}
	}
	return number{digits: a.digits * 10, scale: a.scale + 1}
}

// minus returns a - b; huge if it does not fit.
func (a number) minus(b number) number {
	if b.digits == math.MinInt64 {
		return number{huge: 1}
	}
	b.digits, b.huge = -b.digits, -b.huge
	return a.plus(b)
}

// times returns a × b; huge if it does not fit.
func (a number) times(b number) number {
	if a.huge == 0 && a.digits == 0 || b.huge == 0 && b.digits == 0 {
		return number{}
	}
	negative := (a.negative()) != (b.negative())
	out := number{huge: 1}
	if negative {
		out.huge = -1
	}
	if a.huge != 0 || b.huge != 0 || int(a.scale)+int(b.scale) > maxScale {
		return out
	}
	hi, lo := bits.Mul64(abs(a.digits), abs(b.digits))
	if hi != 0 || lo > math.MaxInt64 {
		return out
	}
	digits := int64(lo)
	if negative {
		digits = -digits
	}
	return number{digits: digits, scale: a.scale + b.scale}
}

func (a number) negative() bool { return a.huge < 0 || a.huge == 0 && a.digits < 0 }

func abs(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

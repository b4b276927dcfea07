package strictjson

import (
	"strconv"
	"strings"
)

func (p *parser) number() error {
	start, s := p.pos, p.text
	i := start
	digits := func() bool {
		from := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if s[i] == '-' {
		i++
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
		if i < len(s) && '0' <= s[i] && s[i] <= '9' {
			return p.fail(start, "a number with a leading zero")
		}
	case !digits():
		return p.fail(start, "a number without digits")
	}
	plain := true
	if i < len(s) && s[i] == '.' {
		plain = false
		i++
		if !digits() {
			return p.fail(start, "a number without digits behind the point")
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		plain = false
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return p.fail(start, "a number without digits in its exponent")
		}
	}
	if i-start > p.caps.StringBytes {
		return p.limit(start, "StringBytes", i-start, p.caps.StringBytes)
	}
	if !plain || i-start > 15 || s[start:i] == "-0" {
		p.odd++
		if err := p.representable(start, s[start:i]); err != nil {
			return err
		}
	}
	p.pos = i
	p.push(Number, start)
	return nil
}

// representable refuses numbers that a double can only hold as infinity, or
// as zero though they are not.
func (p *parser) representable(at int, text string) error {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return p.fail(at, "number %.32s is out of range", text)
	}
	if f == 0 && !isZero(text) {
		return p.fail(at, "number %.32s is too close to zero to be kept", text)
	}
	return nil
}

func isZero(text string) bool {
	for _, c := range []byte(text) {
		switch {
		case c == 'e' || c == 'E':
			return true
		case '1' <= c && c <= '9':
			return false
		}
	}
	return true
}

// ExactNumber reports whether the number means exactly what its shortest
// ECMAScript form says, so that no reader rounds it: 0.1, 1e3 and 1.50 do,
// 0.1000000000000000055, 2^53 + 1 and -0 do not.
func (v Value) ExactNumber() bool {
	if v.Kind() != Number {
		return false
	}
	text := v.Raw()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return false
	}
	if f == 0 {
		return isZero(text) && text[0] != '-'
	}
	var buf [32]byte
	return parseDecimal(text) == parseDecimal(string(strconv.AppendFloat(buf[:0], f, 'e', -1, 64)))
}

// decimal is a number as digits × 10^exp, the digits without zeros at either
// end: one form per value.
type decimal struct {
	negative bool
	digits   string
	exp      int
}

func parseDecimal(text string) (d decimal) {
	if text[0] == '-' {
		d.negative, text = true, text[1:]
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exp, err := strconv.Atoi(strings.TrimPrefix(text[i+1:], "+"))
		if err != nil {
			return decimal{exp: -1 << 31} // an exponent out of every range
		}
		d.exp, text = exp, text[:i]
	}
	if whole, frac, ok := strings.Cut(text, "."); ok {
		d.exp -= len(frac)
		text = whole + frac
	}
	text = strings.TrimLeft(text, "0")
	d.digits = strings.TrimRight(text, "0")
	d.exp += len(text) - len(d.digits)
	return d
}

// InexactNumber returns the first number in the value, itself included, that a
// reader who keeps IEEE 754 doubles would round; absent if there is none.
func (v Value) InexactNumber() Value {
	if v.t == nil {
		return Value{}
	}
	for i := v.index(); i < v.t.next(v.index()); i++ {
		if n := v.t.value(i); n.Kind() == Number {
			if _, ok := n.Int(); !ok && !n.ExactNumber() {
				return n
			}
		}
		if v.t.apart == i+1 {
			for _, part := range v.t.parts {
				if inexact := part.InexactNumber(); inexact.Exists() {
					return inexact
				}
			}
		}
	}
	return Value{}
}

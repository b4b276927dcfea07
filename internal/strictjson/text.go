package strictjson

import (
	"math/bits"
	"unicode/utf8"
)

func (p *parser) str(max int, name string) error {
	start := p.pos
	s := p.text
	i := p.pos + 1
	for {
		i = skipPlain(s, i)
		if i == len(s) {
			return p.fail(start, "a string that does not end")
		}
		c := s[i]
		switch {
		case c == '"':
			if i-start-1 > max {
				return p.limit(start, name, i-start-1, max)
			}
			p.pos = i + 1
			p.push(String, start)
			return nil
		case c == '\\':
			return p.escapedStr(start, i, max, name)
		case c < 0x20:
			return p.fail(i, "control character %#02x in a string, want an escape", c)
		default:
			size, err := p.multibyte(i)
			if err != nil {
				return err
			}
			i += size
		}
	}
}

// multibyte returns the length of the UTF-8 sequence at i.
func (p *parser) multibyte(i int) (int, error) {
	r, size := utf8.DecodeRuneInString(p.text[i:])
	if r == utf8.RuneError && size == 1 {
		return 0, p.fail(i, "invalid UTF-8 in a string")
	}
	return size, nil
}

// escapedStr parses a string from its first backslash, at i, on. It is the
// only place where text is copied.
func (p *parser) escapedStr(start, i, max int, name string) error {
	s := p.text
	p.buf = append(p.buf[:0], s[start+1:i]...)
	p.odd++
	for {
		from := i
		if i = skipPlain(s, i); i == len(s) {
			return p.fail(start, "a string that does not end")
		}
		p.buf = append(p.buf, s[from:i]...)
		switch c := s[i]; {
		case c == '"':
			if len(p.buf) > max {
				return p.limit(start, name, len(p.buf), max)
			}
			p.pos = i + 1
			n := p.push(String, start)
			p.nodes[n].at |= escapedBit
			p.nodes[n].ref = uint32(len(p.decoded))
			p.decoded = append(p.decoded, decoded{string(p.buf), uint32(p.pos)})
			return nil
		case c == '\\':
			size, err := p.escape(i)
			if err != nil {
				return err
			}
			i += size
		case c < 0x20:
			return p.fail(i, "control character %#02x in a string, want an escape", c)
		default:
			size, err := p.multibyte(i)
			if err != nil {
				return err
			}
			p.buf = append(p.buf, s[i:i+size]...)
			i += size
		}
	}
}

// escape decodes the escape at i into buf and returns its length in the text.
func (p *parser) escape(i int) (int, error) {
	if i+1 >= len(p.text) {
		return 0, p.fail(i, "an escape that does not end")
	}
	switch c := p.text[i+1]; c {
	case '"', '\\', '/':
		p.buf = append(p.buf, c)
	case 'b':
		p.buf = append(p.buf, '\b')
	case 'f':
		p.buf = append(p.buf, '\f')
	case 'n':
		p.buf = append(p.buf, '\n')
	case 'r':
		p.buf = append(p.buf, '\r')
	case 't':
		p.buf = append(p.buf, '\t')
	case 'u':
		return p.unicodeEscape(i)
	default:
		return 0, p.fail(i, "unknown escape \\ before byte %#02x", c)
	}
	return 2, nil
}

func (p *parser) unicodeEscape(i int) (int, error) {
	r, ok := p.hex4(i)
	if !ok {
		return 0, p.fail(i, "want four hexadecimal digits after the escape \\u")
	}
	switch {
	case 0xD800 <= r && r < 0xDC00:
		low, ok := p.hex4(i + 6)
		if !ok || low < 0xDC00 || low > 0xDFFF {
			return 0, p.fail(i, "a lone surrogate \\u%04x: no text has it", r)
		}
		p.buf = utf8.AppendRune(p.buf, (r-0xD800)<<10|(low-0xDC00)+0x10000)
		return 12, nil
	case 0xDC00 <= r && r <= 0xDFFF:
		return 0, p.fail(i, "a lone surrogate \\u%04x: no text has it", r)
	}
	p.buf = utf8.AppendRune(p.buf, r)
	return 6, nil
}

func (p *parser) hex4(i int) (rune, bool) {
	if len(p.text)-i < 6 || p.text[i] != '\\' || p.text[i+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.text[i+2 : i+6]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// plain marks the bytes that stand for themselves inside a string: ASCII but
// for the quote, the backslash and the control characters.
var plain = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// Plain reports whether a text stands for itself inside a string: it is ASCII, and
// nothing in it must be escaped.
func Plain(s string) bool { return skipPlain(s, 0) == len(s) }

// skipPlain returns the index of the first byte from i on that is not plain,
// or len(s). It looks at eight bytes at a time, as most text of most documents
// is plain.
func skipPlain(s string, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s)-i >= 8; i += 8 {
		w := s[i : i+8]
		x := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
			uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		// The high bit of each byte: set in x itself, or borrowed because the
		// byte was below 0x20, or zero after the XOR. A borrow may also run on
		// into bytes above, so that only the lowest mark is to be trusted.
		marks := (x | (x - 0x20*ones) | ((x ^ '"'*ones) - ones) | ((x ^ '\\'*ones) - ones)) & high
		if marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
	}
	for i < len(s) && plain[s[i]] {
		i++
	}
	return i
}

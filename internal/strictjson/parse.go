package strictjson

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// Parse parses exactly one JSON value that makes up the whole text, but for
// white space around it. Errors are of type [*Error].
func Parse(text string, caps limits.JSON) (Value, error) {
	if len(text) > caps.Bytes {
		return Value{}, &Error{0, "Bytes", fmt.Sprintf("%d bytes, at most %d are allowed", len(text), caps.Bytes)}
	}
	p := parsers.Get().(*parser)
	defer p.release()
	p.text, p.caps = text, caps
	if err := p.document(); err != nil {
		return Value{}, err
	}
	// Exactly sized copies: the tree lives as long as the document, the
	// parser's own slices are used again.
	return Value{&tree{
		text:    text,
		nodes:   slices.Clone(p.nodes),
		decoded: slices.Clone(p.decoded),
		order:   slices.Clone(p.order),
	}, 0}, nil
}

var parsers = sync.Pool{New: func() any { return new(parser) }}

type parser struct {
	tree    // under construction
	pos     int
	depth   int
	members int
	caps    limits.JSON
	buf     []byte // one string being decoded
}

// maxPooled bounds what a pooled parser keeps between documents.
const maxPooled = 1 << 14

func (p *parser) release() {
	clear(p.decoded)
	nodes, order, decoded, buf := p.nodes[:0], p.order[:0], p.decoded[:0], p.buf[:0]
	if cap(nodes) > maxPooled || cap(buf) > maxPooled {
		nodes, order, decoded, buf = nil, nil, nil, nil
	}
	*p = parser{buf: buf, tree: tree{nodes: nodes, order: order, decoded: decoded}}
	parsers.Put(p)
}

func (p *parser) fail(at int, format string, args ...any) error {
	return &Error{at, "", fmt.Sprintf(format, args...)}
}

func (p *parser) limit(at int, name string, got, max int) error {
	return &Error{at, name, fmt.Sprintf("%s is %d, at most %d is allowed", name, got, max)}
}

func (p *parser) document() error {
	p.space()
	if err := p.value(); err != nil {
		return err
	}
	p.space()
	if p.pos < len(p.text) {
		return p.fail(p.pos, "data after the value")
	}
	return nil
}

func (p *parser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) value() error {
	if p.pos >= len(p.text) {
		return p.fail(p.pos, "the text ends where a value is due")
	}
	switch c := p.text[p.pos]; c {
	case '{':
		return p.container(Object, '}')
	case '[':
		return p.container(Array, ']')
	case '"':
		return p.str(p.caps.StringBytes, "StringBytes")
	case 't':
		return p.word("true", Bool)
	case 'f':
		return p.word("false", Bool)
	case 'n':
		return p.word("null", Null)
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return p.number()
		}
		return p.fail(p.pos, "unexpected character %q where a value is due", rune(c))
	}
}

func (p *parser) push(kind Kind, start int) int {
	i := len(p.nodes)
	p.nodes = append(p.nodes, node{start: uint32(start), end: uint32(p.pos), next: uint32(i + 1), kind: kind})
	return i
}

func (p *parser) word(word string, kind Kind) error {
	if len(p.text)-p.pos < len(word) || p.text[p.pos:p.pos+len(word)] != word {
		return p.fail(p.pos, "unexpected text where a value is due")
	}
	start := p.pos
	p.pos += len(word)
	p.push(kind, start)
	return nil
}

func (p *parser) container(kind Kind, closing byte) error {
	start := p.pos
	if p.depth++; p.depth > p.caps.Depth {
		return p.limit(start, "Depth", p.depth, p.caps.Depth)
	}
	i := p.push(kind, start)
	p.pos++
	p.space()
	count := 0
	if p.pos >= len(p.text) || p.text[p.pos] != closing {
		var err error
		if count, err = p.elements(kind, closing, start); err != nil {
			return err
		}
	}
	p.pos++
	p.depth--
	n := &p.nodes[i]
	n.end, n.next, n.count = uint32(p.pos), uint32(len(p.nodes)), uint32(count)
	if kind == Object {
		return p.sort(i)
	}
	return nil
}

// elements parses the content of a container that is not empty, up to its
// closing bracket, and returns how many members or items it has.
func (p *parser) elements(kind Kind, closing byte, start int) (count int, err error) {
	for {
		if err := p.element(kind); err != nil {
			return 0, err
		}
		if count++; kind == Array && count > p.caps.ArrayLength {
			return 0, p.limit(start, "ArrayLength", count, p.caps.ArrayLength)
		}
		if p.members++; p.members > p.caps.Members {
			return 0, p.limit(p.pos, "Members", p.members, p.caps.Members)
		}
		p.space()
		if p.pos < len(p.text) {
			switch p.text[p.pos] {
			case closing:
				return count, nil
			case ',':
				p.pos++
				p.space()
				continue
			}
		}
		return 0, p.fail(p.pos, "want ',' or '%c' in the %s that begins at byte %d", closing, containerName(kind), start)
	}
}

func containerName(kind Kind) string {
	if kind == Object {
		return "object"
	}
	return "array"
}

// element parses one array item, or one member with its name.
func (p *parser) element(kind Kind) error {
	if kind == Object {
		if p.pos >= len(p.text) || p.text[p.pos] != '"' {
			return p.fail(p.pos, "want a member name in double quotes")
		}
		if err := p.str(p.caps.KeyBytes, "KeyBytes"); err != nil {
			return err
		}
		p.space()
		if p.pos >= len(p.text) || p.text[p.pos] != ':' {
			return p.fail(p.pos, "want ':' after a member name")
		}
		p.pos++
		p.space()
	}
	return p.value()
}

// sort records the canonical order of the members of object i and refuses
// duplicate names, which the order puts side by side.
func (p *parser) sort(i int) error {
	n := &p.nodes[i]
	n.aux = uint32(len(p.order))
	for k, j := uint32(i+1), uint32(0); j < n.count; j++ {
		p.order = append(p.order, k)
		k = p.nodes[k+1].next
	}
	names := p.order[n.aux:]
	slices.SortFunc(names, func(a, b uint32) int { return compareUTF16(p.name(a), p.name(b)) })
	for j := 1; j < len(names); j++ {
		if a, b := names[j-1], names[j]; p.name(a) == p.name(b) {
			return p.fail(int(p.nodes[max(a, b)].start), "member name %.64q stands twice in one object", p.name(a))
		}
	}
	return nil
}

// name returns the decoded member name of node i; the method of tree is
// hidden by the parser's own str.
func (p *parser) name(i uint32) string { return p.tree.str(i) }

// compareUTF16 orders valid UTF-8 strings by their UTF-16 code units. That is
// the byte order, but for code points from U+10000 on: their surrogates
// (D800–DFFF) come before U+E000–U+FFFF.
func compareUTF16(a, b string) int {
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0) {
			x, y = y, x
		}
		return int(x) - int(y)
	}
	return len(a) - len(b)
}

func (p *parser) str(max int, name string) error {
	start := p.pos
	s := p.text
	i := p.pos + 1
	for i < len(s) {
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
		case c < utf8.RuneSelf:
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				return p.fail(i, "invalid UTF-8 in a string")
			}
			i += size
		}
	}
	return p.fail(start, "a string that does not end")
}

func (p *parser) escapedStr(start, i, max int, name string) error {
	s := p.text
	p.buf = append(p.buf[:0], s[start+1:i]...)
	for i < len(s) {
		c := s[i]
		switch {
		case c == '"':
			if len(p.buf) > max {
				return p.limit(start, name, len(p.buf), max)
			}
			p.pos = i + 1
			n := p.push(String, start)
			p.nodes[n].escaped = true
			p.nodes[n].aux = uint32(len(p.decoded))
			p.decoded = append(p.decoded, string(p.buf))
			return nil
		case c == '\\':
			size, err := p.escape(i)
			if err != nil {
				return err
			}
			i += size
		case c < 0x20:
			return p.fail(i, "control character %#02x in a string, want an escape", c)
		case c < utf8.RuneSelf:
			p.buf = append(p.buf, c)
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				return p.fail(i, "invalid UTF-8 in a string")
			}
			p.buf = append(p.buf, s[i:i+size]...)
			i += size
		}
	}
	return p.fail(start, "a string that does not end")
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
		return 0, p.fail(i, "unknown escape \\%c", rune(c))
	}
	return 2, nil
}

func (p *parser) unicodeEscape(i int) (int, error) {
	r, ok := p.hex4(i)
	if !ok {
		return 0, p.fail(i, "want four hexadecimal digits after \\u")
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
	if !plain || i-start > 15 {
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

// Package laxjson reads JSON as other systems' readers do, for the compatible
// readings of their dialects: the last of two members of one name counts, lone
// surrogates are taken, and Python's NaN and Infinity, where asked for.
//
// Nothing is decided on what only this package takes: strict readings ask
// package strictjson first. Both then walk one kind of tree. Numbers keep their
// source text.
package laxjson

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is the JSON type of a value.
type Kind uint8

// The kinds of a Value.
const (
	Absent Kind = iota // what an object does not have
	Null
	Bool
	Number
	String
	Array
	Object
)

var kindNames = [...]string{"absent", "null", "a boolean", "a number", "a string", "a list", "an object"}

// String returns the kind as it reads in an error.
func (k Kind) String() string { return kindNames[k] }

// Value is one value of a text. A nil Value is absent.
type Value struct {
	kind    Kind
	text    string // of a string: decoded, a lone surrogate as its three bytes; of a number: the source
	truth   bool
	items   []*Value
	members []Member
}

// Member is a member of an object.
type Member struct {
	Name  string
	Value *Value
}

// Dialect is whose reader is meant.
type Dialect uint8

// The readers.
const (
	JavaScript Dialect = iota // JSON.parse
	Python                    // json.loads, which takes NaN, Infinity and -Infinity
)

// MaxDepth is how deep a text may be nested.
const MaxDepth = 256

var errDepth = fmt.Errorf("nested deeper than %d", MaxDepth)

// Parse reads exactly one value with nothing but white space around it.
func Parse(text string, d Dialect) (*Value, error) {
	p := parser{text: text, python: d == Python}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, fmt.Errorf("at byte %d: %w", p.at, err)
	}
	if p.space(); p.at != len(text) {
		return nil, fmt.Errorf("at byte %d: text after the value", p.at)
	}
	return v, nil
}

// NewObject returns an object of members, whose names differ.
func NewObject(members []Member) *Value { return &Value{kind: Object, members: members} }

// Kind returns the type of the value, Absent of a nil one.
func (v *Value) Kind() Kind {
	if v == nil {
		return Absent
	}
	return v.kind
}

// Text returns the string, or the source of the number; "" of others.
func (v *Value) Text() string {
	if v == nil {
		return ""
	}
	return v.text
}

// Truth returns the boolean; false of others.
func (v *Value) Truth() bool { return v != nil && v.truth }

// Items returns the items of a list.
func (v *Value) Items() []*Value {
	if v == nil {
		return nil
	}
	return v.items
}

// Members returns the members of an object, each name once, in the order in
// which the names first came.
func (v *Value) Members() []Member {
	if v == nil {
		return nil
	}
	return v.members
}

// Get returns the member of that name, nil if there is none.
func (v *Value) Get(name string) *Value {
	for _, m := range v.Members() {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

type parser struct {
	text   string
	at     int
	python bool
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// take skips a word, if it is next.
func (p *parser) take(word string) bool {
	if !strings.HasPrefix(p.text[p.at:], word) {
		return false
	}
	p.at += len(word)
	return true
}

func (p *parser) value(depth int) (*Value, error) {
	if depth > MaxDepth {
		return nil, errDepth
	}
	if p.at == len(p.text) {
		return nil, errors.New("the text ends where a value is due")
	}
	switch c := p.text[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, err := p.str()
		return &Value{kind: String, text: s}, err
	case p.take("null"):
		return &Value{kind: Null}, nil
	case p.take("true"):
		return &Value{kind: Bool, truth: true}, nil
	case p.take("false"):
		return &Value{kind: Bool}, nil
	}
	if p.python {
		for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
			if p.take(word) {
				return &Value{kind: Number, text: word}, nil
			}
		}
	}
	return p.number()
}

func (p *parser) object(depth int) (*Value, error) {
	p.at++
	v := &Value{kind: Object}
	where := map[string]int{}
	if p.space(); p.take("}") {
		return v, nil
	}
	for {
		if p.space(); p.at == len(p.text) || p.text[p.at] != '"' {
			return nil, errors.New("want the name of a member")
		}
		name, err := p.str()
		if err != nil {
			return nil, err
		}
		if p.space(); !p.take(":") {
			return nil, errors.New("want ':'")
		}
		p.space()
		m, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if i, twice := where[name]; twice {
			v.members[i].Value = m
		} else {
			where[name] = len(v.members)
			v.members = append(v.members, Member{name, m})
		}
		p.space()
		if p.take("}") {
			return v, nil
		}
		if !p.take(",") {
			return nil, errors.New("want ',' or '}'")
		}
	}
}

func (p *parser) array(depth int) (*Value, error) {
	p.at++
	v := &Value{kind: Array}
	if p.space(); p.take("]") {
		return v, nil
	}
	for {
		p.space()
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
		p.space()
		if p.take("]") {
			return v, nil
		}
		if !p.take(",") {
			return nil, errors.New("want ',' or ']'")
		}
	}
}

// number reads a number by the grammar of RFC 8259, which both readers keep to.
func (p *parser) number() (*Value, error) {
	start := p.at
	digits := func() bool {
		from := p.at
		for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
			p.at++
		}
		return p.at > from
	}
	p.take("-")
	if whole := p.take("0") || digits(); !whole {
		return nil, errors.New("want a value")
	}
	if p.take(".") && !digits() {
		return nil, errors.New("want digits behind the point")
	}
	if p.take("e") || p.take("E") {
		if !p.take("+") {
			p.take("-")
		}
		if !digits() {
			return nil, errors.New("want digits in the exponent")
		}
	}
	return &Value{kind: Number, text: p.text[start:p.at]}, nil
}

func (p *parser) str() (string, error) {
	p.at++
	var b strings.Builder
	for start := p.at; ; {
		if p.at == len(p.text) {
			return "", errors.New("a string does not end")
		}
		switch c := p.text[p.at]; {
		case c == '"':
			b.WriteString(p.text[start:p.at])
			p.at++
			return b.String(), nil
		case c < ' ':
			return "", errors.New("a control character in a string")
		case c != '\\':
			p.at++
		default:
			b.WriteString(p.text[start:p.at])
			p.at++
			if err := p.escape(&b); err != nil {
				return "", err
			}
			start = p.at
		}
	}
}

const escapes, escaped = `"\/bfnrt`, "\"\\/\b\f\n\r\t"

func (p *parser) escape(b *strings.Builder) error {
	if p.at == len(p.text) {
		return errors.New("a string does not end")
	}
	c := p.text[p.at]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		b.WriteByte(escaped[i])
		p.at++
		return nil
	}
	r, ok := p.unit()
	if !ok {
		return errors.New("an escape that does not exist")
	}
	if 0xd800 <= r && r < 0xdc00 {
		back := p.at
		if p.take(`\`) {
			if low, ok := p.unit(); ok && 0xdc00 <= low && low < 0xe000 {
				b.WriteRune(0x10000 + (r-0xd800)<<10 + low - 0xdc00)
				return nil
			}
		}
		p.at = back
	}
	appendUnit(b, r)
	return nil
}

// unit reads "uXXXX".
func (p *parser) unit() (rune, bool) {
	if len(p.text) < p.at+5 || p.text[p.at] != 'u' {
		return 0, false
	}
	hex := p.text[p.at+1 : p.at+5]
	n, err := strconv.ParseUint(hex, 16, 16)
	if err != nil || strings.ContainsAny(hex, "+-_") {
		return 0, false
	}
	p.at += 5
	return rune(n), true
}

// appendUnit writes a code unit: as UTF-8, or as three bytes what UTF-8 has no
// form for. The order of such texts by bytes is that by code points.
func appendUnit(b *strings.Builder, r rune) {
	if 0xd800 <= r && r < 0xe000 {
		b.Write([]byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6)&0xbf, 0x80 | byte(r)&0xbf})
		return
	}
	b.WriteRune(r)
}

// Next splits the first character off a decoded string: its code point, a lone
// surrogate included, and the number of its bytes.
func Next(s string) (r rune, size int) {
	if len(s) >= 3 && s[0] == 0xed && s[1]&0xe0 == 0xa0 && s[2]&0xc0 == 0x80 {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return utf8.DecodeRuneInString(s)
}

// Lone reports whether a decoded string has a lone surrogate.
func Lone(s string) bool {
	for len(s) > 0 {
		r, n := Next(s)
		if 0xd800 <= r && r < 0xe000 {
			return true
		}
		s = s[n:]
	}
	return false
}

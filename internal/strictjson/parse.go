package strictjson

import (
	"fmt"
	"slices"
	"sync"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// Parse parses exactly one JSON value that makes up the whole text, but for
// white space around it. Errors are of type [*Error]. Its work is linear in
// the length of the text but for the sorting of member names, n log n in each
// object; it stops at the first cap that is passed. Caps of zero allow nothing.
func Parse(text string, caps limits.JSON) (Value, error) { return parse(text, caps, "", nil, nil) }

func parse(text string, caps limits.JSON, list string, known func(string) *Known, cuts []Cut) (Value, error) {
	// Nodes have only so many bits, whatever the caps say.
	if most := min(caps.Bytes, maxText); len(text) > most {
		return Value{}, &Error{0, "Bytes", fmt.Sprintf("%d bytes, at most %d are allowed", len(text), most)}
	}
	p := parsers.Get().(*parser)
	defer p.release()
	p.text, p.caps, p.list, p.known, p.cuts = text, caps, list, known, cuts
	if err := p.document(); err != nil {
		if other := OtherEncoding(text); other != "" {
			return Value{}, &Error{0, "", other}
		}
		return Value{}, err
	}
	return p.finish(text), nil
}

// fewParts is how many parts most trees that have any have at most.
const fewParts = 4

// finish returns the root of what was parsed.
func (p *parser) finish(text string) Value {
	// Exactly sized copies: the tree lives as long as the document, the
	// parser's own slices are used again.
	t := &tree{}
	if n := len(p.parts); n > 0 && n <= fewParts {
		both := &struct { // in one piece of memory
			tree
			parts [fewParts]Value
		}{}
		t, both.tree.parts = &both.tree, both.parts[:copy(both.parts[:], p.parts):n]
	} else {
		t.parts = slices.Clone(p.parts)
	}
	t.text, t.apart = text, p.apart
	t.nodes, t.decoded, t.extents = slices.Clone(p.nodes), slices.Clone(p.decoded), slices.Clone(p.extents)
	return t.value(0)
}

var parsers = sync.Pool{New: func() any { return new(parser) }}

type parser struct {
	tree    // under construction
	pos     int
	depth   int
	members int
	odd     int // how many places so far are not written as RFC 8785 wants
	caps    limits.JSON
	base    int    // where the text begins in that of the whole
	list    string // the member of the root whose items are parsed apart; "" for none
	listed  bool   // the parse is at that member
	known   func(rest string) *Known
	cuts    []Cut      // that were not met yet
	buf     []byte     // one string being decoded
	sorting []sortName // the names of one object
}

// maxPooled bounds what a pooled parser keeps between documents.
const maxPooled = 1 << 14

func (p *parser) release() {
	if cap(p.nodes) > maxPooled || cap(p.buf) > maxPooled {
		*p = parser{}
	} else {
		clear(p.decoded) // nothing of one document lives on in the pool
		clear(p.parts)
		*p = parser{
			tree: tree{nodes: p.nodes[:0], extents: p.extents[:0], decoded: p.decoded[:0], parts: p.parts[:0]},
			buf:  p.buf[:0], sorting: p.sorting[:0],
		}
	}
	parsers.Put(p)
}

func (p *parser) fail(at int, format string, args ...any) error {
	return &Error{p.base + at, "", fmt.Sprintf(format, args...)}
}

func (p *parser) limit(at int, name string, got, max int) error {
	return &Error{p.base + at, name, fmt.Sprintf("%s is %d, at most %d is allowed", name, got, max)}
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
	if len(p.cuts) > 0 {
		return p.fail(p.cuts[0].At, "what was cut out is not an item of the list")
	}
	return nil
}

func (p *parser) space() {
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return
		}
		p.pos++
		p.odd++
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
		return p.fail(p.pos, "unexpected byte %#02x where a value is due", c)
	}
}

// push appends a node for the text from start to the position.
func (p *parser) push(kind Kind, start int) int {
	i := len(p.nodes)
	p.nodes = append(p.nodes, node{})
	// Set in place: a literal with values would be built aside and copied,
	// which costs a tenth of the parse.
	n := &p.nodes[i]
	n.at, n.ref = place(start, kind), uint32(p.pos-start)
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
	start, odd := p.pos, p.odd
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
	p.nodes[i].ref = uint32(len(p.extents))
	p.extents = append(p.extents, uint32(count), uint32(len(p.nodes)), uint32(p.pos))
	if kind == Object {
		if err := p.sort(i, count); err != nil {
			return err
		}
	}
	if p.odd == odd {
		p.nodes[i].at |= canonicalBit
	}
	return nil
}

// elements parses the content of a container that is not empty, up to its
// closing bracket, and returns how many members or items it has.
func (p *parser) elements(kind Kind, closing byte, start int) (count int, err error) {
	apart := kind == Array && p.listed && p.depth == 2
	if apart {
		p.apart = uint32(len(p.nodes))
		p.odd++ // its items are other trees, and each has a mark of its own
	}
	for {
		if apart {
			err = p.part()
		} else {
			err = p.element(kind)
		}
		if err != nil {
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
		return 0, p.fail(p.pos, "want ',' or '%c' in the %s that begins at byte %d", closing, containerName(kind), p.base+start)
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
		if p.depth == 1 && p.list != "" {
			p.listed = p.name(uint32(len(p.nodes)-1)) == p.list
		}
		p.pos++
		p.space()
	}
	return p.value()
}

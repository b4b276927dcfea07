package strictjson

import (
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// ParseApart is [Parse] for an object that has documents in it, as a
// presentation has credentials. The items of the array that is the member list
// of the root become trees of their own: the text of each begins at the item,
// and so do its paths and offsets. [Value.Items] yields them like any others.
//
// known, which may be nil, is asked for each object among them, with the rest
// of the text that begins there. What it returns stands in place of the item,
// if the rest begins with exactly that text, if it was parsed under the same
// caps, and if the whole stays within them. Else the item is parsed.
func ParseApart(text string, caps limits.JSON, list string, known func(rest string) *Known) (Value, error) {
	return parse(text, caps, list, known, nil)
}

// Cut is an object that is known and was cut out of a text: at that place one byte is left of
// it, which is the first. Cuts are in the order of the text.
type Cut struct {
	At    int
	Known *Known
}

// ParseCut is [ParseApart] of a text with cuts, each of which is an item of the list. It reports
// false if the text is not a value, if a cut stands anywhere else, or if the whole does not stay
// within the caps: then the whole is to be parsed, to say why. Who calls it has measured the
// whole, and has compared what was cut out.
func ParseCut(text string, caps limits.JSON, list string, known func(rest string) *Known, cuts []Cut) (Value, bool) {
	v, err := parse(text, caps, list, known, cuts)
	return v, err == nil
}

// Uncut returns the whole of a text with cuts.
func Uncut(text string, cuts []Cut) string {
	var b strings.Builder
	from := 0
	for _, c := range cuts {
		b.WriteString(text[from:c.At])
		b.WriteString(c.Known.Text())
		from = c.At + 1
	}
	b.WriteString(text[from:])
	return b.String()
}

// Apart reports whether the items of the array are trees of their own.
func (v Value) Apart() bool { return v.t != nil && v.t.apart == v.index()+1 }

// ItemPath returns what stands before the paths in item i of the array: where
// the item is, if it is a tree of its own, else "".
func (v Value) ItemPath(i int) string {
	if !v.Apart() {
		return ""
	}
	return v.Path() + "/" + strconv.Itoa(i)
}

// Alone returns the value as the root of a tree of its own.
func (v Value) Alone() Value {
	if v.t == nil {
		return Value{}
	}
	t := &tree{text: v.Raw()}
	t.graft(v, 0)
	return t.value(0)
}

// Known is an object that was parsed before and may be found inside of other
// texts: see [ParseApart].
type Known struct {
	value          Value
	depth, members int
	caps           limits.JSON
}

// Known prepares a parsed object to be found again. The caps must be those that
// it was parsed under. It returns nil for a value that is not an object or not
// the whole of its text.
func (v Value) Known(caps limits.JSON) *Known {
	if v.Kind() != Object || v.index() != 0 || len(v.Raw()) != len(v.t.text) {
		return nil
	}
	k := &Known{value: v, caps: caps}
	k.depth, k.members = v.extent()
	return k
}

// Text returns the text of the object.
func (k *Known) Text() string { return k.value.t.text }

// extent returns how deep containers nest in v, itself included, and how many
// members and items there are in all of them.
func (v Value) extent() (depth, members int) {
	of := func(inner Value) {
		d, m := inner.extent()
		depth, members = max(depth, d), members+1+m
	}
	switch v.Kind() {
	case Object:
		for _, m := range v.Members() {
			of(m)
		}
	case Array:
		for item := range v.Items() {
			of(item)
		}
	default:
		return 0, 0
	}
	return depth + 1, members
}

// part appends the item at the position to the parts of the tree.
func (p *parser) part() error {
	if len(p.cuts) > 0 && p.cuts[0].At == p.pos {
		k := p.cuts[0].Known
		if !p.holds(k) {
			return p.fail(p.pos, "what was cut out does not stay within the caps")
		}
		p.cuts = p.cuts[1:]
		p.pos++
		p.members += k.members
		p.parts = append(p.parts, k.value)
		return nil
	}
	if v, ok := p.remembered(); ok {
		p.parts = append(p.parts, v)
		return nil
	}
	q := parsers.Get().(*parser)
	defer q.release()
	q.text, q.base, q.caps = p.text[p.pos:], p.base+p.pos, p.caps
	q.depth, q.members = p.depth, p.members
	if err := q.value(); err != nil {
		return err
	}
	p.members = q.members
	p.pos += q.pos
	p.parts = append(p.parts, q.finish(q.text[:q.pos]))
	return nil
}

// remembered takes over an object that is known, and reports whether there is
// one.
func (p *parser) remembered() (Value, bool) {
	if p.known == nil || p.pos >= len(p.text) || p.text[p.pos] != '{' {
		return Value{}, false
	}
	k := p.known(p.text[p.pos:])
	if k == nil || !strings.HasPrefix(p.text[p.pos:], k.Text()) {
		return Value{}, false
	}
	if !p.holds(k) {
		return Value{}, false
	}
	p.pos += len(k.Text())
	p.members += k.members
	return k.value, true
}

// holds reports whether an object that is known may stand at the position: what is too much is
// for the parser to say, at the place where it is.
func (p *parser) holds(k *Known) bool {
	caps := k.caps
	caps.Bytes = p.caps.Bytes // the whole text was measured before
	return caps == p.caps && p.depth+k.depth <= p.caps.Depth && p.members+k.members <= p.caps.Members
}

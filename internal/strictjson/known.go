package strictjson

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// Known is an object that was parsed before, alone, and may be met again
// inside of other texts. There it stands as the very Value that it is; only that
// paths and offsets in it begin at the object.
type Known struct {
	value          Value
	depth, members int
	caps           limits.JSON
}

// Known prepares a parsed object to be met again. The caps must be those that
// it was parsed under. It returns nil for a value that is no object or is not
// the whole of its text.
func (v Value) Known(caps limits.JSON) *Known {
	if v.Kind() != Object || v.i != 0 || len(v.Raw()) != len(v.t.text) {
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

// ParseWith is [Parse] with a memory: known is asked for each object in the list
// that is that member of the root, as verifiableCredential is of a presentation,
// with the rest of the text that begins there. What it returns is taken if the
// rest begins with exactly that text, and if it was parsed under the same caps
// and the whole stays within them; else, and after nil, the object is parsed.
func ParseWith(text string, caps limits.JSON, list string, known func(rest string) *Known) (Value, error) {
	return parse(text, caps, list, known)
}

// met takes over an object that is known, and reports whether there is one.
func (p *parser) met() bool {
	if !p.listed || p.depth != 2 || p.pos >= len(p.text) || p.text[p.pos] != '{' {
		return false
	}
	k := p.known(p.text[p.pos:])
	if k == nil || !strings.HasPrefix(p.text[p.pos:], k.Text()) {
		return false
	}
	caps := k.caps
	caps.Bytes = p.caps.Bytes // the whole text was measured before
	// What is too much is for the parser to say, at the place where it is.
	if caps != p.caps || p.depth+k.depth > p.caps.Depth || p.members+k.members > p.caps.Members {
		return false
	}
	start := p.pos
	p.pos += len(k.Text())
	p.members += k.members
	n := p.push(linked, start)
	p.nodes[n].ref = uint32(len(p.links))
	p.links = append(p.links, link{uint32(n), k.value})
	return true
}

// Package strictjson parses a JSON text once, strictly, into a flat tree over
// the original text.
//
// It accepts exactly RFC 8259 in UTF-8 and refuses what would let two readers
// see two documents: duplicate member names at any depth, invalid UTF-8, lone
// surrogates, a byte order mark, data after the value, numbers that an IEEE
// 754 double cannot hold. Member names match byte for byte. Nothing is copied
// but strings that contain escapes, and nothing is changed: [Value.Raw] is the
// text that was received and signed.
//
// A parsed tree is immutable and safe for concurrent use.
package strictjson

import (
	"iter"
	"strconv"
	"strings"
)

// Kind is the JSON type of a value. The zero Kind is that of an absent value.
type Kind uint8

// The kinds of a [Value].
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

var kindNames = [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}

// String returns the kind as it reads in an error: "a string", "an object".
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return "an unknown kind"
	}
	return kindNames[k]
}

// node is one value or one member name. The nodes of a container's content
// follow it directly. Eight bytes, because the nodes are the larger part of
// what a parsed document takes.
type node struct {
	at  uint32 // where its text begins, quote included, over the kind and one mark: escaped, or canonical
	ref uint32 // of a container, an index into extents; of an escaped string, into decoded; of others, the length of the text
}

const (
	kindBits     = 1<<3 - 1
	escapedBit   = 1 << 3 // of a string: its text has escapes
	canonicalBit = 1 << 3 // of a container: its text is the canonical form
	startFrom    = 4
	// maxText keeps every start within its bits.
	maxText = 1 << (32 - startFrom)
)

func place(start int, kind Kind) uint32 { return uint32(start)<<startFrom | uint32(kind) }

func (n *node) kind() Kind      { return Kind(n.at & kindBits) }
func (n *node) escaped() bool   { return n.at&escapedBit != 0 }
func (n *node) start() uint32   { return n.at >> startFrom }
func (n *node) container() bool { return n.kind()-Array <= Object-Array }

type tree struct {
	text    string
	nodes   []node
	decoded []decoded
	// extents has three numbers for each container, and behind those of an
	// object the nodes of its member names in canonical order.
	extents []uint32
	// apart is the node of an array whose items are the roots of trees of their
	// own, which are parts, plus one; 0 if there is none. The array has no nodes
	// below it.
	apart uint32
	parts []Value
}

// What extents has of a container.
const (
	extentCount = iota // how many members or items it has
	extentNext         // the node behind its subtree
	extentEnd          // where its text ends
	extentSize
)

// decoded is a string that contains escapes.
type decoded struct {
	text string // without them
	end  uint32 // where its text with them ends, quote included
}

// count returns the number of members or items of a container.
func (t *tree) count(n *node) uint32 { return t.extents[n.ref+extentCount] }

// names returns the name nodes of an object in canonical order.
func (t *tree) names(n *node) []uint32 {
	from := n.ref + extentSize
	return t.extents[from : from+t.count(n)]
}

// next returns the node behind the subtree of node i.
func (t *tree) next(i uint32) uint32 {
	if n := &t.nodes[i]; n.container() {
		return t.extents[n.ref+extentNext]
	}
	return i + 1
}

// end returns where the text of a node ends.
func (t *tree) end(n *node) uint32 {
	if n.at&(escapedBit|kindBits) <= uint32(String) {
		return n.start() + n.ref
	}
	return t.endOf(n)
}

// endOf is end of what is not a plain scalar; a function of its own, so that
// end costs no call.
//
//go:noinline
func (t *tree) endOf(n *node) uint32 {
	if n.container() {
		return t.extents[n.ref+extentEnd]
	}
	return t.decoded[n.ref].end // a string with escapes
}

// Value is one value of a parsed text, or the absent value (the zero Value).
// Values are small and comparable; two are equal if they are the same place in
// the same tree.
type Value struct {
	t  *tree
	at uint32 // its node over its kind, which is asked for at very many places
}

// indexFrom leaves room for the kind; there are fewer nodes than bytes of text.
const indexFrom = 3

// value returns the value of a node.
func (t *tree) value(i uint32) Value { return Value{t, i<<indexFrom | t.nodes[i].at&kindBits} }

func (v Value) index() uint32 { return v.at >> indexFrom }
func (v Value) node() *node   { return &v.t.nodes[v.index()] }

// Exists reports whether there is a value at all, null included.
func (v Value) Exists() bool { return v.t != nil }

// Kind returns the type of the value, [Invalid] if it is absent.
func (v Value) Kind() Kind { return Kind(v.at & kindBits) }

// Raw returns the source text of the value, byte for byte; "" if absent.
func (v Value) Raw() string {
	if v.t == nil {
		return ""
	}
	n := v.node()
	return v.t.text[n.start():v.t.end(n)]
}

// Offset returns the byte offset of the value in the text of its tree.
func (v Value) Offset() int {
	if v.t == nil {
		return 0
	}
	return int(v.node().start())
}

// Str returns the decoded string; "" if the value is not a string.
func (v Value) Str() string {
	if v.Kind() != String {
		return ""
	}
	return v.t.str(v.index())
}

// LookupStr returns the decoded string and whether the value is one.
func (v Value) LookupStr() (string, bool) {
	if v.Kind() != String {
		return "", false
	}
	return v.t.str(v.index()), true
}

func (t *tree) str(i uint32) string {
	n := &t.nodes[i]
	if n.escaped() {
		return t.decoded[n.ref].text
	}
	start := n.start()
	return t.text[start+1 : start+n.ref-1]
}

// Bool returns the boolean and whether the value is one.
func (v Value) Bool() (value, ok bool) {
	if v.Kind() != Bool {
		return false, false
	}
	return v.t.text[v.node().start()] == 't', true
}

// MaxSafeInteger is the largest integer that every JSON reader takes exactly.
const MaxSafeInteger = 1<<53 - 1

// Int returns the number if it is written as an integer (no fraction, no
// exponent, not "-0") within ±[MaxSafeInteger].
func (v Value) Int() (int64, bool) {
	if v.Kind() != Number {
		return 0, false
	}
	s := v.Raw()
	if len(s) > 17 || s == "-0" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > MaxSafeInteger || n < -MaxSafeInteger {
		return 0, false
	}
	return n, true
}

// Len returns the number of members of an object or items of an array.
func (v Value) Len() int {
	if k := v.Kind(); k != Object && k != Array {
		return 0
	}
	return int(v.t.count(v.node()))
}

// Get returns the member of that exact name, or the absent value.
func (v Value) Get(name string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	for k, j, n := v.index()+1, uint32(0), v.t.count(v.node()); j < n; j++ {
		if v.t.str(k) == name {
			return v.t.value(k + 1)
		}
		k = v.t.next(k + 1)
	}
	return Value{}
}

// Members yields the members of an object in the order of the text.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != Object {
			return
		}
		for k, j, n := v.index()+1, uint32(0), v.t.count(v.node()); j < n; j++ {
			name, m, next := v.t.member(k)
			if !yield(name, m) {
				return
			}
			k = next
		}
	}
}

// member returns the member whose name is node k, and the node behind it. It is a function
// of its own, so that loops over members are small: there are very many.
//
//go:noinline
func (t *tree) member(k uint32) (name string, m Value, next uint32) {
	return t.str(k), t.value(k + 1), t.next(k + 1)
}

// Sorted yields the members of an object, each with its name as it is written,
// ordered by the UTF-16 code units of the names, the order of RFC 8785 section
// 3.2.3.
func (v Value) Sorted() iter.Seq2[Value, Value] {
	return func(yield func(name, member Value) bool) {
		if v.Kind() != Object {
			return
		}
		for _, k := range v.t.names(v.node()) {
			if !yield(v.t.value(k), v.t.value(k+1)) {
				return
			}
		}
	}
}

// Items yields the items of an array.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != Array {
			return
		}
		if v.Apart() {
			for _, part := range v.t.parts {
				if !yield(part) {
					return
				}
			}
			return
		}
		for k, j, n := v.index()+1, uint32(0), v.t.count(v.node()); j < n; j++ {
			if !yield(v.t.value(k)) {
				return
			}
			k = v.t.next(k)
		}
	}
}

// Nodes returns how many nodes the subtree has: every value and every member
// name in it, itself included.
func (v Value) Nodes() int {
	if v.t == nil {
		return 0
	}
	n := int(v.t.next(v.index()) - v.index())
	if v.hasParts() {
		for _, part := range v.t.parts {
			n += part.Nodes()
		}
	}
	return n
}

// hasParts reports whether the items that are trees of their own are in v.
func (v Value) hasParts() bool { return v.index() < v.t.apart && v.t.apart <= v.t.next(v.index()) }

// Path returns where the value stands, as a JSON Pointer (RFC 6901) from the
// root of its tree; "" is the root. It is computed when asked for. Whoever holds
// the tree knows where that stands.
func (v Value) Path() string {
	if v.t == nil || v.index() == 0 {
		return ""
	}
	var b strings.Builder
	for at := uint32(0); at != v.index(); {
		name := uint32(0) // whether a name stands before each child
		if v.t.nodes[at].kind() == Object {
			name = 1
		}
		// The child whose subtree the value lies in.
		child, index := at+1+name, 0
		for v.t.next(child) <= v.index() {
			child, index = v.t.next(child)+name, index+1
		}
		b.WriteByte('/')
		if name == 1 {
			b.WriteString(pointerEscape.Replace(v.t.str(child - 1)))
		} else {
			b.WriteString(strconv.Itoa(index))
		}
		at = child
	}
	return b.String()
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

var pointerUnescape = strings.NewReplacer("~1", "/", "~0", "~")

// At returns the value that a JSON Pointer (RFC 6901) names from v on, or the
// absent value. "" is v itself. A pointer that begins with no '/', and one with an
// index that is not written in its one way, name nothing.
func (v Value) At(pointer string) Value {
	for pointer != "" {
		token, rest, more := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
		if pointer[0] != '/' {
			return Value{}
		}
		if v.Kind() == Array {
			v = v.item(token)
		} else {
			v = v.Get(pointerUnescape.Replace(token))
		}
		if pointer = ""; more {
			pointer = "/" + rest
		}
	}
	return v
}

// item returns the item of an array that an index names.
func (v Value) item(index string) Value {
	n := 0
	for item := range v.Items() {
		if index == strconv.Itoa(n) {
			return item
		}
		n++
	}
	return Value{}
}

// Escaped reports whether the value is a string whose text contains escapes,
// so that [Value.Raw] and [Value.Str] differ by more than the quotes.
func (v Value) Escaped() bool { return v.Kind() == String && v.node().escaped() }

package rdfc

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// order sorts the quads as their canonical lines sort in code point order, and
// drops equal ones. It reports whether there were any.
//
// Lines need not be written to be compared: they differ first in the first
// component in which they differ, because what follows a component (a space)
// is smaller than any character that could go on in its place, and an IRI ends
// in '>', which no IRI contains.
func (d *Dataset) order() (dropped bool) {
	r := &d.run
	d.rank()
	// First by subject, which a document's quads are near to already, then
	// each subject's quads among themselves. No sort can put equal quads side
	// by side without having met two that are equal.
	equal := false
	compare := func(a, b int32) int {
		c := d.compareRest(&d.quads[a], &d.quads[b])
		equal = equal || c == 0 && a != b
		return c
	}
	for from := 0; from < len(r.order); {
		to := from + 1
		for to < len(r.order) && r.rank[r.order[to]] == r.rank[r.order[from]] {
			to++
		}
		slices.SortFunc(r.order[from:to], compare)
		from = to
	}
	if equal {
		r.order = slices.CompactFunc(r.order, func(a, b int32) bool { return r.rank[a] == r.rank[b] && compare(a, b) == 0 })
	}
	return equal
}

// rank finds the place of each quad's subject among the subjects, and orders
// the quads by it.
func (d *Dataset) rank() {
	r := &d.run
	r.subjects = r.subjects[:0]
	r.entered = grow(r.entered, len(d.iris)+d.blank)
	for i := range r.entered {
		r.entered[i] = -1
	}
	r.rank = grow(r.rank, len(d.quads))
	for i := range d.quads {
		// A node is entered once; its number is in rank for now.
		s := d.quads[i].s
		at := &r.entered[d.index(s)]
		if *at < 0 {
			*at = int32(len(r.subjects))
			r.subjects = append(r.subjects, subject{s, *at})
		}
		r.rank[i] = *at
	}
	slices.SortFunc(r.subjects, func(a, b subject) int { return d.compareNodes(a.node, b.node) })
	r.place = grow(r.place, len(r.subjects))
	place := int32(0)
	for i := range r.subjects {
		if i > 0 && d.compareNodes(r.subjects[i-1].node, r.subjects[i].node) != 0 {
			place++
		}
		r.place[r.subjects[i].number] = place
	}
	// A counting sort by place.
	r.starts = grow(r.starts, int(place)+2)
	clear(r.starts)
	for i, number := range r.rank {
		r.rank[i] = r.place[number]
		r.starts[r.rank[i]+1]++
	}
	for i := 1; i < len(r.starts); i++ {
		r.starts[i] += r.starts[i-1]
	}
	r.order = grow(r.order, len(d.quads))
	for i, k := range r.rank {
		r.order[r.starts[k]] = int32(i)
		r.starts[k]++
	}
}

// index numbers all nodes, the IRIs first.
func (d *Dataset) index(n Node) int {
	if n.isBlank() {
		return len(d.iris) + int(n.blank())
	}
	return int(n)
}

// subject is a node that quads are about.
type subject struct {
	node   Node
	number int32
}

// compareNodes orders nodes by their canonical text: IRIs ('<') before blank
// nodes ('_').
func (d *Dataset) compareNodes(a, b Node) int {
	switch {
	case a == b:
		return 0
	case !a.isBlank() && !b.isBlank():
		return compareIRIs(d.iris[a], d.iris[b])
	case !a.isBlank():
		return -1
	case !b.isBlank():
		return 1
	}
	return compareNumbers(d.run.issued[a.blank()], d.run.issued[b.blank()])
}

// compareIRIs orders IRIs as they are written: with '>' behind them.
func compareIRIs(a, b string) int {
	n := min(len(a), len(b))
	if c := strings.Compare(a[:n], b[:n]); c != 0 || len(a) == len(b) {
		return c
	}
	if len(a) < len(b) {
		return cmp.Compare('>', b[n])
	}
	return cmp.Compare(a[n], '>')
}

// compareNumbers orders c14n identifiers as text: c14n10 before c14n2.
func compareNumbers(a, b int32) int {
	if a == b || a < 10 && b < 10 {
		return cmp.Compare(a, b)
	}
	var x, y [12]byte
	return strings.Compare(string(strconv.AppendInt(x[:0], int64(a), 10)), string(strconv.AppendInt(y[:0], int64(b), 10)))
}

// compareRest orders quads of one subject.
func (d *Dataset) compareRest(a, b *quad) int {
	if a.p != b.p {
		return strings.Compare(a.p, b.p) // both end in '>'
	}
	if c := d.compareObjects(&a.o, &b.o); c != 0 {
		return c
	}
	switch {
	case a.g == b.g:
		return 0
	case a.g == None: // its line goes on with '.', which is before '<' and '_'
		return -1
	case b.g == None:
		return 1
	}
	return d.compareNodes(a.g, b.g)
}

// compareObjects orders literals ('"') before IRIs ('<') before blank nodes.
func (d *Dataset) compareObjects(a, b *Object) int {
	switch {
	case a.Node != None && b.Node != None:
		return d.compareNodes(a.Node, b.Node)
	case a.Node != None:
		return 1
	case b.Node != None:
		return -1
	case a.Lexical == b.Lexical && a.Datatype == b.Datatype && a.Language == b.Language:
		return 0
	}
	if plain(a.Lexical) && plain(b.Lexical) && a.Lexical != b.Lexical {
		return compareQuoted(a.Lexical, b.Lexical)
	}
	return strings.Compare(string(appendLiteral(nil, a)), string(appendLiteral(nil, b)))
}

func plain(s string) bool {
	for i := range len(s) {
		if !plainByte[s[i]] {
			return false
		}
	}
	return true
}

// compareQuoted orders texts without escapes as they are written: with a
// quotation mark behind them, which some characters precede.
func compareQuoted(a, b string) int {
	n := min(len(a), len(b))
	if c := strings.Compare(a[:n], b[:n]); c != 0 {
		return c
	}
	if len(a) < len(b) {
		return cmp.Compare('"', b[n])
	}
	return cmp.Compare(a[n], '"')
}

// grow returns a slice of length n, its content undefined.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

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
	d.rank()
	slices.SortFunc(d.run.order, func(a, b int32) int { return d.compare(&d.quads[a], &d.quads[b]) })
	n := len(d.run.order)
	d.run.order = slices.CompactFunc(d.run.order, func(a, b int32) bool { return d.compare(&d.quads[a], &d.quads[b]) == 0 })
	return len(d.run.order) < n
}

// rank numbers the nodes in the order of their canonical text; the same IRI
// has the same rank.
func (d *Dataset) rank() {
	r := &d.run
	r.sorted = r.sorted[:0]
	for i := range d.nodes {
		r.sorted = append(r.sorted, int32(i))
	}
	slices.SortFunc(r.sorted, func(a, b int32) int { return d.compareNodes(a, b) })
	r.ranks = grow(r.ranks, len(d.nodes))
	rank := int32(0)
	for i, n := range r.sorted {
		if i > 0 && d.compareNodes(r.sorted[i-1], n) != 0 {
			rank++
		}
		r.ranks[n] = rank
	}
	r.order = r.order[:0]
	for i := range d.quads {
		r.order = append(r.order, int32(i))
	}
}

func (d *Dataset) compareNodes(a, b int32) int {
	x, y := &d.nodes[a], &d.nodes[b]
	switch {
	case x.blank < 0 && y.blank < 0:
		return compareIRIs(x.iri, y.iri)
	case x.blank < 0: // '<' before '_'
		return -1
	case y.blank < 0:
		return 1
	}
	return compareNumbers(d.run.issued[x.blank], d.run.issued[y.blank])
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

func (d *Dataset) compare(a, b *quad) int {
	ranks := d.run.ranks
	if c := cmp.Compare(ranks[a.s], ranks[b.s]); c != 0 {
		return c
	}
	if a.p != b.p {
		return strings.Compare(a.p, b.p) // both end in '>'
	}
	if c := d.compareObjects(&a.o, &b.o); c != 0 {
		return c
	}
	return cmp.Compare(graphRank(ranks, a.g), graphRank(ranks, b.g))
}

// graphRank puts the default graph first: its line goes on with '.'.
func graphRank(ranks []int32, g Node) int32 {
	if g == None {
		return -1
	}
	return ranks[g]
}

// compareObjects orders literals ('"') before IRIs ('<') before blank nodes.
func (d *Dataset) compareObjects(a, b *Object) int {
	switch {
	case a.Node != None && b.Node != None:
		return cmp.Compare(d.run.ranks[a.Node], d.run.ranks[b.Node])
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

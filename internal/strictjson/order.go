package strictjson

import (
	"cmp"
	"slices"
)

// sort appends the canonical order of the members of object i to extents and
// refuses duplicate names.
func (p *parser) sort(i, count int) error {
	names := p.sorting[:0]
	for k := uint32(i + 1); len(names) < count; k = p.next(k + 1) {
		names = append(names, sortName{p.prefix(k), k})
	}
	p.sorting = names
	if len(names) > maxInsertion {
		slices.SortFunc(names, p.compare)
	}
	// Most objects are small, and insertion is the faster there. It compares
	// each name with its neighbour to be, so it meets every duplicate; over
	// names that are sorted already it does nothing else.
	for j := 1; j < len(names); j++ {
		moving, k := names[j], j
		for ; k > 0; k-- {
			before := names[k-1]
			if moving.prefix == before.prefix || (moving.prefix|before.prefix)&highBits != 0 {
				c := p.compare(moving, before)
				if c == 0 {
					second := max(moving.node, before.node)
					return p.fail(int(p.nodes[second].start()), "member name %.64q is listed twice in one object", p.name(second))
				}
				if c > 0 {
					break
				}
			} else if moving.prefix > before.prefix {
				break // what compare would say
			}
			names[k] = before
		}
		names[k] = moving
	}
	last := uint32(0)
	for _, n := range names {
		if n.node < last {
			p.odd++
		}
		last = n.node
		p.extents = append(p.extents, n.node)
	}
	return nil
}

// sortName is a member name while its object is sorted.
type sortName struct {
	prefix uint64 // its first eight bytes, the first one highest
	node   uint32
}

const highBits = 0x8080808080808080

// prefix returns the first eight bytes of a name as a number that orders as
// they do; a shorter name has zeros at the end.
func (p *parser) prefix(i uint32) (x uint64) {
	n := &p.nodes[i]
	if from := int(n.start()) + 1; !n.escaped() && from+8 <= len(p.text) {
		x, size := bigEndian(p.text[from:from+8]), int(n.ref)-2
		if size >= 8 {
			return x
		}
		beyond := 8 * (8 - size)
		return x >> beyond << beyond
	}
	name := p.name(i)
	if len(name) >= 8 {
		return bigEndian(name[:8])
	}
	for _, c := range []byte(name) {
		x = x<<8 | uint64(c)
	}
	return x << (8 * (8 - len(name)))
}

func bigEndian(s string) uint64 {
	return uint64(s[7]) | uint64(s[6])<<8 | uint64(s[5])<<16 | uint64(s[4])<<24 |
		uint64(s[3])<<32 | uint64(s[2])<<40 | uint64(s[1])<<48 | uint64(s[0])<<56
}

// compare orders two names. Where the first eight bytes differ and are ASCII,
// they alone decide.
func (p *parser) compare(a, b sortName) int {
	if a.prefix != b.prefix && (a.prefix|b.prefix)&highBits == 0 {
		return cmp.Compare(a.prefix, b.prefix)
	}
	return compareUTF16(p.name(a.node), p.name(b.node))
}

// maxInsertion is the largest object that is sorted by insertion alone.
const maxInsertion = 32

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

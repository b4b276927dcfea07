package strictjson

import "slices"

// sort records the canonical order of the members of object i and refuses
// duplicate names.
func (p *parser) sort(i int) error {
	n := &p.nodes[i]
	n.aux = uint32(len(p.order))
	for k, j := uint32(i+1), uint32(0); j < n.count; j++ {
		p.order = append(p.order, k)
		k = p.nodes[k+1].next
	}
	names := p.order[n.aux:]
	if len(names) > maxInsertion {
		slices.SortFunc(names, func(a, b uint32) int { return compareUTF16(p.name(a), p.name(b)) })
	}
	// Most objects are small, and insertion is the faster there. It compares
	// each name with its neighbour to be, so it meets every duplicate; over
	// names that are sorted already it does nothing else.
	for j := 1; j < len(names); j++ {
		moving, k := names[j], j
		name := p.name(moving)
		for ; k > 0; k-- {
			c := compareUTF16(name, p.name(names[k-1]))
			if c == 0 {
				second := max(moving, names[k-1])
				return p.fail(int(p.nodes[second].start), "member name %.64q stands twice in one object", name)
			}
			if c > 0 {
				break
			}
			names[k] = names[k-1]
		}
		names[k] = moving
	}
	return nil
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

package contexts

// table finds terms by name. It is read several times for every member of
// every document and never changes, so it does without a hash of the whole
// name: length and three characters tell most terms apart. Where they do not,
// because somebody has chosen them so, it is a map.
type table struct {
	slots []*Term
	mask  uint32
	alike map[string]*Term
}

const maxProbes = 32 // of one name, before it is a map

func newTable(terms map[string]*Term) table {
	size := 8
	for size < 4*len(terms) {
		size *= 2
	}
	t := table{slots: make([]*Term, size), mask: uint32(size - 1)}
	for name, term := range terms {
		i := slot(name)
		for end := i + maxProbes; t.slots[i&t.mask] != nil; i++ {
			if i == end {
				return table{alike: terms}
			}
		}
		t.slots[i&t.mask] = term
	}
	return t
}

func slot(name string) uint32 {
	n := len(name)
	if n == 0 {
		return 0
	}
	h := uint32(n) ^ uint32(name[0])<<5 ^ uint32(name[n/2])<<10 ^ uint32(name[n-1])<<16
	h *= 0x9E3779B1
	return h >> 12
}

func (t *table) get(name string) *Term {
	if t.slots == nil {
		return t.alike[name]
	}
	for i := slot(name); ; i++ {
		term := t.slots[i&t.mask]
		if term == nil || term.Name == name {
			return term
		}
	}
}

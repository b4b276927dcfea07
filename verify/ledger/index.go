package ledger

// index finds numbers of entries by the tags of their digests. A slot has no
// pointer for the garbage collector to follow.
type index[T tag] struct {
	slots []slot[T] // at most three quarters of them in use
	used  int
}

type slot[T tag] struct {
	tag   T
	entry uint32 // its number + 1; 0: free
}

// tag is a part of a digest: a short one, which others may have, too, or a long
// one, which nobody else has.
type tag interface {
	comparable
	bits() uint32 // that choose its slot
}

type (
	short uint32
	long  [2]uint32
)

func (t short) bits() uint32 { return uint32(t) }
func (t long) bits() uint32  { return t[0] }

// home is the slot that a tag should be in.
func (x *index[T]) home(t T) int { return int(uint64(t.bits()) * uint64(len(x.slots)) >> 32) }

// behind is the slot behind a slot.
func (x *index[T]) behind(i int) int {
	if i++; i < len(x.slots) {
		return i
	}
	return 0
}

// next returns the number of the next entry with that tag; ok is false if there is
// none. from is 0 for the first, else what next has returned as after.
func (x *index[T]) next(tag T, from int) (entry uint32, after int, ok bool) {
	if from >= len(x.slots) {
		return 0, 0, false
	}
	i := x.home(tag) + from
	if i >= len(x.slots) {
		i -= len(x.slots)
	}
	for ; x.slots[i].entry != 0; i = x.behind(i) {
		if from++; x.slots[i].tag == tag {
			return x.slots[i].entry - 1, from, true
		}
	}
	return 0, 0, false
}

// add makes an entry known by a tag.
func (x *index[T]) add(tag T, entry uint32) {
	if 4*(x.used+1) > 3*len(x.slots) {
		old := x.slots
		x.slots, x.used = make([]slot[T], max(8, len(old)+len(old)/4)), 0
		for _, s := range old {
			if s.entry != 0 {
				x.put(s)
			}
		}
	}
	x.put(slot[T]{tag, entry + 1})
}

func (x *index[T]) put(s slot[T]) {
	i := x.home(s.tag)
	for x.slots[i].entry != 0 {
		i = x.behind(i)
	}
	x.slots[i] = s
	x.used++
}

// remove forgets an entry that was added under that tag.
func (x *index[T]) remove(tag T, entry uint32) {
	if len(x.slots) == 0 {
		return
	}
	hole := x.home(tag)
	for x.slots[hole] != (slot[T]{tag, entry + 1}) {
		if x.slots[hole].entry == 0 {
			return
		}
		hole = x.behind(hole)
	}
	x.used--
	// What stands behind it moves up, so that no search ends too early: but for what
	// is between its home and the hole.
	for i := x.behind(hole); x.slots[i].entry != 0; i = x.behind(i) {
		if home := x.home(x.slots[i].tag); hole <= i && (home <= hole || home > i) || hole > i && home <= hole &&
			home > i {
			x.slots[hole], hole = x.slots[i], i
		}
	}
	x.slots[hole] = slot[T]{}
}

// slab keeps entries by number, and uses the places of forgotten ones again. An
// entry does not move.
type slab[T any] struct {
	chunks [][]T
	free   []uint32
	top    uint32 // the first number that was never used
}

const chunk = 64

func (s *slab[T]) at(n uint32) *T { return &s.chunks[n/chunk][n%chunk] }

// add returns the number of a new entry, which is as the place was left: zero or
// what remove has left there.
func (s *slab[T]) add() uint32 {
	if n := len(s.free); n > 0 {
		last := s.free[n-1]
		s.free = s.free[:n-1]
		return last
	}
	if s.top%chunk == 0 {
		s.chunks = append(s.chunks, make([]T, chunk))
	}
	s.top++
	return s.top - 1
}

// remove frees the place of an entry.
func (s *slab[T]) remove(n uint32) { s.free = append(s.free, n) }

// directory numbers digests. It is one for all kinds of entries, so that each decision goes
// through one piece of code, and not through a copy of it for each kind.
type directory struct {
	keys slab[digest]
	index[short]
}

// number returns the number of a digest; ok is false if it has none.
func (x *directory) number(d *digest) (number uint32, ok bool) {
	for n, i, ok := x.next(d.tag(), 0); ok; n, i, ok = x.next(d.tag(), i) {
		if *x.keys.at(n) == *d {
			return n, true
		}
	}
	return 0, false
}

// enter gives a number to a digest that has none.
func (x *directory) enter(d *digest) (number uint32) {
	number = x.keys.add()
	*x.keys.at(number) = *d
	x.add(d.tag(), number)
	return number
}

// drop removes a digest, for the caller to clear what must not stay of its entry.
func (x *directory) drop(number uint32) {
	x.remove(x.keys.at(number).tag(), number)
	x.keys.remove(number)
}

// table has entries that are found by their digests. An entry does not move.
type table[T any] struct {
	directory
	chunks [][]T
}

func (t *table[T]) at(n uint32) *T { return &t.chunks[n/chunk][n%chunk] }

// find returns the entry of a digest with its number, nil if there is none.
func (t *table[T]) find(d *digest) (entry *T, number uint32) {
	n, ok := t.number(d)
	if !ok {
		return nil, 0
	}
	return t.at(n), n
}

// make adds an entry for a digest that has none. It is as the place was left: zero or what
// whoever dropped it has left there.
func (t *table[T]) make(d *digest) (entry *T, number uint32) {
	number = t.enter(d)
	if int(number/chunk) == len(t.chunks) {
		t.chunks = append(t.chunks, make([]T, chunk))
	}
	return t.at(number), number
}

// queue is a heap of entries with their ends, the one that ends first on top. It
// may hold an entry with an earlier end than it has by now.
type queue []due

type due struct {
	ends  instant
	entry uint32
}

func (q *queue) push(d due) {
	*q = append(*q, d)
	h := *q
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if d.ends >= h[parent].ends {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = d
}

// ended returns what ends first, if that is before an instant.
func (q queue) ended(before instant) (entry uint32, ok bool) {
	if len(q) == 0 || q[0].ends >= before {
		return 0, false
	}
	return q[0].entry, true
}

// later says that what is on top ends later after all.
func (q queue) later(ends instant) { q.sink(due{ends, q[0].entry}) }

// pop removes what is on top.
func (q *queue) pop() {
	h := *q
	moved := h[len(h)-1]
	if *q = h[:len(h)-1]; len(*q) > 0 {
		q.sink(moved)
	}
}

// sink puts d into the heap in place of its top.
func (q queue) sink(d due) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(q) {
			break
		}
		if right := child + 1; right < len(q) && q[right].ends < q[child].ends {
			child = right
		}
		if q[child].ends >= d.ends {
			break
		}
		q[i] = q[child]
		i = child
	}
	q[i] = d
}

package verify

import "time"

// expiring is a map whose entries are each forgotten after an instant.
type expiring[K comparable, V any] struct {
	live  map[K]*entry[K, V]
	queue []due[K, V] // a heap, the entry that may be forgotten first on top
}

type entry[K comparable, V any] struct {
	key   K
	until time.Time // may be made later at any time
	value V
}

// due is the place of an entry in the queue. Its instant stays behind when the
// entry is kept longer, so that this costs nothing.
type due[K comparable, V any] struct {
	at    time.Time
	entry *entry[K, V]
}

// get returns the entry of a key, nil if there is none.
func (e *expiring[K, V]) get(k K) *entry[K, V] { return e.live[k] }

// add makes the entry of a key that has none.
func (e *expiring[K, V]) add(k K, until time.Time) *entry[K, V] {
	if e.live == nil {
		e.live = make(map[K]*entry[K, V])
	}
	added := &entry[K, V]{key: k, until: until}
	e.live[k] = added
	e.push(due[K, V]{until, added})
	return added
}

// pop removes and returns an entry whose instant lies before now; nil if there
// is none.
func (e *expiring[K, V]) pop(now time.Time) *entry[K, V] {
	for len(e.queue) > 0 && e.queue[0].at.Before(now) {
		top := e.queue[0].entry
		if top.until.After(e.queue[0].at) { // it was kept longer since
			e.sink(due[K, V]{top.until, top})
			continue
		}
		last := len(e.queue) - 1
		moved := e.queue[last]
		e.queue[last] = due[K, V]{}
		if e.queue = e.queue[:last]; last > 0 {
			e.sink(moved)
		}
		delete(e.live, top.key)
		return top
	}
	return nil
}

// push puts d into the heap.
func (e *expiring[K, V]) push(d due[K, V]) {
	e.queue = append(e.queue, d)
	i := len(e.queue) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !d.at.Before(e.queue[parent].at) {
			break
		}
		e.queue[i] = e.queue[parent]
		i = parent
	}
	e.queue[i] = d
}

// sink puts d into the heap in place of its top.
func (e *expiring[K, V]) sink(d due[K, V]) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(e.queue) {
			break
		}
		if right := child + 1; right < len(e.queue) && e.queue[right].at.Before(e.queue[child].at) {
			child = right
		}
		if !e.queue[child].at.Before(d.at) {
			break
		}
		e.queue[i] = e.queue[child]
		i = child
	}
	e.queue[i] = d
}

package verify

import (
	"container/heap"
	"time"
)

type tallyKey struct{ account, name string }

// tally adds up the uses of one budget.
type tally struct {
	uses  []*use // in the order in which they were reserved
	sum   Quantity
	since time.Time // nothing before it is kept
	root  string    // of the chain that opened it
}

type use struct {
	of       *tally
	at       time.Time
	quantity Quantity
	out      bool // has left the window, or was given back
}

// used returns what counts against a charge.
func (m *MemoryLedger) used(c *Charge) Quantity {
	t := m.tallies[tallyKey{c.Account, c.Name}]
	if t == nil {
		return Quantity{}
	}
	sum := t.sum
	for _, u := range t.uses {
		if !u.at.Before(c.Since) {
			break // they are in order of time
		}
		if !u.out {
			sum = sum.Sub(u.quantity)
		}
	}
	return sum
}

// charge books one use.
func (m *MemoryLedger) charge(c *Charge, root string, at time.Time) *use {
	key := tallyKey{c.Account, c.Name}
	t := m.tallies[key]
	if t == nil {
		t = &tally{root: root}
		m.tallies[key] = t
		m.roots[root]++
	}
	m.ends.add(key, c.Until)
	t.forget(c.Since)
	u := &use{of: t, at: at, quantity: c.Use}
	if !c.Since.IsZero() { // of a lifetime only the sum matters
		t.uses = append(t.uses, u)
	}
	t.sum = t.sum.Add(c.Use)
	return u
}

// forget drops uses from before the window; windows only move forward.
func (t *tally) forget(since time.Time) {
	if !since.After(t.since) {
		return
	}
	t.since = since
	n := 0
	for n < len(t.uses) && t.uses[n].at.Before(since) {
		t.uses[n].leave()
		n++
	}
	t.uses = t.uses[n:]
}

func (u *use) leave() {
	if !u.out {
		u.out = true
		u.of.sum = u.of.sum.Sub(u.quantity)
	}
}

// giveBack takes a released use out of the sum.
func (u *use) giveBack() { u.leave() }

// expiring is a set of keys, each with an instant after which it is forgotten.
type expiring[K comparable] struct {
	live  map[K]time.Time
	queue expiryQueue[K]
}

func (e *expiring[K]) has(k K) bool { _, ok := e.live[k]; return ok }

// add keeps a key until an instant, or longer if it is kept longer already.
func (e *expiring[K]) add(k K, until time.Time) {
	if e.live == nil {
		e.live = make(map[K]time.Time)
	}
	old, known := e.live[k]
	if !known {
		heap.Push(&e.queue, expiry[K]{until, k})
	}
	if !known || until.After(old) {
		e.live[k] = until
	}
}

// pop removes and returns a key whose instant lies before now.
func (e *expiring[K]) pop(now time.Time) (k K, ok bool) {
	for len(e.queue) > 0 && e.queue[0].until.Before(now) {
		top := heap.Pop(&e.queue).(expiry[K])
		if until := e.live[top.key]; until.After(top.until) { // it was kept longer since
			heap.Push(&e.queue, expiry[K]{until, top.key})
			continue
		}
		delete(e.live, top.key)
		return top.key, true
	}
	return k, false
}

type expiry[K comparable] struct {
	until time.Time
	key   K
}

// expiryQueue is a heap, the key that may be forgotten first on top.
type expiryQueue[K comparable] []expiry[K]

func (q expiryQueue[K]) Len() int           { return len(q) }
func (q expiryQueue[K]) Less(i, j int) bool { return q[i].until.Before(q[j].until) }
func (q expiryQueue[K]) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *expiryQueue[K]) Push(x any)        { *q = append(*q, x.(expiry[K])) }
func (q *expiryQueue[K]) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = expiry[K]{}
	*q = old[:len(old)-1]
	return last
}

package did

import (
	"container/list"
	"strings"
	"time"
)

// memory holds a bounded number of answers for a bounded time. It is not safe
// for concurrent use.
type memory struct {
	most   int
	age    time.Duration
	byDID  map[DID]*list.Element // of *remembered
	recent *list.List            // the one used last is in front
}

type remembered struct {
	id DID
	answer
	at time.Time
}

func newMemory(most int, age time.Duration) memory {
	return memory{most: most, age: age, byDID: make(map[DID]*list.Element), recent: list.New()}
}

func (m *memory) get(id DID, now time.Time) (answer, bool) {
	e := m.byDID[id]
	if e == nil {
		return answer{}, false
	}
	r := e.Value.(*remembered)
	// A clock that went back must not make an answer live longer.
	if age := now.Sub(r.at); age < 0 || age >= m.age {
		m.drop(id)
		return answer{}, false
	}
	m.recent.MoveToFront(e)
	return r.answer, true
}

func (m *memory) put(id DID, a answer, now time.Time) {
	m.drop(id)
	if len(m.byDID) >= m.most {
		m.drop(m.recent.Back().Value.(*remembered).id)
	}
	id.s = strings.Clone(id.s) // it may be a part of a whole presentation
	m.byDID[id] = m.recent.PushFront(&remembered{id, a, now})
}

func (m *memory) drop(id DID) {
	if e := m.byDID[id]; e != nil {
		m.recent.Remove(e)
		delete(m.byDID, id)
	}
}

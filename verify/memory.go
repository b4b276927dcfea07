package verify

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// MemoryLedgerOptions configure [NewMemoryLedger].
type MemoryLedgerOptions struct {
	// LiveNonces is the most unexpired nonces that one agent may have.
	// Zero: 100,000; at most 1,000,000.
	LiveNonces int
}

// NewMemoryLedger returns a ledger that lives as long as the process: after a
// restart it knows nothing, so an intent that is still alive then could be
// used once more. Its memory is bounded per agent, and nonces are forgotten
// when their intents have ended.
func NewMemoryLedger(o MemoryLedgerOptions) Ledger {
	most := o.LiveNonces
	if most <= 0 {
		most = limits.Default().LiveNonces
	}
	return &memoryLedger{
		most:   min(most, limits.Max().LiveNonces),
		live:   make(map[ReplayKey]struct{}),
		agents: make(map[did.DID]int),
	}
}

type memoryLedger struct {
	mu     sync.Mutex
	most   int
	live   map[ReplayKey]struct{}
	agents map[did.DID]int // how many live nonces each has
	queue  expiryQueue     // by the instant at which a key may be forgotten
	newest time.Time       // the latest instant seen
}

func (m *memoryLedger) Reserve(ctx context.Context, r Reservation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.Key == (ReplayKey{}) {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// A clock that is set back must not bring a forgotten nonce back to life:
	// what ended by the latest instant seen is refused.
	if r.At.After(m.newest) {
		m.newest = r.At
	}
	for len(m.queue) > 0 && m.queue[0].until.Before(m.newest) {
		m.forget(heap.Pop(&m.queue).(expiry).key)
	}
	if _, used := m.live[r.Key]; used || r.Until.Before(m.newest) {
		return &code.Error{Code: LedgerReplay, Detail: "this presentation was used before", Hint: "the agent makes a new one for each act"}
	}
	if m.agents[r.Key.Agent] >= m.most {
		return &code.Error{Code: LedgerRateExceeded, Detail: "the agent has too many unexpired presentations"}
	}
	m.live[r.Key] = struct{}{}
	m.agents[r.Key.Agent]++
	heap.Push(&m.queue, expiry{r.Until, r.Key})
	return nil
}

func (m *memoryLedger) forget(k ReplayKey) {
	delete(m.live, k)
	if m.agents[k.Agent]--; m.agents[k.Agent] <= 0 {
		delete(m.agents, k.Agent)
	}
}

type expiry struct {
	until time.Time
	key   ReplayKey
}

// expiryQueue is a heap, the key that may be forgotten first on top.
type expiryQueue []expiry

func (q expiryQueue) Len() int           { return len(q) }
func (q expiryQueue) Less(i, j int) bool { return q[i].until.Before(q[j].until) }
func (q expiryQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *expiryQueue) Push(x any)        { *q = append(*q, x.(expiry)) }
func (q *expiryQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = expiry{}
	*q = old[:len(old)-1]
	return last
}

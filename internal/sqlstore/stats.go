package sqlstore

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/store"
)

type stats struct {
	calls, transactions, committing, retried, unrecorded atomic.Int64
}

// Stats implements [store.Store].
func (s *Store) Stats() store.Stats {
	return store.Stats{
		Waiting: len(s.queue), Calls: s.stats.calls.Load(), Transactions: s.stats.transactions.Load(),
		Committing: time.Duration(s.stats.committing.Load()), Retried: s.stats.retried.Load(),
		Unrecorded: s.stats.unrecorded.Load(),
	}
}

// refusals counts what was not proven, minute by minute.
type refusals struct {
	mu     sync.Mutex
	minute int64
	count  int
}

// take counts one; false if there were too many in its minute.
func (r *refusals) take(at time.Time, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if minute := at.Unix() / 60; minute > r.minute {
		r.minute, r.count = minute, 0
	}
	if r.count >= most {
		return false
	}
	r.count++
	return true
}

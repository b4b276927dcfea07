package sqlstore

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/store"
)

type stats struct {
	calls, transactions, statements, committing, retried, overtaken, unrecorded atomic.Int64
}

// Stats implements [store.Store].
func (s *Store) Stats() store.Stats {
	return store.Stats{
		Waiting: len(s.queue), Calls: s.stats.calls.Load(), Transactions: s.stats.transactions.Load(),
		Statements: s.stats.statements.Load(),
		Committing: time.Duration(s.stats.committing.Load()), Retried: s.stats.retried.Load(),
		Overtaken: s.stats.overtaken.Load(), Unrecorded: s.stats.unrecorded.Load(),
	}
}

// refusals counts what was not proven, minute by minute.
type refusals struct {
	mu      sync.Mutex
	minute  int64
	count   int
	since   int             // that were recorded since somebody looked how many there are
	begun   bool            // somebody did
	dropped map[int64]int64 // that were not recorded, by day; they are not in the totals yet
}

// take counts one; false if there were too many in its minute.
func (r *refusals) take(at time.Time, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if minute := at.Unix() / 60; minute > r.minute {
		r.minute, r.count = minute, 0
	}
	if r.count >= most {
		if r.dropped == nil {
			r.dropped = map[int64]int64{}
		}
		r.dropped[int64(instantOf(at))/int64(day)]++
		return false
	}
	r.count++
	r.since++
	return true
}

// due reports whether it is time to look how many are kept: not for each one, so that a
// few more may be.
func (r *refusals) due(keep int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.begun || r.since > keep/16
}

func (r *refusals) looked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since, r.begun = 0, true
}

// unrecorded returns what was not recorded, by day, and is not in the totals yet.
func (r *refusals) unrecorded() map[int64]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.dropped)
}

// counted takes away what is in the totals.
func (r *refusals) counted(days map[int64]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for day, n := range days {
		if r.dropped[day] -= n; r.dropped[day] == 0 {
			delete(r.dropped, day)
		}
	}
}

// countUnrecorded adds what was not recorded to the totals.
func (s *Store) countUnrecorded(ctx context.Context) error {
	days := s.refused.unrecorded()
	if len(days) == 0 {
		return nil
	}
	totals := map[total]counts{}
	for day, n := range days {
		totals[total{day: day}] = counts{decisions: n}
	}
	err := s.do(&job{ctx: ctx, apart: true, run: func(w *work) error { return w.addTotals(totals) }})
	if err == nil {
		s.refused.counted(days)
	}
	return err
}

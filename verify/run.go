package verify

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// runs are used one after the other, for as many verifications as there are.
// What the host is given, or might hold on to, is never part of one.
var runs = sync.Pool{New: func() any { return new(run) }}

func newRun(v *Verifier, m mode, now time.Time, q *Request) *run {
	r := runs.Get().(*run)
	// Validities, windows and what the ledger keeps are by the wall clock, which
	// may be set, and not by the monotonic one: only one of them can be right,
	// and only the first means anything to anybody else.
	r.clock = clockOf(now.Round(0), v.config.Skew)
	r.v, r.mode = v, m
	r.request = *q
	// What is judged is what was handed over, whatever the caller does meanwhile.
	r.request.Usage, r.request.Discharges = maps.Clone(q.Usage), slices.Clone(q.Discharges)
	return r
}

// clock is an instant, and how far it may be from that of others.
type clock struct{ now, early, late time.Time }

func clockOf(now time.Time, skew time.Duration) clock {
	return clock{now, now.Add(-skew), now.Add(skew)}
}

// release lends the run to another verification.
func (r *run) release() {
	r.empty()
	runs.Put(r)
}

// empty leaves nothing of a verification in the run, not even behind the ends
// of its lists.
func (r *run) empty() {
	*r = run{
		links: emptied(r.links), keys: emptied(r.keys), signers: emptied(r.signers), siblings: emptied(r.siblings),
		judged: emptied(r.judged), origins: emptied(r.origins),
		believed: emptied(r.believed), documents: emptied(r.documents), lists: emptied(r.lists),
	}
}

// emptied returns an empty list with the memory of the given one, all of it
// zero. Long lists are seldom and are let go.
func emptied[T any](list []T) []T {
	if cap(list) > 64 {
		return nil
	}
	clear(list[:cap(list)])
	return list[:0]
}

package sqlstore

import (
	"context"
	"maps"
	"slices"
)

// Where there are groups, what has ended is looked for by the drainer, behind what it drains, so that no act waits for
// that: it hands the writer keys, and the rows that these lead to, and one group forgets them. What has changed since
// is among the images of the writer, which come first. Where a transaction has come between, nothing says what has
// changed; so what has ended is looked for again, in a transaction.

// tidying says what is to be looked for.
type tidying struct {
	before instant            // what ended before that is forgotten
	most   int                // so much of each kind; zero: nothing is to be done
	low    map[digest]instant // of accounts: uses from before that, which no window reaches
}

// mostTidied is how much of each kind is forgotten at a time, however much was added meanwhile.
const mostTidied = 1 << 13

// leftovers are what was found.
type leftovers struct {
	ended
	gone map[digest]instant // of accounts: the latest of some uses
	rows *work              // what these lead to, as the tables had it then
}

// tidy does what is to be done now and then, and returns what it has found; nil: it has failed.
func (d *drainer) tidy(ctx context.Context, t *tidying) *leftovers {
	if err := d.transaction(ctx, func(w *work) error { return w.foldSome(t.before, t.most) }); err != nil {
		d.s.stats.retried.Add(1) // the next time
	}
	var l *leftovers
	if err := d.transaction(ctx, func(w *work) (err error) {
		if l, err = w.leftovers(t); err == nil {
			err = w.fetchEnded(&l.ended, slices.Collect(maps.Keys(l.gone)))
		}
		return err
	}); err != nil {
		d.s.stats.retried.Add(1)
		return nil
	}
	return l
}

// leftovers looks for what is to be forgotten.
func (w *work) leftovers(t *tidying) (*leftovers, error) {
	l := &leftovers{rows: w, gone: map[digest]instant{}}
	if err := w.askGone(t.low, l.gone); err != nil {
		return nil, err
	}
	e, err := w.endedBefore(t.before, t.most)
	if err == nil {
		l.ended = *e
	}
	return l, err
}

// tidyLater has the drainer tidy behind what it drains next: as much of each kind as is added now, and more.
func (s *Store) tidyLater(before instant, most int) {
	s.tidying.before, s.tidying.most = before, min(s.tidying.most+most, mostTidied)
	s.tidyNow()
}

// lookLater has the drainer look for uses of an account from before an instant, when it tidies.
func (s *Store) lookLater(account digest, before instant) {
	if s.tidying.low == nil {
		s.tidying.low = map[digest]instant{}
	}
	if len(s.tidying.low) < mostTidied {
		s.tidying.low[account] = before
	}
}

// tidyNow lets the drainer begin if there is something to tidy, and it has nothing to do.
func (s *Store) tidyNow() {
	if s.tidying.most > 0 && !s.forgetting && s.drainer.pending == nil {
		s.drain()
	}
}

// toTidy is what the drainer is to do, behind what it drains next; nil: nothing. What is forgotten is in the tables
// before it looks again: else it would find the same.
func (s *Store) toTidy() *tidying {
	if s.tidying.most == 0 || s.forgetting {
		return nil
	}
	t := s.tidying
	s.tidying = tidying{}
	return &t
}

// putBack has what was not done be done with what comes next.
func (s *Store) putBack(t *tidying) {
	s.tidying.before, s.tidying.most = max(s.tidying.before, t.before), min(s.tidying.most+t.most, mostTidied)
	for account, before := range t.low {
		s.lookLater(account, before)
	}
}

// tidied has what was found be forgotten, or what was to be looked for, if it is nil.
func (s *Store) tidied(t *tidying, l *leftovers) {
	if l != nil && len(l.nonces)+len(l.holds)+len(l.accounts)+len(l.gone) == 0 {
		return
	}
	s.forgetting = true
	s.own = append(s.own, &job{ctx: context.Background(), group: true, forgets: true, run: func(w *work) error {
		switch {
		case w.known == nil:
			return w.forgetFound(t)
		case l != nil && w.known.left == l:
			return w.forgetLeft(l)
		}
		return errTables
	}})
}

// forgetFound looks for what is to be forgotten, and forgets it.
func (w *work) forgetFound(t *tidying) error {
	l, err := w.leftovers(t)
	if err != nil {
		return err
	}
	return w.forgetLeft(l)
}

func (w *work) forgetLeft(l *leftovers) error {
	if w.known != nil {
		w.left = l.rows
		defer func() { w.left = nil }()
	}
	if err := w.forgetEnded(&l.ended); err != nil {
		return err
	}
	for _, key := range slices.SortedFunc(maps.Keys(l.gone), compareDigests) {
		a, err := load(w, accountTable, w.accounts, key)
		if err != nil {
			return err
		}
		if a == nil || l.gone[key] >= a.now.since { // a window that begins earlier counts them again
			continue
		}
		w.old[key] = l.gone[key]
		if err := w.forgetUses(key, a); err != nil {
			return err
		}
	}
	return nil
}

package sqlstore

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// longestLife is how long before its ReplayUntil a presentation can have been used for
// the first time: as long as an intent may live, one skew ahead of its beginning, and the
// two skews that ReplayUntil is behind its end.
var longestLife = limits.Max().IntentLifetime + 3*limits.MaxSkew

// findGap finds out what the store does not know because it is a restored copy, and
// first notes it if the store is told now that it is one. The note is part of the
// database: it outlasts the process, and is there for all others.
func (s *Store) findGap(ctx context.Context) error {
	return s.opening(ctx, func(t *tx) error {
		w := newWork(s, t)
		if s.options.AfterRestore {
			if s.engine.Redo { // what the copy knows is in its tables then
				if err := w.lead(); err != nil {
					return err
				}
			}
			if err := w.noteRestore(); err != nil {
				return err
			}
			if s.engine.Redo {
				if err := w.led(); err != nil {
					return err
				}
			}
		}
		until, err := w.mark(ofRestore)
		if err != nil || until == first {
			return err
		}
		s.gap = &store.Gap{Until: until.Time(), ReplaysUntil: until.Add(longestLife).Time()}
		if from := w.marks[ofGap]; from != 0 {
			s.gap.From = from.Time()
		}
		return nil
	})
}

// noteRestore notes that whatever was used up to now may have been forgotten. Said
// again it makes the gap longer and forgets nothing of it, unless the last time is so
// long ago that nobody is to reconcile it any more.
func (w *work) noteRestore() error {
	at, err := w.s.clock()
	if err != nil {
		return err
	}
	now := instantOf(at)
	until := now
	if drift := w.s.options.MaxClockDrift; w.engine.Clock != "" && drift > 0 {
		until = until.Add(2 * drift) // as far as a verifier's clock may be ahead of this one
	}
	before, err := w.mark(ofRestore)
	if err != nil {
		return err
	}
	if err := w.setMark(ofRestore, until); err != nil {
		return err
	}
	if err := w.writeMarks(); err != nil {
		return err
	}
	if before != first && before.Add(w.s.options.KeepUnresolved) > now {
		return nil
	}
	// A clock that was ahead may have recorded what is later than now.
	from := instant(0)
	if _, err := w.one("SELECT COALESCE(MAX(at), 0) FROM records WHERE space = ? AND at <= ?",
		[]any{w.s.space, int64(now)}, func(r Row) { from = r.instant(0) }); err != nil {
		return err
	}
	w.marks[ofGap] = from
	return w.exec("INSERT INTO forgotten (space, kind, at) VALUES (?, ?, ?) ON CONFLICT (space, kind) "+
		"DO UPDATE SET at = excluded.at", w.s.space, ofGap, int64(from))
}

// restored refuses a presentation that may have been used before the store was restored
// from an older copy. What could not be used before then is new.
func (w *work) restored(r *verify.Reservation) (refusal, err error) {
	until, err := w.mark(ofRestore)
	if err != nil || until == first {
		return nil, err
	}
	usable := instantOf(r.ReplayUntil).Add(-longestLife)
	if !r.Issued.IsZero() {
		usable = instantOf(r.Issued).Add(-2 * r.Skew)
	}
	if usable > until {
		return nil, nil
	}
	// One that is made then, by a clock that is right, is taken: it tells whole seconds.
	again := until.Add(2 * r.Skew).Time().Truncate(time.Second).Add(time.Second)
	return &passport.Error{
		Code: verify.LedgerUnavailable,
		Detail: "the presentation may have been used before the ledger was restored from an older copy, " +
			"which would not know it",
		Limit: "made at " + again.Format(time.RFC3339Nano) + " or later", Actual: issued(r),
		Hint: "make a new presentation", Until: again,
	}, nil
}

func issued(r *verify.Reservation) string {
	if r.Issued.IsZero() {
		return "it does not say when"
	}
	return r.Issued.UTC().Format(time.RFC3339Nano)
}

// Gap implements [store.Store].
func (s *Store) Gap() (gap store.Gap, restored bool) {
	if s.gap == nil {
		return gap, false
	}
	return *s.gap, true
}

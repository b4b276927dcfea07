package registry

import (
	"context"
	"encoding/json"
	"time"
)

// Stats says how an office keeps up, for the gauges of a host. Nothing in it is personal.
type Stats struct {
	Lists int // status lists that were published
	// ListAge is how long ago the oldest of the newest editions of all lists was made; zero: there is none.
	ListAge time.Duration
	// Unpublished are the lists that an edition is due of: something has changed, or half of the life of the last one
	// is over.
	Unpublished int
	Events      int64          // that were committed
	Lags        map[string]Lag // of the subscribers that were asked for
}

// Lag is how far a subscriber of the events is behind.
type Lag struct {
	Events int64         // that it has not acknowledged
	Age    time.Duration // of the oldest of these
}

// Stats returns how the office keeps up, and how far the named subscribers of [Events] are behind. Whoever is unknown
// is behind by all events. Root alone may.
func (r *Registry) Stats(ctx context.Context, by Actor, subscribers ...string) (*Stats, error) {
	if err := by.needs(ScopeRead); err != nil {
		return nil, err
	}
	if !by.root {
		return nil, refuse(Forbidden, "Actor", "how the office keeps up is for root")
	}
	var s *Stats
	err := r.config.Store.View(ctx, func(tx Tx) error {
		s = &Stats{Lags: map[string]Lag{}}
		now := r.now()
		if err := s.ofLists(tx, r, now); err != nil {
			return err
		}
		last, err := tx.Last("events")
		if err != nil {
			return err
		}
		s.Events = last.Number
		for _, name := range subscribers {
			if s.Lags[name], err = lagOf(tx, name, last.Number, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// ofLists looks at every list.
func (s *Stats) ofLists(tx Tx, r *Registry, now time.Time) error {
	ring, err := r.keyring(tx)
	if err != nil {
		return err
	}
	signs := ring.signs(now)
	return walk(tx, Query{Kind: kindList, Name: "all", Value: "list"}, func(url string) error {
		var l shown
		if _, err := load(tx, kindShown, url, &l); err != nil {
			return err
		}
		if l.State != nil {
			s.Lists++
			s.ListAge = max(s.ListAge, now.Sub(l.Published))
		}
		due, err := l.isDue(tx, url, signs, now)
		if due {
			s.Unpublished++
		}
		return err
	})
}

// isDue reports whether an edition of a list is due.
func (l *shown) isDue(tx Tx, url string, signs *IssuerKey, now time.Time) (bool, error) {
	if l.State == nil || !l.signedBy(signs) || !now.Before(l.due()) {
		return true, nil
	}
	changed, err := tx.Find(Query{Kind: kindBit, Name: "changed", Value: url, Limit: 1})
	if err != nil || len(changed) > 0 {
		return true, err
	}
	id, b, err := nextEnd(tx, url, "")
	return id != "" && !now.Before(b.Until), err
}

func lagOf(tx Tx, subscriber string, last int64, now time.Time) (lag Lag, err error) {
	var acked int64
	if _, err = load(tx, kindAcked, subscriber, &acked); err != nil || acked >= last {
		return lag, err
	}
	lag.Events = last - acked
	entries, err := tx.Read("events", acked, 1)
	if err != nil || len(entries) == 0 {
		return lag, err
	}
	var e Event
	err = json.Unmarshal(entries[0].Body, &e)
	lag.Age = max(0, now.Sub(e.At))
	return lag, err
}

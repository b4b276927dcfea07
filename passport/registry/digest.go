package registry

import (
	"context"
	"time"
)

// Digest is what an owner is told each week while they have an agent key that writes (E6): the keys, what was
// done with them, and that the owner answers for it.
type Digest struct {
	Owner       string
	From, Until time.Time // the week: Until is not part of it
	Keys        []DigestKey
}

// DigestKey is one active key in a digest.
type DigestKey struct {
	ID, Name string
	Scopes   []string
	Write    bool
	LastUsed time.Time        `json:",omitzero"` // before Until; zero: never
	Activity []DigestActivity `json:",omitempty"`
	Denied   int              // requests of the week that were refused
	Idle     bool             // it was not used in the week: to be revoked, if nobody needs it
}

// DigestActivity is how often an operation was allowed in the week.
type DigestActivity struct {
	Operation string
	Count     int
}

// DigestQuery asks for a digest.
type DigestQuery struct {
	Owner string // zero: the actor
	// Until is the end of the week, at a midnight on which a Monday begins, such as [WeekBefore] finds. Zero:
	// the last one, in UTC.
	Until time.Time
}

// WeekBefore returns the last week that ended at an instant or before, from Monday to Monday in a time zone.
func WeekBefore(at time.Time, zone *time.Location) (from, until time.Time) {
	at = at.In(zone)
	days := (int(at.Weekday()) + 6) % 7 // since Monday
	until = time.Date(at.Year(), at.Month(), at.Day()-days, 0, 0, 0, 0, zone)
	return time.Date(until.Year(), until.Month(), until.Day()-7, 0, 0, 0, 0, zone), until
}

// Digest returns the digest of an owner, for themselves or for root, who sends it; nil while no key that writes is
// active. It changes nothing: the same week is the same digest, but for keys that were made or revoked since.
func (s *AgentKeys) Digest(ctx context.Context, by Actor, q DigestQuery) (d *Digest, err error) {
	if q.Until.IsZero() {
		_, q.Until = WeekBefore(s.r.now(), time.UTC)
	}
	from := q.Until.AddDate(0, 0, -7) // by the calendar of its zone
	if q.Owner == "" {
		q.Owner = by.owner
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		d = nil
		_, o, err := s.r.Owners.find(tx, by, q.Owner, ScopeRead)
		switch {
		case err != nil:
			return err
		case !by.root && (!by.owns(o.Org, o.ID) || by.key != ""):
			return refuse(Forbidden, "Actor", "what agents did for an owner is told to the owner")
		}
		keys, err := s.of(tx, o)
		if err != nil {
			return err
		}
		found := &Digest{Owner: o.ID, From: from, Until: q.Until}
		writes := false
		for _, k := range keys {
			if k.Status != Active {
				continue
			}
			writes = writes || k.Write
			line, err := s.week(tx, k, from, q.Until)
			if err != nil {
				return err
			}
			found.Keys = append(found.Keys, *line)
		}
		if writes {
			d = found
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// week says what was done with a key in a week.
func (s *AgentKeys) week(tx Tx, k *AgentKey, from, until time.Time) (*DigestKey, error) {
	d := &DigestKey{ID: k.ID, Name: k.Name, Scopes: k.Scopes, Write: k.Write, Idle: true}
	at := map[string]int{}
	err := s.uses(tx, k.ID, func(u *Use) bool {
		switch {
		case !u.At.Before(until):
			return true
		case d.LastUsed.IsZero():
			d.LastUsed = u.At
		}
		if u.At.Before(from) {
			return false
		}
		d.Idle = false
		if !u.Allowed {
			d.Denied++
			return true
		}
		i, ok := at[u.Operation]
		if !ok {
			i = len(d.Activity)
			at[u.Operation] = i
			d.Activity = append(d.Activity, DigestActivity{Operation: u.Operation})
		}
		d.Activity[i].Count++
		return true
	})
	return d, err
}

package registry

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Lists are the status lists of an office.
type Lists struct{ r *Registry }

// An edition lives for a day, or until the first of its suspensions ends, but for
// ten minutes at least. Another one is due when half of that is over.
const (
	longestEdition  = 24 * time.Hour
	shortestEdition = 10 * time.Minute
)

// due is when there is to be another edition.
func (l *shown) due() time.Time { return l.Published.Add(l.Ends.Sub(l.Published) / 2) }

// publisher returns a publisher of a list as it was last published, with what has
// changed since.
func (p *pending) publisher() (*statuslist.Publisher, error) {
	l := &p.list
	if p.shown.State != nil {
		return statuslist.RestorePublisher(p.shown.State)
	}
	return statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: l.URL, Purpose: statuslist.Purpose(l.Purpose), Entries: places,
		Also: map[statuslist.Encoding]string{statuslist.StatusList2021: l.URL + encoding2021},
	})
}

// Publish makes new editions of the lists that have changed, or whose editions have
// half of their life behind them, and puts the newest edition of every list on a target, in every
// encoding. What did not reach a target the last time reaches it then. An edition
// speaks for an instant about a second before it was made, later than the one before;
// where somebody else publishes at the same time, one of the two goes first.
// Suspensions that have ended are left out by themselves. An edition ends when the
// first of its suspensions does, so that nobody is kept waiting longer, but lives for
// ten minutes.
//
// Where the target is a statuslist.Source, too, and has an edition that the store does not
// know, the store is a copy of an earlier time: Publish fails with CONFLICT before it
// changes anything, until [Lists.Recover] has been called (Config.AfterRestore).
func (s *Lists) Publish(ctx context.Context, to statuslist.Target) error {
	if to == nil {
		return refuse(BadRequest, "to", "there is no target to publish to")
	}
	if s.r.restored.Load() {
		return errRestored()
	}
	var urls []string
	if err := s.r.config.Store.View(ctx, func(tx Tx) error {
		urls = nil
		for after := ""; ; {
			docs, err := tx.Find(Query{Kind: kindList, Name: "all", Value: "list", After: after, Limit: most})
			if err != nil {
				return err
			}
			for _, d := range docs {
				urls, after = append(urls, d.ID), d.ID
			}
			if len(docs) < most {
				return nil
			}
		}
	}); err != nil {
		return err
	}
	var errs []error
	for _, u := range urls {
		if err := s.isNewest(ctx, u, to); err != nil {
			return err
		}
		errs = append(errs, s.renew(ctx, u), s.put(ctx, u, to))
	}
	return errors.Join(errs...)
}

// put puts the newest edition of a list on a target. It is kept with the list: a
// crash, or a target that is away, loses nothing.
func (s *Lists) put(ctx context.Context, url string, to statuslist.Target) error {
	var editions statuslist.Editions
	if err := s.r.config.Store.View(ctx, func(tx Tx) error {
		editions = nil
		_, err := load(tx, kindEdition, url, &editions)
		return err
	}); err != nil {
		return err
	}
	return editions.PutTo(ctx, to)
}

// ago is how long before it is made an edition speaks for. Whoever asks for it has looked at the clock before. And
// editions, each of which is later than the one before, find room while a clock stands still, or ticks slowly.
const ago = time.Second

// speaksFor is the instant that an edition speaks for: a while ago, but later than the one before, and not in the
// future. Where the clock went back by more than that the publisher refuses it.
func (l *shown) speaksFor(now time.Time) time.Time {
	at := now.Add(-ago)
	if !at.After(l.AsOf) {
		at = l.AsOf.Add(time.Nanosecond)
	}
	if at.After(now) {
		at = now
	}
	return at
}

// renew makes a new edition of a list, if one is due.
func (s *Lists) renew(ctx context.Context, url string) error {
	for range tries {
		err := s.renewOnce(ctx, url)
		if !errors.Is(err, ErrChanged) && !errors.Is(err, Conflict) {
			return err
		}
	}
	return refuse(Conflict, "", "others publish %s at the same time: ask again", url)
}

// pending is what an edition is made of.
type pending struct {
	list    list
	doc     Doc // of shown
	shown   shown
	changed []Doc // bits, by the versions that were looked at
	bits    []bit
	ends    time.Time  // when the first suspension ends; zero: none does
	key     *IssuerKey // that signs now
	signer  did.Signer // its
}

func (s *Lists) renewOnce(ctx context.Context, url string) error {
	now := s.r.config.Now().UTC() // to the nanosecond: the next edition is later than this one
	var p *pending
	if err := s.r.config.Store.View(ctx, func(tx Tx) (err error) {
		if p, err = pendingOf(tx, url, now); err == nil {
			p.key, p.signer, err = s.r.signer(tx)
		}
		return err
	}); err != nil {
		return err
	}
	if len(p.bits) == 0 && p.shown.State != nil && now.Before(p.shown.due()) && p.shown.signedBy(p.key) {
		return nil
	}
	pub, err := p.publisher()
	if err != nil {
		return err
	}
	before := slices.Clone(p.bits)
	for i := range p.bits {
		b := &p.bits[i]
		if _, err := pub.Get(b.Index); err != nil { // the publisher does not know the place yet
			if err := pub.Claim(b.Index); err != nil {
				return err
			}
		}
		b.Set = b.Set && (b.Until.IsZero() || now.Before(b.Until))
		if err := set(pub, b.Index, b.Set); err != nil {
			return err
		}
	}
	valid := longestEdition
	if !p.ends.IsZero() {
		valid = max(shortestEdition, min(valid, p.ends.Sub(now).Truncate(time.Second)+time.Second))
	}
	asOf := p.shown.speaksFor(now)
	editions, err := pub.Publish(ctx, p.signer, statuslist.PublishOptions{
		Now: asOf, ValidFor: valid + now.Sub(asOf), TTL: time.Minute,
	})
	if err != nil {
		return err
	}
	p.shown = shown{pub.MarshalState(), editions[0].AsOf, now, editions[0].ValidUntil, p.key.ID}
	if err := s.r.config.Store.Update(ctx, func(tx Tx) error {
		if _, now, err := s.r.signer(tx); err != nil {
			return err
		} else if now != p.signer { // what a key signs that was revoked meanwhile is not shown
			return ErrChanged
		}
		d, err := load(tx, kindEdition, url, &statuslist.Editions{})
		if err == nil {
			err = save(tx, d, editions)
		}
		if err != nil {
			return err
		}
		return save(tx, p.doc, &p.shown)
	}); err != nil {
		return err
	}
	return s.settled(ctx, p, before)
}

// settled remembers that an edition shows what has changed: in small steps, so that nobody waits for a list many of
// whose bits have changed. What is left over by a crash is shown by the next edition again, and what has changed once
// more meanwhile has another version and stays.
func (s *Lists) settled(ctx context.Context, p *pending, before []bit) error {
	const step = 64
	for from := 0; from < len(p.bits); from += step {
		if err := s.r.config.Store.Update(ctx, func(tx Tx) error {
			for i := from; i < min(from+step, len(p.bits)); i++ {
				now, err := tx.Get(kindBit, p.changed[i].ID)
				if err == nil && now.Version == p.changed[i].Version {
					err = saveBit(tx, now, &before[i], &p.bits[i], false)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func set(pub *statuslist.Publisher, index int, on bool) error {
	if on {
		return pub.Set(index, 1)
	}
	return pub.Clear(index)
}

// pendingOf finds what an edition must show that the one before does not.
func pendingOf(tx Tx, url string, now time.Time) (*pending, error) {
	p := &pending{}
	var err error
	if _, err = load(tx, kindList, url, &p.list); err != nil {
		return nil, err
	}
	if p.doc, err = load(tx, kindShown, url, &p.shown); err != nil {
		return nil, err
	}
	add := func(d Doc, b bit) {
		p.changed, p.bits = append(p.changed, d), append(p.bits, b)
	}
	seen := map[string]bool{}
	for after := ""; ; {
		docs, err := tx.Find(Query{Kind: kindBit, Name: "changed", Value: url, After: after, Limit: most})
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			var b bit
			if err := decode(&d, &b); err != nil {
				return nil, err
			}
			after, seen[d.ID] = d.ID, true
			add(d, b)
		}
		if len(docs) < most {
			break
		}
	}
	for after := ""; ; { // suspensions that have ended, up to the first that has not: there may be any number behind it
		id, b, err := nextEnd(tx, url, after)
		if err != nil || id == "" {
			return p, err
		}
		if after = id; now.Before(b.Until) {
			p.ends = b.Until
			return p, nil
		}
		if seen[b.key()] {
			continue
		}
		d, err := load(tx, kindBit, b.key(), &b)
		if err != nil {
			return nil, err
		}
		add(d, b)
	}
}

// NextPublish returns when [Lists.Publish] is due, at the latest: when a suspension
// ends or half of an edition's life is over. What calls change is due at once. Zero: there is not a list yet.
func (s *Lists) NextPublish(ctx context.Context) (next time.Time, err error) {
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		next = time.Time{}
		ring, err := s.r.keyring(tx)
		if err != nil {
			return err
		}
		signs := ring.signs(s.r.now())
		for _, k := range ring.Keys {
			if k.status(s.r.now()) == KeyNext {
				sooner(k.From)
			}
		}
		for after := ""; ; {
			docs, err := tx.Find(Query{Kind: kindList, Name: "all", Value: "list", After: after, Limit: most})
			if err != nil {
				return err
			}
			for _, d := range docs {
				var l shown
				after = d.ID
				if _, err := load(tx, kindShown, d.ID, &l); err != nil {
					return err
				}
				changed, err := tx.Find(Query{Kind: kindBit, Name: "changed", Value: d.ID, Limit: 1})
				switch {
				case err != nil:
					return err
				case l.State == nil || len(changed) > 0 || !l.signedBy(signs):
					sooner(s.r.now())
				default:
					sooner(l.due())
				}
			}
			if len(docs) < most {
				break
			}
		}
		id, b, err := nextEnd(tx, "all", "")
		if id != "" {
			sooner(b.Until)
		}
		return err
	})
	return next, err
}

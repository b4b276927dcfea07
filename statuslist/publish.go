package statuslist

import (
	"context"
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
)

// PublishOptions say for how long a published list speaks.
type PublishOptions struct {
	// Now is the instant for which the list speaks: its validFrom, and the
	// created of its proof in whole seconds. Required.
	Now time.Time
	// ValidFor is the time to validUntil. Zero means 24 hours, beyond which
	// verifiers do not take a list by default.
	ValidFor time.Duration
	// TTL asks caches to fetch again after that time. Zero states none. Only
	// a Bitstring list can say it; for HTTP see [Edition.CacheControl].
	TTL time.Duration
	// Suite is the cryptosuite of the proof. Empty means eddsa-jcs-2022.
	Suite string
}

func (o *PublishOptions) check() error {
	if o.ValidFor == 0 {
		o.ValidFor = defaults.StatusAge
	}
	o.Now = o.Now.Round(0)
	switch {
	case o.Now.IsZero():
		return misuse(nil, "Now is not set: a list must say when it was made")
	case o.ValidFor < time.Second:
		return misuse(nil, "ValidFor is %s, want at least a second", o.ValidFor)
	case o.TTL < 0 || o.TTL > o.ValidFor:
		return misuse(nil, "TTL is %s, want 0 to ValidFor, %s", o.TTL, o.ValidFor)
	case o.TTL%time.Millisecond != 0:
		return misuse(nil, "TTL is %s, want whole milliseconds", o.TTL)
	}
	return nil
}

// ErrNotLater is wrapped by the error of [Publisher.Publish] when Now is not
// later than the edition before.
var ErrNotLater = errors.New("statuslist: an edition is later than the one before")

// Publish signs the list as it stands, as the signer's DID, in every encoding
// that the Publisher has a URL for. Put the bytes of each at its URL:
//
//	editions, err := list.Publish(ctx, issuer, statuslist.PublishOptions{Now: now})
//	err = editions.PutTo(ctx, statuslist.Dir("/srv/status"))
//
// Editions are numbered, and each is later than the one before: they speak for
// the second of Now, or, if that has an edition already, for Now itself. If Now
// is not later either, Publish fails with request.invalid and [ErrNotLater].
// That holds across restarts if the host saves [Publisher.MarshalState] after
// Publish and before it puts the edition anywhere.
//
// Indices may be allocated and changed meanwhile: the list has those changes
// that were complete when Publish was called.
func (p *Publisher) Publish(ctx context.Context, signer did.Signer, o PublishOptions) (Editions, error) {
	if signer == nil {
		return nil, misuse(nil, "there is no signer, and an unsigned list is never believed")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	d := draft{issuer: signer.KeyID().DID().String(), purpose: p.opts.Purpose, ttl: o.TTL, suite: o.Suite}
	number, err := p.nextEdition(&d, o.Now)
	if err != nil {
		return nil, err
	}
	d.until = d.asOf.Add(o.ValidFor).Truncate(time.Second)
	var out Editions
	for i, k := range kinds {
		e := Encoding(i)
		if d.url = p.opts.url(e); d.url == "" {
			continue
		}
		raw, err := d.signAs(ctx, signer, e)
		if err != nil {
			return nil, err
		}
		out = append(out, &Edition{
			Encoding: e, URL: d.url, Number: number, AsOf: d.asOf, ValidUntil: d.until, TTL: o.TTL, MediaType: k.mediaType, Raw: raw,
		})
	}
	return out, nil
}

// nextEdition takes a copy of the list, the next number and an instant that is
// later than the edition before.
func (p *Publisher) nextEdition(d *draft, now time.Time) (number int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Nanosecond} {
		if d.asOf = now.UTC().Truncate(unit); d.asOf.After(p.asOf) {
			p.edition++
			p.asOf, d.list = d.asOf, p.values.Clone()
			return p.edition, nil
		}
	}
	e := misuse(ErrNotLater, "there is an edition as of %s already, Now is %s", datetime.Exact(p.asOf), datetime.Exact(now))
	e.Hint = "publish again when the clock is later than that"
	return 0, e
}

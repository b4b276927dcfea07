package registry

import (
	"context"
	"errors"
	"slices"
	"time"
)

// stands reads what has become of a record there.
func (b *bringing) stands() error {
	rec := b.rec
	since := rec.Since.UTC().Truncate(time.Millisecond)
	if since.IsZero() || since.Year() < 2000 || since.After(b.at) {
		since = b.at
	}
	switch {
	case !slices.Contains(b.kind.statuses, rec.Status):
		return refuse(BadRequest, "Status", "%.40q: want one of %q", rec.Status, b.kind.statuses)
	case rec.Status == Suspended:
		until := rec.Until.UTC().Truncate(time.Millisecond)
		if !until.IsZero() && !until.After(b.at) {
			b.changed("Status: the suspension has ended")
			return nil
		}
		b.standing = Standing{Suspended: true, SuspendedUntil: until, Reason: rec.Reason}
	case rec.Status == Revoked:
		b.standing = Standing{RevokedAt: since, Reason: rec.Reason}
	}
	return nil
}

// isBelow reports whether another standing is stricter: revoked, suspended for longer, suspended.
func (s *Standing) isBelow(o *Standing, now time.Time) bool {
	rank := func(s *Standing) (int, time.Time) {
		switch s.status(now, time.Time{}) {
		case Revoked:
			return 3, time.Time{}
		case Suspended:
			if s.SuspendedUntil.IsZero() {
				return 2, time.Time{}
			}
			return 1, s.SuspendedUntil
		}
		return 0, time.Time{}
	}
	a, t := rank(s)
	b, u := rank(o)
	return b > a || a == b && u.After(t)
}

// bringBecame remembers what has become of a record. It may come later, and comes suspended or revoked then.
func (b *bringing) bringBecame() error {
	b.line.Outcome = ImportedWhole
	d := Doc{Kind: kindImported, ID: b.key(b.rec.Became.Kind, b.rec.ID), Version: b.doc.Version}
	return save(b.tx, d, &imported{At: b.at, Standing: b.standing})
}

// tighten suspends or revokes what came over before, and remembers that.
func (b *bringing) tighten(ctx context.Context) error {
	k := b.kind
	if b.rec.Became != nil {
		k = b.named(b.rec.Became.Kind)
	}
	if b.before.Here != "" {
		err := k.become(ctx, b, b.before.Here)
		if err != nil && !errors.Is(err, InvalidTransition) { // it is revoked here already, or over
			return err
		}
	}
	return b.r.update(ctx, func(tx Tx) error {
		var was imported
		d, err := load(tx, kindImported, b.doc.ID, &was)
		if err != nil {
			return err
		}
		was.Standing = b.standing
		return save(tx, d, &was, was.keys()...)
	})
}

// suspension is what a call has to be told to make a standing.
func (s *Standing) suspension(now time.Time) Suspension {
	how := Suspension{For: -1, Reason: s.Reason}
	if !s.SuspendedUntil.IsZero() {
		how.For = max(s.SuspendedUntil.Sub(now), time.Millisecond)
	}
	return how
}

// becomes makes a call of what has become of a record: revoke, or suspend.
func becomes[T any](
	revoke func(r *Registry, ctx context.Context, id, reason string) (T, error),
	suspend func(r *Registry, ctx context.Context, id string, how Suspension) (T, error),
) func(ctx context.Context, b *bringing, id string) error {
	return func(ctx context.Context, b *bringing, id string) (err error) {
		if s := &b.standing; !s.RevokedAt.IsZero() {
			_, err = revoke(b.r, ctx, id, s.Reason)
		} else {
			_, err = suspend(b.r, ctx, id, s.suspension(b.r.now()))
		}
		return err
	}
}

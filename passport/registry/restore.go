package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/statuslist"
)

// A copy of a store knows nothing of what happened after it was made: it would give
// places twice, and publish lists on which the newest revocations are missing. With
// Config.AfterRestore an office does neither until Recover has read the lists that
// are published.

// errRestored is what an office answers until it has recovered.
func errRestored() *Error {
	return &Error{
		Code: Conflict, Status: 503,
		Detail: "the store is a copy of an earlier time: Lists.Recover reads what was published since",
	}
}

// Recover brings an office that was opened with Config.AfterRestore up to what it has
// published: every bit that is set on a published list is set for good, and these
// lists give no place any more. source is where the office has published, and is
// believed, but for lists of another issuer. Where a list is signed by a key that does not sign in the copy, Recover
// fails with CONFLICT and the id of the key: a key of the issuer was rotated or revoked since. Say so here, too
// ([IssuerKeys]), and recover then. It fails with CONFLICT, too, where source has no list of an office that has made
// some: then it is not where the office has published. What was issued and is not in the copy
// is unknown to the office; its places are on lists that are closed, so that it can
// be revoked by nobody, and ends by itself. Records are as the copy has them: a passport
// whose bit was set since reads as active until somebody revokes it again. Root alone
// may. Recovering again changes nothing.
func (s *Lists) Recover(ctx context.Context, by Actor, source statuslist.Source) error {
	if !by.root {
		return refuse(Forbidden, "Actor", "lists are recovered by root")
	}
	if source == nil {
		return refuse(BadRequest, "source", "there is no source of what was published")
	}
	if err := s.isThere(ctx, source); err != nil {
		return err
	}
	for _, purpose := range []statuslist.Purpose{statuslist.Revocation, statuslist.Suspension} {
		if err := s.recover(ctx, by, source, purpose); err != nil {
			return err
		}
	}
	s.r.restored.Store(false)
	return nil
}

// isThere refuses a source that has no list of an office that has made some: a folder with a typo in its name would
// recover nothing.
func (s *Lists) isThere(ctx context.Context, source statuslist.Source) error {
	made := ""
	for _, purpose := range []statuslist.Purpose{statuslist.Revocation, statuslist.Suspension} {
		for number, known := 1, true; known; number++ {
			url := s.r.listURL(purpose, number)
			fetched, err := source.StatusList(ctx, url)
			if notThere := errors.Is(err, statuslist.ErrNotFound) || err == nil && fetched == nil; !notThere {
				return nil // it is, or why it cannot be read is told when it is
			}
			if err := s.r.config.Store.View(ctx, func(tx Tx) error {
				d, err := tx.Get(kindList, url)
				known = d.Version > 0
				if err != nil {
					return err
				}
				if d, err = tx.Get(kindEdition, url); d.Version > 0 {
					made = url
				}
				return err
			}); err != nil {
				return err
			}
		}
	}
	if made != "" {
		return refuse(Conflict, "source", "it has no list of this office, which has made %s: it is another place", made)
	}
	return nil
}

// recover goes through the lists of a purpose, those that the copy does not know too.
func (s *Lists) recover(ctx context.Context, by Actor, source statuslist.Source, purpose statuslist.Purpose) error {
	for number := 1; ; number++ {
		url := s.r.listURL(purpose, number)
		fetched, err := source.StatusList(ctx, url)
		gone := errors.Is(err, statuslist.ErrNotFound) || err == nil && fetched == nil
		if err != nil && !gone {
			return fmt.Errorf("registry: %s: %w", url, err)
		}
		var set []int
		var asOf time.Time
		if !gone {
			if set, asOf, err = s.published(fetched.Raw, url, purpose); err == nil {
				err = s.signedHere(ctx, fetched.Raw, url)
			}
			if err != nil {
				return err
			}
		}
		known := false
		if err := s.r.update(ctx, func(tx Tx) error {
			var l list
			d, err := load(tx, kindList, url, &l)
			if err != nil {
				return err
			}
			known = d.Version > 0
			if gone && !known {
				return nil
			}
			l.URL, l.Purpose, l.Used = url, string(purpose), places
			if err := save(tx, d, &l, Key{Name: "all", Value: "list"}); err != nil {
				return err
			}
			if err := publishedAt(tx, url, asOf); err != nil {
				return err
			}
			var open int
			if d, err = load(tx, kindOpen, string(purpose), &open); err != nil {
				return err
			}
			if number > open {
				if err := save(tx, d, number); err != nil {
					return err
				}
			}
			for _, index := range set {
				if err := setForGood(tx, Place{url, purpose, index}); err != nil {
					return err
				}
			}
			return s.r.note(tx, by, "", "list.recovered", url, "", map[string]any{"set": len(set)})
		}); err != nil {
			return err
		}
		if gone && !known {
			return nil
		}
	}
}

// signedHere refuses a list that is signed by a key that the copy does not know, or of which it believes that it does
// not sign yet: a key of the issuer was rotated or revoked after the copy was made, and the copy would go on signing
// with the one before.
func (s *Lists) signedHere(ctx context.Context, raw []byte, url string) error {
	signed, err := credential.Parser{StatusList: true}.Credential(raw)
	if err != nil {
		return fmt.Errorf("registry: %s: %w", url, err)
	}
	return s.r.config.Store.View(ctx, func(tx Tx) error {
		ring, err := s.r.keyring(tx)
		if err != nil {
			return err
		}
		for _, proof := range signed.Proofs() {
			id := proof.VerificationMethod.String()
			if k := ring.find(id); k == nil || k.status(s.r.now()) == KeyNext {
				return &Error{Code: Conflict, ID: id, Detail: fmt.Sprintf("%s is signed by %.200s, which does not sign in "+
					"this copy: IssuerKeys.Revoke or Rotate says what became of the key before", url, id)}
			}
		}
		return nil
	})
}

// setForGood sets a place that the office may not know to be set.
func setForGood(tx Tx, p Place) error {
	var b bit
	if _, err := load(tx, kindBit, p.key(), &b); err != nil || b.Set {
		return err
	}
	return mark(tx, p, true, time.Time{})
}

// publishedAt notes that there is an edition of a list as of an instant.
func publishedAt(tx Tx, url string, asOf time.Time) error {
	var l shown
	d, err := load(tx, kindShown, url, &l)
	if err != nil || !asOf.After(l.AsOf) {
		return err
	}
	l.AsOf = asOf
	return save(tx, d, &l)
}

// isNewest refuses a target that has a later edition of a list than the store knows of. Whoever publishes writes to the
// store first, so that store has forgotten something.
func (s *Lists) isNewest(ctx context.Context, url string, to statuslist.Target) error {
	target, ok := to.(statuslist.Source)
	if !ok {
		return nil
	}
	fetched, err := target.StatusList(ctx, url)
	if err != nil { // there is none, or whoever puts one there is told why not
		return nil
	}
	there, err := statuslist.ReadUnverified(fetched.Raw)
	if err != nil {
		return nil
	}
	return s.r.config.Store.View(ctx, func(tx Tx) error {
		var l shown
		var editions statuslist.Editions
		if _, err := load(tx, kindShown, url, &l); err != nil {
			return err
		}
		if _, err := load(tx, kindEdition, url, &editions); err != nil {
			return err
		}
		for _, e := range editions {
			if e.AsOf.After(l.AsOf) {
				l.AsOf = e.AsOf
			}
		}
		if !there.AsOf.After(l.AsOf) {
			return nil
		}
		e := errRestored()
		e.Detail = fmt.Sprintf("%s is published as of %s, of which this store knows nothing: %s", url,
			there.AsOf.Format(time.RFC3339Nano), e.Detail)
		return e
	})
}

// published returns the places that are set on a published list, and the instant that it speaks for.
func (s *Lists) published(raw []byte, url string, purpose statuslist.Purpose) (set []int, asOf time.Time, err error) {
	l, err := statuslist.ReadUnverified(raw)
	if err != nil {
		return nil, asOf, fmt.Errorf("registry: %s: %w", url, err)
	}
	if l.Issuer != s.r.config.Issuer.KeyID().DID().String() || l.ID != url {
		return nil, asOf, fmt.Errorf("registry: %s is a list of %s by %s, not one of this office", url, l.ID, l.Issuer)
	}
	for i := range places {
		result, err := l.Status(statuslist.Entry{Purpose: purpose, URL: url, Index: i, Size: 1})
		if err != nil {
			return nil, asOf, fmt.Errorf("registry: %s, place %s: %w", url, strconv.Itoa(i), err)
		}
		if result.Set {
			set = append(set, i)
		}
	}
	return set, l.AsOf, nil
}

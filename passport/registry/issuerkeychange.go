package registry

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
)

// Rotation says with which key the office is to sign, and from when on.
type Rotation struct {
	// To is the new key: one of Config.Issuer and Config.Keys that the office has never used. Zero: the only such key.
	To did.URL
	// In is how long the key is published before it signs. Zero: 24 hours, the longest that a [did.Cache] keeps a
	// document; negative: it signs at once, and verifiers that have the document before refuse what it signs until they
	// get the next one. At most 90 days.
	In     time.Duration
	Reason string // for the record
}

// Rotate has the office sign with another key of its DID from an instant on. Publish the DID document at once
// ([IssuerKeys.Publish]): it lists both keys, the one before with the date of its end. Nothing is issued anew. Lists
// are signed with the new key by the next [Lists.Publish] behind the instant. Root alone may.
//
// An issuer whose DID is the key itself (did:key, did:jwk) cannot rotate, which is INVALID_TRANSITION: a new key is
// another issuer, whom each verifier must come to trust. A key that was used before, under whichever name, is EXISTS.
func (s *IssuerKeys) Rotate(ctx context.Context, by Actor, n Rotation) (*IssuerKey, error) {
	if err := s.mine(by, ScopeManageKeys); err != nil {
		return nil, err
	}
	if err := s.rotates(); err != nil {
		return nil, err
	}
	if n.In > longestBefore {
		return nil, refuse(BadRequest, "In", "%s: want at most %s", n.In, longestBefore)
	}
	if n.In == 0 {
		n.In = publishedBefore
	}
	return s.change(ctx, func(tx Tx, ring *keyring) (*IssuerKey, error) {
		at := s.r.now().Add(max(n.In, 0))
		for _, k := range ring.Keys {
			if k.status(s.r.now()) == KeyNext {
				return nil, refuse(InvalidTransition, "", "%s is next already, from %s on: wait, or revoke it", k.ID,
					k.From.Format(time.RFC3339))
			}
		}
		before := ring.signs(s.r.now())
		if before == nil {
			return nil, slowClock()
		}
		next, err := s.fresh(tx, ring, n.To, at)
		if err != nil {
			return nil, err
		}
		before.end(at)
		next.Reason = n.Reason
		ring.Keys = append(ring.Keys, next)
		return next, s.r.note(tx, by, "", "issuerkey.rotated", next.ID, n.Reason, map[string]any{
			"from": next.From, "before": before.ID, "ends": before.Ends,
		})
	})
}

// end says that another key signs from an instant on.
func (k *IssuerKey) end(at time.Time) {
	k.Until, k.Ends = at, at.Add(longestLife+afterLast).Truncate(time.Second)
}

// rotates refuses an issuer whose DID is its key.
func (s *IssuerKeys) rotates() error { return rotates(s.r.Issuer()) }

func rotates(issuer did.DID) error {
	if m := issuer.Method(); m == "key" || m == "jwk" {
		return refuse(InvalidTransition, "Issuer", "a did:%s is its key, so it has no other one: open an office "+
			"with a did:web, have verifiers trust it, and issue anew there", m)
	}
	return nil
}

// change changes the keys.
func (s *IssuerKeys) change(ctx context.Context, f func(tx Tx, ring *keyring) (*IssuerKey, error)) (k *IssuerKey,
	err error) {
	err = s.r.update(ctx, func(tx Tx) error {
		ring, err := s.r.keyring(tx)
		if err != nil {
			return err
		}
		if k, err = f(tx, ring); err != nil {
			return err
		}
		k.Status = k.status(s.r.now())
		return ring.save(tx)
	})
	if err != nil {
		return nil, err
	}
	return k, nil
}

// fresh returns a key that the office has never used.
func (s *IssuerKeys) fresh(tx Tx, ring *keyring, to did.URL, from time.Time) (*IssuerKey, error) {
	used, err := s.r.allKeys(tx)
	if err != nil {
		return nil, err
	}
	known := func(signer did.Signer) string {
		key, _ := publicKey(signer)
		for _, k := range used {
			if k.ID == signer.KeyID().String() || k.Key == key {
				return k.ID
			}
		}
		return ""
	}
	var signer did.Signer
	for _, c := range append([]did.Signer{s.r.config.Issuer}, s.r.config.Keys...) {
		switch {
		case !to.IsZero() && c.KeyID() != to, to.IsZero() && known(c) != "":
		case signer != nil && signer.KeyID() != c.KeyID():
			return nil, refuse(BadRequest, "To", "it is needed: Config.Keys has several that are new")
		default:
			signer = c
		}
	}
	if signer == nil {
		return nil, refuse(BadRequest, "To", "want a key of Config.Keys that the office has never used")
	}
	key, err := publicKey(signer)
	if err != nil {
		return nil, err
	}
	if id := known(signer); id != "" {
		return nil, &Error{Code: Exists, Member: "To", ID: id, Detail: "the office has used this key: take a new one"}
	}
	if first := ring.Keys[0]; first.Key.IsZero() {
		return nil, refuse(BadRequest, "Config", "the Issuer does not tell its public key: give it a method PublicKey")
	}
	return &IssuerKey{ID: signer.KeyID().String(), Key: key, From: from}, nil
}

// Compromise says that somebody else may have a key.
type Compromise struct {
	// To signs from now on, if the key that is revoked is the one that signs. Zero: the key that is next, else as in
	// [Rotation].
	To     did.URL
	Reason string // for the record
}

// Revoke takes a key back at once, for good: it leaves the DID document, and nothing that it signed verifies any
// more where that document has arrived. Its passports are Revoked for every call, and their agents need others:
// [IssuerKeys.Signed] lists them, [Records.Renew] and [Passports.Issue] make these. Lists are signed anew by the next
// [Lists.Publish]. Publish the document, then the lists, at once. To revoke it again changes nothing. Root alone may.
//
// It refuses what [IssuerKeys.Rotate] does.
func (s *IssuerKeys) Revoke(ctx context.Context, by Actor, id string, how Compromise) (*IssuerKey, error) {
	if err := s.mine(by, ScopeManageKeys); err != nil {
		return nil, err
	}
	if err := s.rotates(); err != nil {
		return nil, err
	}
	var same *IssuerKey
	k, err := s.change(ctx, func(tx Tx, ring *keyring) (*IssuerKey, error) {
		same = nil
		k := ring.find(id)
		now := s.r.now()
		switch {
		case k == nil:
			return nil, unknown("key of the issuer")
		case !k.RevokedAt.IsZero():
			same = k
			k.Status = KeyRevoked
			return nil, errMoved
		}
		data := map[string]any{}
		switch k.status(now) {
		case KeyNext: // the one before goes on
			if before := ring.signs(now); before != nil {
				before.Until, before.Ends = time.Time{}, time.Time{}
			}
		case KeySigns:
			next, err := s.successor(tx, ring, how.To, now)
			if err != nil {
				return nil, err
			}
			data["next"] = next.ID
		}
		k.RevokedAt, k.Reason = now, how.Reason
		k.end(now)
		return k, s.r.note(tx, by, "", "issuerkey.revoked", id, how.Reason, data)
	})
	if same != nil {
		return same, nil
	}
	return k, err
}

// successor has another key sign from now on: until the one that is next does, if it is another one.
func (s *IssuerKeys) successor(tx Tx, ring *keyring, to did.URL, now time.Time) (*IssuerKey, error) {
	last := len(ring.Keys) - 1
	pending := ring.Keys[last] // nothing is behind the one that is next
	if pending.status(now) != KeyNext {
		pending = nil
	} else if to.IsZero() || pending.ID == to.String() {
		pending.From = now
		return pending, nil
	}
	next, err := s.fresh(tx, ring, to, now)
	if err != nil {
		return nil, err
	}
	if pending == nil {
		ring.Keys = append(ring.Keys, next)
		return next, nil
	}
	next.end(pending.From)
	ring.Keys = slices.Insert(ring.Keys, last, next)
	return next, nil
}

// Retire takes a key that signs no more out of the DID document, once nothing that it signed is alive: no passport, and
// no list, which live for a day. Else it is INVALID_TRANSITION, which says when the last passport ends. Root alone may.
func (s *IssuerKeys) Retire(ctx context.Context, by Actor, id, reason string) (*IssuerKey, error) {
	if err := s.mine(by, ScopeManageKeys); err != nil {
		return nil, err
	}
	alive, last := 0, time.Time{}
	for p, err := range s.Signed(ctx, by, id) {
		if err != nil {
			return nil, err
		}
		if alive++; p.ExpiresAt.After(last) {
			last = p.ExpiresAt
		}
	}
	// A key that signs no more gets no more passports, so what was counted is not out of date.
	return s.change(ctx, func(tx Tx, ring *keyring) (*IssuerKey, error) {
		k := ring.find(id)
		now := s.r.now()
		switch {
		case k == nil:
			return nil, unknown("key of the issuer")
		case k.status(now) == KeyNext || k.status(now) == KeySigns:
			return nil, refuse(InvalidTransition, "", "it is %q: rotate first", k.status(now))
		case alive > 0:
			return nil, refuse(InvalidTransition, "", "%d passports that it signed are alive, the last one until %s",
				alive, last.Format(time.RFC3339))
		case k.RevokedAt.IsZero() && now.Before(k.Until.Add(longestEdition)):
			return nil, refuse(InvalidTransition, "", "lists that it signed are alive until %s",
				k.Until.Add(longestEdition).Format(time.RFC3339))
		}
		k.RetiredAt, k.Reason = now, reason
		ring.Keys = without(ring.Keys, k)
		if err := save(tx, Doc{Kind: kindRetired, ID: id}, k, Key{Name: "all", Value: "key"}); err != nil {
			return nil, err
		}
		return k, s.r.note(tx, by, "", "issuerkey.retired", id, reason, nil)
	})
}

func without(keys []*IssuerKey, k *IssuerKey) (rest []*IssuerKey) {
	for _, other := range keys {
		if other != k {
			rest = append(rest, other)
		}
	}
	return rest
}

// Signed yields the passports that a key has signed and that are neither over nor revoked by themselves, whoever's they
// are: of a key that was revoked, what must be issued anew. It reads page by page, so what is issued meanwhile may be
// among them or not. It ends with the first error: NOT_FOUND of a key that the office never had. Root alone may.
func (s *IssuerKeys) Signed(ctx context.Context, by Actor, id string) iter.Seq2[*Passport, error] {
	return func(yield func(*Passport, error) bool) {
		if err := s.signed(ctx, by, id, func(p *Passport) bool { return yield(p, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

func (s *IssuerKeys) signed(ctx context.Context, by Actor, id string, yield func(*Passport) bool) error {
	if err := s.mine(by, ScopeListAgents); err != nil {
		return err
	}
	if err := s.known(ctx, id); err != nil {
		return err
	}
	var first ulid.ULID
	_ = first.SetTime(ulid.Timestamp(s.r.now().Add(-longestLife - time.Hour))) // it is long before the year 10889
	for org := ""; ; {
		orgs, err := s.page(ctx, Query{Kind: kindOrg, Name: "all", Value: "org", After: org, Limit: most})
		if err != nil {
			return err
		}
		for _, o := range orgs {
			org = o.ID
			for _, prefix := range passportPrefixes() {
				if more, err := s.signedOf(ctx, org, prefix, prefix+first.String(), id, yield); err != nil || !more {
					return err
				}
			}
		}
		if len(orgs) < most {
			return nil
		}
	}
}

// known refuses the id of a key that the office has not, and never had: whoever asks what a stolen key has signed is
// not told that it is nothing.
func (s *IssuerKeys) known(ctx context.Context, id string) error {
	return s.r.config.Store.View(ctx, func(tx Tx) error {
		ring, err := s.r.keyring(tx)
		if err != nil || ring.find(id) != nil {
			return err
		}
		d, err := tx.Get(kindRetired, id)
		if err == nil && d.Version == 0 {
			err = unknown("key of the issuer")
		}
		return err
	})
}

func (s *IssuerKeys) page(ctx context.Context, q Query) (docs []Doc, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		docs, err = tx.Find(q)
		return err
	})
	return docs, err
}

// signedOf yields those of an organisation whose ids begin with a prefix.
func (s *IssuerKeys) signedOf(ctx context.Context, org, prefix, after, id string, yield func(*Passport) bool) (bool,
	error) {
	for {
		var list []*Passport
		var last string
		n, ended := 0, false
		if err := s.r.config.Store.View(ctx, func(tx Tx) error {
			list, last, n, ended = nil, "", 0, false
			docs, err := tx.Find(Query{Kind: kindPassport, Name: "org", Value: org, After: after, Limit: most})
			if err != nil {
				return err
			}
			n = len(docs)
			for _, d := range docs {
				if ended = !strings.HasPrefix(d.ID, prefix); ended {
					return nil
				}
				p := &Passport{}
				if _, err := load(tx, kindPassport, d.ID, p); err != nil {
					return err
				}
				last = d.ID
				signer, err := p.signer()
				if err != nil {
					return err
				}
				if signer != id || !p.RevokedAt.IsZero() || !s.r.now().Before(p.ExpiresAt) {
					continue
				}
				if _, err := s.r.Passports.judge(tx, p); err != nil {
					return err
				}
				list = append(list, p)
			}
			return nil
		}); err != nil {
			return false, err
		}
		for _, p := range list {
			if !yield(p) {
				return false, nil
			}
		}
		if ended || n < most {
			return true, nil
		}
		after = last
	}
}

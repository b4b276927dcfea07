package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// Erasure says whose data is to be erased.
type Erasure struct {
	Org string // zero: the actor's own
	// Owner is the id of an owner, or of who was to claim a record. Principal is for people who are named by grants
	// alone, such as mailto:ada@example.org. One of the two.
	Owner, Principal string
	Reason           string // for the record; it is not erased
}

// Erased says what was erased.
type Erased struct {
	AuditID string
	Changed int // documents that were changed
}

// erasure is one that has begun. It is kept until it is done, so a crash does not leave it half done.
type erasure struct {
	Org, Owner string
	Persons    []string // the owner's id, and the keys of their kill switches
	Line       int64    // of the audit log, about it
}

const (
	kindErasure = "erasure"

	erasedPrincipal = "urn:safeconduct:erased"
	eraseSlice      = 100 // documents in one transaction
)

// Erase erases what an organisation's books have of a person: names, addresses, DIDs, what was attested, what they
// have signed, their signed passports, what agents did for them was about, and what the audit log, events and the
// history of budgets say of them. It ends all that is theirs first: passports, agents, grants, records, keys and
// consents are revoked. Ids, amounts, instants, digests and the names of scopes, actions and operations stay, so the
// audit log is whole as before: ids of debits and decisions, which hosts choose, must say nothing of people.
//
// What was erased stays where the office does not reach: passports in the hands of agents, backups, published lists
// (which name nobody), what webhooks have received. In a file of SQLite its bytes are gone after Scrub of store/sqlite;
// in PostgreSQL after VACUUM FULL. The ledger's records of decisions name agents, and are forgotten by themselves.
//
// It reads all passports of the organisation. A crash leaves nothing half done: [Registry.Run], or the same call, goes
// on. Erasing again erases what has come since. The admin of the organisation may, and root: no key, for nothing brings
// back what a stolen one erased; and no owner, for the organisation says what it must keep.
func (s *Owners) Erase(ctx context.Context, by Actor, n Erasure) (*Erased, error) {
	org, err := by.within(n.Org, ScopeUpdate)
	if err == nil && by.key != "" {
		err = refuse(Forbidden, "Actor", "people are erased by the admin of their organisation, or by root, and not by a key")
	}
	if err != nil {
		return nil, err
	}
	switch {
	case (n.Owner == "") == (n.Principal == ""):
		return nil, refuse(BadRequest, "Owner", "want an owner, or a principal")
	case n.Owner == org:
		return nil, refuse(BadRequest, "Owner", "it is the organisation itself, and not a person")
	}
	out := &Erased{}
	var e *erasure
	err = s.r.update(ctx, func(tx Tx) error {
		e = &erasure{Org: org, Owner: n.Owner}
		subject := newID("era_", s.r.now())
		var err error
		if n.Owner != "" {
			subject = n.Owner
			err = s.forget(tx, e)
		} else {
			err = s.principals(tx, e, []string{strings.ToLower(n.Principal)})
			if err == nil && len(e.Persons) == 0 {
				err = unknown("principal")
			}
		}
		if err != nil {
			return err
		}
		line, err := s.r.noted(tx, by, org, actionErased, subject, n.Reason, said{persons: []string{}})
		if err != nil {
			return err
		}
		out.AuditID, e.Line = line.ID(), line.Number
		return save(tx, Doc{Kind: kindErasure, ID: e.id()}, e, Key{Name: "all", Value: "erasure"})
	})
	if err != nil {
		return nil, err
	}
	out.Changed, err = s.r.finish(ctx, by, e)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (e *erasure) id() string { return wordsID(e.Org, e.Line) }

// forget erases the record of an owner, and finds out by which names they are known.
func (s *Owners) forget(tx Tx, e *erasure) error {
	names := []string{"urn:safeconduct:owner:" + e.Owner}
	d, o, err := s.load(tx, e.Owner)
	known := err == nil && o.Org == e.Org
	if known {
		names = o.names()
	}
	if err := walk(tx, Query{Kind: kindRecord, Name: "owner", Value: e.Org + " " + e.Owner}, func(id string) error {
		var p Record
		_, err := load(tx, kindRecord, id, &p)
		if known = true; p.Pending != nil {
			names = append(names, "mailto:"+p.Pending.Email)
		}
		return err
	}); err != nil {
		return err
	}
	if !known {
		return unknown("owner")
	}
	e.Persons = []string{e.Owner}
	for _, name := range names { // that there are passports of, whatever grants say
		e.Persons = append(e.Persons, switchKey(e.Org, name))
	}
	if err := s.principals(tx, e, names); err != nil || d.Version == 0 {
		return err
	}
	o.Name, o.Email, o.Assured, o.ErasedAt = "", "", nil, s.r.now()
	o.DID = did.DID{}
	if err := cameOver(tx, o.ID); err != nil {
		return err
	}
	return save(tx, d, o, o.keys()...)
}

// principals adds what grants call a person, in capitals or not.
func (s *Owners) principals(tx Tx, e *erasure, names []string) error {
	err := walk(tx, Query{Kind: kindGrant, Name: "org", Value: e.Org}, func(id string) error {
		var g Grant
		_, err := load(tx, kindGrant, id, &g)
		if slices.Contains(names, strings.ToLower(g.Principal)) || slices.Contains(names, g.Principal) {
			e.Persons = append(e.Persons, switchKey(e.Org, g.Principal))
		}
		return err
	})
	slices.Sort(e.Persons)
	e.Persons = slices.Compact(e.Persons)
	return err
}

// resumeErasures goes on with erasures that were begun.
func (r *Registry) resumeErasures(ctx context.Context) error {
	for {
		var e *erasure
		if err := r.config.Store.View(ctx, func(tx Tx) error {
			e = nil
			docs, err := tx.Find(Query{Kind: kindErasure, Name: "all", Value: "erasure", Limit: 1})
			if err != nil || len(docs) == 0 {
				return err
			}
			e = &erasure{}
			return json.Unmarshal(docs[0].Body, e)
		}); err != nil || e == nil {
			return err
		}
		if _, err := r.finish(ctx, Root(), e); err != nil {
			return err
		}
	}
}

// finish erases everything else, in small steps, and then forgets the erasure.
func (r *Registry) finish(ctx context.Context, by Actor, e *erasure) (changed int, err error) {
	w := &eraser{r: r, by: by, erasure: e}
	for _, step := range w.steps() {
		n, err := w.walk(ctx, step)
		if changed += n; err != nil {
			return changed, err
		}
	}
	return changed, r.update(ctx, func(tx Tx) error {
		for _, gone := range append([][2]string{{kindErasure, e.id()}}, w.switches()...) {
			d, err := tx.Get(gone[0], gone[1])
			if err == nil && d.Version > 0 {
				err = tx.Delete(d)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// eraser goes through what may be a person's.
type eraser struct {
	*erasure
	r  *Registry
	by Actor
}

// step is one kind of documents, and what is done with one of them.
type step struct {
	kind, key, value string
	scrub            func(tx Tx, d Doc) error
}

// steps are in this order: first what passports are issued from, then passports, and at last what is said of all these.
func (w *eraser) steps() (list []step) {
	if own := w.Org + " " + w.Owner; w.Owner != "" {
		list = append(list,
			step{kindAgent, "owner", w.Owner, w.agent}, step{kindRecord, "owner", own, w.record},
			step{kindAgentKey, "owner", own, w.agentKey}, step{kindConsent, "owner", own, w.consent},
			step{kindKey, "owner", own, w.apiKey})
	}
	list = append(list, step{kindGrant, "org", w.Org, w.grant}, step{kindPassport, "org", w.Org, w.passport})
	for _, p := range w.Persons {
		list = append(list, step{kindWords, byPerson, p, w.words})
	}
	return list
}

// switches are the kill switches, which name their principals.
func (w *eraser) switches() (list [][2]string) {
	for _, p := range w.Persons {
		list = append(list, [2]string{kindSwitch, p})
	}
	return list
}

// walk carries a step out. What is erased may have lost the key by which it was found.
func (w *eraser) walk(ctx context.Context, s step) (changed int, err error) {
	for after := ""; ; {
		n, ended := 0, false
		var last string
		if err := w.r.update(ctx, func(tx Tx) error {
			n, last = 0, ""
			docs, err := tx.Find(Query{Kind: s.kind, Name: s.key, Value: s.value, After: after, Limit: eraseSlice})
			if err != nil {
				return err
			}
			ended = len(docs) < eraseSlice
			for _, d := range docs {
				last = d.ID
				before := d.Body
				if d, err = tx.Get(s.kind, d.ID); err == nil { // with its keys
					err = s.scrub(tx, d)
				}
				if err != nil {
					return err
				}
				now, err := tx.Get(s.kind, d.ID)
				if err != nil {
					return err
				}
				if bytes.Equal(before, now.Body) {
					continue
				}
				n++
				if err := cameOver(tx, d.ID); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return changed, err
		}
		changed += n
		if ended {
			return changed, nil
		}
		after = last
	}
}

// cameOver erases what is kept of the same in another system, from which it came. That it came stays: it does not come
// again.
func cameOver(tx Tx, here string) error {
	docs, err := tx.Find(Query{Kind: kindImported, Name: "here", Value: here, Limit: most})
	for _, d := range docs {
		var m imported
		if d, err = load(tx, kindImported, d.ID, &m); err != nil {
			return err
		}
		m.Digest, m.Standing.Reason = [sha256.Size]byte{}, ""
		if err := save(tx, d, &m, m.keys()...); err != nil {
			return err
		}
	}
	return err
}

func (w *eraser) words(tx Tx, d Doc) error {
	if !strings.HasPrefix(d.ID, w.Org+"/") {
		return nil // a line of another organisation's host, which names whom it likes
	}
	return save(tx, d, &words{Erased: w.Line})
}

// scrubbed loads a document, has it changed, and writes it if it has.
func scrubbed[T any](tx Tx, d Doc, v *T, change func() error, keys func() []Key) error {
	if err := json.Unmarshal(d.Body, v); err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	if now, err := json.Marshal(v); err != nil || bytes.Equal(now, d.Body) {
		return err
	}
	return save(tx, d, v, keys()...)
}

// end revokes what is not revoked, and says whether it was not.
func (w *eraser) end(s *Standing) bool {
	alive := s.RevokedAt.IsZero()
	s.revoke(w.r.now(), "")
	s.Reason = ""
	return alive
}

func (w *eraser) note(tx Tx, action, subject string, data any) error {
	return w.r.note(tx, w.by, w.Org, action, subject, "", data)
}

func (w *eraser) passport(tx Tx, d Doc) error {
	var p Passport
	if err := json.Unmarshal(d.Body, &p); err != nil {
		return err
	}
	if !slices.Contains(w.Persons, p.Principal) && (w.Owner == "" || p.Owner != w.Owner) || p.Credential == "" {
		return nil
	}
	signer, err := p.signer() // it cannot be read off the credential any more
	if err != nil {
		return err
	}
	p.SignedBy, p.Credential, p.Principal = signer, "", ""
	alive := w.end(&p.Standing)
	if err := save(tx, d, &p, p.keys()...); err != nil || !alive {
		return err
	}
	if err := w.r.spread(tx, &p); err != nil {
		return err
	}
	return w.note(tx, "passport.revoked", p.ID, nil)
}

func (w *eraser) grant(tx Tx, d Doc) error {
	var g Grant
	if err := json.Unmarshal(d.Body, &g); err != nil {
		return err
	}
	if !slices.Contains(w.Persons, switchKey(w.Org, g.Principal)) && (w.Owner == "" || g.Owner != w.Owner) {
		return nil
	}
	g.Principal = erasedPrincipal
	if g.RevokedAt.IsZero() {
		return w.r.Grants.revoke(tx, w.by, d, &g, "")
	}
	g.Reason = ""
	return save(tx, d, &g, g.keys()...)
}

func (w *eraser) agent(tx Tx, d Doc) error {
	var a Agent
	return scrubbed(tx, d, &a, func() error {
		a.Name, a.Description, a.DID = "", "", did.DID{}
		if !w.end(&a.Standing) {
			return nil
		}
		a.Revocations++
		return w.note(tx, "agent.revoked", a.ID, nil)
	}, a.keys)
}

func (w *eraser) agentKey(tx Tx, d Doc) error {
	var k agentKey
	return scrubbed(tx, d, &k, func() error {
		k.Name, k.Reason = "", ""
		if !k.RevokedAt.IsZero() {
			return nil
		}
		k.RevokedAt = w.r.now()
		return w.note(tx, "agentkey.revoked", k.ID, map[string]any{"owner": k.Owner})
	}, k.keys)
}

func (w *eraser) consent(tx Tx, d Doc) error {
	var c Consent
	return scrubbed(tx, d, &c, func() error {
		c.Credential, c.Principal, c.Reason = "", "", ""
		if !c.WithdrawnAt.IsZero() {
			return nil
		}
		c.WithdrawnAt = w.r.now()
		return w.note(tx, "consent.withdrawn", c.ID, map[string]any{
			"owner": c.Owner, "type": c.Type, "digest": c.Digest,
		})
	}, func() []Key {
		return slices.DeleteFunc(c.keys(), func(k Key) bool { return k.Name == "principal" })
	})
}

func (w *eraser) record(tx Tx, d Doc) error {
	var p Record
	return scrubbed(tx, d, &p, func() error {
		p.Profile = Profile{}
		p.Assured, p.Pending, p.Tenant, p.Stated = nil, nil, nil, nil
		t, err := tx.Get(kindTicket, p.ID)
		if err == nil && t.Version > 0 {
			err = tx.Delete(t)
		}
		if err != nil || !w.end(&p.Standing) {
			return err
		}
		return w.note(tx, "record.updated", p.ID, map[string]any{"changes": []FieldChange{{"status", nil, Revoked}}})
	}, p.keys)
}

func (w *eraser) apiKey(tx Tx, d Doc) error {
	var k apiKey
	return scrubbed(tx, d, &k, func() error {
		k.Name = ""
		if !k.RevokedAt.IsZero() {
			return nil
		}
		k.RevokedAt = w.r.now()
		return w.note(tx, "key.revoked", k.ID, nil)
	}, k.keys)
}

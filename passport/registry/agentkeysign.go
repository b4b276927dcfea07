package registry

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// sign signs a passport for a key, and calls keep in the transaction that writes it.
func (s *AgentKeys) sign(ctx context.Context, k *agentKey, keep func(tx Tx, d Doc) error) error {
	for range tries {
		err := s.signOnce(ctx, k, keep)
		if !errors.Is(err, errMoved) && !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return refuse(Conflict, "", "others change what the key stands on all the time: ask again")
}

func (s *AgentKeys) signOnce(ctx context.Context, k *agentKey, keep func(tx Tx, d Doc) error) error {
	r := s.r
	var p *Passport
	var look *standing
	if err := r.update(ctx, func(tx Tx) (err error) {
		if look, err = s.look(tx, k); err != nil {
			return err
		}
		p = &Passport{
			ID: newID(r.config.PassportPrefix, look.doc.ValidFrom), Org: k.Org,
			Owner: k.Owner, Agent: k.Agent, AgentKey: k.ID,
			IssuedAt: look.doc.ValidFrom, ExpiresAt: look.doc.ValidUntil,
			Principal: switchKey(k.Org, look.doc.HumanPrincipal), Status: Active,
		}
		if look.consent != nil {
			p.Consent = look.consent.key()
		}
		look.doc.ID = p.ID
		return r.begin(tx, p)
	}); err != nil {
		return err
	}
	if err := r.sign(ctx, p, look.doc, look.org, look.principal, look.office); err != nil {
		return err
	}
	return r.update(ctx, func(tx Tx) error {
		now, err := s.look(tx, k)
		switch {
		case err != nil:
			return err
		case !maps.Equal(now.seen, look.seen):
			return errMoved
		}
		if k.Passport, k.Consent = p.ID, ""; now.consent != nil {
			k.Consent = now.consent.ID
		}
		if err := r.issued(tx, p); err != nil {
			return err
		}
		if err := r.note(tx, Root(), p.Org, "passport.issued", p.ID, "", map[string]any{
			"agentKey": k.ID, "expiresAt": p.ExpiresAt,
		}); err != nil {
			return err
		}
		return keep(tx, now.key)
	})
}

// standing is what a key stands on.
type standing struct {
	seen      map[[2]string]int64
	key       Doc
	org       *Org
	consent   *Consent
	doc       *passport.Passport
	principal *Switch
	office    *Switch
}

// look finds out what a key stands on, and what its passport says.
func (s *AgentKeys) look(real Tx, k *agentKey) (*standing, error) {
	r := s.r
	l := &standing{seen: map[[2]string]int64{}, org: &Org{}}
	tx := watched{real, l.seen}
	var err error
	if l.key, err = tx.Get(kindAgentKey, k.ID); err != nil {
		return nil, err
	}
	_, o, err := r.Owners.load(tx, k.Owner)
	if err != nil {
		return nil, err
	}
	if _, err := load(tx, kindOrg, k.Org, l.org); err != nil {
		return nil, err
	}
	at := r.now().Truncate(time.Second)
	l.doc = &passport.Passport{
		ValidFrom: at, ValidUntil: at.Add(longestLife), Name: k.Name, HumanPrincipal: o.Principal(),
	}
	if !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(l.doc.ValidUntil) {
		l.doc.ValidUntil = k.ExpiresAt.Truncate(time.Second)
	}
	if _, l.principal, err = r.Switches.load(tx, k.Org, l.doc.HumanPrincipal); err != nil {
		return nil, err
	}
	if _, l.office, err = r.Switches.load(tx, "", ""); err != nil {
		return nil, err
	}
	var agent *Agent
	if k.Agent != "" {
		if agent, err = r.Agents.load(tx, k.Agent); err == nil && (agent.Org != k.Org || agent.Owner != k.Owner) {
			err = unknown("agent")
		}
		if err != nil {
			return nil, asAgent(err)
		}
		l.doc.Agent = agent.DID
	} else {
		nobody, err := did.GenerateKey() // whose key nobody has
		if err != nil {
			return nil, err
		}
		l.doc.Agent = nobody.DID()
	}
	p := part{org: l.org, principal: l.principal, office: l.office}
	if err := p.startable(agent); err != nil {
		return nil, err
	}
	needs := false
	for _, id := range k.Scopes {
		a := r.scope(id)
		if a == nil || !a.offered(r.now()) {
			continue // it was withdrawn since; the others go on
		}
		needs = needs || a.NeedsConsent
		l.doc.Authority.Capabilities = append(l.doc.Authority.Capabilities, passport.Capability{
			Action: id, Params: slices.Clone(a.Params),
		})
	}
	if len(l.doc.Authority.Capabilities) == 0 {
		return nil, refuse(Forbidden, "Scopes", "none of them is offered any more")
	}
	if !needs { // so a key that only reads goes on when a consent is withdrawn
		return l, nil
	}
	if l.consent, err = s.will(tx, o, k.Consent); err != nil {
		return nil, err
	}
	l.doc.Consent = passport.Consent{
		ID: l.consent.ID, Type: passport.ManifestationOfWill, Digest: l.consent.Digest,
	}
	return l, nil
}

// will returns the Manifestation of Will that a key stands on: the one that is named, else the newest in force.
func (s *AgentKeys) will(tx Tx, o *Owner, id string) (*Consent, error) {
	list, err := s.r.Consents.of(tx, o)
	if err != nil {
		return nil, err
	}
	var found *Consent
	for _, c := range list {
		if c.Type == Will && c.Status == Active && (id == "" || c.ID == id) &&
			(found == nil || !c.GivenAt.Before(found.GivenAt)) {
			found = c
		}
	}
	if found == nil || o.DID.IsZero() || found.Principal != o.DID.String() {
		return nil, refuse(ConsentRequired, "Consent",
			"a scope that writes needs a Manifestation of Will of the owner in force")
	}
	return found, nil
}

func errNotThere() error { return refuse(Unauthenticated, "", "no such agent key") }

// renewBefore is how long before its passport ends a key gets another one.
const renewBefore = 72 * time.Hour

// Resolve returns the key of a handle, and the passport that is in force. It is for the host, which verifies
// the passport: package verify/office does. A handle that is unknown, revoked or over, and a personal key, are
// one answer, UNAUTHENTICATED. A key that outlives its passport gets another one in time, for what it still
// stands on.
func (s *AgentKeys) Resolve(ctx context.Context, handle string) (*AgentKey, *Passport, error) {
	var k agentKey
	var p Passport
	id := ""
	if text, ok := strings.CutPrefix(handle, handlePrefix); ok && len(text) > ulidLength {
		id = agentKeyPrefix + text[:ulidLength]
	}
	read := func() error {
		return s.r.config.Store.View(ctx, func(tx Tx) error {
			k, p = agentKey{}, Passport{}
			if _, err := load(tx, kindAgentKey, id, &k); err != nil || k.Passport == "" {
				return err
			}
			if _, err := load(tx, kindPassport, k.Passport, &p); err != nil {
				return err
			}
			_, err := s.r.Passports.judge(tx, &p)
			return err
		})
	}
	if err := read(); err != nil {
		return nil, nil, err
	}
	hash, ok := [sha256.Size]byte{}, false
	if k.ID != "" {
		hash, ok = k.hash(handle)
	}
	same := subtle.ConstantTimeCompare(hash[:], k.Hash[:]) == 1
	if !ok || !same {
		known, err := s.r.foreign(ctx, kindAgentKey, handle)
		if err != nil {
			return nil, nil, err
		}
		if id, ok, same = known, known != "", known != ""; known != "" {
			if err := read(); err != nil {
				return nil, nil, err
			}
		}
	}
	k.judge(s.r.now())
	unverifiable := p.Status == Revoked && p.RevokedAt.IsZero() // the key that signed it was revoked
	if !ok || !same || k.Status != Active || p.Status == Revoked && !unverifiable {
		return nil, nil, errNotThere()
	}
	left := p.ExpiresAt.Sub(s.r.now())
	if unverifiable || left < renewBefore && (k.ExpiresAt.IsZero() || k.ExpiresAt.After(p.ExpiresAt)) {
		err := s.sign(ctx, &k, func(tx Tx, d Doc) error {
			var now agentKey
			switch _, err := load(tx, kindAgentKey, k.ID, &now); {
			case err != nil:
				return err
			case !now.RevokedAt.IsZero():
				return errNotThere()
			}
			return save(tx, d, &k, k.keys()...)
		})
		if err == nil {
			err = read()
		}
		if err != nil && (unverifiable || left <= 0) {
			return nil, nil, err
		}
		k.judge(s.r.now())
	}
	return &k.AgentKey, &p, nil
}

package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// Consents are what owners have signed: Manifestations of Will, on which agent keys stand that write (E3, E4), and
// acceptances of agreements (E5). The owner alone gives and withdraws them.
type Consents struct{ r *Registry }

// ConsentType says what was signed.
type ConsentType string

// The types.
const (
	Will       ConsentType = "will"       // a ManifestationOfWillCredential
	Acceptance ConsentType = "acceptance" // an AgreementAcceptanceCredential
)

// Consent is something that an owner has signed.
type Consent struct {
	ID         string // of the credential: an IRI
	Org        string
	Owner      string
	Principal  string // the owner, as passports name them
	Type       ConsentType
	Digest     string // of the credential, as passports name it
	Credential string // as it was signed
	// Of an acceptance: which agreement, in which version, and for what.
	Agreement, Version, Kind string `json:",omitempty"`

	GivenAt     time.Time
	ValidFrom   time.Time
	ValidUntil  time.Time `json:",omitzero"` // zero: until it is withdrawn
	WithdrawnAt time.Time `json:",omitzero"`
	Reason      string    `json:",omitempty"`
	Status      Status    // as of the call: active, expired or revoked
}

const (
	kindConsent = "consent"

	mostConsents = 16 // given at a time, and applied to a decision
)

func (c *Consent) keys() []Key {
	keys := []Key{{Name: "owner", Value: c.Org + " " + c.Owner}, {Name: "digest", Value: c.Digest}}
	if c.Type == Acceptance {
		keys = append(keys, Key{Name: "principal", Value: c.Principal})
	}
	return keys
}

func (c *Consent) judge(now time.Time) {
	s := Standing{RevokedAt: c.WithdrawnAt}
	if c.Status = s.status(now, c.ValidUntil); c.Status == Active && now.Before(c.ValidFrom) {
		c.Status = Suspended
	}
}

// Signing is what an owner has signed, for [Consents.Give].
type Signing struct {
	Owner string // zero: the actor
	// Credentials are the signed documents, at most 16: a Manifestation of Will, acceptances of agreements, or both.
	// Acceptances may come later, too.
	Credentials [][]byte
}

// Give keeps what an owner has signed, with the keys of the DID that their record has. The owner alone may. What an
// owner has given is not given again under the same id: EXISTS. All of them are kept, or none.
func (s *Consents) Give(ctx context.Context, by Actor, n Signing) (list []*Consent, err error) {
	return once(ctx, s.r, by, "consent.given", n, s.give, func(tx Tx, by Actor, _ string) (list []*Consent, err error) {
		return s.given(tx, by, n)
	})
}

// given returns what was given before.
func (s *Consents) given(tx Tx, by Actor, n Signing) (list []*Consent, err error) {
	_, o, err := s.r.Owners.find(tx, by, by.self(n.Owner), ScopeIssue)
	if err != nil {
		return nil, err
	}
	for _, raw := range n.Credentials {
		signed, err := credential.Parse(raw)
		if err != nil {
			return nil, err
		}
		to, err := passport.ConsentTo(signed)
		if err != nil {
			return nil, err
		}
		c := &Consent{ID: to.ID, Org: o.Org, Owner: o.ID}
		switch d, err := load(tx, kindConsent, c.key(), c); {
		case err != nil:
			return nil, err
		case d.Version == 0: // it was erased
			return nil, unknown("consent")
		}
		c.judge(s.r.now())
		list = append(list, c)
	}
	return list, nil
}

func (s *Consents) give(ctx context.Context, by Actor, n Signing) (list []*Consent, err error) {
	o, err := s.r.Owners.self(ctx, by, n.Owner)
	if err != nil {
		return nil, err
	}
	if len(n.Credentials) == 0 || len(n.Credentials) > mostConsents {
		return nil, refuse(BadRequest, "Credentials", "want 1 to %d of them", mostConsents)
	}
	at := s.r.now()
	for i, raw := range n.Credentials {
		c, err := s.read(ctx, o, raw, at)
		if err != nil {
			e := refuse(BadRequest, fmt.Sprintf("Credentials[%d]", i), "it is not a consent that the owner has signed")
			e.Err = err
			return nil, e
		}
		list = append(list, c)
	}
	err = s.r.update(ctx, func(tx Tx) error {
		switch _, again, err := s.r.Owners.load(tx, o.ID); {
		case err != nil:
			return err
		case again.DID != o.DID:
			return refuse(Conflict, "Owner", "it has changed meanwhile")
		}
		for _, c := range list {
			d, err := tx.Get(kindConsent, c.key())
			switch {
			case err != nil:
				return err
			case d.Version > 0:
				return &Error{Code: Exists, Detail: "it was given before", ID: c.ID}
			}
			if err := save(tx, d, c, c.keys()...); err != nil {
				return err
			}
			if err := s.r.note(tx, by, o.Org, "consent.given", c.ID, "", map[string]any{
				"owner": o.ID, "type": c.Type, "digest": c.Digest, "kind": c.Kind,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// key is the document of a consent. The id was chosen by who signed it, so another's may have the same.
func (c *Consent) key() string { return c.Org + " " + c.Owner + " " + c.ID }

// read reads what an owner has signed, and checks that it is by them, about themselves, and in force.
func (s *Consents) read(ctx context.Context, o *Owner, raw []byte, at time.Time) (*Consent, error) {
	signed, err := credential.Parse(raw)
	if err != nil {
		return nil, err
	}
	m := signed.Unverified()
	to, err := passport.ConsentTo(signed)
	who := o.DID.String()
	switch {
	case err != nil:
		return nil, err
	case o.DID.IsZero():
		return nil, errors.New("the owner's record has no DID whose keys could have signed it")
	case len(m.Subjects) != 1 || m.Subjects[0].Get("id").Str() != who || m.Issuer.ID != who:
		return nil, fmt.Errorf("it is by %q, want one by and about %s", m.Issuer.ID, who)
	case m.ValidFrom.IsZero() || m.ValidFrom.After(at):
		return nil, errors.New("it is not in force yet")
	case !m.ValidUntil.IsZero() && !at.Before(m.ValidUntil):
		return nil, errors.New("it has ended")
	case len(signed.Proofs()) == 0:
		return nil, errors.New("it is not signed")
	}
	for _, p := range signed.Proofs() {
		if !p.Supported || p.VerificationMethod.DID() != o.DID {
			return nil, fmt.Errorf("it is signed by %s, or in another way than passports are", p.VerificationMethod)
		}
	}
	if err := signed.CheckProofs(ctx, s.r.config.Resolver, did.AssertionMethod, at); err != nil {
		return nil, err
	}
	c := &Consent{
		ID: to.ID, Org: o.Org, Owner: o.ID, Principal: who, Type: Will, Digest: to.Digest,
		Credential: string(signed.Bytes()),
		GivenAt:    at, ValidFrom: m.ValidFrom, ValidUntil: m.ValidUntil, Status: Active,
	}
	if to.Type == passport.AgreementAcceptance {
		c.Type = Acceptance
		subject := m.Subjects[0]
		c.Agreement, c.Version = subject.Get("agreement").Str(), subject.Get("agreementVersion").Str()
		if c.Kind = subject.Get("agreementKind").Str(); c.Kind == "" || c.Agreement == "" {
			return nil, errors.New("it does not name the agreement and its kind")
		}
	}
	return c, nil
}

// List returns what an owner has given, by the ids. Owner: zero for the actor; else any actor of the
// organisation may.
func (s *Consents) List(ctx context.Context, by Actor, owner string) (list []*Consent, err error) {
	if owner == "" {
		owner = by.owner
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		list = nil
		_, o, err := s.r.Owners.find(tx, by, owner, ScopeRead)
		if err != nil {
			return err
		}
		list, err = s.of(tx, o)
		return err
	})
	return list, err
}

// of returns what an owner has given.
func (s *Consents) of(tx Tx, o *Owner) (list []*Consent, err error) {
	return list, walk(tx, Query{Kind: kindConsent, Name: "owner", Value: o.Org + " " + o.ID}, func(id string) error {
		var c Consent
		if _, err := load(tx, kindConsent, id, &c); err != nil {
			return err
		}
		c.judge(s.r.now())
		list = append(list, &c)
		return nil
	})
}

// Withdraw withdraws a consent. The owner alone may. Of a Manifestation of Will, every agent key and every
// passport that stands on it is revoked in the same transaction: the next edition of the lists tells verifiers
// who are offline. They stay revoked when another one is given. Keys that only read stand on none, and go on.
// To withdraw again changes nothing.
func (s *Consents) Withdraw(ctx context.Context, by Actor, id, reason string) (*Consent, error) {
	o, err := s.r.Owners.self(ctx, by, "")
	if err != nil {
		return nil, err
	}
	var c *Consent
	err = s.r.update(ctx, func(tx Tx) error {
		c = &Consent{ID: id, Org: o.Org, Owner: o.ID}
		return s.withdraw(tx, by, c, reason)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// withdraw withdraws a consent, and stops what stands on it.
func (s *Consents) withdraw(tx Tx, by Actor, c *Consent, reason string) error {
	d, err := load(tx, kindConsent, c.key(), c)
	switch {
	case err != nil:
		return err
	case d.Version == 0:
		return unknown("consent")
	case !c.WithdrawnAt.IsZero():
		c.judge(s.r.now())
		return nil
	}
	c.WithdrawnAt, c.Reason = s.r.now(), reason
	c.judge(s.r.now())
	if err := save(tx, d, c, c.keys()...); err != nil {
		return err
	}
	stopped := 0
	on := c.key()
	if err := walk(tx, Query{Kind: kindAgentKey, Name: "consent", Value: on}, func(id string) error {
		stopped++
		return s.r.AgentKeys.end(tx, by, id, "the consent was withdrawn")
	}); err != nil {
		return err
	}
	if err := s.r.each(tx, "consent", on, func(d Doc, p *Passport) error {
		if !p.RevokedAt.IsZero() {
			return nil
		}
		return s.r.stop(tx, by, d, p, "the consent was withdrawn")
	}); err != nil {
		return err
	}
	return s.r.note(tx, by, c.Org, "consent.withdrawn", c.ID, reason, said{
		persons: []string{c.Owner},
		open:    map[string]any{"owner": c.Owner, "type": c.Type, "digest": c.Digest, "keys": stopped},
	})
}

// stop revokes a passport, with its line and event.
func (r *Registry) stop(tx Tx, by Actor, d Doc, p *Passport, reason string) error {
	p.revoke(r.now(), reason)
	if err := save(tx, d, p, p.keys()...); err != nil {
		return err
	}
	if err := r.spread(tx, p); err != nil {
		return err
	}
	return r.note(tx, by, p.Org, "passport.revoked", p.ID, reason, nil)
}

// self returns the owner who makes a call. Nobody may make it for them: neither the office, nor the organisation that
// knows them, nor a key.
func (s *Owners) self(ctx context.Context, by Actor, owner string) (o *Owner, err error) {
	if err := by.needs(ScopeIssue); err != nil {
		return nil, err
	}
	owner = by.self(owner)
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		if _, o, err = s.find(tx, by, owner, ScopeIssue); err != nil {
			return err
		}
		if !by.owns(o.Org, o.ID) || by.key != "" {
			return refuse(Forbidden, "Actor", "the owner does this in person")
		}
		return s.known(tx, o.Org, o.ID)
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// self is the owner whom a call is about, by id: the actor where it says nobody.
func (a Actor) self(owner string) string { return cmp.Or(owner, a.owner, a.org) }

// errNoSibling is what a verifier gets for a consent that is not there, or was withdrawn.
var errNoSibling = errors.New("registry: there is no such consent in force")

// Sibling returns a consent that was not withdrawn, by its id and digest: verify.Config.Siblings. It is for the host.
func (s *Consents) Sibling(ctx context.Context, id, digest string) (raw []byte, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		raw = nil
		return walk(tx, Query{Kind: kindConsent, Name: "digest", Value: digest}, func(doc string) error {
			var c Consent
			if _, err := load(tx, kindConsent, doc, &c); err != nil {
				return err
			}
			if c.ID == id && c.WithdrawnAt.IsZero() {
				raw = []byte(c.Credential)
			}
			return nil
		})
	})
	if err == nil && raw == nil {
		err = errNoSibling
	}
	return raw, err
}

// Acceptances returns the acceptances of a principal that are in force, at most 16: a verifier applies them though the
// agent does not carry them (E5). The newest of each kind comes first, then the others, the newest first. It is for
// the host.
func (s *Consents) Acceptances(ctx context.Context, principal string) (list [][]byte, err error) {
	if principal == "" {
		return nil, nil
	}
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		list = nil
		var others [][]byte // of a kind that the list has
		kinds := map[string]bool{}
		docs, err := tx.Find(Query{Kind: kindConsent, Name: "principal", Value: principal, Newest: true, Limit: most})
		for _, d := range docs {
			var c Consent
			if _, err := load(tx, kindConsent, d.ID, &c); err != nil {
				return err
			}
			switch c.judge(s.r.now()); {
			case c.Status != Active:
			case kinds[c.Kind]:
				others = append(others, []byte(c.Credential))
			default:
				kinds[c.Kind] = true
				list = append(list, []byte(c.Credential))
			}
		}
		list = append(list, others...)
		list = list[:min(len(list), mostConsents)]
		return err
	})
	return list, err
}

package registry

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// PendingOwner is who is to claim a record, and has no account yet. It is personal.
type PendingOwner struct {
	Email       string `json:",omitempty"` // where a claim ticket goes; "": none is sent
	DisplayName string `json:",omitempty"`
}

// NewForOwner is what [Records.IssueFor] makes a record of (P5). Name, role,
// description, regions and contact are needed.
type NewForOwner struct {
	Org       string // who issues; zero: the actor's own
	Pending   PendingOwner
	Assurance Attestation // of the pending owner; zero: L0
	// Agent is for whom it is. Empty: nothing is signed until the record is claimed,
	// for the DID that the claimant proves.
	Agent string
	Profile
	Status    Status // zero: draft; or active
	ExpiresIn string // zero: 720h
}

const kindTicket = "ticket"

// IssueFor makes a record for somebody without an account (P5), who claims it later.
// The organisation must be one that issues for others, and have a provider of
// assurance. A person is known by their e-mail address: its owner id is always the
// same. If there is one, the event "record.claimable" asks the host to send a mail with
// a ticket from [Records.Ticket].
func (s *Records) IssueFor(ctx context.Context, by Actor, n NewForOwner) (*Made, error) {
	return once(ctx, s.r, by, "record.issued_for", n, s.issueFor, s.again)
}

func (s *Records) issueFor(ctx context.Context, by Actor, n NewForOwner) (*Made, error) {
	org, err := by.within(n.Org, ScopeIssue)
	if err != nil {
		return nil, err
	}
	for _, needed := range []struct {
		member string
		given  bool
	}{
		{"Name", n.Name != ""}, {"Role", n.Role != ""}, {"Description", n.Description != ""},
		{"Regions", len(n.Authority.Regions) > 0}, {"Contact", n.Contact != ""},
	} {
		if !needed.given {
			return nil, refuse(BadRequest, needed.member, "it is needed to issue for somebody else")
		}
	}
	if n.Pending.Email != "" {
		if n.Pending.Email, err = address("Pending", n.Pending.Email); err != nil {
			return nil, err
		}
	}
	if len(n.Pending.DisplayName) > 200 {
		return nil, refuse(BadRequest, "Pending", "want a name of at most 200 bytes")
	}
	proto := Record{
		ID: newID("ap_", s.r.now()), Org: org, IssuedBy: org, Owner: newID("ap_user_", s.r.now()),
		Controller: ControllerUser, Agent: n.Agent, Profile: n.Profile, ExpiresIn: n.ExpiresIn, Pending: &n.Pending,
	}
	if err := proto.begin(n.Status); err != nil {
		return nil, err
	}
	return s.write(ctx, by, func(tx Tx, w *writing) (err error) {
		p := proto
		var o Org
		d, err := load(tx, kindOrg, org, &o)
		switch {
		case err != nil:
			return err
		case d.Version == 0:
			return unknown("organisation")
		case !o.IssuesForOthers:
			return refuse(Forbidden, "Org", "the organisation may not issue for others (can_issue_for_others)")
		case len(o.Providers) == 0:
			return refuse(Forbidden, "Org", "the organisation has no provider of assurance")
		}
		if p.Assured, err = s.r.assure(tx, &o, n.Assurance); err != nil {
			return err
		}
		if n.Pending.Email != "" {
			if p.Owner, err = s.r.ownerID(tx, &Owner{Org: org, Type: OwnerUser, Email: n.Pending.Email}); err != nil {
				return err
			}
		}
		w.event, w.data = "record.issued_for", map[string]any{"owner": p.Owner, "level": p.Level(), "agent": p.Agent}
		if n.Pending.Email != "" {
			w.also = func(tx Tx) error {
				return s.r.note(tx, by, org, "record.claimable", p.ID, "", map[string]any{"owner": p.Owner})
			}
		}
		return w.put(tx, &p, nil)
	})
}

// ticket is the record of a claim ticket, of which there is one for a record.
type ticket struct {
	Hash [sha256.Size]byte
	Ends time.Time
}

const ticketLife = 7 * 24 * time.Hour

// Ticket makes a claim ticket, for the host to put into a mail. It is good once, for
// seven days, and in place of the one before. It is a secret, so no event has it. Root
// alone may.
func (s *Records) Ticket(ctx context.Context, by Actor, id string) (*Record, Secret, error) {
	if err := by.needs(ScopeIssue); err != nil {
		return nil, Secret{}, err
	}
	if !by.root {
		return nil, Secret{}, refuse(Forbidden, "Actor", "tickets are the host's, who sends them")
	}
	secret, err := newSecret()
	if err != nil {
		return nil, Secret{}, err
	}
	var p *Record
	err = s.r.update(ctx, func(tx Tx) error {
		if p, err = s.find(tx, by, id, ScopeIssue); err != nil {
			return err
		}
		if p.Claimed || !p.RevokedAt.IsZero() {
			return refuse(InvalidTransition, "", "it is claimed or revoked already")
		}
		d, err := load(tx, kindTicket, id, &ticket{})
		if err != nil {
			return err
		}
		t := ticket{Ends: s.r.now().Add(ticketLife)}
		t.Hash, _ = hashOf(secret.Reveal())
		if err := save(tx, d, &t); err != nil {
			return err
		}
		return s.r.note(tx, by, p.Org, "record.ticket_made", id, "", nil)
	})
	if err != nil {
		return nil, Secret{}, err
	}
	text := id + "." + secret.Reveal()
	return p, Secret{func() string { return text }}, nil
}

// Claim is what a person claims a record with.
type Claim struct {
	Ticket string // as it was in the mail
	// Proof shows that the claimant has the keys of the DID that the passport is to be
	// for: a presentation of [ProveClaim]. Needed where the record has no agent.
	Proof []byte
	Name  string // zero: the display name, else the owner's id
}

// ClaimChallenge is what the proof of a claim answers. It tells nothing of the ticket.
func ClaimChallenge(ticket string) string {
	sum := sha256.Sum256([]byte("safeconduct claim " + ticket))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ProveClaim makes the proof of a claim: a presentation without credentials, signed by
// the agent for the office at baseURL.
func ProveClaim(ctx context.Context, agent did.Signer, baseURL, ticket string) ([]byte, error) {
	text, err := json.Marshal(map[string]any{
		"@context": []string{"https://www.w3.org/ns/credentials/v2"}, "type": []string{"VerifiablePresentation"},
		"holder": agent.KeyID().DID(),
	})
	if err != nil {
		return nil, err
	}
	p, err := credential.SignPresentation(ctx, agent, text, credential.SignOptions{
		Domain: []string{baseURL}, Challenge: ClaimChallenge(ticket),
	})
	if err != nil {
		return nil, err
	}
	return p.Bytes(), nil
}

// Claim gives a record to whoever has its ticket (P5), and binds it to the DID that they
// prove. The level of assurance stays, and the owner's record gets it, if it had a
// lower one. A ticket that is unknown, used or over is one answer. The ticket says who
// calls, so there is no actor.
func (s *Records) Claim(ctx context.Context, c Claim) (*Made, error) {
	id, secret, _ := strings.Cut(c.Ticket, ".")
	hash, ok := hashOf(secret)
	used := refuse(Unauthenticated, "Ticket", "there is no such ticket, or it was used, or is over")
	if !ok {
		return nil, used
	}
	proven, err := s.proven(ctx, &c)
	if err != nil {
		return nil, err
	}
	var by Actor
	if err := s.r.config.Store.View(ctx, func(tx Tx) error {
		p, err := s.load(tx, id)
		by = Actor{org: p.Org, owner: p.Owner}
		return renamed(err, Unauthenticated, "Ticket")
	}); err != nil {
		return nil, used
	}
	return s.write(ctx, by, func(tx Tx, w *writing) error {
		var t ticket
		doc, err := load(tx, kindTicket, id, &t)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(t.Hash[:], hash[:]) == 0 || !w.at.Before(t.Ends) {
			return used
		}
		before, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if before.Claimed || !before.RevokedAt.IsZero() {
			return used
		}
		p := *before
		p.Claimed, p.Pending = true, nil
		owner, save, err := s.claimant(tx, w, before, c.Name)
		if err != nil {
			return err
		}
		if err := s.bind(tx, w, &p, proven); err != nil {
			return err
		}
		w.event, w.data = "record.claimed", map[string]any{"owner": owner.ID, "agent": p.Agent, "level": p.Level()}
		w.also = func(tx Tx) error {
			if err := save(tx); err != nil {
				return err
			}
			return spend(tx, doc)
		}
		return w.put(tx, &p, before)
	})
}

// spend makes a ticket one that nobody has.
func spend(tx Tx, d Doc) error { return save(tx, d, &ticket{}) }

// proven returns the DID that a claimant has proven; zero: none is named.
func (s *Records) proven(ctx context.Context, c *Claim) (did.DID, error) {
	if len(c.Proof) == 0 {
		return did.DID{}, nil
	}
	wrong := func(err error) error {
		e := refuse(BadRequest, "Proof", "want what ProveClaim makes for this office and ticket")
		e.Err = err
		return e
	}
	p, err := credential.ParsePresentation(c.Proof)
	if err != nil {
		return did.DID{}, wrong(err)
	}
	holder, err := did.Parse(p.Unverified().Holder)
	if err != nil {
		return did.DID{}, wrong(err)
	}
	if p.NumProofs() != 1 {
		return did.DID{}, wrong(nil)
	}
	proof := p.Proof(0)
	if proof.VerificationMethod.DID() != holder || proof.Challenge != ClaimChallenge(c.Ticket) ||
		len(proof.Domain) != 1 || proof.Domain[0] != s.r.config.BaseURL ||
		!proof.Expires.IsZero() && !s.r.now().Before(proof.Expires) {
		return did.DID{}, wrong(nil)
	}
	key, err := did.ResolveKey(ctx, s.r.config.Resolver, proof.VerificationMethod, did.Authentication, s.r.now())
	if err != nil {
		return did.DID{}, wrong(err)
	}
	if err := p.CheckProof(0, key, did.Authentication); err != nil {
		return did.DID{}, wrong(err)
	}
	return holder, nil
}

// claimant returns the owner's record, and what writes it.
func (s *Records) claimant(tx Tx, w *writing, p *Record, name string) (*Owner, func(tx Tx) error, error) {
	nothing := func(Tx) error { return nil }
	d, err := tx.Get(kindOwner, p.Owner)
	if err != nil {
		return nil, nil, err
	}
	if d.Version == 0 {
		for _, other := range []string{p.Pending.DisplayName, p.Owner} {
			if name == "" {
				name = other
			}
		}
		if name, err = nameOf(name); err != nil {
			return nil, nil, err
		}
		w.owner = &Owner{
			ID: p.Owner, Org: p.Org, Type: OwnerUser, Name: name, Email: p.Pending.Email, Assured: p.Assured,
			CreatedAt: w.at,
		}
		return w.owner, nothing, nil
	}
	_, o, err := s.r.Owners.load(tx, p.Owner)
	if err != nil || p.Assured == nil || o.Assured != nil && o.Assured.Level.Rank() >= p.Level().Rank() {
		return o, nothing, err
	}
	o.Assured = p.Assured
	return o, func(tx Tx) error { return save(tx, d, o, o.keys()...) }, nil
}

// bind binds a record to the agent of a DID, which is made where there is none.
func (s *Records) bind(tx Tx, w *writing, p *Record, to did.DID) error {
	switch {
	case to.IsZero() && p.Agent == "":
		return refuse(BadRequest, "Proof", "it is needed: the record has no agent yet")
	case to.IsZero():
		return nil
	}
	known, err := whose(tx, kindAgent, p.Org, to)
	if err != nil {
		return err
	}
	if known != "" {
		p.Agent = known
		return nil
	}
	w.agent = &Agent{ID: newID("ag_", w.at), Org: p.Org, Owner: p.Owner, Name: p.Name, DID: to, CreatedAt: w.at}
	w.agent.Status = Active
	p.Agent = w.agent.ID
	return nil
}

package registry

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// Records are passports that stay: what the office knows of an agent and can change.
// From a record it signs one passport after the other, of which one is in force.
// Whoever changes what is signed makes a new one, and revokes the one before in the
// same transaction.
type Records struct{ r *Registry }

// Draft is the status of a record that nothing is signed of yet.
const Draft Status = "draft"

// Controller says who runs an agent.
type Controller string

// The controllers.
const (
	ControllerPerson Controller = "person"
	ControllerUser   Controller = "user"
	ControllerOrg    Controller = "org"
	ControllerAPI    Controller = "api"
)

// NewRecord is what [Records.Create] makes a record of (P4).
type NewRecord struct {
	Org string // zero: the actor's own
	// Owner is an owner that the organisation knows, by id, or a DID; it is needed,
	// but for an owner who makes the call. A platform's own ids are refused.
	Owner      string
	Controller Controller // zero: person for a user, else org
	// Agent is for whom it is. Empty: nothing is signed until [Records.Update] names
	// one.
	Agent string
	Profile
	Status    Status // zero: draft; or active
	ExpiresIn string // how long each passport lives: a number with s, m, h or d; zero: 720h, the longest
}

// Record is the record of an agent's passports.
type Record struct {
	ID         string // ap_…: it stays, whatever changes
	Org        string // in whose books it is
	IssuedBy   string // who made it: an organisation or an owner
	Owner      string // ap_user_… or ap_org_…
	Controller Controller
	Agent      string `json:",omitempty"`
	Profile
	ExpiresIn string
	Assured   *Assured `json:",omitempty"` // what was attested of the owner when it was made

	Claimed bool          // the owner has an account
	Pending *PendingOwner `json:",omitempty"` // who is to claim it

	Template string  `json:",omitempty"` // of an instance: the record that it is made from
	Tenant   *Tenant `json:",omitempty"` // of an instance: for whom
	Stated   *stated `json:",omitempty"` // of an instance: what it says itself

	Passport  string `json:",omitempty"` // the id of the one in force, or of the last one
	CreatedAt time.Time
	UpdatedAt time.Time
	AuditID   string // of the line of the audit log about the last change
	Drafted   bool   `json:",omitempty"`
	Standing
	Status  Status // as of the call
	Version int64  `json:"-"`
}

const kindRecord = "record"

func (p *Record) keys() []Key {
	keys := []Key{{Name: "org", Value: p.Org}, {Name: "owner", Value: p.Org + " " + p.Owner}}
	if p.Agent != "" {
		keys = append(keys, Key{Name: "agent", Value: p.Agent})
	}
	if p.Template != "" {
		keys = append(keys, Key{Name: "template", Value: p.Template})
	}
	if p.Tenant != nil {
		keys = append(keys, Key{Name: "tenant", Value: p.Tenant.key(p.IssuedBy), Unique: true})
	}
	return keys
}

// Level is the level of assurance of the owner, as the record has it.
func (p *Record) Level() passport.Level {
	if p.Assured == nil {
		return passport.L0
	}
	return p.Assured.Level
}

// Made is a record that was just made or changed.
type Made struct {
	*Record
	Changes []FieldChange // of an update
}

// Create makes a record (P4). One that is active and has an agent is signed at once.
// Who the owner is decides the level of assurance, and not the call.
func (s *Records) Create(ctx context.Context, by Actor, n NewRecord) (*Made, error) {
	return once(ctx, s.r, by, "record.created", n, s.create, s.again)
}

// again is the answer to a call that was made before.
func (s *Records) again(tx Tx, by Actor, id string) (*Made, error) {
	p, err := s.find(tx, by, id, ScopeIssue)
	if err != nil {
		return nil, err
	}
	return &Made{Record: p}, nil
}

func (s *Records) create(ctx context.Context, by Actor, n NewRecord) (*Made, error) {
	org, owner, err := by.home(n.Org, n.Owner, ScopeIssue)
	if err != nil {
		return nil, err
	}
	proto := Record{
		ID: newID("ap_", s.r.now()), Org: org, IssuedBy: org, Owner: owner, Controller: n.Controller, Agent: n.Agent,
		Profile: n.Profile, ExpiresIn: n.ExpiresIn, Claimed: true,
	}
	if by.owner != "" {
		proto.IssuedBy = by.owner
	}
	if err := proto.begin(n.Status); err != nil {
		return nil, err
	}
	return s.write(ctx, by, func(tx Tx, w *writing) error {
		p := proto
		o, err := s.r.Owners.named(tx, org, owner)
		if err != nil {
			return err
		}
		if o.Version == 0 {
			w.owner = o
		}
		p.Owner, p.Assured = o.ID, o.Assured
		if p.Controller == "" {
			p.Controller = ControllerPerson
			if o.Type == OwnerOrg {
				p.Controller = ControllerOrg
			}
		}
		w.event, w.data = "record.created", map[string]any{"owner": p.Owner, "agent": p.Agent, "drafted": p.Drafted}
		return w.put(tx, &p, nil)
	})
}

// begin checks what a new record is made of.
func (p *Record) begin(status Status) error {
	if p.ExpiresIn == "" {
		p.ExpiresIn = "720h"
	}
	if _, err := life(p.ExpiresIn); err != nil {
		return err
	}
	switch p.Controller {
	case "", ControllerPerson, ControllerUser, ControllerOrg, ControllerAPI:
	default:
		return refuse(BadRequest, "Controller", "%.40q: want person, user, org or api", p.Controller)
	}
	switch status {
	case "", Draft:
		p.Drafted = true
	case Active:
	default:
		return refuse(BadRequest, "Status", "%.40q: a record begins as draft or active", status)
	}
	return nil
}

// named returns an owner whom a call names by id or DID. One whose DID is new has no
// version yet.
func (s *Owners) named(tx Tx, org, name string) (*Owner, error) {
	id, err := did.Parse(name)
	if err != nil {
		_, o, err := s.load(tx, name)
		if err == nil && (o.Org != org || !o.ErasedAt.IsZero()) {
			err = unknown("owner")
		}
		return o, renamed(err, BadRequest, "Owner")
	}
	o := &Owner{Org: org, Type: OwnerUser, Name: id.String(), DID: id}
	known, err := whose(tx, kindOwner, org, id)
	switch {
	case err != nil:
		return nil, err
	case known != "":
		_, o, err = s.load(tx, known)
		return o, err
	}
	o.CreatedAt = s.r.now()
	o.ID, err = s.r.ownerID(tx, o)
	return o, err
}

// Get returns a record (P9).
func (s *Records) Get(ctx context.Context, by Actor, id string) (p *Record, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		p, err = s.find(tx, by, id, ScopeRead)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// find loads a record that an actor may act on.
func (s *Records) find(tx Tx, by Actor, id string, scope Scope) (*Record, error) {
	if err := by.needs(scope); err != nil {
		return nil, err
	}
	p, err := s.load(tx, id)
	if err == nil && !by.mayOwn(p.Org, p.Owner) {
		err = unknown("record")
	}
	if err != nil {
		return nil, err
	}
	return p, s.judge(tx, p)
}

func (s *Records) load(tx Tx, id string) (*Record, error) {
	var p Record
	d, err := load(tx, kindRecord, id, &p)
	if err == nil && d.Version == 0 {
		err = unknown("record")
	}
	p.Version = d.Version
	return &p, err
}

// judge says what a record is: by itself, by the template that it is made from, and by
// the passport that is in force.
func (s *Records) judge(tx Tx, p *Record) error {
	now := s.r.now()
	p.Status = p.status(now, time.Time{})
	if p.Status != Active {
		return nil
	}
	if p.Template != "" {
		t, err := s.load(tx, p.Template)
		if err != nil {
			return err
		}
		if t.status(now, time.Time{}) == Suspended {
			p.Status = Suspended
			return nil
		}
	}
	switch {
	case p.Drafted:
		p.Status = Draft
	case p.Passport != "":
		var in Passport
		if _, err := load(tx, kindPassport, p.Passport, &in); err != nil {
			return err
		}
		if _, err := s.r.Passports.judge(tx, &in); err != nil {
			return err
		}
		if p.Status = in.Status; p.Status == Revoked { // and the record is not: it can be renewed
			p.Status = Expired
		}
	}
	return nil
}

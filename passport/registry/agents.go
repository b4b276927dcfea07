package registry

import (
	"context"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
)

// Agents are the agents that passports are for.
type Agents struct{ r *Registry }

const agentPrefix = "ag_"

// NewAgent is what [Agents.Create] makes a record of.
type NewAgent struct {
	Org         string // zero: the actor's own
	Owner       string // whose it is; zero: the actor, if it is an owner, else the organisation
	Name        string // needed, for people
	Description string
	DID         did.DID  // needed: its key is the agent's own
	Scopes      []string // action patterns: what grants to it may have at most; nil: whatever principals allow
}

// Agent is an agent.
type Agent struct {
	ID          string // ag_…
	Org         string
	Owner       string `json:",omitempty"` // "": the organisation
	Name        string
	Description string `json:",omitempty"`
	DID         did.DID
	Scopes      []string `json:",omitempty"` // what grants to it may have at most; nil: no bound of its own
	CreatedAt   time.Time
	UpdatedAt   time.Time `json:",omitzero"`  // zero: it is as it was made
	Revocations int64     `json:",omitempty"` // how often it was revoked: see Reinstate
	Standing
	Status  Status // as of the call
	Version int64  `json:"-"` // of the record
}

func (a *Agent) keys() []Key {
	keys := []Key{{Name: "org", Value: a.Org}}
	if !a.DID.IsZero() { // which was erased
		keys = append(keys, didKeys(a.Org, a.DID)...)
	}
	if a.Owner != "" {
		keys = append(keys, Key{Name: "owner", Value: a.Owner})
	}
	return keys
}

// Create makes the record of an agent. A second one of an organisation with the
// same DID is refused with EXISTS.
func (s *Agents) Create(ctx context.Context, by Actor, n NewAgent) (*Agent, error) {
	return once(ctx, s.r, by, "agent.created", n, s.create, func(tx Tx, by Actor, id string) (*Agent, error) {
		_, it, err := s.find(tx, by, id, ScopeIssue)
		return it, err
	})
}

func (s *Agents) create(ctx context.Context, by Actor, n NewAgent) (*Agent, error) {
	org, owner, err := by.home(n.Org, n.Owner, ScopeIssue)
	if err != nil {
		return nil, err
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	r := s.r
	var a *Agent
	err = r.update(ctx, func(tx Tx) error {
		if err := r.Orgs.there(tx, org); err != nil {
			return err
		}
		if err := r.Owners.known(tx, org, owner); err != nil {
			return err
		}
		at := r.now()
		a = &Agent{
			ID: newID(agentPrefix, at), Org: org, Owner: owner, Name: n.Name, Description: n.Description, DID: n.DID,
			Scopes: n.Scopes, CreatedAt: at, Status: Active, Version: 1,
		}
		if err := save(tx, Doc{Kind: kindAgent, ID: a.ID}, a, a.keys()...); err != nil {
			return err
		}
		return r.note(tx, by, org, "agent.created", a.ID, "", nil)
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// check refuses what no agent can be made of.
func (n *NewAgent) check() (err error) {
	if n.Name, err = checkAgent(n.Name, n.Description, n.Scopes); err != nil {
		return err
	}
	if n.DID.IsZero() {
		return refuse(BadRequest, "DID", "it is needed: a passport is bound to a key of the agent")
	}
	return nil
}

// Get returns an agent.
func (s *Agents) Get(ctx context.Context, by Actor, id string) (a *Agent, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		_, a, err = s.find(tx, by, id, ScopeRead)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// find loads an agent that an actor may act on.
func (s *Agents) find(tx Tx, by Actor, id string, scope Scope) (Doc, *Agent, error) {
	if err := by.needs(scope); err != nil {
		return Doc{}, nil, err
	}
	var a Agent
	d, err := load(tx, kindAgent, id, &a)
	switch {
	case err != nil:
		return d, nil, err
	case d.Version == 0 || !by.mayOwn(a.Org, a.Owner):
		return d, nil, unknown("agent")
	}
	a.Status, a.Version = a.status(s.r.now(), time.Time{}), d.Version
	return d, &a, nil
}

// load returns an agent, whoever asks.
func (s *Agents) load(tx Tx, id string) (*Agent, error) {
	_, a, err := s.find(tx, Root(), id, ScopeRead)
	return a, err
}

// Suspend suspends an agent and every live passport of it; none is issued
// meanwhile. It ends by itself.
func (s *Agents) Suspend(ctx context.Context, by Actor, id string, how Suspension) (*Agent, error) {
	return s.change(ctx, by, id, "agent.suspended", how.Reason, func(a *Agent) error {
		return a.suspend(by, s.r.now(), time.Time{}, how)
	})
}

// Resume ends a suspension of an agent. A passport that is suspended by itself
// stays so.
func (s *Agents) Resume(ctx context.Context, by Actor, id, reason string) (*Agent, error) {
	return s.change(ctx, by, id, "agent.resumed", reason, func(a *Agent) error {
		return a.resume(by, s.r.now(), time.Time{})
	})
}

// Revoke revokes an agent and every passport of it, for ever. To revoke it again
// changes nothing.
func (s *Agents) Revoke(ctx context.Context, by Actor, id, reason string) (*Agent, error) {
	return s.change(ctx, by, id, "agent.revoked", reason, func(a *Agent) error {
		if err := by.decides(); err != nil {
			return err
		}
		if a.RevokedAt.IsZero() {
			a.Revocations++
		}
		a.revoke(s.r.now(), reason)
		return nil
	})
}

func (s *Agents) change(ctx context.Context, by Actor, id, event, reason string, f func(a *Agent) error) (*Agent,
	error) {
	r := s.r
	var a *Agent
	err := r.update(ctx, func(tx Tx) error {
		d, found, err := s.find(tx, by, id, ScopeUpdate)
		if err != nil {
			return err
		}
		a = found
		before := a.Standing
		if err := f(a); err != nil || a.Standing == before {
			return err
		}
		a.Status, a.UpdatedAt, a.Version = a.status(r.now(), time.Time{}), r.now(), d.Version+1
		if err := save(tx, d, a, a.keys()...); err != nil {
			return err
		}
		if err := r.each(tx, "agent", a.ID, func(d Doc, p *Passport) error {
			if !a.RevokedAt.IsZero() {
				if !p.RevokedAt.IsZero() {
					return nil
				}
				p.revoke(r.now(), reason)
				if err := save(tx, d, p, p.keys()...); err != nil {
					return err
				}
			}
			return r.spread(tx, p)
		}); err != nil {
			return err
		}
		return r.note(tx, by, a.Org, event, a.ID, reason, told(a.changes(&before, r.now(), time.Time{})))
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// each calls f for every passport that has a key and may still be alive. Those that were issued longer before the
// newest one than any passport lives are passed over by their ids. A clock that is ahead makes nothing seem over: what
// is stopped meanwhile is stopped when the clock is right again.
func (r *Registry) each(tx Tx, key, value string, f func(d Doc, p *Passport) error) error {
	for _, prefix := range passportPrefixes() {
		newest, err := tx.Find(Query{
			Kind: kindPassport, Name: key, Value: value, After: prefix + "~", Newest: true, Limit: 1,
		})
		if err != nil {
			return err
		}
		if len(newest) == 0 || !strings.HasPrefix(newest[0].ID, prefix) {
			continue
		}
		at := r.now()
		if id, err := ulid.ParseStrict(newest[0].ID[len(prefix):]); err == nil && ulid.Time(id.Time()).Before(at) {
			at = ulid.Time(id.Time())
		}
		if err := r.eachAliveAt(tx, key, value, prefix, at, f); err != nil {
			return err
		}
	}
	return nil
}

// eachAliveAt is each of the ids that begin with a prefix, of what was not over at an instant.
func (r *Registry) eachAliveAt(
	tx Tx, key, value, prefix string, at time.Time, f func(d Doc, p *Passport) error,
) error {
	var first ulid.ULID
	_ = first.SetTime(ulid.Timestamp(at.Add(-longestLife - time.Hour))) // it is long before the year 10889
	for after := prefix + first.String(); ; {
		docs, err := tx.Find(Query{Kind: kindPassport, Name: key, Value: value, After: after, Limit: most})
		if err != nil {
			return err
		}
		for _, d := range docs {
			if !strings.HasPrefix(d.ID, prefix) {
				return nil
			}
			var p Passport
			if d, err = load(tx, kindPassport, d.ID, &p); err != nil {
				return err
			}
			after = d.ID
			if p.ExpiresAt.Add(time.Hour).Before(at) {
				continue
			}
			if err := f(d, &p); err != nil {
				return err
			}
		}
		if len(docs) < most {
			return nil
		}
	}
}

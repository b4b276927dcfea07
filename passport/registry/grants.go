package registry

import (
	"context"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// Grants are what principals have allowed agents to do: passports stand on them.
type Grants struct{ r *Registry }

// NewGrant is what [Grants.Create] makes a grant of.
type NewGrant struct {
	Agent     string         // needed
	Principal string         // who is accountable, an IRI such as mailto:ada@example.org; needed
	Scopes    []string       // action patterns, such as payments:mpp:compute; at least one
	ExpiresAt time.Time      // needed
	Budget    passport.Money // bounds what one payment of a passport may cost; zero: none is stated
}

// Grant is a grant.
type Grant struct {
	ID        string // grnt_…
	Org       string
	Agent     string
	Principal string
	Scopes    []string
	ExpiresAt time.Time
	Budget    passport.Money `json:",omitzero"`
	CreatedAt time.Time
	Standing
	Status Status // as of the call
}

func (g *Grant) keys() []Key {
	return []Key{{Name: "org", Value: g.Org}, {Name: "agent", Value: g.Agent}}
}

// Create makes a grant (G7). The agent must be active.
func (s *Grants) Create(ctx context.Context, by Actor, n NewGrant) (*Grant, error) {
	return once(ctx, s.r, by, "grant.created", n, s.create, func(tx Tx, by Actor, id string) (*Grant, error) {
		_, it, err := s.find(tx, by, id, ScopeIssue)
		return it, err
	})
}

func (s *Grants) create(ctx context.Context, by Actor, n NewGrant) (*Grant, error) {
	r := s.r
	at := r.now()
	switch {
	case len(n.Scopes) == 0 || len(n.Scopes) > 64:
		return nil, refuse(BadRequest, "Scopes", "want 1 to 64 of them")
	case !strings.Contains(n.Principal, ":") || len(n.Principal) > 500:
		return nil, refuse(BadRequest, "Principal", "want an IRI, such as mailto:ada@example.org")
	case !n.ExpiresAt.After(at):
		return nil, refuse(InvalidExpiry, "ExpiresAt", "it is not in the future")
	}
	for _, scope := range n.Scopes {
		if err := passport.CheckActionPattern(scope); err != nil {
			return nil, &Error{Code: BadRequest, Member: "Scopes", Detail: "want action patterns", Err: err}
		}
	}
	var g *Grant
	err := r.update(ctx, func(tx Tx) error {
		_, a, err := r.Agents.find(tx, by, n.Agent, ScopeIssue)
		if err != nil {
			return asAgent(err)
		}
		if a.Status != Active {
			return refuse(InvalidAgent, "Agent", "it is %s", a.Status)
		}
		g = &Grant{
			ID: newID("grnt_", at), Org: a.Org, Agent: a.ID, Principal: n.Principal, Scopes: n.Scopes,
			ExpiresAt: n.ExpiresAt.UTC().Truncate(time.Second), Budget: n.Budget, CreatedAt: at, Status: Active,
		}
		if err := save(tx, Doc{Kind: kindGrant, ID: g.ID}, g, g.keys()...); err != nil {
			return err
		}
		return r.note(tx, by, g.Org, "grant.created", g.ID, "", map[string]any{"agent": a.ID, "scopes": n.Scopes})
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// Get returns a grant.
func (s *Grants) Get(ctx context.Context, by Actor, id string) (g *Grant, err error) {
	err = s.r.config.Store.View(ctx, func(tx Tx) error {
		_, g, err = s.find(tx, by, id, ScopeRead)
		return err
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// find loads a grant that an actor may act on.
func (s *Grants) find(tx Tx, by Actor, id string, scope Scope) (Doc, *Grant, error) {
	if err := by.needs(scope); err != nil {
		return Doc{}, nil, err
	}
	var g Grant
	d, err := load(tx, kindGrant, id, &g)
	switch {
	case err != nil:
		return d, nil, err
	case d.Version == 0 || !by.may(g.Org):
		return d, nil, unknown("grant")
	}
	g.Status = g.status(s.r.now(), g.ExpiresAt)
	return d, &g, nil
}

// Revoke revokes a grant and every passport that stands on it, in one transaction.
// To revoke it again changes nothing.
func (s *Grants) Revoke(ctx context.Context, by Actor, id, reason string) (*Grant, error) {
	r := s.r
	var g *Grant
	err := r.update(ctx, func(tx Tx) error {
		d, found, err := s.find(tx, by, id, ScopeUpdate)
		if err != nil {
			return err
		}
		if g = found; !g.RevokedAt.IsZero() {
			return nil
		}
		g.revoke(r.now(), reason)
		g.Status = Revoked
		if err := save(tx, d, g, g.keys()...); err != nil {
			return err
		}
		if err := r.each(tx, "grant", g.ID, func(d Doc, p *Passport) error {
			if !p.RevokedAt.IsZero() {
				return nil
			}
			p.revoke(r.now(), reason)
			if err := save(tx, d, p, p.keys()...); err != nil {
				return err
			}
			return p.show(tx, &Agent{})
		}); err != nil {
			return err
		}
		return r.note(tx, by, g.Org, "grant.revoked", g.ID, reason, nil)
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// asAgent and asGrant say what is wrong with what a call names: somebody else's is
// answered as what is not there.
func asAgent(err error) error { return renamed(err, InvalidAgent, "Agent") }
func asGrant(err error) error { return renamed(err, InvalidGrant, "Grant") }

func renamed(err error, c Code, member string) error {
	if e, ok := err.(*Error); ok && e.Code == NotFound {
		return &Error{Code: c, Member: member, Detail: e.Detail}
	}
	return err
}

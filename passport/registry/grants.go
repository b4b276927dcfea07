package registry

import (
	"context"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/passport"
)

// Grants are what principals have allowed agents to do: passports stand on them.
type Grants struct{ r *Registry }

const (
	grantPrefix = "grnt_"
	maxScopes   = 64
)

// NewGrant is what [Grants.Create] makes a grant of.
type NewGrant struct {
	Agent     string         // needed
	Principal string         // who is accountable: an IRI, as mailto:ada@example.org; zero: Parent's, or the owner's
	Scopes    []string       // action patterns, such as payments:mpp:compute; at least one
	ExpiresAt time.Time      // needed; zero: with Parent
	Parent    string         // the grant that it is a part of, delegated to another agent; "": none
	Budget    passport.Money // what may be spent in all, see [Budgets]; zero: no bound of its own
}

// Grant is a grant.
type Grant struct {
	ID        string // grnt_…
	Org       string
	Owner     string `json:",omitempty"` // who made it, and may use, read and revoke it; "": the organisation alone
	Agent     string
	Principal string
	Scopes    []string
	ExpiresAt time.Time
	Parent    string         `json:",omitempty"`
	Depth     int            `json:",omitempty"` // how many grants are above it
	Budget    passport.Money `json:",omitzero"`
	CreatedAt time.Time
	Standing
	Status Status // as of the call
}

func (g *Grant) keys() []Key {
	keys := []Key{{Name: "org", Value: g.Org}, {Name: "agent", Value: g.Agent}}
	if g.Parent != "" {
		keys = append(keys, Key{Name: "parent", Value: g.Parent})
	}
	if g.Owner != "" {
		keys = append(keys, Key{Name: "owner", Value: g.Org + " " + g.Owner})
	}
	return keys
}

// check refuses what no grant can be made of, and returns when it ends.
func (n *NewGrant) check(at time.Time) (end time.Time, err error) {
	if err := n.checkScopes(); err != nil {
		return end, err
	}
	end, err = n.end()
	if err == nil && !end.After(at) {
		err = refuse(InvalidExpiry, "ExpiresAt", "it is not in the future")
	}
	return end, err
}

// end is when a grant ends, in the whole seconds that dates of passports have.
func (n *NewGrant) end() (time.Time, error) {
	end := n.ExpiresAt.UTC().Truncate(time.Second)
	if end.Year() > 9999 {
		return end, refuse(InvalidExpiry, "ExpiresAt", "want a year up to 9999")
	}
	return end, nil
}

// checkScopes refuses a grant of what cannot be granted, or of nobody.
func (n *NewGrant) checkScopes() error {
	switch {
	case len(n.Scopes) == 0 || len(n.Scopes) > maxScopes:
		return refuse(BadRequest, "Scopes", "want 1 to %d of them", maxScopes)
	case !contexts.IsAbsoluteIRI(n.Principal) || len(n.Principal) > 500:
		return refuse(BadRequest, "Principal", "want an IRI, such as mailto:ada@example.org")
	}
	for _, scope := range n.Scopes {
		if err := passport.CheckActionPattern(scope); err != nil {
			return &Error{Code: BadRequest, Member: "Scopes", Detail: "want action patterns", Err: err}
		}
	}
	return nil
}

// Create makes a grant (G7). The agent must be active. With Parent it is a part of that grant: no scope, no end
// and no budget beyond it, and it is revoked with it. An owner makes grants to their own agents, in their own name.
func (s *Grants) Create(ctx context.Context, by Actor, n NewGrant) (*Grant, error) {
	return once(ctx, s.r, by, "grant.created", n, s.create, func(tx Tx, by Actor, id string) (*Grant, error) {
		_, it, err := s.find(tx, by, id, ScopeIssue)
		return it, err
	})
}

func (s *Grants) create(ctx context.Context, by Actor, n NewGrant) (*Grant, error) {
	r := s.r
	at := r.now()
	var g *Grant
	err := r.update(ctx, func(tx Tx) error {
		n := n
		var above *Grant
		if n.Parent != "" {
			var err error
			if above, err = s.above(tx, by, &n); err != nil {
				return err
			}
		}
		_, a, err := r.Agents.find(tx, by, n.Agent, ScopeIssue)
		if err != nil {
			return asAgent(err)
		}
		if err := r.Owners.inOwnName(tx, by, &n); err != nil {
			return err
		}
		end, err := n.check(at)
		if err != nil {
			return err
		}
		if a.Status != Active {
			return refuse(InvalidAgent, "Agent", "it is %s", a.Status)
		}
		if scope := a.lacks(n.Scopes); scope != "" {
			return refuse(Widened, "Scopes", "the agent may not be granted %.80q", scope)
		}
		g = &Grant{
			ID: newID(grantPrefix, at), Org: a.Org, Owner: by.owner, Agent: a.ID, Principal: n.Principal,
			Scopes: n.Scopes, ExpiresAt: end, Budget: n.Budget, CreatedAt: at,
			Status: Active,
		}
		if above != nil {
			if g.Parent, g.Depth = above.ID, above.Depth+1; above.Org != g.Org {
				return refuse(InvalidGrant, "Parent", "there is no such grant")
			}
		}
		if err := save(tx, Doc{Kind: kindGrant, ID: g.ID}, g, g.keys()...); err != nil {
			return err
		}
		if !n.Budget.IsZero() {
			var b Budget
			if err := r.Budgets.open(tx, g, &b, n.Budget); err != nil {
				return err
			}
			d := Doc{Kind: kindBudget, ID: g.ID}
			if err := r.Budgets.keep(tx, by, d, &b, nil, "budget.allocated", ""); err != nil {
				return err
			}
		}
		data := map[string]any{"agent": a.ID, "scopes": n.Scopes, "expiresAt": end}
		if g.Parent != "" {
			data["parent"] = g.Parent
		}
		return r.note(tx, by, g.Org, "grant.created", g.ID, "", data)
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
	case d.Version == 0 || !by.mayOwn(g.Org, g.Owner):
		return d, nil, unknown("grant")
	}
	g.Status = g.status(s.r.now(), g.ExpiresAt)
	return d, &g, nil
}

// above loads the grant that another one is to be a part of, and fills in what that has from it.
func (s *Grants) above(tx Tx, by Actor, n *NewGrant) (*Grant, error) {
	_, above, err := s.find(tx, by, n.Parent, ScopeIssue)
	if err != nil {
		return nil, renamed(err, InvalidGrant, "Parent")
	}
	if above.Status != Active {
		return nil, refuse(InvalidGrant, "Parent", "it is %s", above.Status)
	}
	return above, s.narrows(tx, above, n)
}

// narrows refuses a grant that is not a part of the one above it.
func (s *Grants) narrows(tx Tx, above *Grant, n *NewGrant) error {
	line, err := s.line(tx, above)
	if err != nil {
		return err
	}
	if n.Principal == "" {
		n.Principal = above.Principal
	}
	if n.ExpiresAt.IsZero() {
		n.ExpiresAt = above.ExpiresAt
	}
	switch {
	case above.Depth+1 > s.r.config.MaxDepth:
		return refuse(Forbidden, "Parent", "want at most %d grants below one another", s.r.config.MaxDepth)
	case n.Principal != above.Principal:
		return refuse(Widened, "Principal", "the grant above is of %s", above.Principal)
	case n.ExpiresAt.After(above.ExpiresAt):
		e := refuse(InvalidExpiry, "ExpiresAt", "the grant above ends %s", above.ExpiresAt.Format(time.RFC3339))
		e.Status = 422
		return e
	}
	for _, g := range line {
		if g.Agent == n.Agent {
			return refuse(BadRequest, "Agent", "it has %s, above this one: nobody delegates to itself", g.ID)
		}
	}
	for _, scope := range n.Scopes {
		if !slices.ContainsFunc(above.Scopes, func(p string) bool { return passport.ActionCovers(p, scope) }) {
			return refuse(Widened, "Scopes", "the grant above lacks %.80q", scope)
		}
	}
	return nil
}

// line returns a grant and those above it, from below.
func (s *Grants) line(tx Tx, g *Grant) (line []*Grant, err error) {
	for line = append(line, g); g.Parent != "" && len(line) <= deepest; line = append(line, g) {
		above := &Grant{}
		if _, err := load(tx, kindGrant, g.Parent, above); err != nil {
			return nil, err
		}
		above.Status = above.status(s.r.now(), above.ExpiresAt)
		g = above
	}
	return line, nil
}

// Revoke revokes a grant, those that are a part of it, and every passport that stands on them, in one transaction. To
// revoke it again changes nothing.
func (s *Grants) Revoke(ctx context.Context, by Actor, id, reason string) (*Grant, error) {
	r := s.r
	var g *Grant
	err := r.update(ctx, func(tx Tx) error {
		d, found, err := s.find(tx, by, id, ScopeUpdate)
		if err != nil {
			return err
		}
		if err := by.decides(); err != nil {
			return err
		}
		if g = found; !g.RevokedAt.IsZero() {
			return nil
		}
		return s.revoke(tx, by, d, g, reason)
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// revoke revokes a grant and what is below it.
func (s *Grants) revoke(tx Tx, by Actor, d Doc, g *Grant, reason string) error {
	r := s.r
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
		return r.spread(tx, p)
	}); err != nil {
		return err
	}
	if err := walk(tx, Query{Kind: kindGrant, Name: "parent", Value: g.ID}, func(id string) error {
		var below Grant
		d, err := load(tx, kindGrant, id, &below)
		if err != nil || !below.RevokedAt.IsZero() {
			return err
		}
		return s.revoke(tx, by, d, &below, reason)
	}); err != nil {
		return err
	}
	return r.note(tx, by, g.Org, "grant.revoked", g.ID, reason, nil)
}

// walk calls f with the id of every document that a query finds.
func walk(tx Tx, q Query, f func(id string) error) error {
	for q.Limit = most; ; {
		docs, err := tx.Find(q)
		if err != nil {
			return err
		}
		for _, d := range docs {
			q.After = d.ID
			if err := f(d.ID); err != nil {
				return err
			}
		}
		if len(docs) < most {
			return nil
		}
	}
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

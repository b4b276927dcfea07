package registry

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/passport"
)

// AgentQuery asks for agents.
type AgentQuery struct {
	Org    string // zero: the actor's own
	Owner  string // of this owner alone; an owner asks for their own
	Cursor string // Next of the page before; "": the first page
	Limit  int    // zero: 50; at most 200
}

// AgentPage is a page of agents, the newest first.
type AgentPage struct {
	Items []*Agent
	Next  string // "" on the last page
}

// List returns agents, the newest first. A walk through all pages shows each that was there when it began once.
func (s *Agents) List(ctx context.Context, by Actor, q AgentQuery) (page AgentPage, err error) {
	org, owner, err := by.home(q.Org, q.Owner, ScopeListAgents)
	if err != nil {
		return page, err
	}
	find := Query{Kind: kindAgent, Name: "org", Value: org, Newest: true}
	if owner != "" {
		find.Name, find.Value = "owner", owner
	}
	page.Items, page.Next, err = listOf(ctx, s.r, find, org, q.Cursor, q.Limit, func(d Doc, a *Agent) (bool, error) {
		a.Status, a.Version = a.status(s.r.now(), time.Time{}), d.Version
		return a.Org == org && (owner == "" || a.Owner == owner), nil
	})
	return page, err
}

// listOf returns a page of the documents that a query finds and keep wants.
func listOf[T any](
	ctx context.Context, r *Registry, find Query, org, cursor string, limit int, keep func(d Doc, it *T) (bool, error),
) (items []*T, next string, err error) {
	if find.Limit, err = pageSize(limit); err != nil {
		return nil, "", err
	}
	if find.After, err = opened(find.Kind, cursor, org); err != nil {
		return nil, "", err
	}
	err = r.config.Store.View(ctx, func(tx Tx) error {
		items, next = nil, ""
		last, err := pageOf(tx, find, func(id string) (bool, error) {
			it := new(T)
			d, err := load(tx, find.Kind, id, it)
			if err != nil || d.Version == 0 {
				return false, err
			}
			ok, err := keep(d, it)
			if ok && err == nil {
				items = append(items, it)
			}
			return len(items) == find.Limit, err
		})
		if last != "" {
			next = closed(find.Kind, last, org)
		}
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return items, next, nil
}

// AgentPatch says what to change in the record of an agent. Its key is not among it: another key is another agent.
type AgentPatch struct {
	// Version is that of the record which the caller has read: another one is refused with VERSION_MISMATCH. Zero, as
	// [AnyVersion]: whatever it is.
	Version int64

	Name, Description *string   // nil: as it is
	Scopes            *[]string // nil: as it is. Grants that were made keep what they have
}

// Update changes the record of an agent. Passports that were issued keep the name that they were issued with.
func (s *Agents) Update(ctx context.Context, by Actor, id string, p AgentPatch) (*Agent, error) {
	r := s.r
	var a *Agent
	err := r.update(ctx, func(tx Tx) error {
		d, found, err := s.find(tx, by, id, ScopeUpdate)
		if err != nil {
			return err
		}
		if err := by.decides(); err != nil {
			return err
		}
		a = found
		switch {
		case p.Version < AnyVersion:
			return refuse(BadRequest, "Version", "name the version that you have read, or AnyVersion")
		case p.Version > 0 && p.Version != a.Version:
			return refuse(VersionMismatch, "Version", "it is %d by now", a.Version)
		case a.Status == Revoked:
			return refuse(InvalidTransition, "", "it is revoked")
		}
		before := *found
		a.patch(&p)
		if a.Name, err = checkAgent(a.Name, a.Description, a.Scopes); err != nil {
			return err
		}
		fields, changes := a.changedFrom(&before)
		if len(fields) == 0 {
			return nil
		}
		a.UpdatedAt, a.Version = r.now(), d.Version+1
		if err := save(tx, d, a, a.keys()...); err != nil {
			return err
		}
		return r.note(tx, by, a.Org, "agent.updated", a.ID, "", said{
			open: map[string]any{"fields": fields}, personal: map[string]any{"changes": changes},
		})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// patch writes what is given.
func (a *Agent) patch(p *AgentPatch) {
	if p.Name != nil {
		a.Name = *p.Name
	}
	if p.Description != nil {
		a.Description = *p.Description
	}
	if p.Scopes != nil {
		a.Scopes = *p.Scopes
	}
}

// changedFrom returns what a patch has changed.
func (a *Agent) changedFrom(before *Agent) (fields []string, changes []FieldChange) {
	add := func(name string, old, now any) {
		fields, changes = append(fields, name), append(changes, FieldChange{name, old, now})
	}
	if a.Name != before.Name {
		add("name", before.Name, a.Name)
	}
	if a.Description != before.Description {
		add("description", before.Description, a.Description)
	}
	if !slices.Equal(a.Scopes, before.Scopes) {
		add("scopes", before.Scopes, a.Scopes)
	}
	return fields, changes
}

// checkAgent refuses what no record of an agent can say. It returns the name without the spaces around it.
func checkAgent(name, description string, scopes []string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 200 || len(description) > 2000 || !utf8.ValidString(name+description) {
		return "", refuse(BadRequest, "Name", "want a name of 1 to 200 bytes, and a description of at most 2,000")
	}
	if len(scopes) > maxScopes {
		return "", refuse(BadRequest, "Scopes", "want at most %d of them", maxScopes)
	}
	for i, scope := range scopes {
		if err := passport.CheckActionPattern(scope); err != nil {
			return "", &Error{Code: BadRequest, Member: "Scopes", Detail: "want action patterns", Err: err}
		}
		if slices.Contains(scopes[:i], scope) {
			return "", refuse(BadRequest, "Scopes", "%.80q is listed twice", scope)
		}
	}
	return name, nil
}

// lacks returns the first scope that an agent may not be granted; "" if it may be granted all of them.
func (a *Agent) lacks(scopes []string) string {
	for _, scope := range scopes {
		covers := func(p string) bool { return passport.ActionCovers(p, scope) }
		if len(a.Scopes) > 0 && !slices.ContainsFunc(a.Scopes, covers) {
			return scope
		}
	}
	return ""
}

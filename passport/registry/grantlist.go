package registry

import "context"

// GrantQuery asks for grants (G7).
type GrantQuery struct {
	Org       string // zero: the actor's own
	Owner     string // that this owner has made; an owner asks for their own
	Agent     string // of this agent alone
	Principal string // of this principal alone
	Parent    string // those that are a part of this one alone
	Status    Status // of this status alone, as [Grants.Get] says it
	Cursor    string // Next of the page before; "": the first page
	Limit     int    // zero: 50; at most 200
}

// GrantPage is a page of grants, the newest first.
type GrantPage struct {
	Items []*Grant
	Next  string // "" on the last page
}

// List returns grants, the newest first. A walk through all pages shows each that was there when it began once.
func (s *Grants) List(ctx context.Context, by Actor, q GrantQuery) (page GrantPage, err error) {
	org, owner, err := by.home(q.Org, q.Owner, ScopeListAgents)
	if err != nil {
		return page, err
	}
	switch q.Status {
	case "", Active, Revoked, Expired:
	default:
		return page, refuse(BadRequest, "Status", "%.40q: want active, revoked or expired", q.Status)
	}
	find := Query{Kind: kindGrant, Name: "org", Value: org, Newest: true}
	switch {
	case q.Parent != "":
		find.Name, find.Value = "parent", q.Parent
	case q.Agent != "":
		find.Name, find.Value = "agent", q.Agent
	case owner != "":
		find.Name, find.Value = "owner", org+" "+owner
	}
	page.Items, page.Next, err = listOf(ctx, s.r, find, org, q.Cursor, q.Limit, func(_ Doc, g *Grant) (bool, error) {
		g.Status = g.status(s.r.now(), g.ExpiresAt)
		return g.Org == org && (owner == "" || g.Owner == owner) &&
			(q.Agent == "" || g.Agent == q.Agent) && (q.Parent == "" || g.Parent == q.Parent) &&
			(q.Principal == "" || g.Principal == q.Principal) && (q.Status == "" || g.Status == q.Status), nil
	})
	return page, err
}

// BudgetPage is a page of budgets, those of the newest grants first.
type BudgetPage struct {
	Items []*Budget
	Next  string // "" on the last page
}

// BudgetsQuery asks for the budgets of an organisation (G8).
type BudgetsQuery struct {
	Org    string // zero: the actor's own
	Cursor string // Next of the page before; "": the first page
	Limit  int    // zero: 50; at most 200
}

// List returns the budgets of an organisation's grants.
func (s *Budgets) List(ctx context.Context, by Actor, q BudgetsQuery) (page BudgetPage, err error) {
	org, err := by.within(q.Org, ScopeListAgents)
	if err != nil {
		return page, err
	}
	find := Query{Kind: kindBudget, Name: "org", Value: org, Newest: true}
	page.Items, page.Next, err = listOf(ctx, s.r, find, org, q.Cursor, q.Limit, func(_ Doc, b *Budget) (bool, error) {
		return b.Org == org, nil
	})
	return page, err
}

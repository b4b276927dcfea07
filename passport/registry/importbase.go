package registry

import (
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// bringOrg brings an organisation. One that is suspended comes paused, until somebody resumes it.
func (b *bringing) bringOrg() error {
	name, err := nameOf(b.rec.NewOrg.Name)
	if err != nil {
		return err
	}
	org := &Org{Name: name, DID: b.rec.NewOrg.DID, CreatedAt: b.created()}
	if org.ID, err = b.id(kindOrg, "ap_org_"); err != nil {
		return err
	}
	if org.Paused = b.standing.Suspended; org.Paused && !b.standing.SuspendedUntil.IsZero() {
		b.changed("Until: it is paused until somebody resumes it")
	}
	if err := b.r.Orgs.begin(b.tx, org); err != nil {
		return err
	}
	if org.Paused {
		if err := mark(b.tx, org.Switch, true, time.Time{}); err != nil {
			return err
		}
	}
	return b.keep(b.tx, org.ID, nil)
}

// bringOwner brings an owner. What stands on one who is suspended comes paused, until somebody resumes it.
func (b *bringing) bringOwner() error {
	n := *b.rec.NewOwner
	if err := n.check(); err != nil {
		return err
	}
	o := &Owner{Org: b.org, Type: n.Type, Name: n.Name, Email: n.Email, DID: n.DID, CreatedAt: b.created()}
	err := b.mine(kindOwner, n.DID)
	if err != nil {
		return err
	}
	if n.Email == "" {
		o.ID, err = b.id(kindOwner, "ap_"+string(o.Type)+"_")
	} else if o.ID, err = b.r.ownerID(b.tx, o); o.ID != b.rec.ID {
		b.changed("ID: it is that of the e-mail address here")
	}
	if err != nil {
		return err
	}
	if err := b.r.saveOwner(b.tx, o); err != nil {
		return err
	}
	if b.standing.Suspended {
		if !b.standing.SuspendedUntil.IsZero() {
			b.changed("Until: it is paused until somebody resumes it")
		}
		if err := b.r.pauseOwner(b.tx, o, b.standing.Reason); err != nil {
			return err
		}
	}
	return b.keep(b.tx, o.ID, map[string]any{"type": o.Type})
}

// pauseOwner stops what stands on an owner.
func (r *Registry) pauseOwner(tx Tx, o *Owner, reason string) error {
	d, w, err := r.Switches.load(tx, o.Org, o.Principal())
	if err != nil || w.Paused {
		return err
	}
	w.Paused, w.Reason = true, reason
	if err := mark(tx, w.Place, true, time.Time{}); err != nil {
		return err
	}
	if err := save(tx, d, w, Key{Name: "org", Value: o.Org}); err != nil {
		return err
	}
	about := said{persons: []string{o.ID, switchKey(o.Org, o.Principal())}}
	return r.note(tx, Root(), o.Org, w.scope()+".paused", w.ID, reason, about)
}

// mine refuses a DID that the organisation has already: nobody takes over what is there.
func (b *bringing) mine(kind string, id did.DID) error {
	if id.IsZero() {
		return nil
	}
	known, err := whose(b.tx, kind, b.org, id)
	if err == nil && known != "" {
		err = &Error{Code: Exists, Detail: "there is one already", ID: known}
	}
	return err
}

// owner returns the id here of an owner that a record names; "" is the organisation.
func (b *bringing) owner(there string) (id string, err error) {
	if there == "" {
		return "", nil
	}
	if id, err = b.ref("owner", "Owner", there); err == nil {
		err = b.r.Owners.known(b.tx, b.org, id)
	}
	return id, err
}

// bringAgent brings an agent.
func (b *bringing) bringAgent() error {
	n := *b.rec.NewAgent
	if err := n.check(); err != nil {
		return err
	}
	owner, err := b.owner(n.Owner)
	if err != nil {
		return err
	}
	if err := b.mine(kindAgent, n.DID); err != nil {
		return err
	}
	a := &Agent{
		Org: b.org, Owner: owner, Name: n.Name, Description: n.Description, DID: n.DID, Scopes: n.Scopes,
		CreatedAt: b.created(), Standing: b.standing,
	}
	if !a.RevokedAt.IsZero() {
		a.Revocations = 1
	}
	if a.ID, err = b.id(kindAgent, agentPrefix); err != nil {
		return err
	}
	if err := save(b.tx, Doc{Kind: kindAgent, ID: a.ID}, a, a.keys()...); err != nil {
		return err
	}
	return b.keep(b.tx, a.ID, nil)
}

// bringGrant brings a grant with its budget, of which so much is left as there. One below a grant that has ended
// or is revoked ends with that.
func (b *bringing) bringGrant() error {
	r, n := b.r, b.rec.Grant.NewGrant
	var err error
	if n.Agent, err = b.ref("agent", "Agent", n.Agent); err != nil {
		return asAgent(err)
	}
	a, err := r.Agents.load(b.tx, n.Agent)
	if err == nil && a.Org != b.org {
		err = unknown("agent")
	}
	if err != nil {
		return asAgent(err)
	}
	g := &Grant{Org: b.org, Agent: a.ID, CreatedAt: b.created(), Standing: b.standing}
	if n.Parent != "" {
		above, err := b.above(&n)
		if err != nil {
			return err
		}
		g.Parent, g.Depth = above.ID, above.Depth+1
		if g.RevokedAt.IsZero() && !above.RevokedAt.IsZero() {
			b.changed("Status: the grant above is revoked")
			g.revoke(b.at, "the grant above is revoked")
		}
	}
	if err := n.checkScopes(); err != nil {
		return err
	}
	if scope := a.lacks(n.Scopes); scope != "" {
		return refuse(Widened, "Scopes", "the agent may not be granted %.80q", scope)
	}
	if n.ExpiresAt.IsZero() {
		return refuse(InvalidExpiry, "ExpiresAt", "it is needed")
	}
	if g.ExpiresAt, err = n.end(); err != nil {
		return err
	}
	g.Principal, g.Scopes = n.Principal, n.Scopes
	if b.rec.Status == Expired && g.ExpiresAt.After(b.at) {
		return refuse(InvalidExpiry, "ExpiresAt", "it is expired there, and ends later")
	}
	g.Budget = n.Budget
	if g.ID, err = b.id(kindGrant, grantPrefix); err != nil {
		return err
	}
	if err := save(b.tx, Doc{Kind: kindGrant, ID: g.ID}, g, g.keys()...); err != nil {
		return err
	}
	if err := b.budget(g); err != nil {
		return err
	}
	return b.keep(b.tx, g.ID, map[string]any{"agent": a.ID, "scopes": n.Scopes})
}

// above loads the grant that another one is a part of, and refuses one that is wider.
func (b *bringing) above(n *NewGrant) (above *Grant, err error) {
	if n.Parent, err = b.ref("grant", "Parent", n.Parent); err != nil {
		return nil, renamed(err, InvalidGrant, "Parent")
	}
	_, above, err = b.r.Grants.find(b.tx, Root(), n.Parent, ScopeIssue)
	if err == nil && above.Org != b.org {
		err = unknown("grant")
	}
	if err != nil {
		return nil, renamed(err, InvalidGrant, "Parent")
	}
	return above, b.r.Grants.narrows(b.tx, above, n)
}

// budget gives a grant the budget that it has there.
func (b *bringing) budget(g *Grant) error {
	spent := b.rec.Grant.Spent
	if g.Budget.IsZero() {
		if !spent.IsZero() {
			return refuse(BadRequest, "Spent", "it has no budget that this was spent of")
		}
		return nil
	}
	var budget Budget
	if err := b.r.Budgets.open(b.tx, g, &budget, g.Budget); err != nil {
		return err
	}
	if !spent.IsZero() {
		if !spent.SameAsset(g.Budget) {
			return refuse(BadRequest, "Spent", "want an amount of %s", g.Budget.Currency())
		}
		budget.Used = spent
	}
	d := Doc{Kind: kindBudget, ID: g.ID}
	return b.r.Budgets.keep(b.tx, b.by, d, &budget, nil, "budget.imported", "")
}

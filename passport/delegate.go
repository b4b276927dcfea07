package passport

import (
	"context"
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// Delegate lets the holder of a chain give a part of its authority to another
// agent, with no issuer involved, and returns the chain with the new passport
// as its leaf. The holder is the agent of the present leaf and signs.
//
// The child is completed in a copy: parent, depth and issuer are filled in,
// ValidUntil is at most the parent's. It must state the grants that it is to
// keep (see [Authority.InheritGrants]); limits that it does not state it
// inherits. A child that claims more than the chain has is refused with
// delegation.widened, naming every facet; one deeper than an ancestor allows
// with delegation.too_deep.
func Delegate(ctx context.Context, parent Chain, holder did.Signer, child *Passport, o IssueOptions) (Chain, error) {
	if len(parent) == 0 || holder == nil || child == nil {
		return nil, &Error{Code: code.RequestInvalid, Detail: "Delegate needs a chain, the holder's signer and a passport"}
	}
	if len(parent) > limits.Default().Links {
		return nil, &Error{Code: code.DelegationTooDeep, Detail: "the chain has as many links as any verifier takes"}
	}
	d := &Descent{}
	for _, s := range parent {
		p, err := ReadUnverified(s)
		if err != nil {
			return nil, err
		}
		if err := d.Next(p, s.Digest); err != nil {
			return nil, err
		}
	}
	leaf := d.leaf
	if who := holder.KeyID().DID(); who != leaf.Agent {
		return nil, &Error{Code: code.ProofHolderMismatch, Detail: "only the holder of a passport delegates it", Limit: leaf.Agent.String(), Actual: who.String()}
	}
	c := *child
	c.Issuer = leaf.Agent
	c.ParentPassportID, c.ParentDigest, c.DelegationDepth = leaf.ID, parent[len(parent)-1].Digest(), leaf.DelegationDepth+1
	if c.ValidFrom.IsZero() {
		c.ValidFrom = later(o.now(), leaf.ValidFrom)
	}
	if c.ValidUntil.IsZero() {
		life := o.Lifetime
		if life == 0 {
			life = defaultLifetime
		}
		if c.ValidUntil = c.ValidFrom.Add(life); c.ValidUntil.After(leaf.ValidUntil) {
			c.ValidUntil = leaf.ValidUntil
		}
	}
	if err := c.complete(holder, &o); err != nil {
		return nil, err
	}
	if err := d.Next(&c, nil); err != nil {
		return nil, err
	}
	signed, err := c.sign(ctx, holder, &o)
	if err != nil {
		return nil, err
	}
	return append(parent[:len(parent):len(parent)], signed), nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// InheritGrants returns a copy of a that states every grant of parent which a
// does not state: capabilities, payment categories and rails, currencies (by
// their limits), permissions, assurance. Restrictions need no copying.
func (a Authority) InheritGrants(parent *Authority) Authority {
	if len(a.Capabilities) == 0 {
		a.Capabilities = parent.Capabilities
	}
	if len(a.Categories) == 0 {
		a.Categories = parent.Categories
	}
	if len(a.Rails) == 0 {
		a.Rails = parent.Rails
	}
	if a.MaxTransaction.IsZero() && len(a.SpendLimits) == 0 {
		a.MaxTransaction, a.SpendLimits = parent.MaxTransaction, parent.SpendLimits
	}
	if a.Assurance.IsZero() {
		a.Assurance = parent.Assurance
	}
	own := a.Limits[:len(a.Limits):len(a.Limits)]
	for _, l := range parent.Limits {
		if l.Kind == LimitAllow && !a.states(l.Name) {
			own = append(own, l)
		}
	}
	a.Limits = own
	return a
}

func (a *Authority) states(limit string) bool {
	for i := range a.Limits {
		if a.Limits[i].Name == limit {
			return true
		}
	}
	return false
}

// Descent walks down a chain of passports, root first, and keeps what they
// allow together. It compares the passports with each other; signatures,
// times and status are for others to judge. The zero Descent is above the
// root.
type Descent struct {
	effective *Effective
	leaf      *Passport
	digest    func() string
	agents    []did.DID // of every link, and the root's issuer
	principal string
	org       string
	grant     string
}

// Effective returns the authority of the chain walked so far; nil above the
// root.
func (d *Descent) Effective() *Effective {
	if d.effective == nil && d.leaf != nil {
		d.effective = d.leaf.Authority.Effective()
	}
	return d.effective
}

// Next takes the next link. digest returns the digest of its signed form and
// is called only if there is a link below. The errors are joined: delegation.
// invalid (issuer, cycles, accountable parties, validity), delegation.
// parent_mismatch, delegation.too_deep, delegation.widened.
func (d *Descent) Next(p *Passport, digest func() string) error {
	if d.leaf == nil {
		if p.Delegated() {
			return &Error{Code: code.DelegationInvalid, Path: "/delegationDepth", Detail: "the first passport of a chain is no delegated link"}
		}
		d.agents = append(make([]did.DID, 0, 8), p.Issuer, p.Agent) // as many as most chains need
		d.principal, d.org, d.grant = p.HumanPrincipal, p.OrganizationDID, p.GrantID
		d.leaf, d.digest = p, digest
		return nil
	}
	var errs []error
	errs = append(errs, d.parentage(p)...)
	errs = append(errs, d.depth(p)...)
	errs = append(errs, d.accountable(p)...)
	link := p.Authority.alone()
	if err := d.Effective().admits(&link); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	d.effective = d.effective.meet(&link)
	if d.effective.tooMany {
		return &Error{Code: code.EnvelopeTooLarge, Path: "/capabilities", Detail: "the capabilities of the chain overlap in too many ways"}
	}
	d.agents = append(d.agents, p.Agent)
	d.leaf, d.digest = p, digest
	return nil
}

func (d *Descent) parentage(p *Passport) (errs []error) {
	bad := func(c code.Code, path, detail, limit, actual string) {
		errs = append(errs, &Error{Code: c, Path: path, Detail: detail, Limit: limit, Actual: actual})
	}
	if p.Issuer != d.leaf.Agent {
		bad(code.DelegationInvalid, "/issuer", "a delegated passport is issued by the agent of the one above it", d.leaf.Agent.String(), p.Issuer.String())
	}
	if p.ParentPassportID != d.leaf.ID {
		bad(code.DelegationParentMismatch, "/parentPassportId", "the link names another parent", d.leaf.ID, p.ParentPassportID)
	}
	if d.digest != nil {
		if want := d.digest(); p.ParentDigest != want {
			bad(code.DelegationParentMismatch, "/parentDigest", "the link was made below another edition of its parent", want, p.ParentDigest)
		}
	}
	for _, a := range d.agents {
		if a == p.Agent {
			bad(code.DelegationInvalid, "/id", "the agent stands in the chain already: authority cannot go in a circle", "", p.Agent.String())
			break
		}
	}
	if p.ValidFrom.Before(d.leaf.ValidFrom) || p.ValidUntil.After(d.leaf.ValidUntil) {
		bad(code.DelegationWidened, "/validUntil", "the link is valid outside its parent's validity", span(d.leaf), span(p))
	}
	return errs
}

func span(p *Passport) string {
	return p.ValidFrom.UTC().Format(time.RFC3339) + " to " + p.ValidUntil.UTC().Format(time.RFC3339)
}

// depth: own depth ≤ child's ≤ parent's; a parent that states none may not
// delegate at all.
func (d *Descent) depth(p *Passport) (errs []error) {
	own, deepest := d.leaf.DelegationDepth, d.leaf.Authority.MaxDelegationDepth
	if deepest == 0 {
		deepest = own
	}
	if p.DelegationDepth != own+1 {
		errs = append(errs, &Error{Code: code.DelegationInvalid, Path: "/delegationDepth", Detail: "each link is one deeper than its parent", Limit: itoa(own + 1), Actual: itoa(p.DelegationDepth)})
	}
	if p.DelegationDepth > deepest {
		errs = append(errs, &Error{Code: code.DelegationTooDeep, Path: "/delegationDepth", Detail: "deeper than the passport above allows (its MaxDelegationDepth)", Limit: itoa(deepest), Actual: itoa(p.DelegationDepth)})
	}
	if m := p.Authority.MaxDelegationDepth; m > deepest {
		errs = append(errs, &Error{Code: code.DelegationWidened, Path: "/maxDelegationDepth", Detail: "wider than the passport above allows", Limit: itoa(deepest), Actual: itoa(m)})
	}
	return errs
}

// accountable: who answers for the agent, and the grant, are equal along the
// chain; a link may leave them out, and may not bring them in.
func (d *Descent) accountable(p *Passport) (errs []error) {
	for _, f := range []struct{ path, above, own string }{
		{"/humanPrincipal", d.principal, p.HumanPrincipal},
		{"/organizationDID", d.org, p.OrganizationDID},
		{"/grantId", d.grant, p.GrantID},
	} {
		if f.own != "" && f.own != f.above {
			errs = append(errs, &Error{Code: code.DelegationInvalid, Path: f.path, Detail: "not what the root of the chain says", Limit: orNone(f.above), Actual: f.own})
		}
	}
	return errs
}

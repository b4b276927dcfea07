package registry

import (
	"slices"

	"github.com/safeconduct/safeconduct/passport"
)

// check refuses what no passport can be made of (G2).
func (n *NewPassport) check() error {
	for i, category := range n.Categories {
		switch {
		case !passport.IsMPPCategory(category):
			return refuse(BadRequest, "Categories", "%.40q is not a category of machine payments", category)
		case slices.Contains(n.Categories[:i], category):
			return refuse(BadRequest, "Categories", "%q is listed twice", category)
		}
	}
	switch zero := n.MaxTransaction.IsZero(); {
	case len(n.Categories)+len(n.Authority.Capabilities) == 0:
		return refuse(BadRequest, "Categories", "want at least one category or capability")
	case !zero && isNothing(n.MaxTransaction):
		return refuse(BadRequest, "MaxTransaction", "want an amount above zero")
	case !zero && !n.Authority.MaxTransaction.IsZero():
		return refuse(BadRequest, "MaxTransaction", "it is stated twice, in Authority, too")
	case len(n.Categories) > 0 && n.Rails != nil && len(n.Rails) == 0:
		return refuse(BadRequest, "Rails", "an empty list allows no payment: nil is for tempo")
	case len(n.Categories) == 0 && n.Rails != nil:
		return refuse(BadRequest, "Rails", "there are no categories to pay for")
	case len(n.Categories) > 0 && len(n.Authority.Categories)+len(n.Authority.Rails) > 0:
		return refuse(BadRequest, "Categories", "they are stated twice, in Authority, too")
	}
	return nil
}

func isNothing(m passport.Money) bool { hi, lo := m.Units(); return hi|lo == 0 }

// cap keeps an authority within what the budgets have left. One that is used up leaves nothing to issue for.
func (b *basis) cap(a *passport.Authority) error {
	stated := !a.MaxTransaction.IsZero()
	for _, o := range b.budgets {
		left := o.Remaining()
		switch most := a.MaxTransaction; {
		case isNothing(left):
			return refuse(AmountExceeds, "MaxTransaction", "the budget of %s, %s, is used up", o.Grant, o.Allocated)
		case most.IsZero(), !stated && most.SameAsset(left) && most.Cmp(left) > 0:
			a.MaxTransaction = left
		case !most.SameAsset(left) || most.Cmp(left) > 0:
			return refuse(AmountExceeds, "MaxTransaction", "%s: the budget of %s has %s left", most, o.Grant, left)
		}
		for _, l := range a.SpendLimits { // else what is paid in it would count against nothing
			if !l.Money.SameAsset(left) {
				return refuse(AmountExceeds, "Authority.SpendLimits", "%s: the budget of %s is in %s", l, o.Grant,
					left.Currency())
			}
		}
	}
	return nil
}

// leaves reports whether every budget still has as much as one payment may cost.
func (b *basis) leaves(most passport.Money) bool {
	for _, o := range b.budgets {
		if left := o.Remaining(); isNothing(left) || most.Cmp(left) > 0 {
			return false
		}
	}
	return true
}

// document is the passport to sign, but for its places.
func (n *NewPassport) document(p *Passport, b *basis) (*passport.Passport, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	a := n.Authority
	for _, category := range n.Categories {
		a.Capabilities = append(a.Capabilities[:len(a.Capabilities):len(a.Capabilities)],
			passport.Capability{Action: passport.MPPScopePrefix + category})
	}
	if len(n.Categories) > 0 {
		a.Categories = n.Categories
		if a.Rails = n.Rails; n.Rails == nil {
			a.Rails = []string{"tempo"}
		}
	}
	for i := range a.Capabilities {
		action, covered := a.Capabilities[i].Action, false
		for _, scope := range b.grant.Scopes {
			covered = covered || passport.ActionCovers(scope, action)
		}
		if !covered {
			return nil, refuse(ScopeInsufficient, "Grant", "it lacks the scope %s", action)
		}
	}
	if !n.MaxTransaction.IsZero() {
		a.MaxTransaction = n.MaxTransaction
	}
	if err := b.cap(&a); err != nil {
		return nil, err
	}
	if len(n.Categories) > 0 && a.MaxTransaction.IsZero() && len(a.SpendLimits) == 0 {
		return nil, refuse(BadRequest, "MaxTransaction", "it is needed: no currency would be granted")
	}
	if b.parent != nil {
		var err error
		if a, err = b.parent.narrowed(a); err != nil {
			return nil, err
		}
	}
	p.Windows = limitsOf(&a)
	return &passport.Passport{
		ID: p.ID, ValidFrom: p.IssuedAt, ValidUntil: p.ExpiresAt, Agent: b.agent.DID, Name: b.agent.Name,
		HumanPrincipal: b.grant.Principal, GrantID: b.grant.ID, Authority: a,
	}, nil
}

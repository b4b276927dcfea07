package passport

import "slices"

// Stated returns an authority that, as that of a root passport, allows what e allows: what an issuer states in
// a passport of its own for a delegate, who then needs no chain. It fails where a single passport cannot say
// it: two lists of time windows that must both hold, a limit of every payment where only those for some actions
// are granted, or payments whose categories or rails have nothing in common. Where nothing at all may be paid
// and payees are free, it states one that covers nobody. Of assurance it states the level alone.
func (e *Effective) Stated() (Authority, error) {
	a := Authority{
		Capabilities: e.Capabilities(), DeniedActions: slices.Clone(e.denied),
		Categories: slices.Clone(e.categories.values), Rails: slices.Clone(e.rails.values),
		Limits: slices.Clone(e.limits),
		Payees: e.payees.restriction(), Resources: e.resources.restriction(), Audiences: e.audiences.restriction(),
		Regions: e.regions.restriction(), MaxDelegationDepth: e.deepest,
	}
	for _, l := range e.SpendLimits() {
		if l.Per == PerTransaction && l.Action == "" && a.MaxTransaction.IsZero() {
			a.MaxTransaction = l.Money
			continue
		}
		a.SpendLimits = append(a.SpendLimits, l)
	}
	for _, name := range e.permissions {
		l := Allow(name)
		l.Bool = slices.Contains(e.allow, name)
		a.Limits = append(a.Limits, l)
	}
	if len(e.windows) > 0 {
		a.TimeWindows = cloneWindows(e.windows[0])
	}
	if e.assurance != L0 {
		a.Assurance.Level = e.assurance
	}
	if err := a.check(); err != nil {
		return Authority{}, err
	}
	// Whatever a row of facets says beyond the lines above is told here, not lost.
	for _, c := range e.Changes(a.Effective()) {
		return Authority{}, invalid("/"+c.Facet, "one passport cannot say %.200s: state less", c.Before)
	}
	for i := range e.spend { // acts that such a limit is for must carry an amount
		if l := &e.spend[i]; l.Action != "" && !slices.Contains(a.SpendLimits, *l) {
			return Authority{}, invalid("/spendLimits", "one passport cannot say %.200s and grant no such payment", l)
		}
	}
	if !e.categories.isNothing() && !e.rails.isNothing() {
		return a, nil
	}
	if len(e.currencies) > 0 {
		return Authority{}, invalid("/maxTransactionAmount",
			"no payment is granted by category or rail: state no currency")
	}
	// A list of which nothing is left cannot be written, and one that is not there asks for nothing: a payment
	// without an amount could name whom it likes.
	if e.payees.stated {
		return Authority{}, invalid("/payees",
			"one passport cannot say that none of them may be paid: state categories and rails, and no currency")
	}
	a.Payees = []string{coversNothing}
	return a, nil
}

// coversNothing is an entry that covers no value: what begins with it has an empty segment, which no wildcard
// covers, and verify takes no act that names a text with a '*'.
const coversNothing = "//*"

// restriction is the list as a passport states it, nil if it adds none.
func (t *texts) restriction() []string {
	if !t.stated {
		return nil
	}
	return append([]string{}, t.values...)
}

// isNothing reports whether a grant is stated of which nothing is left.
func (t *texts) isNothing() bool { return t.stated && len(t.values) == 0 }

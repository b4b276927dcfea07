package registry

import "slices"

// Actor is who makes a call (P16). The zero Actor may do nothing.
type Actor struct {
	root   bool
	org    string
	key    string // the id of its key; "": the organisation's admin
	scopes []Scope
}

// Root is the office itself, which may do everything.
func Root() Actor { return Actor{root: true} }

// Admin acts for an organisation, within it.
func (o *Org) Admin() Actor { return Actor{org: o.ID} }

// String names the actor for the audit log.
func (a Actor) String() string {
	switch {
	case a.root:
		return "root"
	case a.key != "":
		return "key " + a.key
	case a.org != "":
		return "admin of " + a.org
	}
	return "nobody"
}

// may reports whether an actor may act on what is an organisation's.
func (a Actor) may(org string) bool { return a.root || a.org != "" && a.org == org }

// needs refuses an actor without a scope, and nobody.
func (a Actor) needs(scope Scope) error {
	switch {
	case !a.root && a.org == "":
		return refuse(Unauthenticated, "Actor", "nobody makes this call")
	case a.key != "" && !slices.Contains(a.scopes, scope):
		return refuse(MissingScope, "Actor", "the key lacks the scope %s", scope)
	}
	return nil
}

// within returns the organisation that a call is about: named, or the actor's own.
func (a Actor) within(org string, scope Scope) (string, error) {
	if err := a.needs(scope); err != nil {
		return "", err
	}
	if org == "" {
		org = a.org
	}
	switch {
	case org == "":
		return "", refuse(BadRequest, "Org", "it is needed: the office itself is in none")
	case !a.may(org):
		return "", unknown("organisation")
	}
	return org, nil
}

package registry

import "slices"

// Actor is who makes a call (P16): the office itself ([Root]), the admin of an
// organisation ([Org.Admin]), an owner, who acts on what is theirs ([Owner.Actor]),
// or a key of one of these ([Registry.Authenticate]). The zero Actor may do nothing.
type Actor struct {
	root   bool
	org    string
	owner  string // of org, for whom it acts; "": for the organisation itself
	key    string // the id of its key; "": the organisation's admin
	kind   KeyKind
	scopes []Scope

	once  string // the idempotency key of its call; see Once
	claim *claim // of the call that is being made under it
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
	case a.owner != "":
		return "owner " + a.owner
	case a.org != "":
		return "admin of " + a.org
	}
	return "nobody"
}

// may reports whether an actor may act on everything that is an organisation's.
func (a Actor) may(org string) bool { return a.root || a.org != "" && a.org == org && a.owner == "" }

// mayOwn reports whether an actor may act on what is an owner's.
func (a Actor) mayOwn(org, owner string) bool {
	return a.may(org) || a.org != "" && a.org == org && a.owner != "" && a.owner == owner
}

// owns reports whether an actor is the owner, and nobody who may act for them: neither
// the office nor an admin of the organisation that knows them. An organisation's
// admin is the owner of what is the organisation's own.
func (a Actor) owns(org, owner string) bool {
	return a.org != "" && a.org == org && owner != "" && (a.owner == owner || a.owner == "" && owner == org)
}

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

// decides refuses a key of the kind org (P8): it suspends, resumes and pauses, and says
// whom to write to. What is final, and what an agent may do, others decide.
func (a Actor) decides() error {
	if a.kind == KeyOrg {
		return refuse(Forbidden, "Actor",
			"a key of the kind org suspends, resumes and pauses, and changes contacts; it does nothing else")
	}
	return nil
}

// within returns the organisation that a call is about: named, or the actor's own. An
// owner's calls are about what is theirs, and none of these.
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
	case a.owner != "" && org == a.org:
		return "", refuse(Forbidden, "Actor", "an owner acts on what is theirs, not for the organisation")
	case !a.may(org):
		return "", unknown("organisation")
	}
	return org, nil
}

// home returns the organisation and the owner of what a call makes: named, or the
// actor's own. "" is no owner but the organisation. That there is an owner who is
// named is still to be seen.
func (a Actor) home(org, owner string, scope Scope) (string, string, error) {
	if a.owner == "" {
		org, err := a.within(org, scope)
		return org, owner, err
	}
	if err := a.needs(scope); err != nil {
		return "", "", err
	}
	switch {
	case org != "" && org != a.org:
		return "", "", unknown("organisation")
	case owner != "" && owner != a.owner:
		return "", "", unknown("owner")
	}
	return a.org, a.owner, nil
}

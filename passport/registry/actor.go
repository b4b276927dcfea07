package registry

// Actor is who makes a call. The zero Actor may do nothing.
type Actor struct {
	root bool
	org  string // whose admin it is
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
	case a.org != "":
		return "admin of " + a.org
	}
	return "nobody"
}

// may reports whether an actor may act on what is an organisation's.
func (a Actor) may(org string) bool { return a.root || a.org != "" && a.org == org }

// known refuses the zero Actor.
func (a Actor) known() error {
	if !a.root && a.org == "" {
		return refuse(Unauthenticated, "Actor", "nobody makes this call")
	}
	return nil
}

// within returns the organisation that a call is about: named, or the actor's own.
func (a Actor) within(org string) (string, error) {
	if err := a.known(); err != nil {
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

package verify

import (
	"context"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Step 6, status: is anything on the chain revoked, suspended or paused?
func (r *run) status(ctx context.Context) {
	if r.foreign != nil {
		// A list of another system is not one of ours: its dialect knows which it
		// believes.
		r.check(r.foreign.Standing, StatusUnavailable)
	} else {
		for i := range r.links {
			p := r.links[i].passport
			for j := range p.Status {
				r.entry(ctx, i, j, p, &p.Status[j])
			}
		}
	}
	r.consents(ctx)
	r.agreements(ctx)
}

// entry judges one credentialStatus entry.
func (r *run) entry(ctx context.Context, link, index int, p *passport.Passport, e *statuslist.Entry) {
	path := func() string { return r.place(link) + "/credentialStatus/" + itoa(index) }
	found, err := r.isSet(ctx, bearer{issuer: p.Issuer, depth: link, until: p.ValidUntil}, e)
	if err != nil {
		r.because(code.At(code.Elsewhere(err), path()), StatusUnavailable)
	}
	if found.set {
		scope := e.Scope()
		if p.Issuer != r.anchorOf.Issuer {
			scope = "" // a delegate stops what it has issued, and nobody else
		}
		r.add(Violation{
			Code: stopped(e, scope), Path: path(), Detail: stoppedDetail(e, scope), Actual: e.URL + "#" + itoa(e.Index),
			Until: found.lifts(e),
		})
	}
}

// stopped gives the code for a status that is set: who was stopped, by the
// scope of the entry.
func stopped(e *statuslist.Entry, scope statuslist.Scope) Code {
	switch {
	case scope == statuslist.ScopePrincipal || scope == statuslist.ScopeOrganization:
		return StatusPrincipalRevoked
	case scope == statuslist.ScopeIssuer:
		return StatusIssuerPaused
	case e.Purpose == statuslist.Suspension:
		return StatusSuspended
	}
	return StatusRevoked
}

func stoppedDetail(e *statuslist.Entry, scope statuslist.Scope) string {
	verb := "was revoked"
	if e.Purpose == statuslist.Suspension {
		verb = "is suspended"
	}
	switch scope {
	case statuslist.ScopePrincipal:
		return "everything of this principal " + verb
	case statuslist.ScopeOrganization:
		return "everything of this organisation " + verb
	case statuslist.ScopeIssuer:
		return "everything of this issuer " + verb
	}
	return "the passport " + verb
}

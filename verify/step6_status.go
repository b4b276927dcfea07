package verify

import (
	"context"
	"fmt"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Step 6, status: is anything on the chain revoked, suspended or paused?
func (r *run) status(ctx context.Context) {
	for i := range r.links {
		p := r.links[i].passport
		for j := range p.Status {
			r.entry(ctx, i, j, p, &p.Status[j])
		}
	}
	r.consents(ctx)
	r.agreements(ctx)
}

// entry judges one credentialStatus entry.
func (r *run) entry(ctx context.Context, link, index int, p *passport.Passport, e *statuslist.Entry) {
	path := func() string { return r.place(link) + "/credentialStatus/" + itoa(index) }
	set, err := r.isSet(ctx, p.Issuer, e)
	if err != nil {
		r.because(code.At(code.Elsewhere(err), path()), StatusUnavailable)
		return
	}
	if set {
		r.add(Violation{Code: stopped(e), Path: path(), Detail: stoppedDetail(e), Actual: e.URL + "#" + fmt.Sprint(e.Index)})
	}
}

// isSet reports whether an entry says that its bearer is revoked or suspended,
// by a list of that issuer which is proven and fresh.
func (r *run) isSet(ctx context.Context, issuer did.DID, e *statuslist.Entry) (bool, error) {
	rec, err := r.list(ctx, issuer, e)
	if err != nil {
		return false, err
	}
	// First whether it is the list that was asked for, then its age, so that
	// the memory of what is newest learns from no other.
	result, err := rec.list.Status(*e)
	if err != nil {
		return false, err
	}
	if err := r.fresh(rec.list, e); err != nil {
		return false, err
	}
	r.believe(e.URL, rec.list.AsOf)
	switch {
	case e.Purpose == statuslist.Suspension:
		return result.Set, nil
	case e.Purpose != statuslist.Revocation:
		return false, nil // message and refresh say something to people, and stop nobody
	case r.mode == audit:
		return result.Set, nil
	}
	// A revocation is for good: once seen, a list without it changes nothing.
	if result.Set {
		r.v.lists.rememberRevoked(e)
	}
	return result.Set || r.v.lists.wasRevoked(e), nil
}

// stopped gives the code for a status that is set: who was stopped, told by
// the entry's id.
func stopped(e *statuslist.Entry) Code {
	switch scope := e.Scope(); {
	case scope == statuslist.ScopePrincipal || scope == statuslist.ScopeOrganization:
		return StatusPrincipalRevoked
	case scope == statuslist.ScopeIssuer:
		return StatusIssuerPaused
	case e.Purpose == statuslist.Suspension:
		return StatusSuspended
	}
	return StatusRevoked
}

func stoppedDetail(e *statuslist.Entry) string {
	verb := "was revoked"
	if e.Purpose == statuslist.Suspension {
		verb = "is suspended"
	}
	switch e.Scope() {
	case statuslist.ScopePrincipal:
		return "everything of this principal " + verb
	case statuslist.ScopeOrganization:
		return "everything of this organisation " + verb
	case statuslist.ScopeIssuer:
		return "everything of this issuer " + verb
	}
	return "the passport " + verb
}

// fresh judges the age of a list that was verified: neither from the future,
// nor too old, nor older than one that was seen before.
func (r *run) fresh(l *statuslist.ListCredential, e *statuslist.Entry) error {
	skew := r.v.config.Skew
	age := r.now.Sub(l.AsOf)
	r.age = max(r.age, age)
	most := r.v.config.Bounds.StatusAge
	switch {
	case l.AsOf.After(r.now.Add(skew)):
		return &code.Error{Code: StatusInvalid, Detail: "the status list is from the future", Limit: datetime.Format(r.now), Actual: datetime.Format(l.AsOf)}
	case !l.ValidUntil.IsZero() && !r.now.Before(l.ValidUntil.Add(skew)):
		return &code.Error{Code: StatusStale, Detail: "the status list has ended", Limit: datetime.Format(l.ValidUntil), Actual: datetime.Format(r.now), Hint: "fetch it again"}
	case age > most:
		return &code.Error{Code: StatusStale, Detail: "the status list is too old", Limit: most.String(), Actual: age.String(), Hint: "fetch it again"}
	}
	if r.mode == audit {
		return nil // the past is judged by the lists of the past
	}
	if newest, older := r.v.lists.seen(e, l.AsOf); older {
		return &code.Error{Code: StatusRolledBack, Detail: "the status list is older than one seen before", Limit: datetime.Format(newest), Actual: datetime.Format(l.AsOf)}
	}
	return nil
}

package verify

import (
	"context"
	"time"

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
	set, rec, err := r.isSet(ctx, p.Issuer, e)
	if err != nil {
		r.because(code.At(code.Elsewhere(err), path()), StatusUnavailable)
		return
	}
	if set {
		r.add(Violation{
			Code: stopped(e), Path: path(), Detail: stoppedDetail(e), Actual: e.URL + "#" + itoa(e.Index),
			Until: r.lifts(rec.list, e),
		})
	}
}

// lifts says when a bit that is set may be lifted. A revocation never is; a
// suspension with an end is on a list that ends no later.
func (r *run) lifts(l *statuslist.ListCredential, e *statuslist.Entry) time.Time {
	if e.Purpose != statuslist.Suspension || l.ValidUntil.IsZero() {
		return time.Time{}
	}
	return l.ValidUntil
}

// isSet reports whether an entry says that its bearer is revoked or suspended,
// by a list of that issuer which is proven and fresh, and which list that is.
func (r *run) isSet(ctx context.Context, issuer did.DID, e *statuslist.Entry) (bool, *listRecord, error) {
	rec, err := r.list(ctx, issuer, e)
	if err != nil {
		return false, nil, err
	}
	// First whether it is the list that was asked for, then its age, so that
	// the memory of what is newest learns from no other.
	result, err := rec.list.Status(*e)
	if err != nil {
		return false, nil, err
	}
	if err := r.fresh(rec, e); err != nil {
		return false, nil, err
	}
	r.believe(e.URL, rec.list.AsOf)
	switch {
	case e.Purpose == statuslist.Suspension:
		return result.Set, rec, nil
	case e.Purpose != statuslist.Revocation:
		return false, rec, nil // message and refresh say something to people, and stop nobody
	case r.mode == audit:
		return result.Set, rec, nil
	}
	// A revocation is for good: once seen, a list without it changes nothing.
	if result.Set {
		r.v.lists.rememberRevoked(e)
	}
	return result.Set || r.v.lists.wasRevoked(e), rec, nil
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
func (r *run) fresh(rec *listRecord, e *statuslist.Entry) error {
	l, skew := rec.list, r.v.config.Skew
	age := r.now.Sub(l.AsOf)
	r.age = max(r.age, age)
	most := r.v.config.Bounds.StatusAge
	switch {
	case l.AsOf.After(r.now.Add(skew)):
		return &code.Error{
			Code: StatusEarly, Detail: "the status list is of the future", Limit: datetime.Format(r.now),
			Actual: datetime.Format(l.AsOf), Hint: r.early(l.AsOf), Until: l.AsOf.Add(-skew),
		}
	case !l.ValidUntil.IsZero() && !r.now.Before(l.ValidUntil.Add(skew)):
		return &code.Error{
			Code: StatusStale, Detail: "the status list has ended", Limit: datetime.Format(l.ValidUntil),
			Actual: datetime.Format(r.now), Hint: "fetch it again", Until: r.due(rec),
		}
	case age > most:
		return &code.Error{
			Code: StatusStale, Detail: "the status list is too old", Limit: most.String(), Actual: age.String(),
			Hint: "fetch it again", Until: r.due(rec),
		}
	}
	if r.mode == audit {
		return nil // the past is judged by the lists of the past
	}
	if newest, older := r.v.lists.seen(e, l.AsOf); older {
		return &code.Error{
			Code: StatusRolledBack, Detail: "the status list is older than one seen before",
			Limit: datetime.Format(newest), Actual: datetime.Format(l.AsOf), Until: r.due(rec),
		}
	}
	return nil
}

// due says when a list's source is to have another edition, by the ttl that
// its issuer states; zero if that is not known, or should have been by now.
func (r *run) due(rec *listRecord) time.Time {
	next := rec.fetched.At.Add(rec.list.TTL)
	if !rec.list.HasTTL || rec.fetched.At.IsZero() || !next.After(r.now) {
		return time.Time{}
	}
	return next
}

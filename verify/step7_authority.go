package verify

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// Step 7, authority: is this act inside the authority of every link? All
// reasons are collected; then the host's rules have their say, all of them.
func (r *run) authority(context.Context) {
	r.judged = r.judged[:0]
	for i := range r.links {
		r.judged = append(r.judged, &r.links[i].passport.Authority)
	}
	r.judgeOperation()
	r.owner()
	for _, e := range passport.Permits(r.judged, &r.request.Act, r.request.Audience, r.now) {
		if e.Code == AuthorityActionNotAllowed && r.v.config.Operations != nil {
			e.Code, e.Limit = AuthorityScopeMissing, r.request.Action
		}
		v := Violation{Code: e.Code, Path: r.subjectPath(e.Path), Detail: e.Detail, Limit: e.Limit, Actual: e.Actual}
		if e.Code == AuthorityOutsideTimeWindow {
			v.Until = passport.NextOpening(r.judged, r.now)
		}
		if r.add(v); v.Code != RequestInvalid { // which is about the host's question
			r.own(false)
		}
	}
	if r.foreign != nil && r.foreign.Permit != nil {
		r.check(func(at time.Time) error { return r.foreign.Permit(&r.request.Act, at) }, AuthorityActionNotAllowed)
	}
	r.payments()
	level := r.assurance()
	r.attestation()
	r.rules(level)
}

// payments: what the host calls a payment carries an amount; zero is one.
func (r *run) payments() {
	q := &r.request
	if !q.Amount.IsZero() {
		return
	}
	for _, pattern := range r.v.config.Payments {
		if passport.ActionCovers(pattern, q.Action) {
			r.add(Violation{
				Code: AuthorityAttributeMissing, Detail: "this action is a payment and states its amount, which may be zero",
				Limit: "an amount for " + pattern, Actual: "none stated",
			})
			return
		}
	}
}

// owner: a passport acts for one account only. What belongs to somebody else
// is not there, as far as the agent is told.
func (r *run) owner() {
	owner := r.request.ResourceOwner
	if owner == "" {
		return
	}
	if principal := r.links[0].passport.HumanPrincipal; principal != owner {
		r.add(Violation{
			Code: AuthorityResourceNotAllowed, Detail: "no such resource", Err: ErrForeignResource,
		})
	}
}

// subjectPath turns "/<link>/<member>" into a pointer into what was presented.
func (r *run) subjectPath(path string) string {
	number, member, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	link, err := strconv.Atoi(number)
	if err != nil {
		return "" // about no link
	}
	return r.place(link) + "/credentialSubject/" + member
}

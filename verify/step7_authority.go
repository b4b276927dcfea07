package verify

import (
	"context"
	"fmt"

	"github.com/safeconduct/safeconduct/passport"
)

// Step 7, authority: is this act inside the authority of every link? All
// reasons are collected; then the host's rules have their say, all of them.
func (r *run) authority(context.Context) {
	r.judged = r.judged[:0]
	for i := range r.links {
		r.judged = append(r.judged, &r.links[i].passport.Authority)
	}
	r.scopes()
	r.owner()
	for _, e := range passport.Permits(r.judged, &r.request.Act, r.request.Audience, r.now) {
		if e.Code == AuthorityActionNotAllowed && r.v.config.Scopes != nil {
			e.Code, e.Limit = AuthorityScopeMissing, r.request.Action
		}
		r.add(Violation{Code: e.Code, Path: subjectPath(e.Path), Detail: e.Detail, Limit: e.Limit, Actual: e.Actual})
	}
	r.assurance()
	r.attestation()
	var facts Facts
	if r.v.config.Drift != nil || len(r.v.config.Policy) > 0 {
		facts = r.facts()
	}
	r.drift(facts)
	r.trust()
	for i := range r.v.config.Policy {
		rule := &r.v.config.Policy[i]
		err := rule.check(facts)
		if o := asObligation(err); o != nil {
			r.oblige(*o)
		} else if err != nil {
			r.add(Violation{Code: PolicyDenied, Detail: "the host's rule " + rule.ID + " refuses", Err: err})
		}
	}
}

func (r *run) facts() Facts {
	f := Facts{Chain: make([]*passport.Passport, len(r.links)), Intent: r.intent, Request: r.request, At: r.now}
	for i := range r.links {
		f.Chain[i] = r.links[i].shown()
	}
	return f
}

// check runs a rule. A rule that panics has not consented.
func (rule *Rule) check(f Facts) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the rule failed: %v", p)
		}
	}()
	return rule.Check(f)
}

// subjectPath turns "/<link>/<member>" into a pointer into the presentation.
func subjectPath(path string) string {
	if path == "" {
		return ""
	}
	i := 1
	for i < len(path) && path[i] != '/' {
		i++
	}
	return "/verifiableCredential" + path[:i] + "/credentialSubject" + path[i:]
}

package passport

import (
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Permits judges an act by the conjunction of the authorities of a chain, root
// first, and returns every reason against it; none means that nothing in the
// stated authorities is in the way. A nil link allows nothing. Budgets over
// time and rates are the ledger's business, and assurance that of the
// verifier's configuration; neither is judged here. The audience is who is
// asked to act, the instant is what time windows are judged by.
//
// The errors have codes of the group authority, or request.invalid if the act
// itself has not the form that it must have: then nothing else is judged.
// Their paths are relative to the chain: "/<link>/<member>".
//
// See specification sections 2 and 2.1 of the passport.
func Permits(chain []*Authority, act *Act, audience string, at time.Time) []*Error {
	if err := act.check(); err != nil {
		return []*Error{err}
	}
	j := judge{chain: chain, act: act, audience: audience, at: at}
	if len(chain) == 0 {
		return append(j.errs, &Error{Code: code.AuthorityActionNotAllowed, Detail: "there is no authority", Actual: act.Action})
	}
	for i, a := range chain {
		if a == nil {
			return append(j.errs, &Error{Code: code.AuthorityActionNotAllowed, Path: "/" + strconv.Itoa(i), Detail: "the link has no authority", Actual: act.Action})
		}
	}
	j.actions()
	if act.IsPayment() {
		j.amount()
		j.granted(code.AuthorityCategoryNotAllowed, "allowedMPPCategories", "category", act.Category, func(a *Authority) []string { return a.Categories })
		j.granted(code.AuthorityRailNotAllowed, "paymentRails", "rail", act.Rail, func(a *Authority) []string { return a.Rails })
		j.within(code.AuthorityPayeeNotAllowed, "payees", "payee", act.Payee, func(a *Authority) []string { return a.Payees }, TextCovers)
	}
	j.within(code.AuthorityResourceNotAllowed, "resources", "resource", act.Resource, func(a *Authority) []string { return a.Resources }, TextCovers)
	j.within(code.AuthorityResourceNotAllowed, "audiences", "audience", audience, func(a *Authority) []string { return a.Audiences }, TextCovers)
	j.within(code.AuthorityRegionBlocked, "regions", "region", act.Region, func(a *Authority) []string { return a.Regions }, RegionCovers)
	j.limits()
	j.windows()
	return j.errs
}

// judge collects the reasons against an act.
type judge struct {
	chain    []*Authority
	act      *Act
	audience string
	at       time.Time
	errs     []*Error
}

func (j *judge) deny(c code.Code, link int, member, detail, limit, actual string) {
	path := "/" + strconv.Itoa(link) + "/" + member
	j.errs = append(j.errs, &Error{Code: c, Path: path, Detail: detail, Limit: limit, Actual: actual})
}

// actions: one entry of every link must cover the action, with all its
// parameters and permissions; no link may deny it.
func (j *judge) actions() {
	for i, a := range j.chain {
		for _, d := range a.DeniedActions {
			if ActionCovers(d, j.act.Action) {
				j.deny(code.AuthorityActionDenied, i, "deniedActions", "the passport denies "+clip(d)+", whatever else it grants", "", j.act.Action)
			}
		}
		for _, e := range a.covering(j.act) {
			e.Path = "/" + strconv.Itoa(i) + e.Path
			j.errs = append(j.errs, e)
		}
	}
}

// covering looks for one capability that covers the act with all its
// parameters and whose boolean parameters, with the permissions of limits,
// allow every attribute that is true. It returns nil if there is one, else the
// reasons of the first that covers the action alone.
func (a *Authority) covering(act *Act) (reasons []*Error) {
	covered := false
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		// "*" is for denials; a passport made by hand may have it here.
		if c.Action == "*" || !ActionCovers(c.Action, act.Action) {
			continue
		}
		var errs []*Error
		if err := c.holds(act); err != nil {
			err.Path = "/capabilities/" + strconv.Itoa(i) + "/params" + err.Path
			errs = append(errs, err)
		}
		if errs = append(errs, a.unpermitted(c, act)...); len(errs) == 0 {
			return nil
		}
		if !covered {
			covered, reasons = true, errs
		}
	}
	if !covered {
		none := &Error{Code: code.AuthorityActionNotAllowed, Path: "/capabilities", Detail: "no capability covers this action", Limit: oneOf(a.actions()), Actual: act.Action}
		return append(a.unpermitted(&Capability{}, act), none)
	}
	return reasons
}

func (a *Authority) actions() (patterns []string) {
	for i := range a.Capabilities {
		patterns = append(patterns, a.Capabilities[i].Action)
	}
	return patterns
}

// unpermitted returns a reason for each attribute that is true and that
// neither the limits of the link nor the capability permit. A permission of
// limits that says false stands.
func (a *Authority) unpermitted(c *Capability, act *Act) (errs []*Error) {
	for name, v := range act.Attributes.Members() {
		if b, _ := v.Bool(); b && !a.permitsTrue(c, name) {
			errs = append(errs, &Error{Code: code.AuthorityLimitExceeded, Path: "/limits/allow_" + escapePointer(name), Detail: "the passport does not permit this attribute to be true", Limit: "false", Actual: "true"})
		}
	}
	return errs
}

func (a *Authority) permitsTrue(c *Capability, attribute string) bool {
	for i := range a.Limits {
		if l := &a.Limits[i]; l.Kind == LimitAllow && l.Attribute() == attribute {
			return l.Bool
		}
	}
	for i := range c.Params {
		if p := &c.Params[i]; p.Kind == ParamBool && p.Name == attribute {
			return p.Bool
		}
	}
	return false
}

// escapePointer writes a member name as a token of a JSON Pointer.
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

package verify

import (
	"context"
	"strings"

	"github.com/safeconduct/safeconduct/passport"
)

// Step 2, anchor: do I trust who started this chain? Nothing has been looked
// up so far, and nothing will be for a stranger.
func (r *run) anchor(context.Context) {
	root := r.links[0].passport
	if root.Delegated() {
		r.add(Violation{Code: AnchorUntrustedIssuer, Path: r.place(0),
			Detail: "the first passport is a delegated link; the chain must begin with its root",
			Hint:   "present every passport of the chain, the root first; its agents are not to be anchors"})
		return
	}
	a := r.v.anchors[root.Issuer.String()]
	if a == nil {
		r.add(Violation{Code: AnchorUntrustedIssuer, Path: r.place(0) + "/issuer",
			Detail: "the issuer of the root passport is not trusted", Actual: root.Issuer.String(),
			Hint: "add it to Config.Anchors if it should be"})
		return
	}
	r.anchorOf = a
	q := &r.request
	out := func(detail, limit, actual string) {
		r.add(Violation{Code: AnchorOutOfScope, Path: r.place(0) + "/issuer", Detail: detail, Limit: limit,
			Actual: actual})
	}
	if len(a.Types) > 0 && !contains(a.Types, passport.Type) {
		out("the issuer is not trusted for agent passports", listed(a.Types), passport.Type)
	}
	if a.Actions != nil && !covered(a.Actions, q.Action, actionCovers) {
		out("the issuer is not trusted for this action", listed(a.Actions), q.Action)
	}
	if a.Regions != nil && (q.Region == "" || !covered(a.Regions, q.Region, passport.RegionCovers)) {
		out("the issuer is not trusted for this region", listed(a.Regions), q.Region)
	}
	if a.Ceilings != nil && !q.Amount.IsZero() {
		known := false
		for _, c := range a.Ceilings {
			if !c.SameAsset(q.Amount) {
				continue
			}
			known = true
			if q.Amount.Cmp(c) > 0 {
				out("the issuer is not trusted for this much", c.String(), q.Amount.String())
			}
		}
		if !known {
			out("the issuer is not trusted for this currency", "", q.Amount.Currency())
		}
	}
}

// listed reads a list of an anchor to people.
func listed(list []string) string {
	const most = 8
	if len(list) > most {
		return "one of " + strings.Join(list[:most], ", ") + ", …"
	}
	if len(list) == 0 {
		return "none"
	}
	return "one of " + strings.Join(list, ", ")
}

// actionCovers is passport.ActionCovers with the bare "*", which only anchors
// and denials may say.
func actionCovers(pattern, action string) bool {
	return pattern == "*" || passport.ActionCovers(pattern, action)
}

func covered(patterns []string, value string, covers func(pattern, value string) bool) bool {
	for _, p := range patterns {
		if covers(p, value) {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	return covered(list, s, func(a, b string) bool { return a == b })
}

package passport

import (
	"slices"

	"github.com/safeconduct/safeconduct/internal/code"
)

var denialFacet = func() facet {
	f := textList("deniedActions", checkDenied, func(a *Authority) *[]string { return &a.DeniedActions })
	f.effect = func(e *Effective, a *Authority) { e.denied = a.DeniedActions }
	f.meet = func(out, above, link *Effective) { out.denied = union(above.denied, link.denied) }
	// A link may deny more, and what it does not deny stays denied: it never
	// widens.
	f.judge = func(q question) (reasons []*Error) {
		for i, a := range q.chain {
			for _, d := range a.DeniedActions {
				if ActionCovers(d, q.act.Action) {
					reasons = q.deny(reasons, code.AuthorityActionDenied, i, "deniedActions", "the passport denies "+
						clip(d)+", whatever else it grants", "", q.act.Action)
				}
			}
		}
		return reasons
	}
	f.show = func(e *Effective) []Facet {
		return []Facet{{Name: "deniedActions", Stated: len(e.denied) > 0, Texts: sorted(e.denied), Value: slices.Clone(e.denied), absent: "none"}}
	}
	return f
}()

func checkDenied(s string) error {
	if s == "*" {
		return nil
	}
	return CheckActionPattern(s)
}

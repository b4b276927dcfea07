package policy

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Counts says which attributes and which counters a service measures, by
// action pattern, "*" for all: an act that the pattern covers is known to use
// them.
//
//	policy.Counts{"data.export": {"rows"}, "messages.*": {"msgs"}}.Rule()
//
// A passport may limit anything: rows of an export ("max_rows"), messages of a
// day ("msgs_per_day"), personal data in it ("allow_pii": false). A limit on
// something that the request does not speak of restricts nothing, so a host that
// forgets to measure would leave it unlimited and never know. This rule refuses
// such an act instead.
type Counts map[string][]string

// Rule refuses with authority.attribute_missing where a passport of the chain
// limits what the act is known to use, and the request has no such attribute in
// Request.Attributes, or no such counter in Request.Usage (zero is one). The
// counter "requests" is always there.
func (c Counts) Rule() verify.Rule {
	own := Counts(cloneLists(c))
	return verify.Rule{ID: "counts", Check: own.check, Valid: own.valid}
}

func (c Counts) valid() error {
	for _, pattern := range slices.Sorted(maps.Keys(c)) {
		if pattern != "*" {
			if err := passport.CheckActionPattern(pattern); err != nil {
				return invalid("Counts: %w", err)
			}
		}
		if len(c[pattern]) == 0 || slices.Contains(c[pattern], "") {
			return invalid("Counts[%q] names nothing that is measured", pattern)
		}
	}
	return nil
}

// uses reports whether an act is known to use an attribute or a counter.
func (c Counts) uses(action, name string) bool {
	for pattern, names := range c {
		if (pattern == "*" || passport.ActionCovers(pattern, action)) && slices.Contains(names, name) {
			return true
		}
	}
	return false
}

func (c Counts) check(f verify.Facts) error {
	var errs []error
	for i, p := range f.Chain {
		for _, l := range p.Authority.Limits {
			name := l.Attribute()
			if !c.uses(f.Request.Action, name) {
				continue
			}
			what := ""
			switch l.Kind {
			case passport.LimitMax, passport.LimitAllow:
				if !f.Request.Attributes.Get(name).Exists() {
					what = "attribute"
				}
			case passport.LimitRate:
				if _, counted := f.Request.Usage[name]; !counted && name != "requests" {
					what = "usage counter"
				}
			}
			if what != "" {
				errs = append(errs, &verify.Violation{
					Code: verify.AuthorityAttributeMissing, Path: f.Path(i, "/limits/"+l.Name),
					Detail: "the request has no " + what + " " + strconv.Quote(name) + ", which the passport limits",
					Limit:  l.String(), Actual: "absent",
					Hint: "whoever asks measures it and says so in the request; zero counts",
				})
			}
		}
	}
	return errors.Join(errs...)
}

package verify

import "github.com/safeconduct/safeconduct/passport"

// assurance judges the level that every link claims, capped by what the anchor
// is trusted for, and returns it.
func (r *run) assurance() passport.Level {
	level := r.anchorOf.MaxAssurance
	if level == "" {
		level = passport.L0
	}
	for i := range r.links {
		if level == passport.L0 {
			break // there is none below
		}
		level = lowerLevel(level, r.links[i].passport.Authority.Assurance.Level)
	}
	if need := r.request.MinAssurance; need != "" && level.Rank() < need.Rank() {
		r.add(Violation{
			Code: AuthorityAssuranceInsufficient, Detail: "the principal is not identified well enough",
			Limit: string(need), Actual: string(level),
			Hint: "the least counts: what each link claims, what its provider is trusted for, and Anchor.MaxAssurance",
		})
	}
	return level
}

func lowerLevel(a, b passport.Level) passport.Level {
	if b == "" {
		b = passport.L0
	}
	if b.Rank() < a.Rank() {
		return b
	}
	return a
}

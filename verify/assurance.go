package verify

import "github.com/safeconduct/safeconduct/passport"

// Providers says up to which level the word of an identity provider counts, by
// its IRI. A provider that is not listed counts for L0.
type Providers map[string]passport.Level

// assurance: the level that every link claims, capped by what the provider and
// the anchor are trusted for.
func (r *run) assurance() {
	need := r.request.MinAssurance
	if need.Rank() == 0 {
		return
	}
	level := passport.L4FIN
	for i := range r.links {
		a := &r.links[i].passport.Authority.Assurance
		level = lowerLevel(level, a.Level)
		if r.v.config.Providers != nil {
			level = lowerLevel(level, r.v.config.Providers[a.Provider])
		}
	}
	level = lowerLevel(level, r.anchorOf.MaxAssurance)
	if level.Rank() < need.Rank() {
		r.add(Violation{Code: AuthorityAssuranceInsufficient, Detail: "the principal is not identified well enough", Limit: string(need), Actual: string(level), Hint: "the least counts: what each link claims, what its provider is trusted for, and Anchor.MaxAssurance"})
	}
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

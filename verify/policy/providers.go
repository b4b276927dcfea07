package policy

import (
	"maps"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Providers says up to which level the word of an identity provider counts, by
// its IRI. A provider that is not listed counts for L0. The level that a
// request asks for is Request.MinAssurance.
type Providers map[string]passport.Level

// Rule refuses with authority.assurance_insufficient where a link's claim is
// high enough and its provider's word is not. What the claims and
// Anchor.MaxAssurance are worth is judged without any rule.
func (p Providers) Rule() verify.Rule {
	p = maps.Clone(p)
	return verify.Rule{ID: "providers", Check: func(f verify.Facts) error {
		need := f.Request.MinAssurance
		level := f.Assurance
		if level.Rank() < need.Rank() {
			return nil // refused already
		}
		for _, link := range f.Chain {
			if trusted := p[link.Authority.Assurance.Provider]; trusted.Rank() < level.Rank() {
				level = trusted
			}
		}
		if level.Rank() >= need.Rank() {
			return nil
		}
		if level == "" {
			level = passport.L0
		}
		return &verify.Violation{
			Code: verify.AuthorityAssuranceInsufficient, Detail: "the principal is not identified well enough",
			Limit: string(need), Actual: string(level),
			Hint: "the least counts: what each link claims, what its provider is trusted for, and Anchor.MaxAssurance",
		}
	}, Valid: func() error {
		for provider, level := range p {
			if level.Rank() < 0 {
				return invalid("Providers[%.80q] is %.20q, which is not a level", provider, level)
			}
		}
		return nil
	}}
}

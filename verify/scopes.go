package verify

import (
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// Scope is one row of a scope registry: what a permission lets an agent do at
// one service, and on what conditions.
type Scope struct {
	ID          string   // the action that a passport must grant
	Write       bool     // changes something. It comes from this table, never from the HTTP method
	Operations  []string // as Request.Operation names them
	Credentials []string // kinds of credential that the operations take, as Request.CredentialKind; nil: any

	NeedsConsent bool              // a passport for it stands on a signed ManifestationOfWillCredential
	Obligations  []ScopeObligation // raised by every act
	Notify       string            // what the owner is told after success; "" nothing
	Sensitive    bool              // what it returns is kept out of logs

	Since, Until time.Time // when it is offered; zero: always
	ReplacedBy   string    // after Until
}

// ScopeObligation is an obligation of a scope. The detail is the value of a
// request attribute, such as the kind of agreement that an application needs.
type ScopeObligation struct {
	Kind      string
	Attribute string // "": no detail
	Next      string
}

// ScopeRegistry is a dated edition of a service's scopes.
type ScopeRegistry struct {
	Edition string // such as "2026-11"
	scopes  []Scope
	byOp    map[string]int
}

// NewScopeRegistry checks a registry: every scope has the id of an action, and
// no operation belongs to two scopes.
func NewScopeRegistry(edition string, scopes []Scope) (*ScopeRegistry, error) {
	r := &ScopeRegistry{Edition: edition, scopes: slices.Clone(scopes), byOp: make(map[string]int)}
	if edition == "" {
		return nil, fmt.Errorf("verify: a scope registry has an edition")
	}
	seen := make(map[string]bool)
	for i, s := range r.scopes {
		if err := passport.CheckAction(s.ID); err != nil {
			return nil, fmt.Errorf("verify: scope %q: %w", s.ID, err)
		}
		if seen[s.ID] {
			return nil, fmt.Errorf("verify: scope %q stands twice", s.ID)
		}
		seen[s.ID] = true
		for _, op := range s.Operations {
			if _, taken := r.byOp[op]; taken {
				return nil, fmt.Errorf("verify: operation %q belongs to two scopes", op)
			}
			r.byOp[op] = i
		}
	}
	return r, nil
}

// Scopes returns the rows.
func (s *ScopeRegistry) Scopes() []Scope { return slices.Clone(s.scopes) }

// Lookup returns the scope of an operation.
func (s *ScopeRegistry) Lookup(operation string) (Scope, bool) {
	i, ok := s.byOp[operation]
	if !ok {
		return Scope{}, false
	}
	return s.scopes[i], true
}

// scopeOf finds the scope of the request's operation; nil without a registry.
// The action of the request must be the scope.
func (r *run) scopeOf() *Scope {
	reg := r.v.config.Scopes
	if reg == nil {
		return nil
	}
	s, ok := reg.Lookup(r.request.Operation)
	if !ok {
		return nil
	}
	return &s
}

// scopes judges the operation against the registry. It reports whether the
// scope itself is what the passport lacks, so that this is told instead of the
// missing action.
func (r *run) scopes() {
	if r.v.config.Scopes == nil {
		return
	}
	q := &r.request
	s := r.scopeOf()
	switch {
	case s == nil:
		r.add(Violation{Code: AuthorityOperationUnknown, Detail: "the scope registry " + r.v.config.Scopes.Edition + " has no such operation", Actual: q.Operation})
		return
	case s.ID != q.Action:
		r.add(Violation{Code: RequestInvalid, Detail: "the action of the request is not the scope of its operation", Limit: s.ID, Actual: q.Action})
	case !s.Since.IsZero() && r.now.Before(s.Since), !s.Until.IsZero() && !r.now.Before(s.Until):
		hint := ""
		if s.ReplacedBy != "" {
			hint = "use " + s.ReplacedBy
		}
		r.add(Violation{Code: AuthorityScopeWithdrawn, Detail: "the scope is not offered now", Actual: s.ID, Hint: hint})
	case s.Credentials != nil && !slices.Contains(s.Credentials, q.CredentialKind):
		r.add(Violation{Code: AuthorityWrongCredentialKind, Detail: "the operation takes another kind of credential", Limit: fmt.Sprintf("one of %q", s.Credentials), Actual: orAbsent(q.CredentialKind)})
	}
	for _, o := range s.Obligations {
		r.oblige(Obligation{Kind: o.Kind, Detail: q.Attributes.Get(o.Attribute).Str(), Next: o.Next})
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
		r.add(Violation{Code: AuthorityResourceNotAllowed, Detail: "no such resource", Hint: "the resource belongs to another account than the passport's principal"})
	}
}

package policy

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Scope is one row of a scope registry: what a permission lets an agent do at
// one service, and on what conditions.
type Scope struct {
	ID          string   // the action that a passport must grant
	Description string   // by which an owner chooses it
	Write       bool     // changes something. It comes from this table, never from the HTTP method
	Operations  []string // as Request.Operation names them
	Credentials []string // kinds of credential that the operations take, as Request.CredentialKind; nil: any

	NeedsConsent bool              // a passport for it stands on a signed ManifestationOfWillCredential
	Obligations  []ScopeObligation // raised by every act
	Notify       string            // what the owner is told after success; "" nothing
	Sensitive    bool              // what it returns is kept out of logs

	// Attributes are what every act must say of what it is about, whatever the passport says: one of the values
	// of each. An act that does not is authority.resource_not_allowed: who asks is told that there is no such
	// thing.
	Attributes map[string][]string

	Since, Until time.Time // when it is offered; zero: always
	ReplacedBy   string    // after Until
	Still        []string  // kinds of credential to which it is offered after Until, too
}

// ScopeObligation is an obligation of a scope. The detail is the value of a
// request attribute, such as the kind of agreement that an application needs.
type ScopeObligation struct {
	Kind      string
	Attribute string // "": no detail
	Next      string
	// NextFor makes what would lift it for one request, such as the link where the agreement of this application is
	// signed. Nil: Next.
	NextFor func(q *verify.Request) string
}

// ScopeRegistry is a dated edition of a service's scopes. It is immutable and
// safe for concurrent use.
type ScopeRegistry struct {
	edition string
	scopes  []Scope
	byOp    map[string]int
}

// NewScopeRegistry checks a registry: it has an edition, such as "2026-11",
// every scope has the id of an action, and no operation belongs to two scopes.
func NewScopeRegistry(edition string, scopes []Scope) (*ScopeRegistry, error) {
	r := &ScopeRegistry{edition: edition, byOp: make(map[string]int)}
	if edition == "" {
		return nil, fmt.Errorf("policy: a scope registry has an edition")
	}
	seen := make(map[string]bool)
	for i, s := range scopes {
		if err := passport.CheckAction(s.ID); err != nil {
			return nil, fmt.Errorf("policy: scope %q: %w", s.ID, err)
		}
		if seen[s.ID] {
			return nil, fmt.Errorf("policy: scope %q is listed twice", s.ID)
		}
		seen[s.ID] = true
		for _, op := range s.Operations {
			if _, taken := r.byOp[op]; taken {
				return nil, fmt.Errorf("policy: operation %q belongs to two scopes", op)
			}
			r.byOp[op] = i
		}
		r.scopes = append(r.scopes, s.clone())
	}
	return r, nil
}

func (s Scope) clone() Scope {
	s.Operations, s.Credentials = slices.Clone(s.Operations), slices.Clone(s.Credentials)
	s.Obligations, s.Still = slices.Clone(s.Obligations), slices.Clone(s.Still)
	s.Attributes = maps.Clone(s.Attributes)
	for name, values := range s.Attributes {
		s.Attributes[name] = slices.Clone(values)
	}
	return s
}

// Edition returns the name of the edition.
func (s *ScopeRegistry) Edition() string { return s.edition }

// Scopes returns the rows.
func (s *ScopeRegistry) Scopes() []Scope {
	list := make([]Scope, len(s.scopes))
	for i := range list {
		list[i] = s.scopes[i].clone()
	}
	return list
}

// Lookup returns the scope of an operation.
func (s *ScopeRegistry) Lookup(operation string) (Scope, bool) {
	i, ok := s.byOp[operation]
	if !ok {
		return Scope{}, false
	}
	return s.scopes[i].clone(), true
}

// Scopes judges operations by a registry. It is for verify.Config.Operations:
//
//	verify.Config{Operations: policy.Scopes{Registry: registry}, …}
//
// An operation that the registry does not list is
// authority.operation_unknown, one outside of its dates
// authority.scope_withdrawn, one for another kind of credential
// authority.wrong_credential_kind, and a passport without the scope
// authority.scope_missing. The zero Scopes knows no operation.
type Scopes struct {
	Registry *ScopeRegistry

	// ReadsOutliveConsent: a passport whose Manifestation of Will was
	// withdrawn goes on for operations that only read. False: withdrawing it
	// stops the whole passport.
	ReadsOutliveConsent bool
}

// Operation implements [verify.Operations].
func (s Scopes) Operation(q *verify.Request, at time.Time) (verify.Operation, error) {
	if s.Registry == nil {
		return verify.Operation{}, &verify.Violation{
			Code: verify.AuthorityOperationUnknown, Detail: "there is no scope registry", Actual: q.Operation,
		}
	}
	i, ok := s.Registry.byOp[q.Operation]
	if !ok {
		return verify.Operation{}, &verify.Violation{
			Code: verify.AuthorityOperationUnknown, Actual: q.Operation,
			Detail: "the scope registry " + s.Registry.edition + " has no such operation",
		}
	}
	scope := &s.Registry.scopes[i]
	needs := verify.Operation{
		Scope: scope.ID, NeedsConsent: scope.NeedsConsent, OutlivesConsent: s.ReadsOutliveConsent && !scope.Write,
	}
	for _, o := range scope.Obligations {
		next := o.Next
		if o.NextFor != nil {
			next = o.NextFor(q)
		}
		needs.Obligations = append(needs.Obligations, verify.Obligation{
			Kind: o.Kind, Detail: q.Attributes.Get(o.Attribute).Str(), Next: next,
		})
	}
	if err := scope.offered(q, at); err != nil {
		return needs, err
	}
	return needs, scope.about(q)
}

// about says why the scope does not reach what an act is about, nil if it does.
func (s *Scope) about(q *verify.Request) error {
	for _, name := range slices.Sorted(maps.Keys(s.Attributes)) {
		if v := q.Attributes.Get(name); !v.Exists() || !slices.Contains(s.Attributes[name], v.Str()) {
			return &verify.Violation{
				Code:   verify.AuthorityResourceNotAllowed,
				Detail: "the scope does not reach this: answer that there is none",
				Limit:  fmt.Sprintf("%s is one of %q", name, s.Attributes[name]), Actual: orAbsent(v.Str()),
			}
		}
	}
	return nil
}

// Reaches reports whether a scope reaches something with these attributes: a list leaves out what it does not
// reach, and a single read answers that there is no such thing.
func (s Scope) Reaches(attributes map[string]string) bool {
	for name, values := range s.Attributes {
		if v, ok := attributes[name]; !ok || !slices.Contains(values, v) {
			return false
		}
	}
	return true
}

// offered says why the scope does not serve a request, nil if it does.
func (s *Scope) offered(q *verify.Request, at time.Time) error {
	switch {
	case !s.Since.IsZero() && at.Before(s.Since),
		!s.Until.IsZero() && !at.Before(s.Until) && !slices.Contains(s.Still, q.CredentialKind):
		hint, until := "", time.Time{}
		if at.Before(s.Since) {
			until = s.Since
		}
		if s.ReplacedBy != "" {
			hint = "use " + s.ReplacedBy
		}
		return &verify.Violation{
			Code: verify.AuthorityScopeWithdrawn, Detail: "the scope " + s.ID + " is not offered now", Actual: s.ID,
			Hint: hint, Until: until,
		}
	case s.Credentials != nil && !slices.Contains(s.Credentials, q.CredentialKind):
		return &verify.Violation{
			Code: verify.AuthorityWrongCredentialKind, Detail: "the operation takes another kind of credential",
			Limit: fmt.Sprintf("one of %q", s.Credentials), Actual: orAbsent(q.CredentialKind),
		}
	}
	return nil
}

func orAbsent(s string) string {
	if s == "" {
		return "absent"
	}
	return s
}

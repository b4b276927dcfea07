package statuslist

import "strings"

// Purpose is what a status is about.
type Purpose string

// The purposes of Bitstring Status List 1.0. StatusList2021 has the first two.
const (
	Revocation Purpose = "revocation" // ends a credential for good
	Suspension Purpose = "suspension" // stops it for a while
	Refresh    Purpose = "refresh"    // a newer credential can be fetched, for good
	Message    Purpose = "message"    // says something about it, see Entry.Messages
)

// Reversible reports whether a status of this purpose may return to 0. A
// revocation never does, nor does a refresh (section 2.2).
func (p Purpose) Reversible() bool { return p == Suspension || p == Message }

// Scope is whom a status entry of a passport stops: the passport alone, or,
// as a kill switch, everything of its principal, organisation or issuer
// (spec of the passport, section 1).
type Scope string

// The scopes, as they are spelled in a [SafeconductID].
const (
	ScopePassport     Scope = "passport"
	ScopePrincipal    Scope = "principal"
	ScopeOrganization Scope = "organization"
	ScopeIssuer       Scope = "issuer"
)

const idPrefix = "urn:safeconduct:status:"

// SafeconductID is the id of a status entry that says its scope:
// urn:safeconduct:status:<scope>:<ULID>. Two passports of one principal carry
// the same principal entry, id included.
type SafeconductID struct {
	Scope Scope
	ULID  string // 26 characters, upper case
}

// ParseSafeconductID reads the one spelling of an id. What does not begin
// with urn:safeconduct:status: is no such id; it and anything malformed are
// refused with status.invalid.
func ParseSafeconductID(s string) (SafeconductID, error) {
	rest, ok := strings.CutPrefix(s, idPrefix)
	if !ok {
		return SafeconductID{}, fail(ErrMalformed, "", "status id %.80q does not begin with %s", s, idPrefix)
	}
	scope, id, _ := strings.Cut(rest, ":")
	switch Scope(scope) {
	case ScopePassport, ScopePrincipal, ScopeOrganization, ScopeIssuer:
	default:
		return SafeconductID{}, fail(ErrMalformed, "", "scope %.40q of a status id, want passport, principal, organization or issuer", scope)
	}
	if !isULID(id) {
		return SafeconductID{}, fail(ErrMalformed, "", "status id ends in %.40q, want a ULID in upper case", id)
	}
	return SafeconductID{Scope(scope), id}, nil
}

// String returns the id as it stands in an entry.
func (id SafeconductID) String() string { return idPrefix + string(id.Scope) + ":" + id.ULID }

// isULID accepts the spellings that encoding a ULID gives: 26 characters of
// Crockford's base 32 that fit into 128 bits.
func isULID(s string) bool {
	if len(s) != 26 || s[0] > '7' {
		return false
	}
	for i := range len(s) {
		if strings.IndexByte("0123456789ABCDEFGHJKMNPQRSTVWXYZ", s[i]) < 0 {
			return false
		}
	}
	return true
}

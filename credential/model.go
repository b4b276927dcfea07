package credential

import (
	"time"
)

// Types and contexts that the specifications name.
const (
	ContextV2 = "https://www.w3.org/ns/credentials/v2"   // first of every VC 2.0
	ContextV1 = "https://www.w3.org/2018/credentials/v1" // first of every VC 1.1

	TypeCredential   = "VerifiableCredential"
	TypePresentation = "VerifiablePresentation"
	TypeEnveloped    = "EnvelopedVerifiableCredential"
)

// Credential is the content of a Verifiable Credential: every member of the
// data model, and every other one losslessly in Extra.
//
// As the result of [Signed.Unverified] it is what the document says, proven or
// not. As the argument of [Sign] it is what is to be signed; zero members are
// left out.
type Credential struct {
	Version int      // 2 (also what zero means to Sign), or 1 for VC 1.1
	Context []string // of the document, in order; empty for Sign: the version's own
	ID      string   // absolute IRI; may be absent
	Type    []string // VerifiableCredential and others
	Issuer  Issuer

	Name, Description Value // a string or a language value object; VC 2.0

	ValidFrom  time.Time // validFrom, or issuanceDate of VC 1.1; zero if absent
	ValidUntil time.Time // validUntil, or expirationDate; zero if absent

	Subjects        []Value // objects, at least one
	Status          []Value // credentialStatus entries; see package statuslist
	Schema          []Value // credentialSchema
	RefreshService  []Value
	TermsOfUse      []Value
	Evidence        []Value
	RelatedResource []Value

	Extra []Member // what the contexts define beyond the above, in document order
}

// Issuer is a credential's issuer: an IRI, or an object with more about it.
type Issuer struct {
	ID                string // absolute IRI, usually a DID
	Name, Description Value  // absent, a string or a language value object
	Extra             []Member
}

// Member is one member of an object.
type Member struct {
	Name  string
	Value Value
}

// HasType reports whether the credential names the type.
func (c *Credential) HasType(name string) bool {
	for _, t := range c.Type {
		if t == name {
			return true
		}
	}
	return false
}

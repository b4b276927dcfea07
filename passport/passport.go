package passport

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Names of the wire form.
const (
	Context             = "https://w3id.org/safeconduct/v1"
	Type                = "AgentPassportCredential"
	SubjectType         = "AIAgent"
	PresentationType    = "AgentPresentation"
	IntentType          = "AgentIntent"
	ManifestationOfWill = "ManifestationOfWillCredential"
	AgreementAcceptance = "AgreementAcceptanceCredential"

	// PassportURN, IntentURN begin the identifiers; a ULID follows.
	PassportURN = "urn:safeconduct:passport:"
	IntentURN   = "urn:safeconduct:intent:"
)

// Passport is an agent passport: the whole content of an
// AgentPassportCredential. Zero members are absent.
type Passport struct {
	ID     string  // urn:safeconduct:passport:<ULID>; empty for Issue: a new one
	Issuer did.DID // zero for Issue: the signer's
	// IssuerName and IssuerDescription are for people.
	IssuerName, IssuerDescription string

	// ValidFrom and ValidUntil are in every passport. Zero for Issue: now, and
	// after IssueOptions.Lifetime. Issue cuts both to whole seconds.
	ValidFrom, ValidUntil time.Time

	Status     []statuslist.Entry // where revocation is looked up, at most 6 entries; needed at the root
	StatusForm StatusForm         // zero: one entry is written as an object, several as a list

	Agent             did.DID // credentialSubject.id: who the passport is for
	Name, Description string  // for people, never decided on
	Role, Framework   string  // for people, never decided on

	HumanPrincipal  string // IRI of the person who is accountable: did:…, mailto:…
	OrganizationDID string // IRI of the organisation
	GrantID         string // the grant behind it: at most 256 visible characters, no white space; budgets of the agent go by it
	TemplateID      string // id of the template passport that this is an instance of

	Authority Authority

	Attestation Attestation
	Consent     Consent

	DelegationDepth  int    // 0: root; else the parent's + 1
	ParentPassportID string // of a delegated passport, where it is needed; "" at the root
	ParentDigest     string // likewise; digest of the parent, see credential.Signed.Digest

	Extensions credential.Value // a JSON object that is carried and never decided on
}

// StatusForm says how a single status entry is written.
type StatusForm uint8

// The forms of a single entry.
const (
	StatusObject StatusForm = iota // {…}
	StatusList                     // [{…}]
)

// Attestation is what an agent is meant to run. Digests are SHA-256
// multihashes in multibase base64url.
type Attestation struct {
	Framework                              string
	ModelDigest, PromptDigest, ToolsDigest string
}

// IsZero reports whether nothing is attested.
func (a Attestation) IsZero() bool { return a == Attestation{} }

// Consent names the signed consent credential that a passport stands on.
type Consent struct {
	ID     string // IRI of the credential
	Type   string // ManifestationOfWillCredential or AgreementAcceptanceCredential
	Digest string // see credential.Signed.Digest
}

// IsZero reports whether no consent is named.
func (c Consent) IsZero() bool { return c == Consent{} }

// Delegated reports whether the passport is a link below a root.
func (p *Passport) Delegated() bool { return p.DelegationDepth > 0 || p.ParentPassportID != "" }

// Package eprospera is the scope registry of e-Próspera's Agent Keys as data:
// what each scope lets an agent do, in two dated editions, with the matrix of
// credential kinds per operation.
//
// An Agent Key is a passport that the account's issuer signs on the owner's
// order: humanPrincipal is the owner, capabilities are the scopes, and no
// depth of delegation is granted. A verifier that is configured with a
// registry names the operation in each request:
//
//	v, err := verify.New(verify.Config{Operations: policy.Scopes{Registry: eprospera.Current()}, …})
//	v.Verify(ctx, presented, verify.Request{
//		Operation: "GET /me/natural-person", Action: "agent:person.details.read",
//		CredentialKind: eprospera.AgentKey, ResourceOwner: owner, …})
package eprospera

import (
	"time"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
)

// The kinds of credential of the service.
const (
	AgentKey    = "ak"    // scoped, made by the account's owner for an agent
	PersonalKey = "sk"    // unscoped, the owner's own; never an agent's credential
	OAuthToken  = "oauth" // by interactive consent
)

// Agreement kinds of the obligation verify.SignAgreement, as the attribute
// residencyType of an application names them.
const (
	Resident  = "Resident"
	EResident = "e-Resident"
)

// Provenance is the attribute of a request that says how an application was made. Agents see those alone that were
// made through the API: a row that is not drops from lists, and is not found when it is read.
const (
	Provenance   = "provenance"
	CreatedByAPI = "api"
)

// Actions of the scopes.
const (
	PersonDetailsRead        = "agent:person.details.read"
	PersonResidencyRead      = "agent:person.residency.read"
	PersonIDVerificationRead = "agent:person.id_verification.read"
	EntityRead               = "agent:entity.read"
	EntityDocumentsRead      = "agent:entity.documents.read"
	ApplicationRead          = "agent:entity.application.read"
	VerifyRPN                = "agent:verify_rpn"
	RegistrySearch           = "agent:registry.search"
	ApplicationCreate        = "agent:entity.application.create"
	ApplicationPay           = "agent:entity.application.pay"
	PaymentInitiate          = "agent:payment.initiate"
)

// First returns the edition that introduced Agent Keys: eleven scopes, twelve
// operations.
func First() *policy.ScopeRegistry { return registry("first", scopes()) }

// CurrentSince is the date of the current edition.
var CurrentSince = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// Current returns the edition of 2026-11-21: paying by voucher instead of by
// coupon, and payment.initiate withdrawn for Agent Keys. An older passport
// with that scope still serves for its other ones.
func Current() *policy.ScopeRegistry {
	list := scopes()
	for i := range list {
		switch list[i].ID {
		case ApplicationPay:
			list[i].Operations = ops("POST /legal_entity_applications/{id}/pay/voucher")
		case PaymentInitiate:
			list[i].Until, list[i].ReplacedBy = CurrentSince, ApplicationPay
			list[i].Still = []string{PersonalKey}
		}
	}
	return registry("2026-11-21", list)
}

func registry(edition string, list []policy.Scope) *policy.ScopeRegistry {
	// The rows are constants of this file; a test builds both editions.
	r, _ := policy.NewScopeRegistry(edition, list)
	return r
}

func scopes() []policy.Scope {
	standard := []string{AgentKey, PersonalKey}
	person := []string{OAuthToken, AgentKey} // never the owner's own key
	return []policy.Scope{
		{
			ID: PersonDetailsRead, Operations: ops("GET /me/natural-person"), Credentials: person, Sensitive: true,
			Description: "Read personal details: name, resident permit number, date of birth, address, phone number",
		},
		{
			ID: PersonResidencyRead, Operations: ops("GET /me/natural-person/residency"), Credentials: person,
			Description: "Read the residency: its status and type",
		},
		{
			ID: PersonIDVerificationRead, Operations: ops("GET /me/natural-person/id-verification"),
			Credentials: person, Sensitive: true,
			Description: "Read the documents and pictures by which the identity was verified",
		},
		{
			ID: EntityRead, Operations: ops("GET /legal_entities/{id}"), Credentials: standard,
			Description: "Read details of legal entities that you represent",
		},
		{
			ID: EntityDocumentsRead, Operations: ops("GET /legal_entities/{id}/documents"),
			Credentials: standard, Sensitive: true,
			Description: "Read documents of legal entities that you represent",
		},
		{
			ID: ApplicationRead, Credentials: standard,
			Operations:  ops("GET /legal_entity_applications", "GET /legal_entity_applications/{id}"),
			Attributes:  map[string][]string{Provenance: {CreatedByAPI}},
			Description: "Read the applications for a legal entity that were created through the API",
		},
		// Two POSTs that only read: the class is the table's, not the method's.
		{
			ID: VerifyRPN, Operations: ops("POST /verify_rpn"), Credentials: standard,
			Description: "Find out whether a resident permit number exists and is active",
		},
		{
			ID: RegistrySearch, Operations: ops("POST /registries/legal_entities/search"), Credentials: standard,
			Description: "Search the registry of legal entities by name or number",
		},
		{
			ID: ApplicationCreate, Write: true, NeedsConsent: true, Notify: "application.created",
			Operations: ops("POST /legal_entity_applications"), Credentials: standard,
			Obligations: []policy.ScopeObligation{{Kind: verify.SignAgreement, Attribute: "residencyType"}},
			Description: "Create applications for a legal entity",
		},
		{
			ID: ApplicationPay, Write: true, NeedsConsent: true, Notify: "coupon.applied",
			Operations: ops("POST /legal_entity_applications/{id}/pay/coupon"), Credentials: standard,
			Description: "Pay for applications by coupon or voucher",
		},
		{
			ID: PaymentInitiate, Write: true, NeedsConsent: true, Notify: "checkout.created",
			Operations: ops("POST /legal_entity_applications/{id}/checkout_session"), Credentials: standard,
			Description: "Create checkout sessions for the invoices of applications",
		},
		// Not for Agent Keys at all: named so that the refusal can say so.
		{
			ID: "oauth:me.legal_entities.read", Credentials: []string{OAuthToken},
			Operations:  ops("GET /me/legal-entities", "GET /me/legal-entities/{id}"),
			Description: "Read the legal entities of the account, by interactive consent",
		},
	}
}

func ops(list ...string) []string { return list }

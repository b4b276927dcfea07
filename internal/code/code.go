// Package code is the one vocabulary of refusals: package verify re-exports
// its words, and every floor from credential upwards speaks them.
package code

// Code is one reason to refuse, as a stable word: "proof.invalid". The part
// before the point names the step of the pipeline.
type Code string

// Error makes a Code a target for errors.Is.
func (c Code) Error() string { return string(c) }

// The codes, grouped by the step that finds them.
const (
	RequestInvalid Code = "request.invalid"

	EnvelopeMissing      Code = "envelope.missing"
	EnvelopeMalformed    Code = "envelope.malformed"
	EnvelopeTooLarge     Code = "envelope.too_large"
	EnvelopeUnsupported  Code = "envelope.unsupported"
	EnvelopeContext      Code = "envelope.context"
	EnvelopeDataLoss     Code = "envelope.data_loss"
	EnvelopeNonceInvalid Code = "envelope.nonce_invalid"
	PresentationRequired Code = "presentation.required"

	AnchorUntrustedIssuer Code = "anchor.untrusted_issuer"
	AnchorOutOfScope      Code = "anchor.out_of_scope"

	TimeExpired          Code = "time.expired"
	TimeIntentExpired    Code = "time.intent_expired"
	TimeNotYetValid      Code = "time.not_yet_valid"
	TimeLifetimeExceeded Code = "time.lifetime_exceeded"

	ProofMissing           Code = "proof.missing"
	ProofInvalid           Code = "proof.invalid"
	ProofExpired           Code = "proof.expired"
	ProofTransformation    Code = "proof.transformation"
	ProofTooComplex        Code = "proof.too_complex"
	ProofKeyNotAuthorized  Code = "proof.key_not_authorized"
	ProofPurposeMismatch   Code = "proof.purpose_mismatch"
	ProofHolderMismatch    Code = "proof.holder_mismatch"
	ProofAudienceMismatch  Code = "proof.audience_mismatch"
	ProofChallengeMismatch Code = "proof.challenge_mismatch"
	ProofIntentMismatch    Code = "proof.intent_mismatch"
	ProofUnresolvable      Code = "proof.unresolvable"
	ProofTimeout           Code = "proof.timeout"

	DelegationInvalid        Code = "delegation.invalid"
	DelegationParentMismatch Code = "delegation.parent_mismatch"
	DelegationWidened        Code = "delegation.widened"
	DelegationTooDeep        Code = "delegation.too_deep"

	StatusRevoked          Code = "status.revoked"
	StatusSuspended        Code = "status.suspended"
	StatusPrincipalRevoked Code = "status.principal_revoked"
	StatusIssuerPaused     Code = "status.issuer_paused"
	StatusStale            Code = "status.stale"
	StatusRolledBack       Code = "status.rolled_back"
	StatusEarly            Code = "status.early"
	StatusUnavailable      Code = "status.unavailable"
	StatusInvalid          Code = "status.invalid"

	ConsentMissing         Code = "consent.missing"
	ConsentInvalid         Code = "consent.invalid"
	ConsentExpired         Code = "consent.expired"
	ConsentSubjectMismatch Code = "consent.subject_mismatch"
	ConsentRevoked         Code = "consent.revoked"

	AuthorityActionNotAllowed      Code = "authority.action_not_allowed"
	AuthorityScopeMissing          Code = "authority.scope_missing"
	AuthorityScopeWithdrawn        Code = "authority.scope_withdrawn"
	AuthorityOperationUnknown      Code = "authority.operation_unknown"
	AuthorityWrongCredentialKind   Code = "authority.wrong_credential_kind"
	AuthorityActionDenied          Code = "authority.action_denied"
	AuthorityAmountExceeded        Code = "authority.amount_exceeded"
	AuthorityCurrencyNotAllowed    Code = "authority.currency_not_allowed"
	AuthorityLimitExceeded         Code = "authority.limit_exceeded"
	AuthorityAttributeMissing      Code = "authority.attribute_missing"
	AuthorityCategoryNotAllowed    Code = "authority.category_not_allowed"
	AuthorityRailNotAllowed        Code = "authority.rail_not_allowed"
	AuthorityPayeeNotAllowed       Code = "authority.payee_not_allowed"
	AuthorityResourceNotAllowed    Code = "authority.resource_not_allowed"
	AuthorityOutsideTimeWindow     Code = "authority.outside_time_window"
	AuthorityRegionBlocked         Code = "authority.region_blocked"
	AuthorityAssuranceInsufficient Code = "authority.assurance_insufficient"
	AuthorityIntentDrift           Code = "authority.intent_drift"

	AttestationModelMismatch         Code = "attestation.model_mismatch"
	AttestationPromptMismatch        Code = "attestation.prompt_mismatch"
	AttestationFrameworkUnregistered Code = "attestation.framework_unregistered"

	TrustTooLow           Code = "trust.too_low"
	PolicyDenied          Code = "policy.denied"
	PolicyObligationUnmet Code = "policy.obligation_unmet"

	LedgerReplay         Code = "ledger.replay"
	LedgerConflict       Code = "ledger.conflict"
	LedgerRepeated       Code = "ledger.repeated"
	LedgerBudgetExceeded Code = "ledger.budget_exceeded"
	LedgerRateExceeded   Code = "ledger.rate_exceeded"
	LedgerUnavailable    Code = "ledger.unavailable"

	InternalError Code = "internal.error"
)

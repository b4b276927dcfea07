package verify

import "github.com/safeconduct/safeconduct/internal/code"

// Code is one reason to refuse, as a stable word such as "proof.invalid". The
// part before the point names what was looked at. A Code is an error, so that
// errors.Is(err, verify.StatusRevoked) asks whether a refusal has that reason;
// the same word is used in HTTP problem bodies, in the command's output, in
// logs and in the vectors. [Lookup] tells its verdict, HTTP status and
// foreign names.
type Code = code.Code

// The codes. Their meaning, verdict and names in other systems are in one
// table; see [Codes].
const (
	RequestInvalid = code.RequestInvalid

	EnvelopeMissing      = code.EnvelopeMissing
	EnvelopeMalformed    = code.EnvelopeMalformed
	EnvelopeTooLarge     = code.EnvelopeTooLarge
	EnvelopeUnsupported  = code.EnvelopeUnsupported
	EnvelopeContext      = code.EnvelopeContext
	EnvelopeDataLoss     = code.EnvelopeDataLoss
	EnvelopeNonceInvalid = code.EnvelopeNonceInvalid

	PresentationRequired = code.PresentationRequired

	AnchorUntrustedIssuer = code.AnchorUntrustedIssuer
	AnchorOutOfScope      = code.AnchorOutOfScope

	TimeExpired          = code.TimeExpired
	TimeIntentExpired    = code.TimeIntentExpired
	TimeNotYetValid      = code.TimeNotYetValid
	TimeLifetimeExceeded = code.TimeLifetimeExceeded

	ProofMissing           = code.ProofMissing
	ProofInvalid           = code.ProofInvalid
	ProofExpired           = code.ProofExpired
	ProofTransformation    = code.ProofTransformation
	ProofTooComplex        = code.ProofTooComplex
	ProofKeyNotAuthorized  = code.ProofKeyNotAuthorized
	ProofPurposeMismatch   = code.ProofPurposeMismatch
	ProofHolderMismatch    = code.ProofHolderMismatch
	ProofAudienceMismatch  = code.ProofAudienceMismatch
	ProofChallengeMismatch = code.ProofChallengeMismatch
	ProofIntentMismatch    = code.ProofIntentMismatch
	ProofUnresolvable      = code.ProofUnresolvable
	ProofTimeout           = code.ProofTimeout

	DelegationInvalid        = code.DelegationInvalid
	DelegationParentMismatch = code.DelegationParentMismatch
	DelegationWidened        = code.DelegationWidened
	DelegationTooDeep        = code.DelegationTooDeep

	StatusRevoked          = code.StatusRevoked
	StatusSuspended        = code.StatusSuspended
	StatusPrincipalRevoked = code.StatusPrincipalRevoked
	StatusIssuerPaused     = code.StatusIssuerPaused
	StatusStale            = code.StatusStale
	StatusRolledBack       = code.StatusRolledBack
	StatusEarly            = code.StatusEarly
	StatusUnavailable      = code.StatusUnavailable
	StatusInvalid          = code.StatusInvalid

	ConsentMissing         = code.ConsentMissing
	ConsentInvalid         = code.ConsentInvalid
	ConsentExpired         = code.ConsentExpired
	ConsentSubjectMismatch = code.ConsentSubjectMismatch
	ConsentRevoked         = code.ConsentRevoked

	AuthorityActionNotAllowed      = code.AuthorityActionNotAllowed
	AuthorityScopeMissing          = code.AuthorityScopeMissing
	AuthorityScopeWithdrawn        = code.AuthorityScopeWithdrawn
	AuthorityOperationUnknown      = code.AuthorityOperationUnknown
	AuthorityWrongCredentialKind   = code.AuthorityWrongCredentialKind
	AuthorityActionDenied          = code.AuthorityActionDenied
	AuthorityAmountExceeded        = code.AuthorityAmountExceeded
	AuthorityCurrencyNotAllowed    = code.AuthorityCurrencyNotAllowed
	AuthorityLimitExceeded         = code.AuthorityLimitExceeded
	AuthorityAttributeMissing      = code.AuthorityAttributeMissing
	AuthorityCategoryNotAllowed    = code.AuthorityCategoryNotAllowed
	AuthorityRailNotAllowed        = code.AuthorityRailNotAllowed
	AuthorityPayeeNotAllowed       = code.AuthorityPayeeNotAllowed
	AuthorityResourceNotAllowed    = code.AuthorityResourceNotAllowed
	AuthorityOutsideTimeWindow     = code.AuthorityOutsideTimeWindow
	AuthorityRegionBlocked         = code.AuthorityRegionBlocked
	AuthorityAssuranceInsufficient = code.AuthorityAssuranceInsufficient
	AuthorityIntentDrift           = code.AuthorityIntentDrift

	AttestationModelMismatch         = code.AttestationModelMismatch
	AttestationPromptMismatch        = code.AttestationPromptMismatch
	AttestationFrameworkUnregistered = code.AttestationFrameworkUnregistered

	TrustTooLow = code.TrustTooLow

	PolicyDenied          = code.PolicyDenied
	PolicyObligationUnmet = code.PolicyObligationUnmet

	LedgerReplay         = code.LedgerReplay
	LedgerConflict       = code.LedgerConflict
	LedgerRepeated       = code.LedgerRepeated
	LedgerBudgetExceeded = code.LedgerBudgetExceeded
	LedgerRateExceeded   = code.LedgerRateExceeded
	LedgerUnavailable    = code.LedgerUnavailable

	InternalError = code.InternalError
)

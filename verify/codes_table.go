package verify

import "strings"

// Info is what there is to know about a code.
type Info struct {
	Code         Code
	Undetermined bool   // "could not find out" rather than "no"
	HTTP         int    // status for a refusal with this primary code
	Meaning      string // one line for people

	// Names that other systems have for the same thing; nil where they have none.
	AIP1    []string // AIP-1 error numbers, "E100"
	OAP     []string // OAP denial codes, without the prefix "oap."
	Grantex []string
	W3C     []string // the last part of the error's URL
}

// table has one row for every code, in the order of the steps.
var table = [...]Info{
	{RequestInvalid, false, 500, "the caller's own question is malformed", nil, nil, nil, nil},
	{EnvelopeMissing, false, 401, "nothing was presented", []string{"E103"}, []string{"passport_not_found"}, []string{"MISSING_PASSPORT"}, nil},
	{EnvelopeMalformed, false, 400, "not a document of the required form", []string{"E103"}, []string{"invalid_context"}, []string{"MALFORMED_CREDENTIAL"}, []string{"PARSING_ERROR", "MALFORMED_VALUE_ERROR"}},
	{EnvelopeTooLarge, false, 413, "a cap on inputs is passed", []string{"E103"}, []string{"context_too_large"}, []string{"MALFORMED_CREDENTIAL"}, nil},
	{EnvelopeUnsupported, false, 401, "a kind, version or format that is not accepted", []string{"E104"}, []string{"passport_version_mismatch"}, []string{"MALFORMED_CREDENTIAL"}, nil},
	{EnvelopeContext, false, 401, "a JSON-LD context that is not accepted", []string{"E104"}, []string{"passport_version_mismatch"}, []string{"MALFORMED_CREDENTIAL"}, nil},
	{EnvelopeDataLoss, false, 400, "a member that no context defines", []string{"E103"}, []string{"invalid_context"}, []string{"MALFORMED_CREDENTIAL"}, []string{"DATA_LOSS_DETECTION_ERROR"}},
	{EnvelopeNonceInvalid, false, 401, "a challenge of the wrong length or form", []string{"E105"}, nil, nil, []string{"INVALID_CHALLENGE_ERROR"}},
	{PresentationRequired, false, 401, "a bare passport where a presentation is due", []string{"E100"}, []string{"passport_invalid"}, nil, nil},
	{AnchorUntrustedIssuer, false, 401, "the chain does not begin with a trusted issuer", []string{"E100"}, []string{"passport_invalid"}, []string{"UNTRUSTED_ISSUER"}, nil},
	{AnchorOutOfScope, false, 401, "the issuer is not trusted for this", []string{"E403"}, []string{"passport_invalid"}, []string{"UNTRUSTED_ISSUER"}, nil},
	{TimeExpired, false, 401, "a passport or credential has ended", []string{"E101"}, []string{"passport.expired"}, []string{"PASSPORT_EXPIRED"}, nil},
	{TimeIntentExpired, false, 401, "the intent has ended", []string{"E101"}, []string{"passport.expired"}, []string{"PASSPORT_EXPIRED"}, nil},
	{TimeNotYetValid, false, 401, "not valid yet", []string{"E101"}, []string{"passport_invalid"}, []string{"PASSPORT_NOT_YET_VALID"}, nil},
	{TimeLifetimeExceeded, false, 401, "valid for longer than is allowed", []string{"E101"}, []string{"passport_invalid"}, []string{"INVALID_EXPIRY"}, nil},
	{ProofMissing, false, 401, "there is no proof", []string{"E100"}, []string{"passport_invalid"}, []string{"INVALID_SIGNATURE"}, []string{"PROOF_VERIFICATION_ERROR"}},
	{ProofInvalid, false, 401, "a signature does not hold", []string{"E100"}, []string{"passport_invalid"}, []string{"INVALID_SIGNATURE"}, []string{"PROOF_VERIFICATION_ERROR"}},
	{ProofExpired, false, 401, "a proof has ended", []string{"E100"}, []string{"passport_invalid"}, []string{"INVALID_SIGNATURE"}, []string{"PROOF_VERIFICATION_ERROR"}},
	{ProofTransformation, false, 401, "a proof type or cryptosuite that is not known", []string{"E100"}, []string{"passport_invalid"}, []string{"INVALID_SIGNATURE"}, []string{"PROOF_TRANSFORMATION_ERROR"}},
	{ProofTooComplex, false, 400, "canonicalising would take too much work", []string{"E103"}, []string{"context_too_nested"}, []string{"MALFORMED_CREDENTIAL"}, nil},
	{ProofKeyNotAuthorized, false, 401, "the key is not the right party's, or not for this purpose", []string{"E100"}, []string{"passport_invalid"}, []string{"INVALID_SIGNATURE"}, []string{"INVALID_VERIFICATION_METHOD", "INVALID_VERIFICATION_METHOD_URL", "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"}},
	{ProofPurposeMismatch, false, 401, "the proof was made for another purpose", []string{"E100"}, []string{"passport_invalid"}, []string{"INVALID_SIGNATURE"}, []string{"INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD", "INVALID_PROOF_PURPOSE_FOR_VERIFICATION_METHOD"}},
	{ProofHolderMismatch, false, 401, "the presenter is not the agent of the passport", []string{"E100"}, []string{"passport_invalid"}, []string{"CREDENTIAL_MISMATCH"}, nil},
	{ProofAudienceMismatch, false, 401, "made for another audience", []string{"E100"}, []string{"passport_invalid"}, nil, []string{"INVALID_DOMAIN_ERROR"}},
	{ProofChallengeMismatch, false, 401, "made for another challenge", []string{"E100"}, []string{"passport_invalid"}, nil, []string{"INVALID_CHALLENGE_ERROR"}},
	{ProofIntentMismatch, false, 401, "the signed intent and the request differ", []string{"E100"}, []string{"invalid_context"}, []string{"CREDENTIAL_MISMATCH"}, nil},
	{ProofUnresolvable, true, 503, "a key could not be looked up", []string{"E500"}, []string{"api_error"}, []string{"INVALID_SIGNATURE"}, nil},
	{ProofTimeout, true, 503, "time ran out while a key was looked up", []string{"E502"}, []string{"api_error"}, []string{"INVALID_SIGNATURE"}, nil},
	{DelegationInvalid, false, 403, "a link of the chain does not fit its parent", []string{"E403"}, []string{"passport_invalid"}, nil, nil},
	{DelegationParentMismatch, false, 403, "a link names another parent", []string{"E403"}, []string{"passport_invalid"}, nil, nil},
	{DelegationWidened, false, 403, "a link claims more than its parent has", []string{"E403"}, []string{"passport_invalid"}, nil, nil},
	{DelegationTooDeep, false, 403, "deeper than an ancestor allows", []string{"E403"}, []string{"passport_invalid"}, nil, nil},
	{StatusRevoked, false, 403, "revoked", []string{"E400"}, []string{"passport.revoked"}, []string{"PASSPORT_REVOKED"}, nil},
	{StatusSuspended, false, 403, "suspended", []string{"E401"}, []string{"passport_suspended"}, []string{"PASSPORT_REVOKED"}, nil},
	{StatusPrincipalRevoked, false, 403, "everything of this principal or organisation is stopped", []string{"E402"}, []string{"passport_suspended"}, []string{"PASSPORT_REVOKED"}, nil},
	{StatusIssuerPaused, false, 403, "everything of this issuer is stopped", []string{"E402"}, []string{"passport_suspended"}, []string{"PASSPORT_REVOKED"}, nil},
	{StatusStale, true, 503, "the status list is too old", []string{"E501"}, nil, []string{"REVOCATION_CHECK_FAILED"}, nil},
	{StatusRolledBack, true, 503, "an older status list than one already seen", []string{"E501"}, nil, []string{"REVOCATION_CHECK_FAILED"}, nil},
	{StatusUnavailable, true, 503, "the status list could not be had", []string{"E500"}, nil, []string{"REVOCATION_CHECK_FAILED"}, []string{"STATUS_RETRIEVAL_ERROR"}},
	{StatusInvalid, false, 403, "the status list or the entry is not right", []string{"E501"}, nil, []string{"REVOCATION_CHECK_FAILED"}, []string{"STATUS_VERIFICATION_ERROR", "STATUS_LIST_LENGTH_ERROR", "RANGE_ERROR"}},
	{ConsentMissing, false, 403, "the consent credential was not found", []string{"E405"}, nil, nil, nil},
	{ConsentInvalid, false, 403, "the consent credential does not hold", []string{"E406"}, nil, nil, nil},
	{ConsentExpired, false, 403, "the consent has ended", []string{"E407"}, nil, nil, nil},
	{ConsentSubjectMismatch, false, 403, "the consent is somebody else's", []string{"E408"}, nil, nil, nil},
	{ConsentRevoked, false, 403, "the consent was withdrawn", []string{"E406"}, nil, []string{"PASSPORT_REVOKED"}, nil},
	{AuthorityActionNotAllowed, false, 403, "no capability covers the act", []string{"E200"}, []string{"unknown_capability"}, []string{"SCOPE_INSUFFICIENT"}, nil},
	{AuthorityScopeMissing, false, 403, "the scope that the operation needs is missing", []string{"E200"}, []string{"unknown_capability"}, []string{"SCOPE_INSUFFICIENT"}, nil},
	{AuthorityScopeWithdrawn, false, 403, "the scope is no longer offered", []string{"E200"}, []string{"unknown_capability"}, []string{"SCOPE_INSUFFICIENT"}, nil},
	{AuthorityOperationUnknown, false, 403, "no such operation", []string{"E200"}, []string{"unknown_capability"}, []string{"SCOPE_INSUFFICIENT"}, nil},
	{AuthorityWrongCredentialKind, false, 403, "the operation takes another kind of credential", []string{"E200"}, []string{"unknown_capability"}, []string{"SCOPE_INSUFFICIENT"}, nil},
	{AuthorityActionDenied, false, 403, "the act is expressly denied", []string{"E201"}, []string{"action_forbidden"}, nil, nil},
	{AuthorityAmountExceeded, false, 403, "more than one transaction may have", []string{"E202"}, []string{"limit_exceeded"}, []string{"AMOUNT_EXCEEDED"}, nil},
	{AuthorityCurrencyNotAllowed, false, 403, "spending in this currency is not granted", []string{"E202"}, []string{"currency_unsupported"}, []string{"AMOUNT_EXCEEDED"}, nil},
	{AuthorityLimitExceeded, false, 403, "an attribute is beyond its limit", []string{"E202"}, []string{"limit_exceeded"}, nil, nil},
	{AuthorityAttributeMissing, false, 403, "the request lacks an attribute that a condition needs", []string{"E103"}, []string{"invalid_context"}, nil, nil},
	{AuthorityCategoryNotAllowed, false, 403, "payments of this category are not granted", []string{"E200"}, []string{"category_blocked"}, []string{"CATEGORY_MISMATCH"}, nil},
	{AuthorityRailNotAllowed, false, 403, "this payment rail is not granted", []string{"E200"}, []string{"merchant_forbidden"}, nil, nil},
	{AuthorityPayeeNotAllowed, false, 403, "this payee is not among those allowed", []string{"E200"}, []string{"merchant_forbidden"}, nil, nil},
	{AuthorityResourceNotAllowed, false, 403, "this resource is not among those allowed", []string{"E200"}, []string{"merchant_forbidden"}, nil, nil},
	{AuthorityOutsideTimeWindow, false, 403, "not at this time", []string{"E203"}, nil, nil, nil},
	{AuthorityRegionBlocked, false, 403, "not in this region", []string{"E204"}, []string{"region_blocked"}, nil, nil},
	{AuthorityAssuranceInsufficient, false, 403, "the principal is not identified well enough", []string{"E404"}, []string{"assurance_insufficient"}, nil, nil},
	{AuthorityIntentDrift, false, 403, "the act does not fit the agent's purpose", []string{"E303"}, nil, nil, nil},
	{AttestationModelMismatch, false, 403, "another model than was attested", []string{"E300"}, nil, nil, nil},
	{AttestationPromptMismatch, false, 403, "another prompt than was attested", []string{"E301"}, nil, nil, nil},
	{AttestationFrameworkUnregistered, false, 403, "a framework that is not registered", []string{"E302"}, nil, nil, nil},
	{TrustTooLow, false, 403, "the agent's record is not good enough", []string{"E404"}, nil, nil, nil},
	{PolicyDenied, false, 403, "a rule of the host refuses", []string{"E200"}, []string{"denied", "policy_error", "criteria_not_met", "evidence_missing", "criteria_incomplete", "summary_insufficient", "tests_not_passing", "self_review_not_allowed", "blocked_pattern_detected"}, nil, nil},
	{PolicyObligationUnmet, false, 403, "something must be done first", nil, []string{"approval_required"}, nil, nil},
	{LedgerReplay, false, 401, "this presentation was used already", []string{"E102"}, nil, nil, nil},
	{LedgerConflict, false, 409, "another intent has this identifier", []string{"E102"}, []string{"idempotency_conflict"}, nil, nil},
	{LedgerRepeated, false, 409, "this act was decided before", []string{"E102"}, []string{"idempotency_conflict"}, nil, nil},
	{LedgerBudgetExceeded, false, 403, "a budget is used up", []string{"E202"}, []string{"limit_exceeded", "daily_limit_exceeded"}, []string{"AMOUNT_EXCEEDS_BUDGET"}, nil},
	{LedgerRateExceeded, false, 429, "too often", []string{"E202"}, []string{"rate_limit_exceeded"}, nil, nil},
	{LedgerUnavailable, true, 503, "the ledger did not answer", []string{"E500"}, []string{"evaluator_error"}, nil, nil},
	{InternalError, true, 503, "a fault of this library", []string{"E500"}, []string{"evaluator_error"}, nil, nil},
}

var byCode = func() map[Code]int {
	m := make(map[Code]int, len(table))
	for i := range table {
		m[table[i].Code] = i
	}
	return m
}()

// Codes returns every code with its meaning, in the order of the steps.
func Codes() []Info { return append([]Info(nil), table[:]...) }

// Lookup returns what there is to know about a code; false if it is none of
// this vocabulary. A word that a host's [Rule] has coined, "policy." and lower
// case words joined by "_", at most 64 bytes, is what policy.denied is.
func Lookup(c Code) (Info, bool) {
	i, ok := byCode[c]
	if !ok {
		if !coined(c) {
			return Info{}, false
		}
		info := table[byCode[PolicyDenied]]
		info.Code = c
		return info, true
	}
	return table[i], true
}

// coined reports whether a code has the form of a rule's own word.
func coined(c Code) bool {
	word, ok := strings.CutPrefix(string(c), "policy.")
	if !ok || len(c) > 64 || strings.HasPrefix(word, "_") || strings.HasSuffix(word, "_") || strings.Contains(word, "__") {
		return false
	}
	return word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// undetermined reports whether a code means "could not find out". A word that
// is not in the table is a fault of this library and refuses.
func undetermined(c Code) bool {
	info, ok := Lookup(c)
	return ok && info.Undetermined
}

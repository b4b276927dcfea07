package verify

type names = []string

// table has one row for every code, in the order of the steps.
var table = [...]Info{
	{
		Code: RequestInvalid, HTTP: 500, Meaning: "the caller's own question is malformed",
		AIP1: "E500", AIP1Near: true,
	},
	{
		Code: EnvelopeMissing, HTTP: 401, Meaning: "nothing was presented",
		AIP1: "E103", OAP: names{"passport_not_found"}, Grantex: names{"MISSING_PASSPORT"},
	},
	{
		Code: EnvelopeMalformed, HTTP: 400, Meaning: "not a document of the required form",
		AIP1: "E103", OAP: names{"invalid_context"}, Grantex: names{"MALFORMED_CREDENTIAL"},
		W3C: names{"PARSING_ERROR", "MALFORMED_VALUE_ERROR"},
	},
	{
		Code: EnvelopeTooLarge, HTTP: 413, Meaning: "a cap on inputs is passed",
		AIP1: "E103", OAP: names{"context_too_large"}, Grantex: names{"MALFORMED_CREDENTIAL"},
	},
	{
		Code: EnvelopeUnsupported, HTTP: 401, Meaning: "a kind, version or format that is not accepted",
		AIP1: "E104", OAP: names{"passport_version_mismatch"}, Grantex: names{"MALFORMED_CREDENTIAL"},
	},
	{
		Code: EnvelopeContext, HTTP: 401, Meaning: "a JSON-LD context that is not accepted",
		AIP1: "E104", OAP: names{"passport_version_mismatch"}, Grantex: names{"MALFORMED_CREDENTIAL"},
	},
	{
		Code: EnvelopeDataLoss, HTTP: 400, Meaning: "a member that no context defines",
		AIP1: "E103", OAP: names{"invalid_context"}, Grantex: names{"MALFORMED_CREDENTIAL"},
		W3C: names{"DATA_LOSS_DETECTION_ERROR"},
	},
	{
		Code: EnvelopeNonceInvalid, HTTP: 401, Meaning: "a challenge of the wrong length or form",
		AIP1: "E105", W3C: names{"INVALID_CHALLENGE_ERROR"},
	},
	{
		Code: PresentationRequired, HTTP: 401, Meaning: "a bare passport where a presentation is due",
		AIP1: "E100", AIP1Near: true, OAP: names{"passport_invalid"},
	},
	{
		Code: AnchorUntrustedIssuer, HTTP: 401, Meaning: "the chain does not begin with a trusted issuer",
		AIP1: "E100", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"UNTRUSTED_ISSUER"},
	},
	{
		Code: AnchorOutOfScope, HTTP: 401, Meaning: "the issuer is not trusted for this",
		AIP1: "E403", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"UNTRUSTED_ISSUER"},
	},
	{
		Code: TimeExpired, HTTP: 401, Meaning: "a passport or credential has ended",
		AIP1: "E101", OAP: names{"passport.expired"}, Grantex: names{"PASSPORT_EXPIRED"},
	},
	{
		Code: TimeIntentExpired, HTTP: 401, Meaning: "the intent has ended",
		AIP1: "E101", OAP: names{"passport.expired"}, Grantex: names{"PASSPORT_EXPIRED"},
	},
	{
		Code: TimeNotYetValid, HTTP: 401, Passing: true, Meaning: "not valid yet",
		AIP1: "E101", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"PASSPORT_NOT_YET_VALID"},
	},
	{
		Code: TimeLifetimeExceeded, HTTP: 401, Meaning: "valid for longer than is allowed",
		AIP1: "E101", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"INVALID_EXPIRY"},
	},
	{
		Code: ProofMissing, HTTP: 401, Meaning: "there is no proof",
		AIP1: "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"PROOF_VERIFICATION_ERROR"},
	},
	{
		Code: ProofInvalid, HTTP: 401, Meaning: "a signature does not hold",
		AIP1: "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"PROOF_VERIFICATION_ERROR"},
	},
	{
		Code: ProofExpired, HTTP: 401, Meaning: "a proof has ended",
		AIP1: "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"PROOF_VERIFICATION_ERROR"},
	},
	{
		Code: ProofTransformation, HTTP: 401, Meaning: "a proof type or cryptosuite that is not known",
		AIP1: "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"PROOF_TRANSFORMATION_ERROR"},
	},
	{
		Code: ProofTooComplex, HTTP: 400, Meaning: "canonicalising would take too much work",
		AIP1: "E103", OAP: names{"context_too_nested"}, Grantex: names{"MALFORMED_CREDENTIAL"},
	},
	{
		Code: ProofKeyNotAuthorized, HTTP: 401, Meaning: "the key is not the right party's, or not for this purpose",
		AIP1: "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{
			"INVALID_VERIFICATION_METHOD", "INVALID_VERIFICATION_METHOD_URL",
			"INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID",
		},
	},
	{
		Code: ProofPurposeMismatch, HTTP: 401, Meaning: "the proof was made for another purpose",
		AIP1: "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD", "INVALID_PROOF_PURPOSE_FOR_VERIFICATION_METHOD"},
	},
	{
		Code: ProofHolderMismatch, HTTP: 401, Meaning: "the presenter is not the agent of the passport",
		AIP1: "E100", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"CREDENTIAL_MISMATCH"},
	},
	{
		Code: ProofAudienceMismatch, HTTP: 401, Meaning: "made for another audience",
		AIP1: "E100", AIP1Near: true, OAP: names{"passport_invalid"}, W3C: names{"INVALID_DOMAIN_ERROR"},
	},
	{
		Code: ProofChallengeMismatch, HTTP: 401, Meaning: "made for another challenge",
		AIP1: "E100", AIP1Near: true, OAP: names{"passport_invalid"}, W3C: names{"INVALID_CHALLENGE_ERROR"},
	},
	{
		Code: ProofIntentMismatch, HTTP: 401, Meaning: "the signed intent and the request differ",
		AIP1: "E100", AIP1Near: true, OAP: names{"invalid_context"}, Grantex: names{"CREDENTIAL_MISMATCH"},
	},
	{
		Code: ProofUnresolvable, HTTP: 503, Undetermined: true, Meaning: "a key could not be looked up",
		AIP1: "E500", OAP: names{"api_error"}, Grantex: names{"INVALID_SIGNATURE"},
	},
	{
		Code: ProofTimeout, HTTP: 503, Undetermined: true, Meaning: "time ran out while a key was looked up",
		AIP1: "E502", OAP: names{"api_error"}, Grantex: names{"INVALID_SIGNATURE"},
	},
	{
		Code: DelegationInvalid, HTTP: 403, Meaning: "a link of the chain does not fit its parent",
		AIP1: "E403", OAP: names{"passport_invalid"},
	},
	{
		Code: DelegationParentMismatch, HTTP: 403, Meaning: "a link names another parent",
		AIP1: "E403", OAP: names{"passport_invalid"},
	},
	{
		Code: DelegationWidened, HTTP: 403, Meaning: "a link claims more than its parent has",
		AIP1: "E403", OAP: names{"passport_invalid"},
	},
	{
		Code: DelegationTooDeep, HTTP: 403, Meaning: "deeper than an ancestor allows",
		AIP1: "E403", OAP: names{"passport_invalid"},
	},
	{
		Code: StatusRevoked, HTTP: 403, Meaning: "revoked",
		AIP1: "E400", OAP: names{"passport.revoked"}, Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: StatusSuspended, HTTP: 403, Passing: true, Meaning: "suspended",
		AIP1: "E401", OAP: names{"passport_suspended"}, Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: StatusPrincipalRevoked, HTTP: 403, Meaning: "everything of this principal or organisation is stopped",
		AIP1: "E402", OAP: names{"passport_suspended"}, Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: StatusIssuerPaused, HTTP: 403, Passing: true, Meaning: "everything of this issuer is stopped",
		AIP1: "E402", AIP1Near: true, OAP: names{"passport_suspended"}, Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: StatusStale, HTTP: 503, Undetermined: true, Meaning: "the status list is too old",
		AIP1: "E501", Grantex: names{"REVOCATION_CHECK_FAILED"},
	},
	{
		Code: StatusRolledBack, HTTP: 503, Undetermined: true, Meaning: "an older status list than one already seen",
		AIP1: "E501", Grantex: names{"REVOCATION_CHECK_FAILED"},
	},
	{
		Code: StatusEarly, HTTP: 503, Undetermined: true, Meaning: "the status list is of the future",
		AIP1: "E501", AIP1Near: true, Grantex: names{"REVOCATION_CHECK_FAILED"},
	},
	{
		Code: StatusUnavailable, HTTP: 503, Undetermined: true, Meaning: "the status list could not be found",
		AIP1: "E500", Grantex: names{"REVOCATION_CHECK_FAILED"}, W3C: names{"STATUS_RETRIEVAL_ERROR"},
	},
	{
		Code: StatusInvalid, HTTP: 403, Meaning: "the status list or the entry is not right",
		AIP1: "E501", AIP1Near: true, Grantex: names{"REVOCATION_CHECK_FAILED"},
		W3C: names{"STATUS_VERIFICATION_ERROR", "STATUS_LIST_LENGTH_ERROR", "RANGE_ERROR"},
	},
	{
		Code: ConsentMissing, HTTP: 403, Meaning: "the consent credential was not found",
		AIP1: "E405",
	},
	{
		Code: ConsentInvalid, HTTP: 403, Meaning: "the consent credential does not hold",
		AIP1: "E406",
	},
	{
		Code: ConsentExpired, HTTP: 403, Meaning: "the consent has ended",
		AIP1: "E407",
	},
	{
		Code: ConsentSubjectMismatch, HTTP: 403, Meaning: "the consent is somebody else's",
		AIP1: "E408",
	},
	{
		Code: ConsentRevoked, HTTP: 403, Meaning: "the consent was withdrawn",
		AIP1: "E406", Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: AuthorityActionNotAllowed, HTTP: 403, Meaning: "no capability covers the act",
		AIP1: "E200", OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityScopeMissing, HTTP: 403, Meaning: "the scope that the operation needs is missing",
		AIP1: "E200", OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityScopeWithdrawn, HTTP: 403, Meaning: "the scope is no longer offered",
		AIP1: "E200", OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityOperationUnknown, HTTP: 403, Meaning: "no such operation",
		AIP1: "E200", AIP1Near: true, OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityWrongCredentialKind, HTTP: 403, Meaning: "the operation takes another kind of credential",
		AIP1: "E200", AIP1Near: true, OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityActionDenied, HTTP: 403, Meaning: "the act is expressly denied",
		AIP1: "E201", OAP: names{"action_forbidden"},
	},
	{
		Code: AuthorityAmountExceeded, HTTP: 403, Meaning: "more than one transaction may have",
		AIP1: "E202", OAP: names{"limit_exceeded"}, Grantex: names{"AMOUNT_EXCEEDED"},
	},
	{
		Code: AuthorityCurrencyNotAllowed, HTTP: 403, Meaning: "spending in this currency is not granted",
		AIP1: "E202", OAP: names{"currency_unsupported"}, Grantex: names{"AMOUNT_EXCEEDED"},
	},
	{
		Code: AuthorityLimitExceeded, HTTP: 403, Meaning: "an attribute is beyond its limit",
		AIP1: "E202", AIP1Near: true, OAP: names{"limit_exceeded"},
	},
	{
		Code: AuthorityAttributeMissing, HTTP: 403, Meaning: "the request lacks an attribute that a condition needs",
		AIP1: "E103", OAP: names{"invalid_context"},
	},
	{
		Code: AuthorityCategoryNotAllowed, HTTP: 403, Meaning: "payments of this category are not granted",
		AIP1: "E200", AIP1Near: true, OAP: names{"category_blocked"}, Grantex: names{"CATEGORY_MISMATCH"},
	},
	{
		Code: AuthorityRailNotAllowed, HTTP: 403, Meaning: "this payment rail is not granted",
		AIP1: "E200", AIP1Near: true, OAP: names{"merchant_forbidden"},
	},
	{
		Code: AuthorityPayeeNotAllowed, HTTP: 403, Meaning: "this payee is not among those allowed",
		AIP1: "E200", AIP1Near: true, OAP: names{"merchant_forbidden"},
	},
	{
		Code: AuthorityResourceNotAllowed, HTTP: 403, Meaning: "this resource is not among those allowed",
		AIP1: "E200", AIP1Near: true, OAP: names{"merchant_forbidden"},
	},
	{
		Code: AuthorityOutsideTimeWindow, HTTP: 403, Passing: true, Meaning: "not at this time",
		AIP1: "E203",
	},
	{
		Code: AuthorityRegionBlocked, HTTP: 403, Meaning: "not in this region",
		AIP1: "E204", OAP: names{"region_blocked"},
	},
	{
		Code: AuthorityAssuranceInsufficient, HTTP: 403, Meaning: "the principal is not identified well enough",
		AIP1: "E404", AIP1Near: true, OAP: names{"assurance_insufficient"},
	},
	{
		Code: AuthorityIntentDrift, HTTP: 403, Meaning: "the act does not fit the agent's purpose",
		AIP1: "E303",
	},
	{
		Code: AttestationModelMismatch, HTTP: 403, Meaning: "another model than was attested",
		AIP1: "E300",
	},
	{
		Code: AttestationPromptMismatch, HTTP: 403, Meaning: "another prompt than was attested",
		AIP1: "E301",
	},
	{
		Code: AttestationFrameworkUnregistered, HTTP: 403, Meaning: "a framework that is not registered",
		AIP1: "E302",
	},
	{
		Code: TrustTooLow, HTTP: 403, Meaning: "the agent's record is not good enough",
		AIP1: "E404",
	},
	{
		Code: PolicyDenied, HTTP: 403, Meaning: "a rule of the host refuses",
		AIP1: "E200", AIP1Near: true,
		OAP: names{
			"denied", "policy_error", "criteria_not_met", "evidence_missing", "criteria_incomplete",
			"summary_insufficient", "tests_not_passing", "self_review_not_allowed", "blocked_pattern_detected",
		},
	},
	{
		Code: PolicyObligationUnmet, HTTP: 403, Meaning: "something must be done first",
		AIP1: "E200", AIP1Near: true, OAP: names{"approval_required"},
	},
	{
		Code: LedgerReplay, HTTP: 401, Meaning: "this presentation was used already",
		AIP1: "E102",
	},
	{
		Code: LedgerConflict, HTTP: 409, Meaning: "another intent has this identifier",
		AIP1: "E102", AIP1Near: true, OAP: names{"idempotency_conflict"},
	},
	{
		Code: LedgerRepeated, HTTP: 409, Meaning: "this act was decided before",
		AIP1: "E102", AIP1Near: true, OAP: names{"idempotency_conflict"},
	},
	{
		Code: LedgerBudgetExceeded, HTTP: 403, Passing: true, Meaning: "a budget is used up",
		AIP1: "E202", OAP: names{"limit_exceeded", "daily_limit_exceeded"},
		Grantex: names{"AMOUNT_EXCEEDS_BUDGET"},
	},
	{
		Code: LedgerRateExceeded, HTTP: 429, Passing: true, Meaning: "too often",
		AIP1: "E202", AIP1Near: true, OAP: names{"rate_limit_exceeded"},
	},
	{
		Code: LedgerUnavailable, HTTP: 503, Undetermined: true, Meaning: "the ledger did not answer",
		AIP1: "E500", AIP1Near: true, OAP: names{"evaluator_error"},
	},
	{
		Code: InternalError, HTTP: 503, Undetermined: true, Meaning: "a fault of this library",
		AIP1: "E500", AIP1Near: true, OAP: names{"evaluator_error"},
	},
}

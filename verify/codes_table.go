package verify

//go:generate go run ../internal/codespage -o ../docs/codes.md

type names = []string

// table has one row for every code, in the order of the steps.
var table = [...]Info{
	{
		Code: RequestInvalid, HTTP: 500, Meaning: "the caller's own question is malformed",
		Remedy: "nothing: the service asked a wrong question, which its operator must correct",
		AIP1:   "E500", AIP1Near: true,
	},
	{
		Code: EnvelopeMissing, HTTP: 401, Meaning: "nothing was presented",
		Remedy: "present a passport: attach the presentation to the request",
		AIP1:   "E103", OAP: names{"passport_not_found"}, Grantex: names{"MISSING_PASSPORT"},
	},
	{
		Code: EnvelopeMalformed, HTTP: 400, Meaning: "the document is malformed",
		Remedy: "send the document as it was signed, byte for byte, in UTF-8",
		AIP1:   "E103", OAP: names{"invalid_context"}, Grantex: names{"MALFORMED_CREDENTIAL"},
		W3C: names{"PARSING_ERROR", "MALFORMED_VALUE_ERROR"},
	},
	{
		Code: EnvelopeTooLarge, HTTP: 413, Meaning: "the input is larger than is allowed",
		Remedy: "send fewer or smaller credentials",
		AIP1:   "E103", OAP: names{"context_too_large"}, Grantex: names{"MALFORMED_CREDENTIAL"},
	},
	{
		Code: EnvelopeUnsupported, HTTP: 401, Meaning: "a kind, version or format that is not accepted",
		Remedy: "present the document with a proof, or in a format that the service accepts",
		AIP1:   "E104", OAP: names{"passport_version_mismatch"}, Grantex: names{"MALFORMED_CREDENTIAL"},
	},
	{
		Code: EnvelopeContext, HTTP: 401, Meaning: "a JSON-LD context that is not accepted",
		Remedy: "use the contexts of the specification, in their order",
		AIP1:   "E104", OAP: names{"passport_version_mismatch"}, Grantex: names{"MALFORMED_CREDENTIAL"},
	},
	{
		Code: EnvelopeDataLoss, HTTP: 400, Meaning: "a member that no context defines",
		Remedy: "leave the member out, or have the issuer define it in a context",
		AIP1:   "E103", OAP: names{"invalid_context"}, Grantex: names{"MALFORMED_CREDENTIAL"},
		W3C: names{"DATA_LOSS_DETECTION_ERROR"},
	},
	{
		Code: EnvelopeNonceInvalid, HTTP: 401, Meaning: "a challenge of the wrong length or form",
		Remedy: "answer the challenge that was handed out, or let the library make one",
		AIP1:   "E105", W3C: names{"INVALID_CHALLENGE_ERROR"},
	},
	{
		Code: PresentationRequired, HTTP: 401, Meaning: "a passport was shown without a presentation",
		Remedy: "sign a presentation with the agent's key: a passport alone is not enough",
		AIP1:   "E100", AIP1Near: true, OAP: names{"passport_invalid"},
	},
	{
		Code: AnchorUntrustedIssuer, HTTP: 401, Meaning: "the chain does not begin with a trusted issuer",
		Remedy: "show the whole chain, the root first; or get a passport from an issuer that the service trusts",
		AIP1:   "E100", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"UNTRUSTED_ISSUER"},
	},
	{
		Code: AnchorOutOfScope, HTTP: 401, Meaning: "the issuer is not trusted for this",
		Remedy: "get a passport from an issuer that is trusted for this act, or ask for less",
		AIP1:   "E403", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"UNTRUSTED_ISSUER"},
	},
	{
		Code: TimeExpired, HTTP: 401, Meaning: "a passport or credential has expired",
		Remedy: "get a new passport",
		AIP1:   "E101", OAP: names{"passport.expired"}, Grantex: names{"PASSPORT_EXPIRED"},
	},
	{
		Code: TimeIntentExpired, HTTP: 401, Meaning: "the intent has expired",
		Remedy: "make a new presentation for each act",
		AIP1:   "E101", OAP: names{"passport.expired"}, Grantex: names{"PASSPORT_EXPIRED"},
	},
	{
		Code: TimeNotYetValid, HTTP: 401, Passing: true, Meaning: "not valid yet",
		Remedy: "wait, or correct the clock",
		AIP1:   "E101", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"PASSPORT_NOT_YET_VALID"},
	},
	{
		Code: TimeLifetimeExceeded, HTTP: 401, Meaning: "valid for longer than is allowed",
		Remedy: "get a passport that is valid for a shorter time",
		AIP1:   "E101", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"INVALID_EXPIRY"},
	},
	{
		Code: ProofMissing, HTTP: 401, Meaning: "there is no proof",
		Remedy: "sign the document",
		AIP1:   "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"PROOF_VERIFICATION_ERROR"},
	},
	{
		Code: ProofInvalid, HTTP: 401, Meaning: "a signature is not valid",
		Remedy: "send the document unchanged; if it is unchanged, it names another key than the one that signed it",
		AIP1:   "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE", "CREDENTIAL_MISMATCH"},
		W3C: names{"PROOF_VERIFICATION_ERROR"},
	},
	{
		Code: ProofExpired, HTTP: 401, Meaning: "a proof has expired",
		Remedy: "sign again",
		AIP1:   "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"PROOF_VERIFICATION_ERROR"},
	},
	{
		Code: ProofTransformation, HTTP: 401, Meaning: "a proof type or cryptosuite that is not known",
		Remedy: "sign with a cryptosuite that the service knows, such as eddsa-jcs-2022",
		AIP1:   "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"PROOF_TRANSFORMATION_ERROR"},
	},
	{
		Code: ProofTooComplex, HTTP: 400, Meaning: "the document takes too much work to canonicalise",
		Remedy: "use fewer blank nodes: give nested objects an id",
		AIP1:   "E103", OAP: names{"context_too_nested"}, Grantex: names{"MALFORMED_CREDENTIAL"},
	},
	{
		Code: ProofKeyNotAuthorized, HTTP: 401, Meaning: "the key belongs to another party, or is not for this purpose",
		Remedy: "sign with a key that the DID document lists for this purpose",
		AIP1:   "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{
			"INVALID_VERIFICATION_METHOD", "INVALID_VERIFICATION_METHOD_URL",
			"INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID",
		},
	},
	{
		Code: ProofPurposeMismatch, HTTP: 401, Meaning: "the proof was made for another purpose",
		Remedy: "passports are signed for assertionMethod, presentations for authentication",
		AIP1:   "E100", OAP: names{"passport_invalid"}, Grantex: names{"INVALID_SIGNATURE"},
		W3C: names{"INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD", "INVALID_PROOF_PURPOSE_FOR_VERIFICATION_METHOD"},
	},
	{
		Code: ProofHolderMismatch, HTTP: 401, Meaning: "the presenter is not the agent of the passport",
		Remedy: "sign with the key of the agent that the last passport names",
		AIP1:   "E100", AIP1Near: true, OAP: names{"passport_invalid"}, Grantex: names{"CREDENTIAL_MISMATCH"},
	},
	{
		Code: ProofAudienceMismatch, HTTP: 401, Meaning: "made for another audience",
		Remedy: "make the presentation for the name that the service goes by",
		AIP1:   "E100", AIP1Near: true, OAP: names{"passport_invalid"}, W3C: names{"INVALID_DOMAIN_ERROR"},
	},
	{
		Code: ProofChallengeMismatch, HTTP: 401, Meaning: "made for another challenge",
		Remedy: "answer the challenge that this service handed out last",
		AIP1:   "E100", AIP1Near: true, OAP: names{"passport_invalid"}, W3C: names{"INVALID_CHALLENGE_ERROR"},
	},
	{
		Code: ProofIntentMismatch, HTTP: 401, Meaning: "the signed intent and the request differ",
		Remedy: "sign the act that is then requested, in every member",
		AIP1:   "E100", AIP1Near: true, OAP: names{"invalid_context"}, Grantex: names{"CREDENTIAL_MISMATCH"},
	},
	{
		Code: ProofUnresolvable, HTTP: 503, Undetermined: true, Meaning: "a key could not be looked up",
		Remedy: "ask again later; the operator looks at the resolver",
		AIP1:   "E500", OAP: names{"api_error"}, Grantex: names{"INVALID_SIGNATURE"},
	},
	{
		Code: ProofTimeout, HTTP: 503, Undetermined: true, Meaning: "looking up a key took too long",
		Remedy: "ask again later",
		AIP1:   "E502", OAP: names{"api_error"}, Grantex: names{"INVALID_SIGNATURE"},
	},
	{
		Code: DelegationInvalid, HTTP: 403, Meaning: "a link of the chain does not fit its parent",
		Remedy: "delegate again from the passport above",
		AIP1:   "E403", OAP: names{"passport_invalid"},
	},
	{
		Code: DelegationParentMismatch, HTTP: 403, Meaning: "a link names another parent",
		Remedy: "show the passports in order, the root first, with none left out",
		AIP1:   "E403", OAP: names{"passport_invalid"},
	},
	{
		Code: DelegationWidened, HTTP: 403, Meaning: "a link claims more than its parent has",
		Remedy: "delegate again, with no more than the passport above has",
		AIP1:   "E403", OAP: names{"passport_invalid"},
	},
	{
		Code: DelegationTooDeep, HTTP: 403, Meaning: "deeper than an ancestor allows",
		Remedy: "use a passport nearer to the root, or get one that may be delegated deeper",
		AIP1:   "E403", OAP: names{"passport_invalid"},
	},
	{
		Code: StatusRevoked, HTTP: 403, Meaning: "revoked",
		Remedy: "get a new passport, if the issuer gives one",
		AIP1:   "E400", OAP: names{"passport.revoked"}, Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: StatusSuspended, HTTP: 403, Passing: true, Meaning: "suspended",
		Remedy: "wait until the issuer ends the suspension, or ask it",
		AIP1:   "E401", OAP: names{"passport_suspended"}, Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: StatusPrincipalRevoked, HTTP: 403, Meaning: "everything of this principal or organisation is stopped",
		Remedy: "nothing: ask the principal or the organisation",
		AIP1:   "E402", OAP: names{"passport_suspended"}, Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: StatusIssuerPaused, HTTP: 403, Passing: true, Meaning: "everything of this issuer is stopped",
		Remedy: "wait until the issuer lifts the pause",
		AIP1:   "E402", AIP1Near: true, OAP: names{"passport_suspended"}, Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: StatusStale, HTTP: 503, Undetermined: true, Meaning: "the status list is too old",
		Remedy: "ask again later; the issuer publishes a new list",
		AIP1:   "E501", Grantex: names{"REVOCATION_CHECK_FAILED"},
	},
	{
		Code: StatusRolledBack, HTTP: 503, Undetermined: true, Meaning: "the status list is older than one already seen",
		Remedy: "ask again later; the operator looks at the source of lists",
		AIP1:   "E501", Grantex: names{"REVOCATION_CHECK_FAILED"},
	},
	{
		Code: StatusEarly, HTTP: 503, Undetermined: true, Meaning: "the status list is dated in the future",
		Remedy: "ask again later; the issuer's clock or the service's is wrong",
		AIP1:   "E501", AIP1Near: true, Grantex: names{"REVOCATION_CHECK_FAILED"},
	},
	{
		Code: StatusUnavailable, HTTP: 503, Undetermined: true, Meaning: "the status list could not be found",
		Remedy: "ask again later; the operator looks at the source of lists",
		AIP1:   "E500", Grantex: names{"REVOCATION_CHECK_FAILED"}, W3C: names{"STATUS_RETRIEVAL_ERROR"},
	},
	{
		Code: StatusInvalid, HTTP: 403, Meaning: "the status list or the entry is not valid",
		Remedy: "ask the issuer: its list or the entry in the passport is wrong",
		AIP1:   "E501", AIP1Near: true, Grantex: names{"REVOCATION_CHECK_FAILED"},
		W3C: names{"STATUS_VERIFICATION_ERROR", "STATUS_LIST_LENGTH_ERROR", "RANGE_ERROR"},
	},
	{
		Code: ConsentMissing, HTTP: 403, Meaning: "the consent credential was not found",
		Remedy: "present the consent that the passport names together with the passport",
		AIP1:   "E405",
	},
	{
		Code: ConsentInvalid, HTTP: 403, Meaning: "the consent credential is not valid",
		Remedy: "get a consent that is signed by the person, and a passport that names it",
		AIP1:   "E406",
	},
	{
		Code: ConsentExpired, HTTP: 403, Meaning: "the consent has expired",
		Remedy: "get a new consent, and a passport that names it",
		AIP1:   "E407",
	},
	{
		Code: ConsentSubjectMismatch, HTTP: 403, Meaning: "the consent is somebody else's",
		Remedy: "get a passport that names the consent of its own principal",
		AIP1:   "E408",
	},
	{
		Code: ConsentRevoked, HTTP: 403, Meaning: "the consent was withdrawn",
		Remedy: "ask the person",
		AIP1:   "E406", Grantex: names{"PASSPORT_REVOKED"},
	},
	{
		Code: AuthorityActionNotAllowed, HTTP: 403, Meaning: "no capability covers the act",
		Remedy: "get a passport that grants the action",
		AIP1:   "E200", OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityScopeMissing, HTTP: 403, Meaning: "the scope that the operation needs is missing",
		Remedy: "get a passport that grants the scope",
		AIP1:   "E200", OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityScopeWithdrawn, HTTP: 403, Meaning: "the scope is no longer offered",
		Remedy: "use another operation",
		AIP1:   "E200", OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityOperationUnknown, HTTP: 403, Meaning: "no such operation",
		Remedy: "use an operation that the service has",
		AIP1:   "E200", AIP1Near: true, OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityWrongCredentialKind, HTTP: 403, Meaning: "the operation takes another kind of credential",
		Remedy: "authenticate in the way that the operation requires",
		AIP1:   "E200", AIP1Near: true, OAP: names{"unknown_capability"}, Grantex: names{"SCOPE_INSUFFICIENT"},
	},
	{
		Code: AuthorityActionDenied, HTTP: 403, Meaning: "the act is expressly denied",
		Remedy: "nothing: the issuer or a delegate forbade it",
		AIP1:   "E201", OAP: names{"action_forbidden"},
	},
	{
		Code: AuthorityAmountExceeded, HTTP: 403, Meaning: "more than is allowed in one transaction",
		Remedy: "ask for less in one payment, or get a passport with a higher ceiling",
		AIP1:   "E202", OAP: names{"limit_exceeded"}, Grantex: names{"AMOUNT_EXCEEDED"},
	},
	{
		Code: AuthorityCurrencyNotAllowed, HTTP: 403, Meaning: "spending in this currency is not granted",
		Remedy: "pay in a currency that every link grants",
		AIP1:   "E202", OAP: names{"currency_unsupported"}, Grantex: names{"AMOUNT_EXCEEDED"},
	},
	{
		Code: AuthorityLimitExceeded, HTTP: 403, Meaning: "an attribute is beyond its limit",
		Remedy: "ask for less, and state attributes as the kind that the limit wants",
		AIP1:   "E202", AIP1Near: true, OAP: names{"limit_exceeded"},
	},
	{
		Code: AuthorityAttributeMissing, HTTP: 403, Meaning: "the request lacks an attribute that a condition needs",
		Remedy: "state the attribute, or the amount, in the signed intent",
		AIP1:   "E103", OAP: names{"invalid_context"},
	},
	{
		Code: AuthorityCategoryNotAllowed, HTTP: 403, Meaning: "payments of this category are not granted",
		Remedy: "name a category that every link grants",
		AIP1:   "E200", AIP1Near: true, OAP: names{"category_blocked"}, Grantex: names{"CATEGORY_MISMATCH"},
	},
	{
		Code: AuthorityRailNotAllowed, HTTP: 403, Meaning: "this payment rail is not granted",
		Remedy: "use a rail that every link grants",
		AIP1:   "E200", AIP1Near: true, OAP: names{"merchant_forbidden"},
	},
	{
		Code: AuthorityPayeeNotAllowed, HTTP: 403, Meaning: "this payee is not among those allowed",
		Remedy: "pay one of the payees that are named",
		AIP1:   "E200", AIP1Near: true, OAP: names{"merchant_forbidden"},
	},
	{
		Code: AuthorityResourceNotAllowed, HTTP: 403, Meaning: "this resource is not among those allowed",
		Remedy: "act on a resource, or ask an audience, that is named",
		AIP1:   "E200", AIP1Near: true, OAP: names{"merchant_forbidden"},
	},
	{
		Code: AuthorityOutsideTimeWindow, HTTP: 403, Passing: true, Meaning: "the act is not allowed at this time",
		Remedy: "wait for the hours that are named",
		AIP1:   "E203",
	},
	{
		Code: AuthorityRegionBlocked, HTTP: 403, Meaning: "the act is not allowed in this region",
		Remedy: "act in a region that is named, and state it",
		AIP1:   "E204", OAP: names{"region_blocked"},
	},
	{
		Code: AuthorityAssuranceInsufficient, HTTP: 403, Meaning: "the principal is not identified well enough",
		Remedy: "have the issuer identify the principal better",
		AIP1:   "E404", AIP1Near: true, OAP: names{"assurance_insufficient"},
	},
	{
		Code: AuthorityIntentDrift, HTTP: 403, Meaning: "the act does not fit the agent's purpose",
		Remedy: "act within the purpose that the passport states",
		AIP1:   "E303",
	},
	{
		Code: AttestationModelMismatch, HTTP: 403, Meaning: "another model than was attested",
		Remedy: "run the model that was attested, or get a new attestation",
		AIP1:   "E300",
	},
	{
		Code: AttestationPromptMismatch, HTTP: 403, Meaning: "another prompt than was attested",
		Remedy: "run the prompt that was attested, or get a new attestation",
		AIP1:   "E301",
	},
	{
		Code: AttestationFrameworkUnregistered, HTTP: 403, Meaning: "a framework that is not registered",
		Remedy: "run a framework that the service registers",
		AIP1:   "E302",
	},
	{
		Code: TrustTooLow, HTTP: 403, Meaning: "the agent's record is not good enough",
		Remedy: "build a better record, or ask the service",
		AIP1:   "E404",
	},
	{
		Code: PolicyDenied, HTTP: 403, Meaning: "a rule of the host refuses",
		Remedy: "look at the rule that is named; it is one of the service's own",
		AIP1:   "E200", AIP1Near: true,
		OAP: names{
			"denied", "policy_error", "criteria_not_met", "evidence_missing", "criteria_incomplete",
			"summary_insufficient", "tests_not_passing", "self_review_not_allowed", "blocked_pattern_detected",
		},
	},
	{
		Code: PolicyObligationUnmet, HTTP: 403, Meaning: "something must be done first",
		Remedy: "do what the obligation says, such as asking a person, and ask again",
		AIP1:   "E200", AIP1Near: true, OAP: names{"approval_required"},
	},
	{
		Code: LedgerReplay, HTTP: 401, Meaning: "this presentation was used already",
		Remedy: "make a new presentation: each can be used once",
		AIP1:   "E102",
	},
	{
		Code: LedgerConflict, HTTP: 409, Meaning: "another intent has this identifier",
		Remedy: "give a new act a new intent",
		AIP1:   "E102", AIP1Near: true, OAP: names{"idempotency_conflict"},
	},
	{
		Code: LedgerRepeated, HTTP: 409, Meaning: "this act was decided before",
		Remedy: "use the answer you got then; a new act needs a new intent",
		AIP1:   "E102", AIP1Near: true, OAP: names{"idempotency_conflict"},
	},
	{
		Code: LedgerBudgetExceeded, HTTP: 403, Passing: true, Meaning: "a budget is used up",
		Remedy: "ask for less, or wait until the next window begins",
		AIP1:   "E202", OAP: names{"limit_exceeded", "daily_limit_exceeded"},
		Grantex: names{"AMOUNT_EXCEEDS_BUDGET"},
	},
	{
		Code: LedgerRateExceeded, HTTP: 429, Passing: true, Meaning: "too many acts in too short a time",
		Remedy: "wait, as Retry-After says",
		AIP1:   "E202", AIP1Near: true, OAP: names{"rate_limit_exceeded"},
	},
	{
		Code: LedgerUnavailable, HTTP: 503, Undetermined: true, Meaning: "the ledger did not answer",
		Remedy: "ask again later with a new presentation",
		AIP1:   "E500", AIP1Near: true, OAP: names{"evaluator_error"},
	},
	{
		Code: InternalError, HTTP: 503, Undetermined: true, Meaning: "an error in this library",
		Remedy: "ask again later; the operator reads the log",
		AIP1:   "E500", AIP1Near: true, OAP: names{"evaluator_error"},
	},
}

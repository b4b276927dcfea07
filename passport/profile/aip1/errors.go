package aip1

import (
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Code is the number of one of AIP-1's errors, without the prefix "AIP-".
type Code string

// The codes that a verifier raises.
const (
	InvalidSignature       Code = "E100"
	ExpiredEnvelope        Code = "E101"
	ReplayDetected         Code = "E102"
	SchemaInvalid          Code = "E103"
	VersionUnsupported     Code = "E104"
	NonceInvalid           Code = "E105"
	ActionNotAllowed       Code = "E200"
	ActionDenied           Code = "E201"
	MonetaryLimit          Code = "E202"
	TimeWindowViolation    Code = "E203"
	GeoRestriction         Code = "E204"
	ModelHashMismatch      Code = "E300"
	PromptHashMismatch     Code = "E301"
	FrameworkUnregistered  Code = "E302"
	IntentDrift            Code = "E303" // never: E200 comes first
	AgentRevoked           Code = "E400"
	AgentSuspended         Code = "E401"
	PrincipalRevoked       Code = "E402" // in the strict reading alone
	DelegationInvalid      Code = "E403"
	TrustScoreLow          Code = "E404"
	MandateRequired        Code = "E405"
	MandateInvalid         Code = "E406"
	MandateExpired         Code = "E407"
	MandateSubjectMismatch Code = "E408"
	RevocationStale        Code = "E501"
)

// ours is what each of them is called here.
var ours = map[Code]code.Code{
	InvalidSignature: code.ProofInvalid, ExpiredEnvelope: code.TimeIntentExpired, ReplayDetected: code.LedgerReplay,
	SchemaInvalid: code.EnvelopeMalformed, VersionUnsupported: code.EnvelopeUnsupported,
	NonceInvalid:     code.EnvelopeNonceInvalid,
	ActionNotAllowed: code.AuthorityActionNotAllowed, ActionDenied: code.AuthorityActionDenied,
	MonetaryLimit: code.AuthorityAmountExceeded, TimeWindowViolation: code.AuthorityOutsideTimeWindow,
	GeoRestriction: code.AuthorityRegionBlocked, ModelHashMismatch: code.AttestationModelMismatch,
	PromptHashMismatch: code.AttestationPromptMismatch, FrameworkUnregistered: code.AttestationFrameworkUnregistered,
	IntentDrift:  code.AuthorityIntentDrift,
	AgentRevoked: code.StatusRevoked, AgentSuspended: code.StatusSuspended,
	PrincipalRevoked:  code.StatusPrincipalRevoked,
	DelegationInvalid: code.DelegationInvalid, TrustScoreLow: code.TrustTooLow,
	MandateRequired: code.ConsentMissing, MandateInvalid: code.ConsentInvalid, MandateExpired: code.ConsentExpired,
	MandateSubjectMismatch: code.ConsentSubjectMismatch, RevocationStale: code.StatusStale,
}

// Error is a refusal: AIP-1's own codes, at least one, in the order in which its
// verifier raises them. It wraps a *passport.Error for each, with the code that
// this library has.
type Error struct {
	Codes []Code

	errs []error // *code.Error
}

func (e *Error) Error() string { return "aip1: " + e.String() + ": " + e.first().Error() }

func (e *Error) first() *code.Error { return e.errs[0].(*code.Error) }

// String returns the codes, joined by "+".
func (e *Error) String() string {
	words := make([]string, len(e.Codes))
	for i, c := range e.Codes {
		words[i] = string(c)
	}
	return strings.Join(words, "+")
}

// Unwrap returns the *passport.Error of each code.
func (e *Error) Unwrap() []error { return e.errs }

// refuse makes a refusal; path is a JSON Pointer into the document.
func refuse(c Code, path, format string, args ...any) *Error {
	return refuseAll([]Code{c}, path, format, args...)
}

func refuseAll(codes []Code, path, format string, args ...any) *Error {
	e := &Error{Codes: codes}
	for _, c := range codes {
		e.errs = append(e.errs, &code.Error{Code: ours[c], Path: path, Detail: fmt.Sprintf(format, args...)})
	}
	return e
}

func malformed(path, format string, args ...any) *Error {
	return refuse(SchemaInvalid, path, format, args...)
}

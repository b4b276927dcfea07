package grantex

import (
	"fmt"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Code is one of Grantex' own words for a refusal.
type Code string

// The codes that Grantex' verifier has.
const (
	MissingPassport       Code = "MISSING_PASSPORT"
	MalformedCredential   Code = "MALFORMED_CREDENTIAL"
	UntrustedIssuer       Code = "UNTRUSTED_ISSUER"
	InvalidSignature      Code = "INVALID_SIGNATURE"
	CredentialMismatch    Code = "CREDENTIAL_MISMATCH"
	PassportExpired       Code = "PASSPORT_EXPIRED"
	PassportNotYetValid   Code = "PASSPORT_NOT_YET_VALID"
	PassportRevoked       Code = "PASSPORT_REVOKED"
	RevocationCheckFailed Code = "REVOCATION_CHECK_FAILED"
	CategoryMismatch      Code = "CATEGORY_MISMATCH"
	AmountExceeded        Code = "AMOUNT_EXCEEDED"
)

// ours is what each of them is called here, unless an error says otherwise.
var ours = map[Code]code.Code{
	MissingPassport: code.EnvelopeMissing, MalformedCredential: code.EnvelopeMalformed,
	UntrustedIssuer:  code.AnchorUntrustedIssuer,
	InvalidSignature: code.ProofInvalid, CredentialMismatch: code.ProofInvalid,
	PassportExpired:     code.TimeExpired,
	PassportNotYetValid: code.TimeNotYetValid, PassportRevoked: code.StatusRevoked,
	RevocationCheckFailed: code.StatusUnavailable,
	CategoryMismatch:      code.AuthorityCategoryNotAllowed, AmountExceeded: code.AuthorityAmountExceeded,
}

// Error is a refusal: Grantex' own code, and through errors.As a
// *passport.Error with that of this library.
type Error struct {
	Code Code
	// Undetermined: it could not be found out. Asking again makes sense once the
	// status list, or the parent, is at hand.
	Undetermined bool
	// ParentMissing: the passport has a parent that is not at hand. It is refused:
	// the parent may have been revoked, or allow less, and no list would say so.
	ParentMissing bool
	// Unusable: the passport is genuine, and says what nothing can be made of,
	// such as a negative amount. It is not a forgery.
	Unusable bool

	err *code.Error
}

func (e *Error) Error() string { return "grantex: " + string(e.Code) + ": " + e.err.Error() }

// Unwrap returns the *passport.Error.
func (e *Error) Unwrap() error { return e.err }

// refuse makes a refusal; path is a JSON Pointer into the decoded passport.
func refuse(c Code, path, format string, args ...any) *Error {
	return &Error{Code: c, err: &code.Error{Code: ours[c], Path: path, Detail: fmt.Sprintf(format, args...)}}
}

// unknown says that it could not be found out.
func unknown(path, format string, args ...any) *Error {
	e := refuse(RevocationCheckFailed, path, format, args...)
	e.Undetermined = true
	return e
}

// unusable says that a genuine passport has a member that means nothing.
func unusable(path, format string, args ...any) *Error {
	e := refuse(MalformedCredential, path, format, args...)
	e.Unusable = true
	return e
}

package registry

import (
	"errors"
	"fmt"
)

// Errors of a [Store], for errors.Is.
var (
	ErrChanged = errors.New("registry: the document has changed meanwhile")
	ErrTaken   = errors.New("registry: another document has this key")
)

// Taken is [ErrTaken] with the id of the other document.
type Taken struct{ ID string }

// Error says whose the key is.
func (e *Taken) Error() string { return ErrTaken.Error() + ": " + e.ID }

// Is makes errors.Is(err, ErrTaken) true.
func (*Taken) Is(target error) bool { return target == ErrTaken }

// Code says why the office refuses a call.
type Code string

// The codes, in the words of the systems that have them.
const (
	BadRequest        Code = "BAD_REQUEST"
	InvalidAgent      Code = "INVALID_AGENT"
	InvalidGrant      Code = "INVALID_GRANT"
	ScopeInsufficient Code = "SCOPE_INSUFFICIENT"
	AmountExceeds     Code = "AMOUNT_EXCEEDS_BUDGET"
	InvalidExpiry     Code = "INVALID_EXPIRY"
	InvalidAssurance  Code = "INVALID_ASSURANCE"
	Widened           Code = "WIDENED"
	Unauthenticated   Code = "UNAUTHENTICATED"
	MissingScope      Code = "MISSING_SCOPE"
	Forbidden         Code = "FORBIDDEN"
	ConsentRequired   Code = "CONSENT_REQUIRED"
	NotFound          Code = "NOT_FOUND"
	Conflict          Code = "CONFLICT"
	Exists            Code = "EXISTS"
	InvalidTransition Code = "INVALID_TRANSITION"
	VersionMismatch   Code = "VERSION_MISMATCH"
	RateLimited       Code = "RATE_LIMITED"
	Internal          Code = "INTERNAL"
)

// Error makes errors.Is(err, code) true for an [Error] of that code.
func (c Code) Error() string { return string(c) }

// statuses are the HTTP statuses of the codes, where they are not 400.
var statuses = map[Code]int{
	Unauthenticated: 401, MissingScope: 403, Forbidden: 403, ConsentRequired: 403, NotFound: 404, Conflict: 409,
	Exists: 409, InvalidTransition: 409, VersionMismatch: 409, RateLimited: 429, Internal: 500,
}

// HTTPStatus is the status that an HTTP server should answer with.
func (c Code) HTTPStatus() int {
	if s := statuses[c]; s != 0 {
		return s
	}
	return 400
}

// Error is why the office refuses a call. Nothing was changed.
type Error struct {
	Code   Code
	Member string // of the call that is wrong, such as "Expiry"; "": the call as a whole
	Detail string // for people
	Status int    // for HTTP, where it is not that of the code; 0: that of the code
	ID     string // of what exists already
	Err    error
}

// Error says what was wrong.
func (e *Error) Error() string {
	text := string(e.Code)
	if e.Member != "" {
		text += ": " + e.Member
	}
	text += ": " + e.Detail
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is makes errors.Is(err, code) true.
func (e *Error) Is(target error) bool { c, ok := target.(Code); return ok && c == e.Code }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// HTTPStatus is the status that an HTTP server should answer with.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	return e.Code.HTTPStatus()
}

func refuse(c Code, member, format string, args ...any) *Error {
	return &Error{Code: c, Member: member, Detail: fmt.Sprintf(format, args...)}
}

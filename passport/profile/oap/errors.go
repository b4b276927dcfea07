package oap

import (
	"fmt"
	"maps"
	"slices"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Code is a word for a refusal, as the Open Agent Passport writes them. It has
// none for most of what a reader must refuse: those are this library's, in the same
// form.
type Code string

// The codes of strict readings.
const (
	InvalidPassport     Code = "oap.invalid_passport"
	InvalidDecision     Code = "oap.invalid_decision"
	InvalidCredential   Code = "oap.invalid_credential"
	InvalidPresentation Code = "oap.invalid_presentation"
	InvalidSignature    Code = "oap.invalid_signature"
	UnsignedMember      Code = "oap.unsigned_member" // a member that no signature covers
	KeyUnknown          Code = "oap.key_unknown"     // undetermined: no key to verify with
	PassportDraft       Code = "oap.passport_draft"
	PassportSuspended   Code = "oap.passport_suspended"
	PassportRevoked     Code = "oap.passport_revoked"
	PassportExpired     Code = "oap.passport_expired"
	DecisionExpired     Code = "oap.decision_expired"
	NotYetValid         Code = "oap.not_yet_valid"
	ChallengeMismatch   Code = "oap.challenge_mismatch"
	DomainMismatch      Code = "oap.domain_mismatch"
	NotCarried          Code = "oap.member_not_carried" // translation: a member that has no place here
)

// ours is what each of them is called in the rest of the library.
var ours = map[Code]code.Code{
	InvalidPassport: code.EnvelopeMalformed, InvalidDecision: code.EnvelopeMalformed,
	InvalidCredential: code.EnvelopeMalformed, InvalidPresentation: code.EnvelopeMalformed,
	InvalidSignature: code.ProofInvalid, UnsignedMember: code.ProofInvalid, KeyUnknown: code.ProofUnresolvable,
	PassportDraft: code.StatusInvalid, PassportSuspended: code.StatusSuspended, PassportRevoked: code.StatusRevoked,
	PassportExpired: code.TimeExpired, DecisionExpired: code.TimeExpired, NotYetValid: code.TimeNotYetValid,
	ChallengeMismatch: code.ProofChallengeMismatch, DomainMismatch: code.ProofAudienceMismatch,
	NotCarried: code.EnvelopeUnsupported,
}

// Codes returns all words of strict readings, sorted.
func Codes() []Code { return slices.Sorted(maps.Keys(ours)) }

// Ours returns what the rest of the library calls it.
func (c Code) Ours() code.Code { return ours[c] }

// Error is a refusal: a word of this dialect or, in the compatible reading, the
// peer's own text; and through errors.As a *passport.Error.
type Error struct {
	Code Code   // strict
	Peer string // compatible: what the peer says, such as "Invalid VC signature"
	// Undetermined: it could not be found out; asking again makes sense with the key.
	Undetermined bool

	err *code.Error
}

// Word returns what to report: the code, or what the peer says.
func (e *Error) Word() string {
	if e.Peer != "" {
		return e.Peer
	}
	return string(e.Code)
}

func (e *Error) Error() string { return "oap: " + e.Word() + ": " + e.err.Error() }

// Unwrap returns the *passport.Error.
func (e *Error) Unwrap() error { return e.err }

// refuse makes a refusal; path is a JSON Pointer into the document.
func refuse(c Code, path, format string, args ...any) *Error {
	return &Error{Code: c, Undetermined: c == KeyUnknown,
		err: &code.Error{Code: ours[c], Path: path, Detail: fmt.Sprintf(format, args...)}}
}

// peerSays makes a refusal of the compatible reading.
func peerSays(c Code, text string) *Error {
	return &Error{Code: c, Peer: text, err: &code.Error{Code: ours[c], Detail: "the peer says: " + text}}
}

// under moves a refusal to where its document stands in another.
func under(place string, e *Error) *Error {
	if e == nil {
		return nil
	}
	moved, inner := *e, *e.err
	inner.Path = place + inner.Path
	moved.err = &inner
	return &moved
}

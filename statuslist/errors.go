package statuslist

import (
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/internal/code"
)

// The errors of the W3C Recommendations, by their names there. Every error of
// this package that is about a list or an entry is a *code.Error, of code
// status.invalid or status.unavailable, and wraps one of these.
var (
	// ErrMalformed is MALFORMED_VALUE_ERROR: a member is missing, unknown, or
	// not of the form that it must have.
	ErrMalformed = errors.New("MALFORMED_VALUE_ERROR")
	// ErrRange is RANGE_ERROR: the index is not in the list.
	ErrRange = errors.New("RANGE_ERROR")
	// ErrLength is STATUS_LIST_LENGTH_ERROR: fewer than [MinEntries] entries.
	ErrLength = errors.New("STATUS_LIST_LENGTH_ERROR")
	// ErrVerification is STATUS_VERIFICATION_ERROR: the list is not one that
	// the entry can be looked up in.
	ErrVerification = errors.New("STATUS_VERIFICATION_ERROR")
	// ErrRetrieval is STATUS_RETRIEVAL_ERROR: the list could not be found.
	ErrRetrieval = errors.New("STATUS_RETRIEVAL_ERROR")
)

// ErrNotFound is wrapped by the error of a [Source] that knows that there is no
// list at the URL. It comes with [ErrRetrieval].
var ErrNotFound = errors.New("statuslist: no such list")

// fail builds a refusal of code status.invalid.
func fail(kind error, path, format string, args ...any) *code.Error {
	return &code.Error{Code: code.StatusInvalid, Path: path, Detail: fmt.Sprintf(format, args...), Err: kind}
}

package passport

import (
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
)

// Error is a refusal; see [credential.Error].
type Error = credential.Error

// invalid says that something given does not have the form it must have.
func invalid(path, format string, args ...any) error {
	return &Error{Code: code.EnvelopeMalformed, Path: path, Detail: fmt.Sprintf(format, args...)}
}

// below moves a refusal below path; nil stays nil.
func below(path string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Code: code.EnvelopeMalformed, Path: path, Err: err}
	}
	moved := *e
	moved.Path = path + e.Path
	return &moved
}

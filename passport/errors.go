package passport

import (
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

// below says of a refusal that it is about the part of the document at path.
func below(path string, err error) error {
	return code.At(code.Or(err, code.EnvelopeMalformed), path)
}

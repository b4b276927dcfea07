package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/view"
)

// The exit codes. They are part of the interface: see docs/cli.md.
const (
	exitAllowed      = 0          // allowed; or, of the other verbs, done
	exitDenied       = 1          // denied; or, of the other verbs, refused
	exitUsage        = cli.Misuse // the command line is wrong
	exitUndetermined = 3          // it could not be found out
	exitIO           = 4          // a file, a key or a stream could not be read or written
)

type failure = cli.Failure

// asFailure is an error as a failure, to which hints are added.
func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return &failure{Exit: exitCode(err), Err: err}
}

// denied: what is wished or what was read is not acceptable.
func denied(format string, args ...any) *failure {
	return &failure{Exit: exitDenied, Err: fmt.Errorf(format, args...)}
}

// ioFailure: something could not be read or written. The cause, which may be nil, is told behind the text.
func ioFailure(cause error, format string, args ...any) *failure {
	err := fmt.Errorf(format, args...)
	if cause != nil {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &failure{Exit: exitIO, Err: err}
}

// exitCode says how the command ends with an error. Errors of the library tell by their code: "no" and "could not find
// out" are different answers.
func exitCode(err error) int {
	var f *failure
	var e *credential.Error
	switch {
	case errors.As(err, &f):
		return f.Exit
	case errors.As(err, &e):
		if e.Code == verify.RequestInvalid {
			return exitUsage
		}
		if info, ok := verify.Lookup(e.Code); ok && info.Undetermined {
			return exitUndetermined
		}
		return exitDenied
	case errors.Is(err, did.ErrUnavailable):
		return exitUndetermined
	case errors.Is(err, did.ErrMethodNotSupported), errors.Is(err, did.ErrInvalidDID):
		return exitUsage
	case errors.Is(err, did.ErrNotFound), errors.Is(err, did.ErrKey), errors.Is(err, did.ErrInvalidDocument):
		return exitDenied
	}
	return exitIO
}

// report says on standard error what went wrong.
func (a *app) report(err error) {
	f := asFailure(err)
	if f.Said {
		return
	}
	for _, reason := range reasons(f.Err) {
		// The text of an error of the library has its limit and actual value where it has both.
		a.err.Line("safeconduct: error: %s", oneLine(inOurWords(reason)))
		var e *credential.Error
		if errors.As(reason, &e) && e.Limit == "" && e.Actual != "" {
			a.err.Line("safeconduct:   actual: %s", e.Actual)
		}
	}
	for _, h := range f.Hints {
		a.err.Line("safeconduct: hint: %s", h)
	}
}

// failed is what went wrong as the answer of -json.
func (a *app) failed(err error) view.Page {
	f := asFailure(err)
	list := []view.Page{}
	for _, reason := range reasons(f.Err) {
		p := view.Page{member("message", inOurWords(reason).Error())}
		var e *credential.Error
		if errors.As(reason, &e) {
			p = append(p, member("code", string(e.Code)), member("path", e.Path), member("detail", e.Detail),
				member("limit", e.Limit), member("actual", e.Actual))
		}
		var r *registry.Error
		if errors.As(reason, &r) {
			p = append(p, member("code", string(r.Code)), member("path", r.Member), member("detail", r.Detail), member("id", r.ID))
		}
		list = append(list, p)
	}
	return view.Page{member("exit", exitCode(err)), member("errors", list), member("hints", f.Hints)}
}

// reasons takes apart what was joined, so that each reason has its own line.
func reasons(err error) (list []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || err.Error() != errors.Join(joined.Unwrap()...).Error() {
		return []error{err}
	}
	for _, e := range joined.Unwrap() {
		list = append(list, reasons(e)...)
	}
	return list
}

// oneLine is the text of an error that may be of several, each said once.
func oneLine(err error) string {
	var said []string
	for _, line := range strings.Split(err.Error(), "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	return strings.Join(said, "; ")
}

// note tells something beside the result.
func (a *app) note(format string, args ...any) {
	a.err.Line("safeconduct: note: "+format, args...)
}

// warn is a note that should not be overlooked.
func (a *app) warn(format string, args ...any) {
	a.err.Line("safeconduct: WARNING: "+format, args...)
}

package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

// failure is an error that knows how the command ends, and what to do next.
type failure struct {
	exit       int
	err        error
	hints      []string
	silent     bool // everything was said already
	keepOutput bool // what was written for standard output stands
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// hint adds what the person at the keyboard can do.
func (f *failure) hint(text string) *failure { f.hints = append(f.hints, text); return f }

func (f *failure) quiet() *failure { f.silent = true; return f }

// usageFailure: the command line asks for something that cannot be.
func usageFailure(format string, args ...any) *failure {
	return &failure{exit: exitUsage, err: fmt.Errorf(format, args...)}
}

// ioFailure: something could not be read or written. The cause stands behind
// the text.
func ioFailure(cause error, format string, args ...any) *failure {
	err := fmt.Errorf(format, args...)
	if cause != nil {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &failure{exit: exitIO, err: err}
}

// exitCode says how the command ends with an error. Errors of the library tell
// by their code: "no" and "could not find out" are different answers.
func exitCode(err error) int {
	var f *failure
	var e *credential.Error
	var path *fs.PathError
	switch {
	case errors.As(err, &f):
		return f.exit
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
	case errors.As(err, &path):
		return exitIO
	}
	return exitIO
}

// report says on standard error what went wrong.
func (a *app) report(err error) {
	var f *failure
	if !errors.As(err, &f) {
		a.err.line("safeconduct: error: %s", inOurWords(err.Error()))
		return
	}
	if f.silent {
		return
	}
	for _, reason := range reasons(f.err) {
		// The text of an error of the library has its limit and actual value
		// where it has both.
		a.err.line("safeconduct: error: %s", inOurWords(reason.Error()))
		var e *credential.Error
		if errors.As(reason, &e) && e.Limit == "" && e.Actual != "" {
			a.err.line("safeconduct:   actual: %s", e.Actual)
		}
	}
	for _, h := range f.hints {
		a.err.line("safeconduct: hint: %s", h)
	}
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

// note tells something beside the result.
func (a *app) note(format string, args ...any) {
	a.err.line("safeconduct: note: "+format, args...)
}

// warn is a note that should not be overlooked.
func (a *app) warn(format string, args ...any) {
	a.err.line("safeconduct: WARNING: "+format, args...)
}

// asFailure returns the failure in err, nil if there is none.
func asFailure(err error) *failure {
	var f *failure
	errors.As(err, &f)
	return f
}

package code

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/internal/datetime"
)

// Error is one refusal: what, where, and what would have been right. It prints
// as one line.
// errors.Is(err, c) holds for its Code c and for whatever Err wraps.
type Error struct {
	Code   Code
	Path   string    // where in the document: a JSON Pointer, or "" for all of it
	Detail string    // what was wrong, lower case
	Limit  string    // what would have been right, where that is one value
	Actual string    // the value met
	Hint   string    // the likely cause, or what to do
	Until  time.Time // the first instant at which asking again can make sense; zero: not known, or never
	Err    error     // the cause, may be nil
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if e.Path != "" {
		b.WriteString(" at ")
		b.WriteString(e.Path)
	}
	if e.Detail != "" {
		b.WriteString(": ")
		b.WriteString(e.Detail)
	}
	if e.Limit != "" && e.Actual != "" {
		b.WriteString(" (limit " + e.Limit + ", actual " + e.Actual + ")")
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	if !e.Until.IsZero() {
		b.WriteString(" (ask again from " + datetime.FormatUp(e.Until) + ")")
	}
	if e.Hint != "" {
		b.WriteString(" (")
		b.WriteString(e.Hint)
		b.WriteString(")")
	}
	return OneLine(b.String())
}

// OneLine escapes what would not print, such as line breaks in the names of a
// document's members, so that nobody writes lines of a log but the host.
func OneLine(s string) string {
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unprintable(r) {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unprintable(r rune) bool { return r == utf8.RuneError || !strconv.IsPrint(r) }

// Is makes errors.Is(err, code) true for the error's own code.
func (e *Error) Is(target error) bool {
	c, ok := target.(Code)
	return ok && c == e.Code
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Of returns the code of the first *Error in err's tree, or "" if none.
func Of(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	var c Code
	if errors.As(err, &c) {
		return c
	}
	return ""
}

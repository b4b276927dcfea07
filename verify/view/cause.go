package view

import (
	"errors"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/verify"
)

// cause is why something was refused, for people: once, and in one line. What the violation itself says, and names that
// programs ask for, are left out.
func cause(v *verify.Violation) string {
	var said []string
	for err := v.Err; err != nil; {
		var next error
		switch e := err.(type) {
		case *credential.Error:
			if e.Err == nil {
				said = append(said, e.Error())
			} else if next = e.Err; e.Detail != v.Detail {
				said = append(said, e.Detail)
			}
		case interface{ Unwrap() []error }:
			if list := e.Unwrap(); !joins(err, list) && len(list) > 0 {
				next = list[len(list)-1] // behind the names of what went wrong
			} else {
				said = append(said, err.Error())
			}
		default:
			said = append(said, err.Error())
		}
		err = next
	}
	return strings.ReplaceAll(strings.Join(said, ": "), "\n", "; ")
}

// joins reports whether an error is of several that stand beside one another.
func joins(err error, list []error) bool { return err.Error() == errors.Join(list...).Error() }

package bundle

import (
	"errors"
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
)

// below moves a refusal to a place below path.
func below(path string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Code: code.EnvelopeMalformed, Path: path, Err: err}
	}
	moved := *e
	moved.Path = path + e.Path
	return &moved
}

// within makes the path of a refusal relative to the place at path.
func within(path string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Path = strings.TrimPrefix(e.Path, path)
	return &moved
}

func inEntry(kind Kind, i int, err error) error {
	return below(fmt.Sprintf("/%s/%d/content", kind, i), err)
}

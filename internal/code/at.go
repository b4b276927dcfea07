package code

import (
	"cmp"
	"errors"
)

// At says of a refusal where the document stands that it is about: place, a
// JSON Pointer, comes before its path. Of joined errors it moves each. An error
// without an [*Error] in it is returned as it is, nil as nil.
//
// Documents tell places from their own beginning. Whoever holds one in another
// knows where it is, and calls At.
func At(err error, place string) error {
	if err == nil || place == "" {
		return err
	}
	if many := Joined(err); many != nil {
		moved := make([]error, len(many))
		for i, e := range many {
			moved[i] = At(e, place)
		}
		return errors.Join(moved...)
	}
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Path = place + e.Path
	if err != error(e) {
		moved.Err = err // with what was said around it
	}
	return &moved
}

// Elsewhere returns a refusal without its path, which is one in another document
// than the place that [At] is going to name.
func Elsewhere(err error) error {
	e, ok := err.(*Error)
	if !ok {
		return err
	}
	moved := *e
	moved.Path = ""
	return &moved
}

// Joined returns the errors that err joins, if each of them is a refusal with a
// code; nil otherwise.
func Joined(err error) []error {
	many, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	list := many.Unwrap()
	for _, e := range list {
		if Of(e) == "" {
			return nil
		}
	}
	return list
}

// Or returns err if there is an [*Error] in it, nil if it is nil, and otherwise
// an [*Error] of which err is the cause, with its code or else with c.
func Or(err error, c Code) error {
	if err == nil {
		return nil
	}
	if e := (*Error)(nil); errors.As(err, &e) { // declared only here: it is on the heap
		return err
	}
	return &Error{Code: cmp.Or(Of(err), c), Err: err}
}

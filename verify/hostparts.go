package verify

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// caught is deferred by whatever calls a part that the host has configured: a
// resolver, a source, a ledger, a rule. A part that panics has failed, as one that
// returns an error has. Else no decision would be left to record and to settle by,
// and of a service that recovers nobody could tell that it has decided nothing.
func caught(part string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s panicked: %.200v", part, p)
		return
	}
	if *err != nil {
		*err = sound(*err)
	}
}

// sound replaces an error of the host's code that cannot be looked at without a
// panic: one with a nil pointer in it, and one whose own methods panic.
func sound(err error) (whole error) {
	if err == nil {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			whole = fmt.Errorf("an error of type %T was returned that panics when it is looked at: %.200v", err, p)
		}
	}()
	if at := nilInside(err); at != nil {
		return fmt.Errorf("a nil %T was returned as an error, where nil alone is success", at)
	}
	var v *Violation
	_, _, _ = err.Error(), errors.Is(err, InternalError), errors.As(err, &v)
	return err
}

// nilInside returns the first nil pointer in the tree of an error.
func nilInside(err error) error {
	if err == nil {
		return nil
	}
	if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && v.IsNil() {
		return err
	}
	switch u := err.(type) {
	case interface{ Unwrap() error }:
		return nilInside(u.Unwrap())
	case interface{ Unwrap() []error }:
		for _, e := range u.Unwrap() {
			if at := nilInside(e); at != nil {
				return at
			}
		}
	}
	return nil
}

// clockFailed is why nothing is decided without an instant.
func clockFailed(err error) *Violation {
	return &Violation{Code: InternalError, Detail: "there is no time of day", Err: err}
}

// read reads the host's clock.
func read(now func() time.Time) (at time.Time, err error) {
	defer caught("the clock", &err)
	return now(), nil
}

// lap returns the instant at which a step ends. If the clock fails, the step took no time.
func (r *run) lap() (at time.Time) {
	at = r.began
	defer func() { _ = recover() }() // nine times in each decision, so no error is made of it
	return r.v.config.Now()
}

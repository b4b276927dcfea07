// Package callctx says what a call does that was given no context: it fails, with an error that says so, and does
// nothing. A context that is nil is a mistake of the program, but one that shows where somebody hangs up, or in a
// handler that was built by hand; and a panic there may hold a lock, or leave an act open that was done.
package callctx

import (
	"context"
	"errors"
)

// ErrNil is the error of calls that are given nil as context.
var ErrNil = errors.New("the context is nil: pass context.Background where there is no other")

// Err is the error of a context, [ErrNil] for nil.
func Err(ctx context.Context) error {
	if ctx == nil {
		return ErrNil
	}
	return ctx.Err()
}

package shield

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// ErrUncertain, wrapped by the error of a shielded function, says that it does
// not know whether it acted: a payment whose answer was lost. What the
// decision has reserved then stays reserved, counts as spent when its time is
// over, and is flagged for reconciliation.
var ErrUncertain = errors.New("shield: it is not known whether the act was done")

// Enforce returns f with verification before it: f runs only if the presented
// document allows what q asks for the argument, and finds the decision with
// [verify.FromContext]. Otherwise the error is a [*verify.Refusal] and the result
// zero.
//
// q must not take its answers from what was presented. AcceptRepeat of its
// request is cleared: there is no stored answer here, so a repeat is refused.
//
// Afterwards the decision is settled. If f returns no error it is committed;
// should that fail, the reservation counts as spent when its time is over,
// which is what it was, so the result is returned as f gave it. If f returns
// an error it is released, unless it is uncertain whether f acted; f must not
// return a plain error after it has acted. It is uncertain if the error wraps
// [ErrUncertain], if it is or wraps the end of a context or a timeout, and
// whatever the error is if ctx is over by then: who hangs up, or waits no longer,
// may do so after the money has moved. The error of the call then wraps
// ErrUncertain, and the reservation stays until its time is over. If f panics
// nothing is settled. f may settle the decision itself, and release it if it
// knows that nothing was done; the first who does decides.
//
// A nil v, q or f gives a function that refuses every call. The function is
// safe for concurrent use if q and f are.
func Enforce[A, R any](v *verify.Verifier, q func(A) verify.Request,
	f func(context.Context, A) (R, error)) func(ctx context.Context, presented []byte, a A) (R, error) {
	return func(ctx context.Context, presented []byte, a A) (R, error) {
		var none R
		if f == nil {
			_, err := broken("there is no function behind the shield")
			return none, err
		}
		d, err := ask(ctx, v, q, presented, a)
		if err != nil {
			return none, err
		}
		result, err := f(verify.NewContext(ctx, d), a)
		return result, settle(ctx, d, err)
	}
}

// Observe returns f with verification beside it: every call is verified as
// Enforce would, seen is told what came out (err is nil if and only if the
// call would have been allowed), and f runs whatever that was, with the
// argument alone. Nothing that goes wrong in verifying stops f; it only waits
// for it.
//
// What is allowed is settled as Enforce does, so that the ledger counts on as
// it would; give an observing verifier a ledger of its own. A nil seen is told
// nothing; it must not panic.
//
// This is not protection. Search for shield.Observe before you rely on any.
func Observe[A, R any](v *verify.Verifier, q func(A) verify.Request, f func(context.Context, A) (R, error),
	seen func(context.Context, *verify.Decision, error)) func(ctx context.Context, presented []byte, a A) (R, error) {
	return func(ctx context.Context, presented []byte, a A) (R, error) {
		d, refusal := ask(ctx, v, q, presented, a)
		if seen != nil {
			seen(ctx, d, refusal)
		}
		result, err := f(ctx, a)
		if refusal == nil {
			_ = quietly(func() error { return settle(ctx, d, err) })
		}
		return result, err
	}
}

// ask asks the verifier. A panic there, or in q, or in a store, is a refusal.
func ask[A any](ctx context.Context, v *verify.Verifier, q func(A) verify.Request, presented []byte, a A) (d *verify.Decision, err error) {
	if v == nil || q == nil {
		return broken("the shield has no verifier or no question")
	}
	if p := quietly(func() error {
		request := q(a)
		request.AcceptRepeat = false
		d, err = v.Verify(ctx, presented, request)
		return nil
	}); p != nil {
		return broken(p.Error())
	}
	return d, err
}

// settle commits or releases after f, and returns the error of the call.
func settle(ctx context.Context, d *verify.Decision, err error) error {
	over := ctx.Err() != nil
	// What was done, was done, even if the caller has gone.
	ctx = context.WithoutCancel(ctx)
	switch {
	case err == nil:
		_ = d.Commit(ctx)
	case errors.Is(err, ErrUncertain):
	case over || cutOff(err):
		return fmt.Errorf("%w: %w", err, ErrUncertain)
	default:
		if failed := d.SettleAs(ctx, verify.NotDone); failed != nil {
			return errors.Join(err, fmt.Errorf("shield: giving the reservation back: %w", failed))
		}
	}
	return err
}

// cutOff reports whether an error says that something was not waited for: the
// end of a context, of whoever's, or a timeout. What it was may have happened.
func cutOff(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || timedOut(err)
}

// timedOut reports whether an error is or wraps a timeout. errors.As would ask the
// first that can be asked alone: of two attempts the one that was refused, say.
func timedOut(err error) bool {
	if t, ok := err.(interface{ Timeout() bool }); ok && t.Timeout() {
		return true
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return timedOut(e.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), timedOut)
	}
	return false
}

// quietly turns a panic into an error.
func quietly(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("verification panicked: %.200v", p)
		}
	}()
	return f()
}

// broken refuses because nothing can be decided.
func broken(detail string) (*verify.Decision, error) {
	return verify.Refuse(time.Time{}, &verify.Violation{Code: verify.InternalError, Detail: detail})
}

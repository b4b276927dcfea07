package verify_test

import (
	"context"
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// broken is a ledger whose store is down.
type broken struct{}

var errGone = errors.New("disk is gone")

func (broken) Reserve(context.Context, *verify.Reservation) (verify.Held, error) {
	return verify.Held{}, errGone
}
func (broken) Commit(context.Context, string, time.Time) error  { return errGone }
func (broken) Release(context.Context, string, time.Time) error { return errGone }
func (broken) Peek(context.Context, *verify.Reservation) error  { return errGone }
func (broken) Record(context.Context, verify.Record) error      { return errGone }

package verify_test

import (
	"context"
	"errors"

	"github.com/safeconduct/safeconduct/verify"
)

// broken is a ledger whose store is down.
type broken struct{}

func (broken) Reserve(context.Context, verify.Reservation) error { return errors.New("disk is gone") }

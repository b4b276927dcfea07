package ledgerrules

import (
	"fmt"

	"github.com/safeconduct/safeconduct/internal/nanotime"
	"github.com/safeconduct/safeconduct/verify"
)

// Hold is what of a hold decides what can become of it.
type Hold struct {
	State    verify.HoldState
	Reserved verify.Quantity
	Done     verify.Quantity // what it counts now
	By       nanotime.Instant
}

// Settled returns the state of a hold, and what it counts, after a settlement. The amount of
// the settlement, if it has one, is of the asset of the hold and not more than was reserved;
// else see [NotReserved]. An error says that it was settled otherwise before; a hold whose
// time is over is unresolved all the same.
func Settled(h *Hold, s *verify.Settlement) (state verify.HoldState, done verify.Quantity, err error) {
	if state = h.State; state == verify.HoldOpen && nanotime.Of(s.At) >= h.By {
		state = verify.HoldUnresolved
	}
	want, done := verify.HoldUnresolved, h.Reserved
	switch s.Outcome {
	case verify.Done:
		if want = verify.HoldSpent; !s.Amount.IsZero() {
			done = verify.AmountOf(s.Amount)
		}
	case verify.NotDone:
		want, done = verify.HoldGivenBack, verify.Quantity{}
	}
	switch {
	case state == want && h.Done == done:
		return state, done, nil
	case state == verify.HoldOpen,
		state == verify.HoldUnresolved && want == verify.HoldSpent && done == h.Reserved,
		s.By != "" && want != verify.HoldUnresolved: // who gives a name may correct
		return want, done, nil
	}
	return state, h.Done, fmt.Errorf("%w: %s", verify.ErrSettled, s.Decision)
}

// NotReserved refuses a settlement for more than was reserved, or for another asset.
func NotReserved(s *verify.Settlement) error {
	return fmt.Errorf("%w: %s", verify.ErrNotReserved, s.Amount)
}

// Unknown says that a decision has no hold.
func Unknown(decision string) error {
	return fmt.Errorf("%w: %.40q", verify.ErrUnknownDecision, decision)
}

// Counts returns what a charge counts when its hold, of the amount reserved, came to that. A
// rate counts the act, whatever it cost.
func Counts(charge verify.Quantity, rate bool, state verify.HoldState, done, reserved verify.Quantity) verify.Quantity {
	switch {
	case state == verify.HoldGivenBack:
		return verify.Quantity{}
	case rate || done == reserved || done.Cmp(charge) > 0:
		return charge
	}
	return done
}

package verify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Settlement says what became of an act that a decision allowed.
//
// An open hold takes any outcome, from anybody. The first settlement and the
// deadline decide. To say the same again changes nothing. After the deadline, Done
// without an amount is accepted: the hold is spent already. Whoever wants
// something else says so by name, in By: what was settled may be corrected as
// long as the hold is known, within what was reserved. A refund is such a
// correction: the act was done for less after all. Without By that fails
// with [ErrSettled].
//
// What is given back is free again in every window that reaches back to the act,
// as if it had not been used; a correction upwards counts again there, even
// if it passes the limit. Neither touches the replay key. A settlement by name is
// recorded as such, and so is one that is refused because of its amount.
type Settlement struct {
	Decision string     // its id
	Outcome  ActOutcome // zero: unknown, so that nothing is given back

	// Amount is for Done alone: what the act came to in all, after a refund what is
	// left of it. Budgets are charged that much, rates stay as they were. It is of
	// the asset of the reservation and not more, else [ErrNotReserved]. Zero Money:
	// all that was reserved.
	Amount Money

	At     time.Time
	By     string // who says so, such as an operator; empty: the host itself, in the course of things
	Reason string // for the record; may be empty

	// Refused is set by the ledger in what it recorded: why it did not follow.
	Refused string
}

// ActOutcome is what became of an act.
type ActOutcome uint8

// The outcomes.
const (
	// OutcomeUnknown: it could not be found out. The hold counts as spent and is
	// listed as unresolved, at once.
	OutcomeUnknown ActOutcome = iota
	Done                      // the act was done
	NotDone                   // it was not: budgets and rates are given back
)

var actOutcomeNames = [...]string{"unknown", "done", "not done"}

// String returns "unknown", "done" or "not done".
func (o ActOutcome) String() string {
	if int(o) >= len(actOutcomeNames) {
		return actOutcomeNames[OutcomeUnknown]
	}
	return actOutcomeNames[o]
}

// Commit says that the act of an allowed decision was done. A decision that was
// refused or repeated has nothing to settle.
func (d *Decision) Commit(ctx context.Context) error {
	return d.settle(ctx, Settlement{Outcome: Done})
}

// CommitFor says that the act was done for less than was asked: its amount in
// the end. The rest is given back. An amount that is more, or of another asset,
// fails with [ErrNotReserved] and leaves the hold open.
func (d *Decision) CommitFor(ctx context.Context, amount Money) error {
	if amount.IsZero() {
		return fmt.Errorf("%w: no amount; Commit is for all of it", ErrNotReserved)
	}
	return d.settle(ctx, Settlement{Outcome: Done, Amount: amount})
}

// Release gives back what an allowed decision has reserved: the act was not
// done. The nonce stays used; the same intent may be asked for again.
func (d *Decision) Release(ctx context.Context) error {
	return d.settle(ctx, Settlement{Outcome: NotDone})
}

// SettleAs says what has become of the act, for what ran it in the name of the host, such
// as a guard: it commits if it was done, releases if it was not, and leaves it open
// otherwise. It does so even if ctx is cancelled, for what was done, was done. Whoever has
// settled it otherwise before knows better: that stands, and is not an error.
func (d *Decision) SettleAs(ctx context.Context, o ActOutcome) error {
	if o != Done && o != NotDone {
		return nil
	}
	if ctx == nil {
		return noContext
	}
	err := d.settle(context.WithoutCancel(ctx), Settlement{Outcome: o})
	if errors.Is(err, ErrSettled) {
		return nil
	}
	return err
}

func (d *Decision) settle(ctx context.Context, s Settlement) (err error) {
	if d.hold.ledger == nil {
		return nil
	}
	if ctx == nil {
		return noContext
	}
	s.Decision = d.ID
	if s.At, err = read(d.hold.now); err != nil {
		return clockFailed(err)
	}
	defer caught("the ledger", &err)
	return d.hold.ledger.Settle(ctx, s)
}

// heldIn is where the reservation of a decision is kept; zero if there is none.
type heldIn struct {
	ledger Ledger
	now    func() time.Time
}

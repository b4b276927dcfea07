package ledgerrules

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/nanotime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

func refuse(c verify.Code, detail, hint string) *passport.Error {
	return &passport.Error{Code: c, Detail: detail, Hint: hint}
}

func ofIntent(e *passport.Error) error {
	e.Path = "/intent/id"
	return e
}

// ReservedBefore refuses a decision that has reserved already.
func ReservedBefore() error {
	return refuse(verify.LedgerReplay, "this decision was reserved before", "each decision has an id of its own")
}

// UsedBefore refuses a presentation that was used already.
func UsedBefore() error {
	return refuse(verify.LedgerReplay, "this presentation was used before", "the agent makes a new one for each act")
}

// aheadHint is for who is refused because of a clock.
const aheadHint = "was a clock ahead for a while? It passes when the others have caught up"

// Forgotten says that something may have been forgotten, as all that ended up to the mark.
// That is not a fault of the agent's.
func Forgotten(what string, ends time.Time, mark nanotime.Instant) error {
	return &passport.Error{
		Code:   verify.LedgerUnavailable,
		Detail: what + " ended before something else that the ledger has forgotten, and may have been forgotten, too",
		Limit:  "later than " + mark.Time().Format(time.RFC3339Nano),
		Actual: ends.UTC().Format(time.RFC3339Nano),
		Hint:   aheadHint,
	}
}

// TooEarly says that something may have been forgotten since it ended by a clock that was
// ahead of this one, whatever is said now of its end.
func TooEarly(what string, at, mark nanotime.Instant) error {
	return &passport.Error{
		Code: verify.LedgerUnavailable, Detail: what + " may have been forgotten by a clock that was ahead: " +
			"the ledger has forgotten what ended later than now",
		Limit:  "later than " + mark.Time().Format(time.RFC3339Nano),
		Actual: at.Time().Format(time.RFC3339Nano),
		Hint:   aheadHint,
	}
}

// capacity says that a cap is met.
func capacity(detail string, cap int) error {
	return &passport.Error{Code: verify.LedgerRateExceeded, Detail: detail, Limit: fmt.Sprint(cap)}
}

// TooManyNonces, TooManyActs and TooMany say that a cap of [verify.Caps] is met: what one
// agent has, or what chains through one place of a chain have.
func TooManyNonces(cap int) error {
	return capacity("the agent has too many unexpired presentations", cap)
}

// TooManyActs: see [TooManyNonces].
func TooManyActs(cap int) error {
	return capacity("the ledger remembers too many acts of the agent", cap)
}

// TooMany: see [TooManyNonces]. What there are too many of is "acts" or "budgets".
func TooMany(what string, place, cap int) error {
	return capacity(fmt.Sprintf("the ledger remembers too many %s of chains through passport %d of the chain", what,
		place), cap)
}

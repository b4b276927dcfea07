package verify

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// Money is an amount of an asset, as [passport.Money].
type Money = passport.Money

// ReplayKey identifies a presentation: the same one again has the same key.
type ReplayKey struct {
	Agent     did.DID
	Audience  string
	Challenge string
}

// IdempotencyKey identifies an act that an agent may ask for more than once.
type IdempotencyKey struct {
	Agent    did.DID
	Audience string
	Intent   string // its id
}

// Reservation is what one decision takes.
type Reservation struct {
	At time.Time // the instant of the decision

	Replay      ReplayKey // zero for a bare passport, which has none
	ReplayUntil time.Time // how long Replay must be remembered, that instant included
	// Issued is when the presentation says that it was made, and Skew how far the clocks
	// of verifiers may be apart: none has taken it earlier than Issued less twice the
	// skew. A ledger that has lost what it knew up to an instant, such as a restored
	// copy, refuses what may have been used by then. Zero: it may have been used as long
	// before ReplayUntil as any presentation lives.
	Issued time.Time
	Skew   time.Duration

	Idempotency  IdempotencyKey // zero for a bare passport
	Content      string         // digest of the intent without its times
	KnownUntil   time.Time      // how long Idempotency is known, that instant included; see Config.KnowIntents
	AcceptRepeat bool

	Agent   did.DID  // who acts: the agent of the leaf
	Chain   []string // the accounts of the passports of the chain, root first; at least one
	Charges []Charge // each (Account, Name) once: those of the root first, then by Account, each by Name
	HoldBy  time.Time
	Caps    Caps

	Record Record // of the decision; its id is the handle, its Amount what can be settled for less
}

// Charge is one use of one budget. The charges of a reservation are on distinct
// pairs (Account, Name), and in one order for all reservations, so that a
// store may lock rows in the order in which it is given them.
//
// A pair has windows of one kind and length. Uses are counted exactly, to the
// nanosecond, by the At of their reservations.
type Charge struct {
	Account string    // whose limit it is: one of Reservation.Chain
	Name    string    // which limit of that passport
	Rate    bool      // a count of acts, not money
	Since   time.Time // uses from this instant on count, that instant included; zero: all
	Use     Quantity  // what this act uses: of money, Record.Amount
	Limit   Quantity  // what all uses together may be
	Until   time.Time // when the passport ends and the account may be forgotten: the latest that was said
}

// Caps bound what a reservation may make a ledger remember. Zero allows none.
//
// RootActs and RootAccounts are shared out below the root: all chains through
// one passport together have at most a quarter of what the passport above it
// may have, rounded down, but at least one. So a delegate that fills its share
// leaves its siblings theirs, up to three such delegates. An account counts
// against its own passport and all above it, an act against every passport of
// its chain. Passports are told apart by their place in the chain: by all of
// Chain up to theirs.
type Caps struct {
	Nonces       int // unexpired replay keys of one agent
	Acts         int // remembered acts of one agent: reservations whose idempotency key is known or that can be settled
	RootActs     int // remembered acts below one root; a repetition counts while its replay key lives
	RootAccounts int // accounts below one root
}

// Share returns what all chains through the passport at that place of a chain
// may have of a cap, such as RootActs: all of it at place 0, the root, else a
// quarter of what the place above has, rounded down, but at least one. Of a cap
// of zero it is zero.
func (Caps) Share(cap, place int) int {
	for ; place > 0 && cap > 1; place-- {
		cap = max(cap/4, 1)
	}
	return cap
}

// Held is what Reserve took. The id of the decision settles it.
type Held struct {
	// Repeated says that the act was decided before: nothing was taken, and it
	// must not be done again. Decision and At are those of the first time, else
	// those of the reservation.
	Repeated bool
	Decision string
	At       time.Time
}

// ChargeError says that a charge of a reservation would pass its limit. It is
// [LedgerBudgetExceeded], or [LedgerRateExceeded] for a rate.
type ChargeError struct {
	Index int  // of the charge in the reservation
	Rate  bool // as in the charge
	Used
	// After is the time of the newest use that must leave the window before the
	// charge fits: it fits once Since is later than that, if nothing else is used
	// or given back before. Zero: nothing leaves the window, or the charge is more
	// than the limit. A ledger that would have to look at more than 1,000 uses may
	// leave it zero, too.
	After time.Time
}

// Error names the charge.
func (e *ChargeError) Error() string {
	return fmt.Sprintf("%s: charge %d, %s used", e.code(), e.Index, e.Total())
}

// Is makes errors.Is(err, code) true for the error's code.
func (e *ChargeError) Is(target error) bool {
	c, ok := target.(Code)
	return ok && c == e.code()
}

func (e *ChargeError) code() Code {
	if e.Rate {
		return LedgerRateExceeded
	}
	return LedgerBudgetExceeded
}

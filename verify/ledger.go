package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// Ledger remembers what was used: which presentations were seen, and how much
// of each budget and rate is spent. Implementations must be safe for
// concurrent use by any number of verifiers; package verifytest has the test
// that they must pass.
type Ledger interface {
	// Reserve takes what a decision needs, all of it or nothing, and records
	// the decision, in one atomic step. The rules, in this order:
	//
	//   - A replay key that was reserved before: ledger.replay, for good, even
	//     if that reservation was released.
	//   - An idempotency key known with other content: ledger.conflict. With
	//     the same content and a hold that is open or spent: ledger.replay, or,
	//     if AcceptRepeat is set, no error, Held.Repeated, and nothing is taken
	//     but the replay key. With the same content and a released hold: as if
	//     it were unknown.
	//   - A chain below one root that has opened more accounts than the ledger
	//     keeps for it: ledger.rate_exceeded. Who may delegate may otherwise fill
	//     the ledger.
	//   - An agent with more than LiveNonces unexpired replay keys:
	//     ledger.rate_exceeded.
	//   - A charge that would pass its limit, counting every use from
	//     Charge.Since on, open holds included: a *ChargeError for each such
	//     charge, joined.
	//
	// What has ended, a ledger may forget. A replay key or a charge that ended
	// before an instant that it was asked about earlier, as happens after a clock
	// was ahead, is refused then: ledger.replay, ledger.unavailable.
	//
	// Errors are found by errors.Is with these codes; any other error refuses
	// with ledger.unavailable.
	Reserve(ctx context.Context, r *Reservation) (Held, error)

	// Commit makes a hold final. A hold is known for at least a day after its
	// deadline. Release gives its charges back, but never the
	// replay key. The first of Commit, Release and the hold's deadline decides;
	// what comes later changes nothing and, where it wanted the other outcome,
	// fails with ErrSettled. After its deadline a hold counts as spent and is
	// unresolved.
	Commit(ctx context.Context, hold string, at time.Time) error
	Release(ctx context.Context, hold string, at time.Time) error

	// Peek says what Reserve would say, and takes nothing.
	Peek(ctx context.Context, r *Reservation) error

	// Record keeps a refused decision. It touches no nonce and no budget.
	Record(ctx context.Context, r Record) error
}

// ErrSettled says that a hold was settled otherwise before.
var ErrSettled = errors.New("verify: the hold was settled otherwise before")

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
	ReplayUntil time.Time // how long Replay must be remembered
	LiveNonces  int       // the most unexpired replay keys of one agent

	Idempotency  IdempotencyKey // zero for a bare passport
	Content      string         // digest of the intent without its times
	AcceptRepeat bool

	Root    string // issuer and id of the passport at the root of the chain
	Charges []Charge
	HoldBy  time.Time // deadline of the hold

	Record Record
}

// Charge is one use of one budget.
type Charge struct {
	Account string    // issuer and id of the passport whose limit it is
	Name    string    // which limit of that passport
	Rate    bool      // a count of acts, not money
	Since   time.Time // uses from this instant on count; zero: all
	Use     Quantity  // what this act uses
	Limit   Quantity  // what all uses together may be
	Until   time.Time // when the passport ends and the account may be forgotten: the latest that was said
}

// ChargeError says that a charge of a reservation would pass its limit. It is
// ledger.budget_exceeded, or ledger.rate_exceeded for a rate.
type ChargeError struct {
	Index int  // of the charge in the reservation
	Rate  bool // as in the charge
	Used  Quantity
}

// Error names the charge.
func (e *ChargeError) Error() string {
	return fmt.Sprintf("%s: charge %d, %s used", e.code(), e.Index, e.Used)
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

// Held is what Reserve took.
type Held struct {
	Hold string // for Commit and Release
	// Repeated says that the act was decided before: nothing was taken, and it
	// must not be done again. Decision and At are those of the first time.
	Repeated bool
	Decision string
	At       time.Time
}

// Record is a decision as the ledger keeps it.
type Record struct {
	Decision string // its id
	At       time.Time
	Verdict  Verdict
	Codes    []Code
	Passport string // id of the leaf; "" if there was none to read
	Agent    string
	Action   string
}

package verify

import (
	"context"
	"errors"
	"time"
)

// Ledger remembers what was used: which presentations were seen, what each
// decision has reserved, and how much of each budget and rate is spent.
//
// A ledger is safe for concurrent use by any number of verifiers. It looks at
// no clock: every call brings its instant. Package verifytest has the tests
// that it must pass, TestLedger and, if it outlives the process,
// TestDurableLedger. Package verify/ledger has one in memory, made of nothing
// but what this package exports.
//
// # Handles
//
// The id of the decision is the handle of what it reserved. Whoever knows it
// can settle: the host, the host after a crash, or another process.
//
// # Forgetting
//
// A ledger may forget what has ended: a replay key after ReplayUntil, an
// idempotency key after KnownUntil, an account after Until, a use that no
// window reaches, a hold a day after its deadline. One that nobody settled
// stays longer, until somebody had time to find out: 90 days is usual.
//
// A ledger that forgot refuses what it might have forgotten, with
// [LedgerUnavailable] and a hint for the operator; never with [LedgerReplay],
// which blames the agent. It keeps a mark: the latest end of anything that it
// forgot. A replay key or an account that is not found and ends at or before
// the mark may have been forgotten, and so may a use if Charge.Since lies
// at or before the latest use that was forgotten. So may an account or an
// idempotency key that is not found by a reservation made at or before the mark of
// its kind, whatever that says of its end: a later end may have been said since, by
// a passport that was renewed or by an intent that was made anew. The mark moves
// only when something is forgotten, not with the clock: one call with a wrong
// instant does not lock out the others, and Reserve writes nothing that all callers
// share. There may be one mark or several, such as one for each kind of thing; they last
// as long as the ledger. A database looks
// at the mark after it looked for the key, within one transaction, or a key that
// is forgotten in between is accepted.
//
// # A ledger on a server
//
// It answers when what it took is as safe as the server can make it; what a
// server loses after that, the ledger has lost. The server's own clock counts
// for nothing: it must not expire or evict what this contract keeps. If the
// answer to Reserve is lost on the way, the ledger finds out by the id of the
// decision: if the reservation is there it answers with the same Held, and
// never with LedgerReplay, which would blame the agent. If it cannot find out,
// it answers LedgerUnavailable, and a hold that was taken after all ends as
// spent. The caller does not repeat Reserve for one decision.
//
// A context that ends while a call is under way may end it with the context's
// error. What was taken by then may be given back, but for the replay key.
type Ledger interface {
	// Reserve takes what a decision needs, all of it or nothing, and records
	// the decision, in one atomic step. The rules are applied in this order. The
	// first that refuses ends the call; of the last two both are applied, and
	// their errors joined:
	//
	//   - The context is done: its error.
	//   - Two charges on one (Account, Name), charges in another order than
	//     promised, or one on an account that is not in Chain: [InternalError].
	//     See [Charge].
	//   - A replay key, or a decision id, that was reserved before:
	//     [LedgerReplay], for good, even if that reservation was given back.
	//   - A replay key that may have been forgotten: [LedgerUnavailable].
	//   - An idempotency key known with other content: [LedgerConflict]. With
	//     the same content and a hold that is open or spent: [LedgerRepeated],
	//     or, if AcceptRepeat is set, Held.Repeated; then nothing is
	//     taken but the replay key, and LedgerRepeated is added to the codes of
	//     the record. With the same content and a hold that was settled as not
	//     done: as if it were unknown.
	//   - An agent at Caps.Nonces or Caps.Acts, a chain at Caps.RootActs:
	//     [LedgerRateExceeded]. See [Caps].
	//   - A charge that may have forgotten uses: [LedgerUnavailable].
	//   - A charge that would pass its limit, counting every use from
	//     Charge.Since on, open holds included: a [*ChargeError] for each.
	//   - A chain at Caps.RootAccounts: [LedgerRateExceeded].
	//
	// Errors are found by errors.Is with these codes; any other error refuses
	// with [LedgerUnavailable]. A [*passport.Error] carries a code with what was
	// wrong, a hint, and Until: when asking again makes sense.
	Reserve(ctx context.Context, r *Reservation) (Held, error)

	// Settle says what became of an act. See [Settlement].
	Settle(ctx context.Context, s Settlement) error

	// Peek says what Reserve would say, and takes and records nothing. Of a cap that
	// is met by what has ended and is not forgotten yet it may say that it is met.
	Peek(ctx context.Context, r *Reservation) error

	// Record keeps a refused decision. It touches no nonce and no budget. The context
	// of a Verifier is not over because its caller has gone.
	Record(ctx context.Context, r Record) error
}

// Reconciler is a [Ledger] that lists what nobody settled. The host finds out
// what became of these acts, and settles them by name.
type Reconciler interface {
	// Unresolved returns holds whose deadline has passed at that instant and
	// that were not settled, or only as unknown. They are in the order of the
	// ids of their decisions: at most limit of them, those behind after, which is
	// empty for the first page and then the last id of the page before. Zero or
	// less: 100.
	Unresolved(ctx context.Context, at time.Time, after string, limit int) ([]Unresolved, error)
}

// Unresolved is a hold that nobody settled by its deadline. It counts as spent.
type Unresolved struct {
	Decision string
	At       time.Time // of the decision
	HoldBy   time.Time // the deadline
	Record   Record    // the decision; all but its id is zero if the ledger no longer has it
}

// UsageReader is a [Ledger] that tells how much of a budget or rate is used.
type UsageReader interface {
	// Usage returns what counts against each of the charges at that instant, in
	// their order. It takes nothing. Of a charge only Account, Name and Since are
	// looked at.
	Usage(ctx context.Context, charges []Charge, at time.Time) ([]Used, error)
}

// Used is what counts against a budget or rate in its window.
type Used struct {
	Spent  Quantity  // settled as done, or past the deadline
	Held   Quantity  // reserved by acts that may still be given back
	Open   int       // how many acts these are
	Oldest time.Time // the first use that counts; zero: there is none, or it never leaves the window
}

// Total returns what counts: Spent + Held.
func (u Used) Total() Quantity { return u.Spent.Add(u.Held) }

// Journal is a [Ledger] that can be asked for what it recorded.
type Journal interface {
	// Entry returns a decision, with what became of it; an error that is
	// [ErrUnknownDecision] if there is none, or none any more.
	Entry(ctx context.Context, decision string) (Entry, error)
}

// Entry is a decision as it was recorded, with what became of it.
type Entry struct {
	Record
	State    HoldState
	Done     Quantity     // what the act came to, as far as it counts: all of it until it is settled
	Attempts []Settlement // what was said by name, and what was refused: the oldest first
}

// Forgetter is a [Ledger] that can be told to forget.
type Forgetter interface {
	// Forget forgets what ended before an instant, and may keep what it likes.
	Forget(ctx context.Context, before time.Time) error
}

// HoldState is what became of a reservation.
type HoldState uint8

// The states of a hold.
const (
	NoHold         HoldState = iota // nothing was reserved: the decision is a refusal or a repetition
	HoldOpen                        // it may still be settled by anybody
	HoldSpent                       // done, for all or less of what was reserved
	HoldGivenBack                   // not done
	HoldUnresolved                  // the deadline passed, or it was settled as unknown: counts as spent
)

var holdStateNames = [...]string{"none", "open", "spent", "given back", "unresolved"}

// String returns "none", "open", "spent", "given back" or "unresolved".
func (s HoldState) String() string {
	if int(s) >= len(holdStateNames) {
		return holdStateNames[NoHold]
	}
	return holdStateNames[s]
}

// Errors of [Ledger.Settle], for errors.Is.
var (
	// ErrSettled says that a hold was settled otherwise before, or that its
	// deadline has passed; see [Settlement].By.
	ErrSettled = errors.New("verify: the hold was settled otherwise before")
	// ErrUnknownDecision says that the ledger knows no hold of that decision:
	// it is another ledger's, or it was forgotten long after its deadline.
	ErrUnknownDecision = errors.New("verify: the ledger does not know the decision")
	// ErrNotReserved says that a settlement names more than was reserved, or
	// another asset. Nothing was changed.
	ErrNotReserved = errors.New("verify: the amount is more than was reserved, or of another asset")
)

// Record is a decision as the ledger keeps it.
type Record struct {
	Decision string // its id: a ULID, new for each decision
	At       time.Time
	Verdict  Verdict
	Codes    []Code // why it was refused; of one that was allowed none, or LedgerRepeated: nothing was done anew
	Passport string // id of the leaf; "" if there was none to read
	Agent    string // of the leaf
	Root     string // the account of the root of the chain; "" if it could not be read
	Intent   string // id; "" if there was none to read
	Audience string
	Action   string
	Resource string
	Amount   Money
	Proven   bool          // step 4 has passed: Passport, Agent, Root and Intent are not only claimed
	Took     time.Duration // from the question to the ledger, by the configured clock
	Scored   bool          // the agent's trust was asked for
	Score    int           // its trust, in thousandths
}

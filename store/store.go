// Package store has what the stores on databases share: package store/sqlite keeps
// state in one file, package store/postgres on a server. It links no driver.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/score"
)

// Ledger is the ledger of a store: what was used and spent survives the process.
type Ledger interface {
	verify.Ledger
	verify.Reconciler
	verify.UsageReader
	verify.Journal
	verify.Forgetter
}

// Store is a database that keeps what a verifier must not forget. It is safe for
// concurrent use. An error of its calls that is ledger.unavailable says that the
// database did not answer, or that too much is waiting; asking again may help.
type Store interface {
	// Ledger returns the ledger of the store, for verify.Config.Ledger.
	Ledger() Ledger
	// Marks returns what the store remembers of status lists and trust bundles, for
	// verify.Config.Marks.
	Marks() verify.MarkStore
	// Registry returns where an issuer's office keeps what it knows, for
	// registry.Config.Store. Ledger and office may share a database.
	Registry() registry.Store

	// Decisions returns the decisions that a query selects, the newest first.
	Decisions(ctx context.Context, q Query) (Page, error)
	// Hours counts the decisions that a query selects, by hour and verdict, the oldest
	// hour first. An hour without a decision is left out. Limit and After mean nothing.
	Hours(ctx context.Context, q Query) ([]Hour, error)
	// History returns what is known of an agent, for the models of verify/score. It
	// has decisions that are kept no longer, too. Revocations and what else the store
	// does not see is for the caller to add.
	History(ctx context.Context, agent string) (score.History, error)
	// Totals counts all decisions there ever were: those that are kept, those that were
	// forgotten, and refusals that were not recorded. It reads every record.
	Totals(ctx context.Context) (Totals, error)
	// Stats returns counts for monitoring. They name nobody.
	Stats() Stats

	// Check looks at every row whether it fits to the others: sums to uses, totals to
	// holds, counts to what is counted, holds to accounts. What does not is [ErrDamaged],
	// and every account of which it is so is named, by its key in the database. It reads
	// all of the database, in one state of it, and stops nobody.
	Check(ctx context.Context) error
	// Prune forgets what has ended, in small steps beside the work, until nothing is
	// left or the context ends. A store that is in use forgets by itself.
	Prune(ctx context.Context) error
	// Gap returns what the database did not know, when this store was opened, because it
	// is a copy that some store was opened on with AfterRestore.
	Gap() (gap Gap, restored bool)

	// Close does what is waiting and closes the database. Calls after it fail with
	// ledger.unavailable. Closing again does nothing.
	Close() error
}

// Options configure a store. The zero value is good; what is negative and does not say
// here what that means fails opening.
type Options struct {
	// Namespace keeps apart what several services have in one database. Empty is
	// one, too. A database that has none yet gets this one; in any other it must be
	// there, or opening fails with [ErrNoNamespace]: by a new one nothing was spent, so a
	// slip of the hand would double every budget.
	Namespace string
	// CreateNamespace makes the namespace where there is none: for the first start of
	// another service on a database. False: it must be there.
	CreateNamespace bool
	// Queue is how many calls wait at a time; one more is refused with
	// ledger.unavailable. Zero: 4,096; at most 1,048,576.
	Queue int
	// Batch is how many calls one transaction takes. Zero: 256; at most 1,048,576.
	Batch int
	// KeepUnresolved is how long a hold that nobody settled is kept after its
	// deadline; then it counts as done. Zero: 90 days.
	KeepUnresolved time.Duration
	// MaxClockDrift is how far the instant of a reservation may be from the clock of
	// the database server. What is farther is refused with ledger.unavailable, and
	// moves nothing: one verifier whose clock is ahead would else lock out the
	// others. Zero: 2 minutes. Negative: nobody looks. It means nothing where there
	// is no server.
	MaxClockDrift time.Duration
	// KeepDecisions is how long the records of decisions are kept. Then they are
	// counted by agent and day. Zero: 90 days.
	KeepDecisions time.Duration
	// RefusedPerMinute is how many refusals of what was not proven are recorded in a
	// minute, so that a stranger who sends rubbish does not fill the disk. What is left
	// out is counted, in [Stats] and in [Totals]. Zero: 600. Negative: none is recorded.
	RefusedPerMinute int
	// KeepRefused is how many of these refusals are kept, with at most 256 bytes of each
	// text: 6 KB each, or 300 MB by default, whatever strangers send. The oldest are
	// counted in [Totals] and forgotten. It may be a sixteenth, or some hundreds, more for a
	// while. Zero: 50,000. Negative: none.
	KeepRefused int
	// AfterRestore says that the database is an older copy: what was used and spent
	// since it was made is not in it. The store then refuses every presentation that
	// may have been used before this moment, says from when on a new one is taken, and
	// tells what to reconcile: [Gap]. All of that is kept in the database. Say it once,
	// when the copy is opened for the first time; said again it covers what was used up
	// to then, too.
	AfterRestore bool
	// Now is the clock for AfterRestore, Prune and Stats. Nil: time.Now.
	Now func() time.Time
}

// ErrNotNext says that Query.After is none that a page had as Next: it was cut off, or
// changed, or is of another namespace.
var ErrNotNext = errors.New("store: Query.After is not what a page of this namespace had as Next")

// Errors of opening a store, for errors.Is. What is found so is left as it is.
var (
	// ErrNewer says that a database was used by a newer version of this library.
	ErrNewer = errors.New("store: the database was used by a newer version of this library")
	// ErrNoNamespace says that a database has other namespaces than the one that was
	// asked for.
	ErrNoNamespace = errors.New("store: the database does not have this namespace")
	// ErrDamaged says that a database is damaged, or something else than a database.
	ErrDamaged = errors.New("store: the database is damaged, or is not one: keep it for a look, and begin with a backup")
)

// Package store has what the stores on databases share: package store/sqlite keeps
// state in one file, package store/postgres on a server. It links no driver.
package store

import (
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Ledger is the ledger of a store: what was used and spent survives the process.
type Ledger interface {
	verify.Ledger
	verify.Reconciler
	verify.UsageReader
	verify.Journal
	verify.Forgetter
}

// Options configure a store. The zero value is good.
type Options struct {
	// Namespace keeps apart what several services have in one database. Empty is
	// one, too.
	Namespace string
	// Queue is how many calls wait at a time; one more is refused with
	// ledger.unavailable. Zero: 4,096.
	Queue int
	// Batch is how many calls one transaction takes. Zero: 256.
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
}

// Errors of opening a store, for errors.Is. What is found so is left as it is.
var (
	// ErrNewer says that a database was used by a newer version of this library.
	ErrNewer = errors.New("store: the database was used by a newer version of this library")
	// ErrDamaged says that a database is damaged, or something else than a database.
	ErrDamaged = errors.New("store: the database is damaged, or is not one: keep it for a look, and begin with a backup")
)

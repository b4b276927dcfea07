package verify

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// Ledger remembers what was used. Implementations must be safe for concurrent
// use.
type Ledger interface {
	// Reserve uses up what a decision needs, all of it or nothing: of any
	// number of callers with one replay key exactly one succeeds. It fails
	// with ledger.replay if the key was used before, with
	// ledger.rate_exceeded if the agent has too many live nonces. Any other
	// error refuses with ledger.unavailable.
	Reserve(ctx context.Context, r Reservation) error
}

// ReplayKey identifies a presentation: the same one again has the same key.
type ReplayKey struct {
	Agent     did.DID
	Audience  string
	Challenge string
}

// Reservation is what one decision uses up.
type Reservation struct {
	Key   ReplayKey // zero for a bare passport, which has none
	At    time.Time // the instant of the decision
	Until time.Time // how long the key must be remembered
}

package ledger

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Options configure [NewMemory].
type Options struct {
	// Records is how many decisions are kept for [Memory.Records], the newest
	// ones, and as many settlements by name. Zero: 1,024.
	Records int
	// KeepUnresolved is how long a hold that nobody settled is kept after its
	// deadline. Zero: 90 days.
	KeepUnresolved time.Duration
}

// Memory is a [verify.Ledger] that lives as long as the process. After a
// restart it knows nothing: budgets start again, and an intent that is still
// alive could be used once more. Use a durable one where that matters.
//
// It is a [verify.Reconciler], [verify.UsageReader], [verify.Journal] and
// [verify.Forgetter], too. What ended two minutes before the instant of a
// reservation is forgotten, little by little: a verifier whose clock is ahead by more
// than that makes it forget by that clock, and what may have been forgotten then is
// refused until the others have caught up. A remembered act takes some 230
// bytes, and an account 400; what it has had to remember at one time is not given
// back to the system.
type Memory struct {
	options   Options
	secret    secret
	agents    [shards]agents
	accounts  [shards]accounts
	roots     [shards]roots
	decisions [shards]decisions
	records   records
	attempts  attempts
}

const (
	day   = 24 * time.Hour
	grace = 2 * time.Minute // nothing is forgotten before it ended so long ago, unless there is no room
)

// NewMemory returns an empty ledger.
func NewMemory(o Options) *Memory {
	if o.Records <= 0 {
		o.Records = 1024
	}
	if o.KeepUnresolved <= 0 {
		o.KeepUnresolved = 90 * day
	}
	m := &Memory{options: o, secret: newSecret()}
	for i := range shards {
		m.agents[i].gone, m.agents[i].acted, m.accounts[i].gone = first, first, first
	}
	m.records.slots, m.attempts.most = make([]atomic.Pointer[recordSlot], o.Records), o.Records
	return m
}

// made refuses for a zero Memory.
func (m *Memory) made() error {
	if len(m.records.slots) == 0 {
		return &passport.Error{
			Code: verify.LedgerUnavailable, Detail: "the ledger was not made", Hint: "NewMemory makes one",
		}
	}
	return nil
}

// ready refuses for a zero Memory, and for a caller that went away.
func (m *Memory) ready(ctx context.Context) error {
	if err := m.made(); err != nil {
		return err
	}
	return callctx.Err(ctx)
}

// Reserve implements [verify.Ledger].
func (m *Memory) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	if err := m.ready(ctx); err != nil {
		return verify.Held{}, err
	}
	if err := ledgerrules.WellFormed(r); err != nil {
		return verify.Held{}, err
	}
	var c call
	c.of(m, r)
	held, err := c.reserve()
	if c.full {
		// A cap may be met by what has ended.
		m.forget(c.at)
		held, err = c.reserve()
	}
	if c.next > 0 {
		m.tidy(c.next-1, c.at.Add(-grace))
	}
	return held, err
}

// Peek implements [verify.Ledger].
func (m *Memory) Peek(ctx context.Context, r *verify.Reservation) error {
	if err := m.ready(ctx); err != nil {
		return err
	}
	if err := ledgerrules.WellFormed(r); err != nil {
		return err
	}
	var c call
	c.of(m, r)
	c.lock(false)
	defer c.unlock()
	return c.judge()
}

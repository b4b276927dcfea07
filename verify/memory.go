package verify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// MemoryLedgerOptions configure [NewMemoryLedger].
type MemoryLedgerOptions struct {
	// Records is how many decisions are kept for [MemoryLedger.Records], the
	// newest ones. Zero: 1,024.
	Records int
	// RememberIntents is how long the id of an intent is known after its
	// decision, so that a repeated act is told apart from a new one. Zero: 24 h.
	RememberIntents time.Duration
	// Accounts is how many budgets and rates the passports below one root may
	// open. Zero: 4,096.
	Accounts int
}

// MemoryLedger is a [Ledger] that lives as long as the process. After a
// restart it knows nothing: budgets begin anew and an intent that is still
// alive could be used once more. Use a durable one where that matters.
//
// Nonces are forgotten when their intents have ended, accounts when their
// passports have; both as of the latest instant that it was asked about, so a
// clock that is set back brings nothing back to life.
type MemoryLedger struct {
	options MemoryLedgerOptions

	mu      sync.Mutex
	now     time.Time // the latest instant seen
	next    uint64    // number of the next hold
	nonces  expiring[ReplayKey]
	agents  map[did.DID]int // live nonces of each
	intents map[IdempotencyKey]*hold
	known   expiring[IdempotencyKey]
	holds   map[string]*hold
	stale   expiring[string] // holds, until they are forgotten
	tallies map[tallyKey]*tally
	roots   map[string]int // tallies that each root has
	ends    expiring[tallyKey]
	records []Record
	first   int // of records, when it is full
}

// hold is one reservation.
type hold struct {
	id       string
	content  string
	decision string
	at       time.Time
	by       time.Time // deadline
	state    holdState
	uses     []*use
}

type holdState uint8

const (
	holdOpen holdState = iota
	holdSpent
	holdReleased
	holdUnresolved // the deadline passed: counts as spent
)

// NewMemoryLedger returns an empty ledger.
func NewMemoryLedger(o MemoryLedgerOptions) *MemoryLedger {
	if o.Records <= 0 {
		o.Records = 1024
	}
	if o.RememberIntents <= 0 {
		o.RememberIntents = 24 * time.Hour
	}
	if o.Accounts <= 0 {
		o.Accounts = 4096
	}
	return &MemoryLedger{
		roots:   make(map[string]int),
		options: o,
		agents:  make(map[did.DID]int),
		intents: make(map[IdempotencyKey]*hold),
		holds:   make(map[string]*hold),
		tallies: make(map[tallyKey]*tally),
	}
}

// Reserve implements [Ledger].
func (m *MemoryLedger) Reserve(ctx context.Context, r *Reservation) (Held, error) {
	if err := ctx.Err(); err != nil {
		return Held{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance(r.At)
	earlier, err := m.judge(r)
	if err != nil {
		return Held{}, err
	}
	if r.Replay != (ReplayKey{}) {
		m.nonces.add(r.Replay, r.ReplayUntil)
		m.agents[r.Replay.Agent]++
	}
	m.record(r.Record)
	if earlier != nil {
		return Held{Repeated: true, Decision: earlier.decision, At: earlier.at}, nil
	}
	m.next++
	h := &hold{id: fmt.Sprintf("hold-%d", m.next), content: r.Content, decision: r.Record.Decision, at: r.At, by: r.HoldBy}
	for i := range r.Charges {
		h.uses = append(h.uses, m.charge(&r.Charges[i], r.Root, m.now))
	}
	m.holds[h.id] = h
	m.stale.add(h.id, later(h.by, m.now).Add(m.options.RememberIntents))
	if r.Idempotency != (IdempotencyKey{}) {
		m.intents[r.Idempotency] = h
		m.known.add(r.Idempotency, later(r.ReplayUntil, m.now.Add(m.options.RememberIntents)))
	}
	return Held{Hold: h.id, Decision: h.decision, At: h.at}, nil
}

// Peek implements [Ledger].
func (m *MemoryLedger) Peek(ctx context.Context, r *Reservation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, err := m.judge(r)
	return err
}

// judge applies the rules of [Ledger.Reserve] and changes nothing. It returns
// the earlier hold if the act is a repetition that is accepted.
func (m *MemoryLedger) judge(r *Reservation) (earlier *hold, err error) {
	if r.Replay != (ReplayKey{}) {
		// What ended by the latest instant seen may have been forgotten.
		if m.nonces.has(r.Replay) || r.ReplayUntil.Before(m.now) {
			return nil, &code.Error{Code: LedgerReplay, Detail: "this presentation was used before", Hint: "the agent makes a new one for each act"}
		}
	}
	if h := m.intents[r.Idempotency]; h != nil && r.Idempotency != (IdempotencyKey{}) {
		switch {
		case h.content != r.Content:
			return nil, &code.Error{Code: LedgerConflict, Path: "/intent/id", Detail: "another act was asked for under this intent id", Hint: "a new act needs a new intent"}
		case h.state == holdReleased:
		case !r.AcceptRepeat:
			return nil, &code.Error{Code: LedgerReplay, Path: "/intent/id", Detail: "this act was decided before", Hint: "to repeat a stored answer, ask with AcceptRepeat"}
		default:
			earlier = h
		}
	}
	if r.Replay != (ReplayKey{}) && m.agents[r.Replay.Agent] >= r.LiveNonces {
		return nil, &code.Error{Code: LedgerRateExceeded, Detail: "the agent has too many unexpired presentations", Limit: fmt.Sprint(r.LiveNonces)}
	}
	if earlier != nil {
		return earlier, nil
	}
	var errs []error
	opened := 0
	for i := range r.Charges {
		c := &r.Charges[i]
		if m.tallies[tallyKey{c.Account, c.Name}] == nil {
			opened++
		}
		used := m.used(c)
		if used.Add(c.Use).Cmp(c.Limit) > 0 {
			errs = append(errs, &ChargeError{Index: i, Rate: c.Rate, Used: used})
		}
	}
	if opened > 0 && m.roots[r.Root]+opened > m.options.Accounts {
		errs = append(errs, &code.Error{Code: LedgerRateExceeded, Detail: "the passports below this root have opened too many budgets", Limit: fmt.Sprint(m.options.Accounts)})
	}
	return nil, errors.Join(errs...)
}

// Commit implements [Ledger].
func (m *MemoryLedger) Commit(_ context.Context, id string, at time.Time) error {
	return m.settle(id, at, holdSpent)
}

// Release implements [Ledger].
func (m *MemoryLedger) Release(_ context.Context, id string, at time.Time) error {
	return m.settle(id, at, holdReleased)
}

func (m *MemoryLedger) settle(id string, at time.Time, want holdState) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance(at)
	h := m.holds[id]
	if h == nil {
		return fmt.Errorf("%w: hold %.40q is not known, or not any more", ErrSettled, id)
	}
	if h.state == holdOpen && !m.now.Before(h.by) {
		h.state = holdUnresolved
	}
	switch {
	case h.state == holdOpen:
		h.state = want
		if want == holdReleased {
			for _, u := range h.uses {
				u.giveBack()
			}
		}
		h.uses = nil
	case h.state == want, h.state == holdUnresolved && want == holdSpent:
	default:
		return fmt.Errorf("%w: %s", ErrSettled, id)
	}
	return nil
}

// Unresolved returns the decisions whose holds were neither committed nor
// released by their deadline, as of the given instant. They count as spent;
// the host finds out what became of them.
func (m *MemoryLedger) Unresolved(at time.Time) (decisions []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance(at)
	for _, h := range m.holds {
		if h.state == holdUnresolved || h.state == holdOpen && !m.now.Before(h.by) {
			decisions = append(decisions, h.decision)
		}
	}
	return decisions
}

// Record implements [Ledger].
func (m *MemoryLedger) Record(ctx context.Context, r Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.record(r)
	return nil
}

func (m *MemoryLedger) record(r Record) {
	if len(m.records) < m.options.Records {
		m.records = append(m.records, r)
		return
	}
	m.records[m.first] = r
	m.first = (m.first + 1) % len(m.records)
}

// Records returns the newest decisions, oldest first.
func (m *MemoryLedger) Records() []Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(append([]Record(nil), m.records[m.first:]...), m.records[:m.first]...)
}

// advance moves the latest instant seen and forgets what has ended.
func (m *MemoryLedger) advance(at time.Time) {
	if at.After(m.now) {
		m.now = at
	}
	for k, ok := m.nonces.pop(m.now); ok; k, ok = m.nonces.pop(m.now) {
		if m.agents[k.Agent]--; m.agents[k.Agent] <= 0 {
			delete(m.agents, k.Agent)
		}
	}
	for k, ok := m.known.pop(m.now); ok; k, ok = m.known.pop(m.now) {
		delete(m.intents, k)
	}
	for id, ok := m.stale.pop(m.now); ok; id, ok = m.stale.pop(m.now) {
		delete(m.holds, id)
	}
	for k, ok := m.ends.pop(m.now); ok; k, ok = m.ends.pop(m.now) {
		if t := m.tallies[k]; t != nil {
			if m.roots[t.root]--; m.roots[t.root] <= 0 {
				delete(m.roots, t.root)
			}
		}
		delete(m.tallies, k)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

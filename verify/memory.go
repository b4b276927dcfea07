package verify

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
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
// passports have; both as of the latest instant that it was asked about, by the
// wall clock, so a clock that is set back brings nothing back to life: until it
// has caught up, what ends before that instant is refused. One that is set ahead
// ends windows early, as it does validities.
type MemoryLedger struct {
	options MemoryLedgerOptions

	mu      sync.Mutex
	now     time.Time                    // the latest instant seen
	nonces  expiring[string, *presenter] // by ReplayKey
	agents  map[string]*presenter        // with a live nonce
	holds   fifo[*hold]                  // by number, which is its id
	intents map[string]*hold             // by IdempotencyKey: the latest
	tallies expiring[tallyKey, tally]
	roots   map[string]int // tallies that each root has
	records []Record
	first   int // of records, when it is full
}

// presenter is an agent with the number of its live nonces.
type presenter struct {
	id   string
	live int
}

func (p *presenter) count() int {
	if p == nil {
		return 0
	}
	return p.live
}

// hold is one reservation.
type hold struct {
	content  string
	decision string
	at       time.Time
	by       time.Time // deadline
	state    holdState
	uses     []spent

	settles time.Time // until when it can be asked about
	intent  string    // its IdempotencyKey, "" if it has none
	known   time.Time // until when that is known
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
		options: o,
		agents:  make(map[string]*presenter),
		intents: make(map[string]*hold),
		roots:   make(map[string]int),
	}
}

// Reserve implements [Ledger].
func (m *MemoryLedger) Reserve(ctx context.Context, r *Reservation) (Held, error) {
	if err := ctx.Err(); err != nil {
		return Held{}, err
	}
	k := keysOf(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance(r.At)
	earlier, err := m.judge(r, k)
	if err != nil {
		return Held{}, err
	}
	if k.replay != "" {
		m.seen(r.Replay.Agent.String(), k.replay, r.ReplayUntil)
	}
	m.record(r.Record)
	if earlier != nil {
		return Held{Repeated: true, Decision: earlier.decision, At: earlier.at}, nil
	}
	return Held{Hold: m.hold(r, k.intent), Decision: r.Record.Decision, At: r.At}, nil
}

// seen remembers a nonce of an agent.
func (m *MemoryLedger) seen(agent, replay string, until time.Time) {
	p := m.agents[agent]
	if p == nil {
		p = &presenter{id: strings.Clone(agent)}
		m.agents[p.id] = p
	}
	p.live++
	m.nonces.add(replay, until).value = p
}

// hold takes the charges of a reservation and returns its id.
func (m *MemoryLedger) hold(r *Reservation, intent string) (id string) {
	h := &hold{
		content: r.Content, decision: r.Record.Decision, at: r.At, by: r.HoldBy,
		uses:    make([]spent, len(r.Charges)),
		settles: later(r.HoldBy, m.now).Add(m.options.RememberIntents),
	}
	for i := range r.Charges {
		h.uses[i] = m.tally(&r.Charges[i], r.Root).charge(&r.Charges[i], m.now)
	}
	if intent != "" {
		h.intent, h.known = intent, later(r.ReplayUntil, m.now.Add(m.options.RememberIntents))
		if old := m.intents[intent]; old != nil {
			h.known = later(h.known, old.known)
		}
		m.intents[intent] = h
	}
	return holdID(m.holds.push(h))
}

// holdID is the id of a hold, with its number in it.
func holdID(number int) string {
	var space [24]byte
	return string(strconv.AppendInt(append(space[:0], holdPrefix...), int64(number), 10))
}

// held finds a hold that can still be asked about; nil if there is none.
func (m *MemoryLedger) held(id string) *hold {
	number, _ := strconv.Atoi(strings.TrimPrefix(id, holdPrefix))
	h := m.holds.get(number)
	if h == nil || (*h).settles.Before(m.now) || holdID(number) != id {
		return nil
	}
	return *h
}

const holdPrefix = "hold-"

// tally returns the tally of a charge, and opens it if there is none.
func (m *MemoryLedger) tally(c *Charge, root string) *tally {
	e := m.tallies.get(c.key())
	switch {
	case e == nil:
		e = m.tallies.add(tallyKey{strings.Clone(c.Account), strings.Clone(c.Name)}, c.Until)
		e.value.root = strings.Clone(root)
		m.roots[e.value.root]++
	case c.Until.After(e.until):
		e.until = c.Until
	}
	return &e.value
}

// Peek implements [Ledger].
func (m *MemoryLedger) Peek(ctx context.Context, r *Reservation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k := keysOf(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	_, err := m.judge(r, k)
	return err
}

// judge applies the rules of [Ledger.Reserve] and changes nothing. It returns
// the earlier hold if the act is a repetition that is accepted.
func (m *MemoryLedger) judge(r *Reservation, k keys) (earlier *hold, err error) {
	if k.replay != "" {
		if m.nonces.get(k.replay) != nil {
			return nil, &code.Error{Code: LedgerReplay, Detail: "this presentation was used before", Hint: "the agent makes a new one for each act"}
		}
		if r.ReplayUntil.Before(m.now) {
			// It may have been used and forgotten.
			return nil, &code.Error{Code: LedgerReplay, Detail: "the presentation ended before the latest instant that the ledger was asked about", Limit: datetime.Format(m.now), Actual: datetime.Format(r.ReplayUntil), Hint: aheadHint}
		}
	}
	// An intent may be forgotten before the hold is, with which it is kept.
	if h := m.intents[k.intent]; h != nil && !h.known.Before(m.now) {
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
	if p := m.agents[r.Replay.Agent.String()]; k.replay != "" && p.count() >= r.LiveNonces {
		return nil, &code.Error{Code: LedgerRateExceeded, Detail: "the agent has too many unexpired presentations", Limit: fmt.Sprint(r.LiveNonces)}
	}
	if earlier != nil {
		return earlier, nil
	}
	var errs []error
	opened := 0
	for i := range r.Charges {
		c := &r.Charges[i]
		if c.Until.Before(m.now) {
			// The account may have been forgotten, and with it what was used.
			return nil, &code.Error{Code: LedgerUnavailable, Detail: "the passport ended before the latest instant that the ledger was asked about", Limit: datetime.Format(m.now), Actual: datetime.Format(c.Until), Hint: aheadHint}
		}
		var used Quantity
		if e := m.tallies.get(c.key()); e != nil {
			used = e.value.used(c)
		} else {
			opened++
		}
		if used.Add(c.Use).Cmp(c.Limit) > 0 {
			errs = append(errs, &ChargeError{Index: i, Rate: c.Rate, Used: used})
		}
	}
	if opened > 0 && m.roots[r.Root]+opened > m.options.Accounts {
		errs = append(errs, &code.Error{Code: LedgerRateExceeded, Detail: "the passports below this root have opened too many budgets", Limit: fmt.Sprint(m.options.Accounts)})
	}
	return nil, errors.Join(errs...)
}

const aheadHint = "if the clock was ahead for a while, a new ledger knows nothing of that"

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
	h := m.held(id)
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
			for i := range h.uses {
				h.uses[i].giveBack()
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
	for _, h := range m.holds.live() {
		if h.settles.Before(m.now) {
			continue
		}
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
	var own strings.Builder // a copy, which a + b is not if one of them is empty; see keys
	own.Grow(len(r.Passport) + len(r.Agent))
	own.WriteString(r.Passport)
	own.WriteString(r.Agent)
	r.Passport, r.Agent = own.String()[:len(r.Passport)], own.String()[len(r.Passport):]
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
	// By the wall clock, as everything that ends: with a monotonic reading "later"
	// could be earlier.
	if at = at.Round(0); at.After(m.now) {
		m.now = at
	}
	for e := m.nonces.pop(m.now); e != nil; e = m.nonces.pop(m.now) {
		if p := e.value; p.live > 1 {
			p.live--
		} else {
			delete(m.agents, p.id)
		}
	}
	// Holds go in their order. One that is kept longer than those after it keeps
	// them in memory, but not known: settles and known say until when they are.
	for holds := m.holds.live(); len(holds) > 0 && later(holds[0].settles, holds[0].known).Before(m.now); holds = m.holds.live() {
		if h := holds[0]; m.intents[h.intent] == h {
			delete(m.intents, h.intent)
		}
		m.holds.pop()
	}
	for e := m.tallies.pop(m.now); e != nil; e = m.tallies.pop(m.now) {
		root := e.value.root
		if m.roots[root]--; m.roots[root] <= 0 {
			delete(m.roots, root)
		}
	}
}

// keys are the keys of a reservation as the ledger keeps them: one text each,
// of its own. The strings of a reservation may be parts of the document that
// was presented, and would keep all of it in memory.
type keys struct{ replay, intent string } // "" if there is none

func keysOf(r *Reservation) (k keys) {
	if p := &r.Replay; *p != (ReplayKey{}) {
		k.replay = compound(p.Agent.String(), p.Audience, p.Challenge)
	}
	if p := &r.Idempotency; *p != (IdempotencyKey{}) {
		k.intent = compound(p.Agent.String(), p.Audience, p.Intent)
	}
	return k
}

// compound joins strings so that no other three read the same.
func compound(a, b, c string) string { return itoa(len(a)) + " " + itoa(len(b)) + " " + a + b + c }

func (c *Charge) key() tallyKey { return tallyKey{c.Account, c.Name} }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

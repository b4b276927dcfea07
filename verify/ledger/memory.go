package ledger

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Options configure [NewMemory].
type Options struct {
	// Records is how many decisions are kept for [Memory.Records], the newest
	// ones. Zero: 1,024.
	Records int
	// KeepUnresolved is how long a hold that nobody settled is kept after its
	// deadline. Zero: 90 days.
	KeepUnresolved time.Duration
}

// Memory is a [verify.Ledger] that lives as long as the process. After a
// restart it knows nothing: budgets begin anew, and an intent that is still
// alive could be used once more. Use a durable one where that matters.
//
// It is a [verify.Reconciler], [verify.UsageReader], [verify.Journal] and
// [verify.Forgetter], too. What ended two minutes before the instant of a
// reservation is forgotten, little by little.
type Memory struct {
	options Options

	mu       sync.Mutex
	nonces   map[verify.ReplayKey]*nonce
	intents  map[verify.IdempotencyKey]*hold // the latest
	holds    map[string]*hold                // by decision
	tallies  map[pair]*tally
	agents   map[string]*agent
	shares   map[string]*share
	records  []verify.Record
	first    int // of records, when it is full
	attempts []verify.Settlement
	work     int // reservations since the last sweep

	nonceMark, accountMark time.Time // the latest end of what was forgotten
}

type pair struct{ account, name string }

type nonce struct {
	until time.Time
	agent *agent
	path  []*share // of a repetition, which has no hold
}

type agent struct{ nonces, acts int }

// share is what chains through one place have.
type share struct {
	key            string
	acts, accounts int
}

type hold struct {
	key      verify.IdempotencyKey
	content  string
	decision string
	at, by   time.Time
	known    time.Time
	ends     time.Time
	amount   verify.Money
	state    verify.HoldState
	done     verify.Quantity
	uses     []*use
	agent    *agent
	agentID  string
	path     []*share
}

type use struct {
	tally    *tally
	at       time.Time
	hold     *hold
	rate     bool
	reserved verify.Quantity
	counts   verify.Quantity
}

type tally struct {
	path  []*share
	until time.Time
	mark  time.Time // of the latest use that was forgotten
	gone  verify.Quantity
	uses  []*use // in order of time
}

const (
	day   = 24 * time.Hour
	grace = 2 * time.Minute // nothing is forgotten before it ended so long ago
)

// NewMemory returns an empty ledger.
func NewMemory(o Options) *Memory {
	if o.Records <= 0 {
		o.Records = 1024
	}
	if o.KeepUnresolved <= 0 {
		o.KeepUnresolved = 90 * day
	}
	return &Memory{
		options: o,
		nonces:  map[verify.ReplayKey]*nonce{}, intents: map[verify.IdempotencyKey]*hold{}, holds: map[string]*hold{},
		tallies: map[pair]*tally{}, agents: map[string]*agent{}, shares: map[string]*share{},
	}
}

// Reserve implements [verify.Ledger].
func (m *Memory) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	if err := ctx.Err(); err != nil {
		return verify.Held{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.work++; m.work > len(m.nonces)+len(m.holds)+len(m.tallies) {
		m.forget(wall(r.At).Add(-grace))
	}
	earlier, err := m.judge(r)
	if errors.Is(err, verify.LedgerRateExceeded) {
		m.forget(wall(r.At)) // a cap may be met by what has ended
		earlier, err = m.judge(r)
	}
	if err != nil {
		return verify.Held{}, err
	}
	path := m.path(r.Chain)
	id := r.Agent.String()
	a := m.agents[id]
	if a == nil {
		a = &agent{}
		m.agents[id] = a
	}
	if r.Replay != (verify.ReplayKey{}) {
		n := &nonce{until: wall(r.ReplayUntil), agent: a}
		if a.nonces++; earlier != nil {
			n.path = path
			count(path, 1)
		}
		m.nonces[r.Replay] = n
	}
	m.record(r.Record)
	if earlier != nil {
		return verify.Held{Repeated: true, Decision: earlier.decision, At: earlier.at}, nil
	}
	a.acts++
	count(path, 1)
	h := &hold{
		key: r.Idempotency, content: r.Content, decision: r.Record.Decision, at: wall(r.At), by: wall(r.HoldBy), known: wall(r.KnownUntil),
		amount: r.Record.Amount, done: verify.AmountOf(r.Record.Amount), state: verify.HoldOpen, agent: a, agentID: id, path: path,
	}
	h.ends = later(h.known, h.by.Add(day))
	for i := range r.Charges {
		h.uses = append(h.uses, m.charge(r, &r.Charges[i], h))
	}
	m.holds[h.decision] = h
	if h.key != (verify.IdempotencyKey{}) {
		if old := m.intents[h.key]; old != nil {
			h.known = later(h.known, old.known)
			h.ends = later(h.ends, h.known)
		}
		m.intents[h.key] = h
	}
	return verify.Held{Decision: h.decision, At: r.At}, nil
}

func (m *Memory) charge(r *verify.Reservation, c *verify.Charge, h *hold) *use {
	k := pair{c.Account, c.Name}
	t := m.tallies[k]
	if t == nil {
		t = &tally{until: wall(c.Until), path: m.path(r.Chain[:place(r.Chain, c.Account)+1])}
		for _, s := range t.path {
			s.accounts++
		}
		m.tallies[k] = t
	}
	t.until = later(t.until, wall(c.Until))
	u := &use{tally: t, at: h.at, hold: h, rate: c.Rate, reserved: c.Use, counts: c.Use}
	i := sort.Search(len(t.uses), func(i int) bool { return t.uses[i].at.After(u.at) })
	t.uses = append(t.uses, nil)
	copy(t.uses[i+1:], t.uses[i:])
	t.uses[i] = u
	// Of a lifetime every use is kept as a sum, of others those of two windows.
	if !c.Since.IsZero() {
		for before := wall(c.Since).Add(-grace); len(t.uses) > 0 && t.uses[0].at.Before(before); t.uses = t.uses[1:] {
			t.mark = t.uses[0].at
		}
	}
	return u
}

func count(path []*share, n int) {
	for _, s := range path {
		s.acts += n
	}
}

// path returns the shares of a chain, from the root on.
func (m *Memory) path(chain []string) (path []*share) {
	var key strings.Builder
	for _, account := range chain {
		fmt.Fprintf(&key, "%d %s ", len(account), account)
		s := m.shares[key.String()]
		if s == nil {
			s = &share{key: key.String()}
			m.shares[s.key] = s
		}
		path = append(path, s)
	}
	return path
}

// place is where in the chain an account is, or -1.
func place(chain []string, account string) int {
	for i := range chain {
		if chain[i] == account {
			return i
		}
	}
	return -1
}

// Peek implements [verify.Ledger].
func (m *Memory) Peek(ctx context.Context, r *verify.Reservation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, err := m.judge(r)
	return err
}

// judge applies the rules of [verify.Ledger.Reserve] and changes nothing. It
// returns the earlier hold if the act is a repetition that is accepted.
func (m *Memory) judge(r *verify.Reservation) (earlier *hold, err error) {
	if err := wellFormed(r); err != nil {
		return nil, err
	}
	if r.Replay != (verify.ReplayKey{}) {
		if m.nonces[r.Replay] != nil {
			return nil, refuse(verify.LedgerReplay, "this presentation was used before", "the agent makes a new one for each act")
		}
		if !r.ReplayUntil.After(m.nonceMark) {
			return nil, forgotten("the presentation", r.ReplayUntil, m.nonceMark)
		}
	}
	if m.holds[r.Record.Decision] != nil {
		return nil, refuse(verify.LedgerReplay, "this decision was reserved before", "")
	}
	if h := m.intents[r.Idempotency]; h != nil && !h.known.Before(wall(r.At)) {
		switch {
		case h.content != r.Content:
			return nil, at("/intent/id", refuse(verify.LedgerConflict, "another act was asked for under this intent id", "a new act needs a new intent"))
		case h.state == verify.HoldGivenBack:
		case !r.AcceptRepeat:
			return nil, at("/intent/id", refuse(verify.LedgerRepeated, "this act was decided before", "to repeat a stored answer, ask with AcceptRepeat; a new act needs a new intent"))
		default:
			earlier = h
		}
	}
	if err := m.capped(r, earlier != nil); err != nil || earlier != nil {
		return earlier, err
	}
	return nil, m.overdrawn(r)
}

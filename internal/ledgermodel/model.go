// Package ledgermodel is a ledger in its simplest form, and random calls for it and for
// those that must answer as it does.
package ledgermodel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Model is a ledger in its simplest form: maps, one lock, and walks. What it
// answers is what every ledger must answer. Make it with [New].
type Model struct {
	keep time.Duration

	mu      sync.Mutex
	nonces  map[verify.ReplayKey]*nonce
	intents map[verify.IdempotencyKey]*hold // the latest
	holds   map[string]*hold                // by decision
	tallies map[pair]*tally
	agents  map[string]*agent
	shares  map[string]*share
	records map[string]verify.Record // by decision
	said    map[string][]verify.Settlement
	work    int // reservations since the last sweep

	nonceMark, accountMark, intentMark time.Time // the latest end of what was forgotten
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
	uses  []*use    // in order of time
}

const (
	day   = 24 * time.Hour
	grace = 2 * time.Minute // nothing is forgotten before it ended so long ago
)

// New returns an empty Model that keeps a hold that nobody settled so long after its
// deadline.
func New(keepUnresolved time.Duration) *Model {
	return &Model{
		keep:   keepUnresolved,
		nonces: map[verify.ReplayKey]*nonce{}, intents: map[verify.IdempotencyKey]*hold{}, holds: map[string]*hold{},
		tallies: map[pair]*tally{}, agents: map[string]*agent{}, shares: map[string]*share{},
		records: map[string]verify.Record{}, said: map[string][]verify.Settlement{},
	}
}

// Reserve implements [verify.Ledger].
func (m *Model) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
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
	m.records[r.Record.Decision] = r.Record
	if earlier != nil {
		again := r.Record
		again.Codes = append(slices.Clip(again.Codes), verify.LedgerRepeated)
		m.records[again.Decision] = again
		return verify.Held{Repeated: true, Decision: earlier.decision, At: earlier.at}, nil
	}
	a.acts++
	count(path, 1)
	h := &hold{
		key: r.Idempotency, content: r.Content, decision: r.Record.Decision, at: wall(r.At), by: wall(r.HoldBy),
		known:  wall(r.KnownUntil),
		amount: r.Record.Amount, done: verify.AmountOf(r.Record.Amount), state: verify.HoldOpen, agent: a, agentID: id,
		path: path,
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

func (m *Model) charge(r *verify.Reservation, c *verify.Charge, h *hold) *use {
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
func (m *Model) path(chain []string) (path []*share) {
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
func (m *Model) Peek(ctx context.Context, r *verify.Reservation) error {
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
func (m *Model) judge(r *verify.Reservation) (earlier *hold, err error) {
	if err := wellFormed(r); err != nil {
		return nil, err
	}
	if r.Replay != (verify.ReplayKey{}) {
		if m.nonces[r.Replay] != nil {
			return nil, verify.LedgerReplay
		}
		if !r.ReplayUntil.After(m.nonceMark) {
			return nil, verify.LedgerUnavailable
		}
	}
	if m.holds[r.Record.Decision] != nil {
		return nil, verify.LedgerReplay
	}
	h := m.intents[r.Idempotency]
	if h == nil && r.Idempotency != (verify.IdempotencyKey{}) && !wall(r.At).After(m.intentMark) {
		return nil, verify.LedgerUnavailable
	}
	if h != nil && !h.known.Before(wall(r.At)) {
		switch {
		case h.content != r.Content:
			return nil, verify.LedgerConflict
		case h.state == verify.HoldGivenBack:
		case !r.AcceptRepeat:
			return nil, verify.LedgerRepeated
		default:
			earlier = h
		}
	}
	if err := m.capped(r, earlier != nil); err != nil || earlier != nil {
		return earlier, err
	}
	return nil, m.overdrawn(r)
}

// wellFormed checks what a caller of a ledger promises.
func wellFormed(r *verify.Reservation) error {
	if len(r.Chain) == 0 || r.Record.Decision == "" {
		return verify.InternalError
	}
	for i := range r.Charges {
		c := &r.Charges[i]
		if place(r.Chain, c.Account) < 0 {
			return verify.InternalError
		}
		for k := range r.Charges[:i] {
			if o := &r.Charges[k]; o.Account == c.Account && o.Name == c.Name {
				return verify.InternalError
			}
		}
	}
	return nil
}

// capped applies [verify.Caps] to all but accounts.
func (m *Model) capped(r *verify.Reservation, repeated bool) error {
	a := m.agents[r.Agent.String()]
	if a == nil {
		a = &agent{}
	}
	if r.Replay != (verify.ReplayKey{}) && a.nonces >= r.Caps.Nonces {
		return verify.LedgerRateExceeded
	}
	if !repeated && a.acts >= r.Caps.Acts {
		return verify.LedgerRateExceeded
	}
	return m.shared(r, r.Caps.RootActs, func(s *share, _ int) (int, int) { return s.acts, 1 })
}

// shared applies a cap to each place of the chain. has says what a place has
// and how much more it would be given.
func (m *Model) shared(r *verify.Reservation, cap int, has func(s *share, place int) (now, more int)) error {
	var key []byte
	for i, account := range r.Chain {
		key = fmt.Appendf(key, "%d %s ", len(account), account)
		s := m.shares[string(key)]
		if s == nil {
			s = &share{}
		}
		if now, more := has(s, i); more > 0 && now+more > r.Caps.Share(cap, i) {
			return verify.LedgerRateExceeded
		}
	}
	return nil
}

// overdrawn judges the charges.
func (m *Model) overdrawn(r *verify.Reservation) error {
	var errs []error
	opened := make([]int, len(r.Chain))
	for i := range r.Charges {
		c := &r.Charges[i]
		t := m.tallies[pair{c.Account, c.Name}]
		if t == nil {
			if !c.Until.After(m.accountMark) || !wall(r.At).After(m.accountMark) {
				return verify.LedgerUnavailable
			}
			for k := 0; k <= place(r.Chain, c.Account); k++ {
				opened[k]++
			}
			t = &tally{}
		}
		if !c.Since.IsZero() && !t.mark.IsZero() && !c.Since.After(t.mark) {
			return verify.LedgerUnavailable
		}
		used := t.used(c.Since, r.At)
		if !fits(c, used.Total()) {
			errs = append(errs, &verify.ChargeError{Index: i, Rate: c.Rate, Used: used,
				After: t.after(c, used.Total())})
		}
	}
	if err := m.shared(r, r.Caps.RootAccounts, func(s *share, i int) (int, int) {
		return s.accounts,
			opened[i]
	}); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// fits reports whether a charge stays within its limit beside what counts already. A sum
// that does not fit into a quantity is more than any limit.
func fits(c *verify.Charge, counts verify.Quantity) bool {
	sum := counts.Add(c.Use)
	return sum.Sub(c.Use) == counts && sum.Cmp(c.Limit) <= 0
}

// used returns what counts from an instant on, as of another.
func (t *tally) used(since, at time.Time) (used verify.Used) {
	for _, u := range t.uses {
		if u.at.Before(since) || u.counts == (verify.Quantity{}) {
			continue
		}
		if used.Oldest.IsZero() && !since.IsZero() {
			used.Oldest = u.at
		}
		if u.hold.state == verify.HoldOpen && wall(at).Before(u.hold.by) {
			used.Held = used.Held.Add(u.counts)
			used.Open++
		} else {
			used.Spent = used.Spent.Add(u.counts)
		}
	}
	return used
}

// after returns what ChargeError.After says.
func (t *tally) after(c *verify.Charge, used verify.Quantity) time.Time {
	if c.Since.IsZero() || c.Use.Cmp(c.Limit) > 0 {
		return time.Time{}
	}
	for _, u := range t.uses {
		if u.at.Before(c.Since) {
			continue
		}
		if used = used.Sub(u.counts); fits(c, used) {
			return u.at
		}
	}
	return time.Time{}
}

// wall is an instant by the wall clock, as everything that ends: with a
// monotonic reading "later" could be earlier.
func wall(t time.Time) time.Time { return t.Round(0) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

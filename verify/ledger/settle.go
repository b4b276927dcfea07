package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Settle implements [verify.Ledger].
func (m *Memory) Settle(_ context.Context, s verify.Settlement) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.holds[s.Decision]
	if h == nil {
		return fmt.Errorf("%w: %.40q", verify.ErrUnknownDecision, s.Decision)
	}
	if h.state == verify.HoldOpen && !wall(s.At).Before(h.by) {
		h.state = verify.HoldUnresolved
	}
	reserved := verify.AmountOf(h.amount)
	done := reserved
	if !s.Amount.IsZero() {
		done = verify.AmountOf(s.Amount)
		if s.Outcome == verify.Done && (!s.Amount.SameAsset(h.amount) || done.Cmp(reserved) > 0) {
			err := fmt.Errorf("%w: %s of %s", verify.ErrNotReserved, s.Amount, h.amount)
			m.attempt(s, err)
			return err
		}
	}
	want := verify.HoldSpent
	switch s.Outcome {
	case verify.NotDone:
		want, done = verify.HoldGivenBack, verify.Quantity{}
	case verify.Done:
	default:
		want, done = verify.HoldUnresolved, reserved
	}
	same := h.state == want && h.done == done
	free := h.state == verify.HoldOpen ||
		h.state == verify.HoldUnresolved && want == verify.HoldSpent && done == reserved ||
		s.By != "" && want != verify.HoldUnresolved
	switch {
	case same:
	case free:
		h.state, h.done = want, done
		for _, u := range h.uses {
			switch {
			case want == verify.HoldGivenBack:
				u.counts = verify.Quantity{}
			case u.rate || done.Cmp(u.reserved) > 0 || done == reserved:
				u.counts = u.reserved
			default:
				u.counts = done
			}
		}
	default:
		return fmt.Errorf("%w: %s", verify.ErrSettled, s.Decision)
	}
	if s.By != "" {
		m.attempt(s, nil)
	}
	return nil
}

// attempt keeps what was said by name, and what was refused.
func (m *Memory) attempt(s verify.Settlement, refused error) {
	s.Decision, s.By, s.Reason = strings.Clone(s.Decision), strings.Clone(s.By), strings.Clone(s.Reason)
	if s.Refused = ""; refused != nil {
		s.Refused = refused.Error()
	}
	if len(m.attempts) >= m.options.Records {
		m.attempts = m.attempts[1:]
	}
	m.attempts = append(m.attempts, s)
}

// Unresolved implements [verify.Reconciler].
func (m *Memory) Unresolved(_ context.Context, at time.Time, after string, limit int) ([]verify.Unresolved, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if limit <= 0 {
		limit = 100
	}
	var list []verify.Unresolved
	for _, id := range slices.Sorted(maps.Keys(m.holds)) {
		h := m.holds[id]
		if id > after && (h.state == verify.HoldUnresolved || h.state == verify.HoldOpen && !wall(at).Before(h.by)) {
			list = append(list, verify.Unresolved{Decision: id, At: h.at, HoldBy: h.by, Record: m.recorded(id)})
		}
		if len(list) == limit {
			break
		}
	}
	return list, nil
}

// Usage implements [verify.UsageReader].
func (m *Memory) Usage(_ context.Context, charges []verify.Charge, at time.Time) ([]verify.Used, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]verify.Used, len(charges))
	for i := range charges {
		c := &charges[i]
		if t := m.tallies[pair{c.Account, c.Name}]; t != nil {
			list[i] = t.used(c.Since, at)
		}
	}
	return list, nil
}

// Record implements [verify.Ledger].
func (m *Memory) Record(ctx context.Context, r verify.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.record(r)
	return nil
}

func (m *Memory) record(r verify.Record) {
	for _, s := range []*string{&r.Decision, &r.Passport, &r.Agent, &r.Root, &r.Intent, &r.Audience, &r.Action, &r.Resource} {
		*s = strings.Clone(*s) // it may be part of a document
	}
	r.Codes = slices.Clone(r.Codes)
	if len(m.records) < m.options.Records {
		m.records = append(m.records, r)
		return
	}
	m.records[m.first] = r
	m.first = (m.first + 1) % len(m.records)
}

// Records returns the newest decisions, oldest first.
func (m *Memory) Records() []verify.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(append([]verify.Record(nil), m.records[m.first:]...), m.records[:m.first]...)
}

// recorded returns the record of a decision; all but its id is zero if it is no
// longer kept.
func (m *Memory) recorded(decision string) verify.Record {
	for i := range m.records {
		if m.records[i].Decision == decision {
			return m.records[i]
		}
	}
	return verify.Record{Decision: decision}
}

// Entry implements [verify.Journal].
func (m *Memory) Entry(_ context.Context, decision string) (verify.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := verify.Entry{Record: m.recorded(decision)}
	h := m.holds[decision]
	if h == nil && e.Record.At.IsZero() {
		return verify.Entry{}, fmt.Errorf("%w: %.40q", verify.ErrUnknownDecision, decision)
	}
	if h != nil {
		e.State, e.Done = h.state, h.done
	}
	for _, s := range m.attempts {
		if s.Decision == decision {
			e.Attempts = append(e.Attempts, s)
		}
	}
	return e, nil
}

// Forget implements [verify.Forgetter].
func (m *Memory) Forget(_ context.Context, before time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(wall(before))
	return nil
}

func (m *Memory) forget(before time.Time) {
	m.work = 0
	for k, n := range m.nonces {
		if n.until.Before(before) {
			m.nonceMark = later(m.nonceMark, n.until)
			n.agent.nonces--
			count(n.path, -1)
			delete(m.nonces, k)
		}
	}
	for id, h := range m.holds {
		ends := h.ends
		if h.state == verify.HoldUnresolved || h.state == verify.HoldOpen {
			ends = later(ends, h.by.Add(m.options.KeepUnresolved))
		}
		if ends.Before(before) {
			if delete(m.holds, id); m.intents[h.key] == h {
				delete(m.intents, h.key)
			}
			h.agent.acts--
			count(h.path, -1)
		}
	}
	for k, t := range m.tallies {
		if t.until.Before(before) {
			m.accountMark = later(m.accountMark, t.until)
			for _, s := range t.path {
				s.accounts--
			}
			delete(m.tallies, k)
		}
	}
	for id, a := range m.agents {
		if a.nonces <= 0 && a.acts <= 0 {
			delete(m.agents, id)
		}
	}
	for key, s := range m.shares {
		if s.acts <= 0 && s.accounts <= 0 {
			delete(m.shares, key)
		}
	}
}

package ledgermodel

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Settle implements [verify.Ledger].
func (m *Model) Settle(_ context.Context, s verify.Settlement) error {
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
			m.attempt(s, err.Error())
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
		m.attempt(s, "")
	}
	return nil
}

func (m *Model) attempt(s verify.Settlement, refused string) {
	s.Refused = refused
	m.said[s.Decision] = append(m.said[s.Decision], s)
}

// Record implements [verify.Ledger].
func (m *Model) Record(_ context.Context, r verify.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.records[r.Decision]; !known {
		m.records[r.Decision] = r
	}
	return nil
}

// Entry implements [verify.Journal].
func (m *Model) Entry(_ context.Context, decision string) (verify.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, known := m.records[decision]
	h := m.holds[decision]
	if !known && h == nil {
		return verify.Entry{}, fmt.Errorf("%w: %.40q", verify.ErrUnknownDecision, decision)
	}
	e := verify.Entry{Record: r, Attempts: slices.Clone(m.said[decision])}
	if h != nil {
		e.State, e.Done = h.state, h.done
	}
	return e, nil
}

// Unresolved implements [verify.Reconciler].
func (m *Model) Unresolved(_ context.Context, at time.Time, after string, limit int) ([]verify.Unresolved, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if limit <= 0 {
		limit = 100
	}
	var list []verify.Unresolved
	for _, id := range slices.Sorted(maps.Keys(m.holds)) {
		h := m.holds[id]
		if id > after && (h.state == verify.HoldUnresolved || h.state == verify.HoldOpen && !wall(at).Before(h.by)) {
			list = append(list, verify.Unresolved{Decision: id, At: h.at, HoldBy: h.by})
		}
		if len(list) == limit {
			break
		}
	}
	return list, nil
}

// Usage implements [verify.UsageReader].
func (m *Model) Usage(_ context.Context, charges []verify.Charge, at time.Time) ([]verify.Used, error) {
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

// Forget implements [verify.Forgetter].
func (m *Model) Forget(_ context.Context, before time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(wall(before))
	return nil
}

func (m *Model) forget(before time.Time) {
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
			ends = later(ends, h.by.Add(m.keep))
		}
		if ends.Before(before) {
			if delete(m.holds, id); m.intents[h.key] == h {
				m.intentMark = later(m.intentMark, h.known)
				delete(m.intents, h.key)
			}
			h.agent.acts--
			count(h.path, -1)
			delete(m.records, id)
			delete(m.said, id)
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

// deadline returns that of a hold.
func (m *Model) deadline(decision string) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.holds[decision]; h != nil {
		return h.by
	}
	return time.Time{}
}

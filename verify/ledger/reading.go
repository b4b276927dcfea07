package ledger

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/verify"
)

// Unresolved implements [verify.Reconciler].
func (m *Memory) Unresolved(_ context.Context, at time.Time, after string, limit int) ([]verify.Unresolved, error) {
	if limit <= 0 {
		limit = 100
	}
	now := instantOf(at)
	var list []verify.Unresolved
	for i := range m.agents {
		s := &m.agents[i]
		s.mu.Lock()
		for n := range s.holds.top {
			h := s.holds.at(n)
			if h.state != verify.HoldUnresolved && (h.state != verify.HoldOpen || h.by > now) {
				continue
			}
			if id := s.decision(n, h); id > after {
				list = append(list, verify.Unresolved{Decision: id, At: h.at.Time(), HoldBy: h.by.Time()})
			}
		}
		s.mu.Unlock()
	}
	slices.SortFunc(list, func(a, b verify.Unresolved) int { return strings.Compare(a.Decision, b.Decision) })
	list = list[:min(limit, len(list))]
	records := m.Records()
	for i := range list {
		u := &list[i]
		u.Record.Decision = u.Decision
		if k := slices.IndexFunc(records, func(r verify.Record) bool { return r.Decision == u.Decision }); k >= 0 {
			u.Record = records[k]
		}
	}
	return list, nil
}

// Usage implements [verify.UsageReader].
func (m *Memory) Usage(ctx context.Context, charges []verify.Charge, at time.Time) ([]verify.Used, error) {
	if err := m.ready(ctx); err != nil {
		return nil, err
	}
	list := make([]verify.Used, len(charges))
	for i := range charges {
		c := &charges[i]
		d := m.secret.below(m.secret.of(c.Account), c.Name)
		p := &m.accounts[d.shard()]
		p.mu.Lock()
		if t, _ := p.tallies.find(&d); t != nil {
			list[i] = t.used(instantOf(c.Since), c.Since.IsZero(), instantOf(at), everything)
		}
		p.mu.Unlock()
	}
	return list, nil
}

// Entry implements [verify.Journal].
func (m *Memory) Entry(_ context.Context, decision string) (verify.Entry, error) {
	e := verify.Entry{Record: verify.Record{Decision: decision}}
	if err := m.made(); err != nil {
		return verify.Entry{}, err
	}
	id := m.secret.idOf(decision)
	part, number, ok := m.find(&id)
	if ok {
		part.mu.Lock()
		if h := part.holds.at(number); h.is(id) {
			e.State, e.Done = h.state, part.done(number, h)
		}
		part.mu.Unlock()
	}
	recorded := false
	for _, r := range m.Records() {
		if r.Decision == decision {
			e.Record, recorded = r, true
		}
	}
	if !recorded && e.State == verify.NoHold {
		return verify.Entry{}, ledgerrules.Unknown(decision)
	}
	e.Attempts = m.attempts.of(decision)
	return e, nil
}

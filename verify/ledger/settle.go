package ledger

import (
	"context"
	"strings"
	"sync"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Settle implements [verify.Ledger].
func (m *Memory) Settle(_ context.Context, s verify.Settlement) error {
	if err := m.made(); err != nil {
		return err
	}
	id := m.secret.idOf(s.Decision)
	part, number, ok := m.find(&id)
	if !ok {
		return ledgerrules.Unknown(s.Decision)
	}
	part.mu.Lock()
	defer part.mu.Unlock()
	h := part.holds.at(number)
	if !h.is(id) {
		return ledgerrules.Unknown(s.Decision)
	}
	if s.Outcome == verify.Done && !s.Amount.IsZero() && !part.reserves(h, s.Amount) {
		err := ledgerrules.NotReserved(&s)
		m.attempts.add(s, err.Error())
		return err
	}
	was, had := h.state, part.done(number, h)
	state, done, err := ledgerrules.Settled(&ledgerrules.Hold{State: was, Reserved: h.reserved, Done: had, By: h.by}, &s)
	m.settle(part, number, h, was, had, state, done)
	if err == nil && s.By != "" {
		m.attempts.add(s, "")
	}
	return err
}

// find returns where the hold of a decision may be.
func (m *Memory) find(id *decisionID) (part *agents, number uint32, ok bool) {
	shard, number, ok := m.decisions[id.shard()].find(id)
	return &m.agents[shard], number, ok
}

// settle gives a hold that state, and to its budgets and rates what that means.
func (m *Memory) settle(s *agents, number uint32, h *hold, was verify.HoldState, had verify.Quantity,
	state verify.HoldState, done verify.Quantity) {
	if was == state && had == done {
		return
	}
	h.state = state
	if state == verify.HoldSpent && done != h.reserved {
		if s.partly == nil {
			s.partly = make(map[uint32]verify.Quantity)
		}
		s.partly[number] = done
	} else {
		delete(s.partly, number)
	}
	var set uint64
	s.charges(h, func(c *charge) { set |= 1 << (c.tally >> 26) })
	m.lock(set)
	defer m.unlock(set)
	s.charges(h, func(c *charge) {
		shard, place := whereHeld(c.tally)
		t := m.accounts[shard].tallies.at(place)
		if t.gen != c.gen {
			return // the account was forgotten
		}
		if was == verify.HoldOpen {
			t.settle(c.seq)
		}
		t.recount(h.at, c.seq, c.lifetime, c.counts(was, had, h.reserved), c.counts(state, done, h.reserved))
	})
}

// attempts are what was said of holds by name, and what was refused.
type attempts struct {
	mu   sync.Mutex
	list []verify.Settlement
	most int
}

func (a *attempts) add(s verify.Settlement, refused string) {
	for _, text := range []*string{&s.Decision, &s.By, &s.Reason} {
		*text = strings.Clone(*text) // it may be part of a document
	}
	text, _ := s.Amount.MarshalText() // it never fails
	s.Refused, s.Amount = refused, money(string(text))
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) >= a.most {
		a.list = append(a.list[:0], a.list[len(a.list)/2+1:]...) // the older half
	}
	a.list = append(a.list, s)
}

// of returns those of a decision, the oldest first.
func (a *attempts) of(decision string) (list []verify.Settlement) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.list {
		if s.Decision == decision {
			list = append(list, s)
		}
	}
	return list
}

// money reads the text of an amount again, or of none.
func money(text string) (m verify.Money) {
	if text != "" {
		m, _ = passport.ParseMoneyText(text)
	}
	return m
}

package ledger

import (
	"context"
	"math"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Forget implements [verify.Forgetter].
func (m *Memory) Forget(_ context.Context, before time.Time) error {
	m.forget(instantOf(before))
	return nil
}

// everything is more than there can be.
const everything = math.MaxInt

func (m *Memory) forget(before instant) {
	for i := range shards {
		m.end(i, before, everything)
	}
}

// tidy forgets a little in a part that may have nobody else to do it.
func (m *Memory) tidy(part int, before instant) { m.end(part, before, 2*8*atOnce) }

func (m *Memory) end(part int, before instant, most int) {
	s, p := &m.agents[part], &m.accounts[part]
	s.mu.Lock()
	m.endNonces(s, before, most)
	m.endHolds(s, before, most)
	s.mu.Unlock()
	p.mu.Lock()
	m.endAccounts(p, before, most)
	p.mu.Unlock()
}

// endNonces forgets at most so many nonces that ended before an instant.
func (m *Memory) endNonces(s *agents, before instant, most int) {
	for ; most > 0; most-- {
		number, ok := s.used.ended(before)
		if !ok {
			return
		}
		n := s.nonces.at(number)
		s.gone = max(s.gone, n.until)
		s.used.pop()
		m.forgive(n.share, -1, 0)
		who := n.agent
		s.nonces.drop(number)
		s.agents.at(who).nonces--
		s.leave(who)
	}
}

// leave forgets an agent that has nothing left.
func (s *agents) leave(who uint32) {
	if a := s.agents.at(who); a.nonces == 0 && a.acts == 0 {
		s.agents.drop(who)
	}
}

// ends is when a hold that was settled may be forgotten.
func (h *hold) ends() instant { return max(h.known, h.by.Add(day)) }

func (m *Memory) endHolds(s *agents, before instant, most int) {
	for ; most > 0; most-- {
		number, ok := s.ending.ended(before)
		if !ok {
			return
		}
		h := s.holds.at(number)
		ends := h.ends()
		if h.state == verify.HoldOpen || h.state == verify.HoldUnresolved {
			ends = max(ends, h.by.Add(m.options.KeepUnresolved))
		}
		if ends >= before {
			s.ending.later(ends)
			continue
		}
		s.ending.pop()
		m.endHold(s, number, h)
	}
}

func (m *Memory) endHold(s *agents, number uint32, h *hold) {
	if latest, n := s.intended(&h.intent); latest != nil && n == number {
		s.acted = max(s.acted, h.known)
		s.intents.remove(h.intent.tag(), number)
	}
	decision := decisionID{h.decision, h.named}
	m.decisions[decision.shard()].forget(&decision)
	for n := h.more; n != 0; {
		next := s.more.at(n - 1).next
		s.more.remove(n - 1)
		n = next
	}
	delete(s.partly, number)
	delete(s.names, number)
	m.forgive(h.share, -1, 0)
	who := h.agent
	*h = hold{}
	s.holds.remove(number)
	s.agents.at(who).acts--
	s.leave(who)
}

func (m *Memory) endAccounts(p *accounts, before instant, most int) {
	for ; most > 0; most-- {
		number, ok := p.ending.ended(before)
		if !ok {
			return
		}
		t := p.tallies.at(number)
		if t.until >= before {
			p.ending.later(t.until)
			continue
		}
		p.ending.pop()
		p.gone = max(p.gone, t.until)
		m.forgive(t.share, 0, -1)
		p.tallies.drop(number)
		t.clear()
	}
}

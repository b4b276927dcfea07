package ledger

import (
	"math/bits"
	"slices"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/verify"
)

// call is one reservation that is judged.
type call struct {
	keys
	m        *Memory
	r        *verify.Reservation
	at       instant
	agents   *agents
	who      *agent // nil if the ledger does not know the agent
	whose    uint32 // its number
	roots    *roots
	accounts uint64 // the set of parts with its accounts
	full     bool   // a cap is met
	next     int    // number + 1 of a part that may be tidied
}

func (c *call) of(m *Memory, r *verify.Reservation) {
	c.m, c.r, c.at = m, r, instantOf(r.At)
	c.keys.of(&m.secret, r)
	c.agents, c.roots = &m.agents[c.agent.shard()], &m.roots[c.path[0].shard()]
	c.accounts = 0
	for i := range r.Charges {
		c.accounts |= 1 << c.keys.charge(i).shard()
	}
}

// lock locks what the call is about and, if it may change that, forgets a little
// of what has ended there.
func (c *call) lock(tidy bool) {
	before := c.at.Add(-grace)
	if c.agents.mu.Lock(); tidy {
		c.m.endNonces(c.agents, before, atOnce)
		c.m.endHolds(c.agents, before, atOnce)
	}
	c.m.lock(c.accounts)
	for set := c.accounts; tidy && set != 0; set &= set - 1 {
		c.m.endAccounts(&c.m.accounts[bits.TrailingZeros64(set)], before, atOnce)
	}
	c.roots.mu.Lock()
}

func (c *call) unlock() {
	c.roots.mu.Unlock()
	c.m.unlock(c.accounts)
	c.agents.mu.Unlock()
}

func (c *call) reserve() (held verify.Held, err error) {
	c.lock(true)
	defer c.unlock()
	earlier, err := c.rules()
	if err != nil || earlier != 0 { // else put finds out
		earlier, err = c.unlessKnown(earlier, err)
	}
	if err != nil {
		return verify.Held{}, err
	}
	s, r := c.agents, c.r
	if s.turns++; s.turns%8 == 0 {
		c.next = s.turns/8%shards + 1
	}
	var number uint32
	if earlier == 0 {
		number = s.holds.add()
		if !c.m.decisions[c.decision.shard()].put(&c.decision, heldAt(c.agent.shard(), number)) {
			s.holds.remove(number)
			return verify.Held{}, ledgerrules.ReservedBefore()
		}
	}
	a, who := c.who, c.whose
	if a == nil {
		a, who = s.agents.make(&c.agent)
	}
	root := c.roots.open(c.path[:c.places])
	c.roots.give(root, 1, 0)
	whole := shareOf(c.path[0].shard(), root)
	if c.replay != (digest{}) {
		n, k := s.nonces.make(&c.replay)
		n.until, n.agent, n.share = instantOf(r.ReplayUntil), who, 0
		if a.nonces++; earlier != 0 {
			n.share = whole
		}
		s.used.push(due{n.until, k})
	}
	if earlier != 0 {
		record := r.Record
		record.Codes = append(slices.Clip(record.Codes), verify.LedgerRepeated)
		c.m.records.add(&record)
		h := s.holds.at(earlier - 1)
		return verify.Held{Repeated: true, Decision: s.decision(earlier-1, h), At: h.at.Time()}, nil
	}
	c.m.records.add(&r.Record)
	a.acts++
	h := s.holds.at(number)
	h.content, h.intent, h.agent, h.share, h.state = c.content, c.intent, who, whole, verify.HoldOpen
	h.at, h.by, h.known = c.at, instantOf(r.HoldBy), instantOf(r.KnownUntil)
	h.reserved, h.asset = verify.AmountOf(r.Record.Amount), s.asset(&r.Record.Amount)
	s.call(number, h, c.decision, r.Record.Decision)
	for i := range r.Charges {
		c.book(h, i, s.take(h))
	}
	if c.intent != (digest{}) {
		if old, n := s.intended(&c.intent); old != nil {
			h.known = max(h.known, old.known)
			s.intents.remove(c.intent.tag(), n)
		}
		s.intents.add(c.intent.tag(), number)
	}
	s.ending.push(due{h.ends(), number})
	return verify.Held{Decision: r.Record.Decision, At: r.At}, nil
}

// book books a charge, and writes down what was taken.
func (c *call) book(h *hold, i int, taken *charge) {
	k, of := c.keys.charge(i), &c.r.Charges[i]
	p := &c.m.accounts[k.shard()]
	until := instantOf(of.Until)
	t, n := k.tally, k.number
	if t == nil {
		t, n = p.tallies.make(&k.digest)
		owner := c.roots.open(c.path[:k.place+1])
		c.roots.give(owner, 0, 1)
		t.renew()
		t.until, t.share = until, shareOf(c.path[0].shard(), owner)
		p.ending.push(due{until, n})
	}
	t.until = max(t.until, until)
	lifetime := of.Since.IsZero()
	seq := t.book(h.at, h.by, of.Use, lifetime)
	if !lifetime {
		t.forget(instantOf(of.Since).Add(-grace))
	}
	taken.tally, taken.gen, taken.seq = heldAt(k.shard(), n), t.gen, seq
	taken.rate, taken.lifetime, taken.reserved = of.Rate, lifetime, of.Use
}

// judge applies the rules of [verify.Ledger.Reserve] and takes nothing.
func (c *call) judge() error {
	_, err := c.unlessKnown(c.rules())
	return err
}

// unlessKnown refuses for a decision that was reserved before.
func (c *call) unlessKnown(earlier uint32, err error) (uint32, error) {
	if c.m.decisions[c.decision.shard()].has(&c.decision) {
		c.full = false
		return 0, ledgerrules.ReservedBefore()
	}
	return earlier, err
}

// rules applies all but the one that a decision is reserved once. It returns the
// number + 1 of the earlier hold if the act is a repetition that is accepted.
func (c *call) rules() (earlier uint32, err error) {
	s, r := c.agents, c.r
	c.full = false
	if c.replay != (digest{}) {
		if n, _ := s.nonces.find(&c.replay); n != nil {
			return 0, ledgerrules.UsedBefore()
		}
		if instantOf(r.ReplayUntil) <= s.gone {
			return 0, ledgerrules.Forgotten("the presentation", r.ReplayUntil, s.gone)
		}
	}
	h, n := s.intended(&c.intent)
	if h == nil && c.intent != (digest{}) && c.at <= s.acted {
		return 0, ledgerrules.TooEarly("the intent", c.at, s.acted)
	}
	if h != nil && h.known >= c.at {
		repeats, err := ledgerrules.Repeats(h.content == c.content, h.state, r.AcceptRepeat)
		if err != nil {
			return 0, err
		}
		if repeats {
			earlier = n + 1
		}
	}
	if err := c.capped(earlier != 0); err != nil {
		c.full = true
		return 0, err
	}
	if earlier != 0 {
		return earlier, nil
	}
	return 0, c.overdrawn()
}

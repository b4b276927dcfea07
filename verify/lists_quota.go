package verify

import (
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// listQuota is the room for what is remembered of lists under one anchor: of
// its own, which its own signatures cause, and of those below it, which agents
// cause. What agents cause takes no room from the anchor.
//
// Nobody below the anchor takes more than a quarter of what all below it may,
// and nobody below an agent more than a quarter of what the agent may. So up to
// three who take all they can leave a fourth with all that is his.
type listQuota struct {
	own, below listSide
	agents     map[listAgent]*listShare // who something is charged to
}

// listAgent is an agent that is so many links below the anchor.
type listAgent struct {
	depth int
	id    did.DID
}

// listShare is what one party may take and what it has taken, in bytes.
type listShare struct{ used, most int }

// listSide are the lists on one side of a quota.
type listSide struct {
	facts    listShare // marks and revocations
	editions listShare // the newest editions; these may be forgotten
	entries  []*listEntry
	next     int          // where the search for what is over goes on
	holding  []*listEntry // those with an edition, the first to be forgotten first
}

const (
	// listEntryBytes is what an entry takes beside its texts and revocations, its
	// place in the table and its shares included.
	listEntryBytes = 1 << 10
	// leastShare is what an agent may take however far below the anchor it is.
	leastShare = 16 << 10
	// How many entries are looked at for what is over: with each new one, and
	// where there is no room.
	fewOver, manyOver = 4, 1024
)

func newListQuota(most int) *listQuota {
	side := listSide{facts: listShare{most: most}, editions: listShare{most: most}}
	return &listQuota{own: side, below: side, agents: map[listAgent]*listShare{}}
}

// agent returns the share of an agent.
func (q *listQuota) agent(a listAgent) *listShare {
	if q.agents[a] == nil {
		most := q.below.facts.most
		for range a.depth + 1 {
			most /= 4
		}
		q.agents[a] = &listShare{most: max(most, min(leastShare, q.below.facts.most))}
	}
	return q.agents[a]
}

// listAccount says who answers for an entry.
type listAccount struct {
	side   *listSide
	quota  *listQuota
	agents []listAgent // from the anchor down; empty for the anchor's own
	bytes  int
}

// accountOf returns the account of a bearer's list, and whether it is an
// anchor's own.
func (m *listMemory) accountOf(r *run, b bearer) (a listAccount, own bool) {
	if q := m.quotas[b.issuer]; q != nil {
		return listAccount{side: &q.own, quota: q}, true
	}
	q := m.quotas[r.anchorOf.Issuer]
	a = listAccount{side: &q.below, quota: q}
	for depth := range b.depth {
		a.agents = append(a.agents, listAgent{depth, r.links[depth].passport.Agent})
	}
	return a, false
}

// charge takes that many bytes if everybody who answers for them has room.
func (a *listAccount) charge(n int) bool {
	shares := []*listShare{&a.side.facts}
	for _, id := range a.agents {
		shares = append(shares, a.quota.agent(id))
	}
	for _, s := range shares {
		if s.used+n > s.most {
			return false
		}
	}
	for _, s := range shares {
		s.used += n
	}
	a.bytes += n
	return true
}

// same reports whether both are accounts of the same parties.
func (a *listAccount) same(b *listAccount) bool {
	return a.side == b.side && slices.Equal(a.agents, b.agents)
}

// growFor charges for what an entry takes to those who have brought it, where those
// who were first asked about the list have no room: one who fills his room takes
// none from others.
func (e *listEntry) growFor(payer *listAccount, n int) bool {
	for i := range e.others {
		if e.others[i].same(payer) {
			return e.others[i].charge(n)
		}
	}
	if e.same(payer) || !payer.charge(n) {
		return false
	}
	e.others = append(e.others, *payer)
	return true
}

// close gives back what an entry has taken, from everybody.
func (e *listEntry) close() {
	e.listAccount.close()
	for i := range e.others {
		e.others[i].close()
	}
	e.others = nil
}

// close gives back what the account has taken.
func (a *listAccount) close() {
	a.side.facts.used -= a.bytes
	for _, id := range a.agents {
		s := a.quota.agent(id)
		if s.used -= a.bytes; s.used == 0 {
			delete(a.quota.agents, id)
		}
	}
	a.bytes = 0
}

// grow charges for what an entry takes, and makes room by forgetting what is
// over, a bounded number of entries at a time.
func (m *listMemory) grow(e *listEntry, n int, now time.Time) bool {
	if e.charge(n) {
		return true
	}
	m.forgetOver(e, now, manyOver)
	return e.charge(n)
}

// forgetOver looks through some entries of the same side as one that needs room,
// and forgets those that bear on nothing any more.
func (m *listMemory) forgetOver(needy *listEntry, now time.Time, most int) {
	s := needy.side
	for range min(most, len(s.entries)) {
		if s.next >= len(s.entries) {
			s.next = 0
		}
		e := s.entries[s.next]
		if e == needy || !e.over(now, m.ages) {
			s.next++
			continue
		}
		last := len(s.entries) - 1
		s.entries[s.next], s.entries[last] = s.entries[last], nil
		s.entries = s.entries[:last]
		m.table.remove(e)
		s.release(e)
		e.forgotten = true
		e.close()
		if len(s.entries) == 0 {
			break
		}
	}
}

// hold accounts for the edition of an entry. If there are too many, those that
// were learned first are forgotten, and only their marks stay.
func (s *listSide) hold(e *listEntry) {
	size := e.state.Load().bytes()
	if size > s.editions.most {
		s.release(e)
		return
	}
	if e.held == 0 {
		s.holding = append(s.holding, e)
	}
	s.editions.used += size - e.held
	e.held = size
	for s.editions.used > s.editions.most {
		first := s.holding[0]
		if first == e { // the last to be forgotten
			s.holding = append(s.holding[1:], e)
			continue
		}
		s.release(first)
	}
}

// release forgets the edition of an entry.
func (s *listSide) release(e *listEntry) {
	if e.held > 0 {
		s.holding = slices.DeleteFunc(s.holding, func(x *listEntry) bool { return x == e })
		s.editions.used -= e.held
		e.held = 0
	}
	state := *e.state.Load()
	state.edition, state.united = nil, nil
	e.state.Store(&state)
}

// bytes returns about what an edition takes: the text that was handed over and
// the copy that was parsed, the tree, and the statuses.
func (s *listState) bytes() int {
	if s.edition == nil {
		return 0
	}
	n := 4<<10 + 2*len(s.edition.fetched.Raw) + s.edition.list.Bytes()
	if s.united != nil {
		n += s.united.Bytes()
	}
	return n
}

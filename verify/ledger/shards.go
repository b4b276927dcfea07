package ledger

import (
	"math/bits"
	"sync"

	"github.com/safeconduct/safeconduct/verify"
)

// shards is how many parts the ledger has, each with a lock of its own. What an
// agent does is in a part that its name chooses; a budget is in one that
// its account and name choose, and what is shared out below a root in one that
// the root chooses. Locks are taken in this order: one of agents, then those of
// accounts in their order, then one of roots; those of decisions, records and
// attempts last.
const shards = 64

// atOnce is how much of what has ended a call forgets. More than it adds, so that
// nothing piles up, and no more, so that no call waits for long.
const atOnce = 4

// agents is a part of the ledger by agents.
type agents struct {
	mu     sync.Mutex
	agents table[agent]
	nonces table[nonce]
	used   queue // of nonces
	gone   instant
	acted  instant // of an intent that was forgotten: until when it was known

	holds   slab[hold]
	intents index[short] // of holds, by their intents: the latest
	ending  queue        // of holds
	more    slab[moreCharges]
	partly  map[uint32]verify.Quantity // what holds came to, where that is less than was reserved
	names   map[uint32]string          // decisions of holds that are not ULIDs
	assets  map[asset]uint32
	latest  numbered // of assets: mostly the next one, too
	turns   int
	_       [64]byte // another processor may have the next one
}

// agent is who has live nonces or remembered acts.
type agent struct{ nonces, acts int32 }

// nonce is a replay key.
type nonce struct {
	until instant
	agent uint32
	share share // that of a repetition, which has no hold
}

// accounts is a part of the ledger by accounts.
type accounts struct {
	mu      sync.Mutex
	tallies table[tally]
	ending  queue
	gone    instant
	_       [64]byte
}

// roots is a part of the ledger by roots.
type roots struct {
	mu    sync.Mutex
	nodes table[node]
	_     [64]byte
}

// node is a passport in its place of a chain, with what all chains through it
// have.
type node struct {
	above          uint32 // number + 1; 0: it is the root
	acts, accounts int32
}

// share names a node: its shard, and its number + 1. Zero: there is none.
type share uint32

func shareOf(shard int, node uint32) share { return share(uint32(shard)<<26 | node) }

func (s share) shard() int   { return int(s >> 26) }
func (s share) node() uint32 { return uint32(s) & (1<<26 - 1) }

// decisions is a part of the ledger by the ids of decisions: where their holds are.
// 64 bits represent an id.
type decisions struct {
	mu sync.Mutex
	index[long]
	_ [64]byte
}

func (d *decisions) find(of *decisionID) (shard int, number uint32, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	entry, _, ok := d.next(of.long(), 0)
	shard, number = whereHeld(entry)
	return shard, number, ok
}

func (d *decisions) has(of *decisionID) bool {
	_, _, ok := d.find(of)
	return ok
}

// put adds a decision; false if it is there already.
func (d *decisions) put(of *decisionID, entry uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, _, ok := d.next(of.long(), 0); ok {
		return false
	}
	d.add(of.long(), entry)
	return true
}

func (d *decisions) forget(of *decisionID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if entry, _, ok := d.next(of.long(), 0); ok {
		d.remove(of.long(), entry)
	}
}

// A place of a hold fits into an entry of an index.
func heldAt(shard int, number uint32) uint32 { return uint32(shard)<<26 | number }

func whereHeld(entry uint32) (shard int, number uint32) { return int(entry >> 26), entry & (1<<26 - 1) }

// lock locks the parts of a set, in their order.
func (m *Memory) lock(set uint64) {
	for ; set != 0; set &= set - 1 {
		m.accounts[bits.TrailingZeros64(set)].mu.Lock()
	}
}

func (m *Memory) unlock(set uint64) {
	for ; set != 0; set &= set - 1 {
		m.accounts[bits.TrailingZeros64(set)].mu.Unlock()
	}
}

// give adds to the acts and accounts of a place and those above it. The part of
// roots is locked.
func (r *roots) give(number uint32, acts, accounts int32) {
	for n := number; n != 0; {
		e := r.nodes.at(n - 1)
		e.acts, e.accounts = e.acts+acts, e.accounts+accounts
		above := e.above
		if e.acts == 0 && e.accounts == 0 {
			r.nodes.drop(n - 1)
		}
		n = above
	}
}

// forgive is give for a part that is not locked.
func (m *Memory) forgive(s share, acts, accounts int32) {
	if s == 0 {
		return
	}
	r := &m.roots[s.shard()]
	r.mu.Lock()
	r.give(s.node(), acts, accounts)
	r.mu.Unlock()
}

// open returns the place of a chain, and makes it if need be. The part of roots is
// locked. What is made must be given something.
func (r *roots) open(path []digest) (number uint32) {
	for i := range path {
		e, n := r.nodes.find(&path[i])
		if e == nil {
			e, n = r.nodes.make(&path[i])
			*e = node{above: number}
		}
		number = n + 1
	}
	return number
}

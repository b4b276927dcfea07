package sqlstore

import (
	"fmt"
	"slices"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// work is what a transaction has read and not yet written: of each row one, however
// many calls of a batch change it.
type work struct {
	s *Store
	*tx
	doubt bool    // of the call that is done: it may have been committed before
	touch bool    // something is written even if everything was committed before
	clock instant // the server's; 0: nobody looks
	cache *cache  // what was read before; nil: nothing
	known *known  // what a group is judged by; nil: it is a transaction
	left  *work   // rows that the drainer has read; nil: none

	office bool // its lock is taken

	records  int
	earliest instant // of these

	agents    rows[digest, agent]
	nonces    rows[digest, nonce]
	intents   rows[digest, intent]
	holds     rows[digest, hold]
	places    rows[digest, passage]
	accounts  rows[digest, account]
	uses      rows[useKey, verify.Quantity]
	decisions rows[string, verify.Record]
	spans     map[digest]*span
	old       map[digest]instant // the latest of some uses of an account that no window reaches
	marks     map[int]instant
	moved     map[int]bool // marks that are not written yet

	// Of a transaction on the ledger, where there are groups:
	leads  *known // what is known once it is committed
	groups int64  // that it has written into the tables
	notice *redo  // what it changes, for those who remember it otherwise

	// Of a group:
	waiting     map[digest]bool                           // what those bear on who wait for a transaction
	allWait     bool                                      // whoever comes behind waits
	absent      struct{ holds, nonces, intents [][]byte } // what was taken for new without a look
	wiped       map[digest]instant                        // up to when uses of accounts are forgotten
	earliestAct instant                                   // of those that are reserved
	latestAct   instant
}

// The kinds of marks of what was forgotten.
const (
	ofNonces   = 1
	ofAccounts = 2
	ofRestore  = 3 // whatever was used up to then may have been forgotten
	ofGap      = 4 // where what a restored copy does not know begins
	ofIntents  = 5
)

type agent struct{ nonces, acts int }

type nonce struct {
	until       instant
	agent       digest
	place, hold digest
}

type intent struct{ hold digest }

type hold struct {
	decision            string
	at, by, known, ends instant
	state               verify.HoldState
	reserved, done      verify.Quantity
	currency            string
	decimals            int
	content, intent     digest
	agent, place, root  digest
	charges             []charge
}

// charge is what a hold has taken from an account.
type charge struct {
	account        digest
	born           int64
	rate, lifetime bool
	reserved       verify.Quantity
	until          instant // when the account may be forgotten, by what this charge says
}

// passage is a place in a chain.
type passage struct {
	above          digest
	acts, accounts int
}

type account struct {
	until      instant
	place      digest
	born       int64 // tells it from one that had the same key before
	total, sum verify.Quantity
	base       verify.Quantity // of total, what holds count that were forgotten
	since      instant
	gone       instant
}

func newWork(s *Store, t *tx) *work {
	return &work{
		s: s, tx: t, earliest: last, agents: rows[digest, agent]{}, nonces: rows[digest, nonce]{},
		intents: rows[digest, intent]{}, holds: rows[digest, hold]{}, places: rows[digest, passage]{},
		accounts: rows[digest, account]{}, uses: rows[useKey, verify.Quantity]{},
		decisions: rows[string, verify.Record]{},
		marks:     map[int]instant{}, moved: map[int]bool{}, spans: map[digest]*span{}, old: map[digest]instant{},
		waiting: map[digest]bool{}, wiped: map[digest]instant{}, earliestAct: last, latestAct: first,
	}
}

func newReading(s *Store, t *tx) *work {
	own := *t // the transaction may have other calls in it, which write
	own.reading = true
	return newWork(s, &own)
}

// intentOf returns the latest hold of an intent, nil if there is none.
func (w *work) intentOf(key digest) (*row[hold], error) {
	i, err := load(w, intentTable, w.intents, key)
	if i == nil || err != nil {
		return nil, err
	}
	return load(w, holdTable, w.holds, i.now.hold)
}

// mark returns the latest end of what was forgotten.
func (w *work) mark(kind int) (instant, error) {
	if at, ok := w.marks[kind]; ok {
		return at, nil
	}
	if err := w.askMarks(); err != nil {
		return first, err
	}
	err := w.flush()
	return w.marks[kind], err
}

// A mark that has moved in this transaction is the later one.
func (w *work) askMarks() error {
	if len(w.marks) == 0 {
		if marks, known := w.cache.knownMarks(); known {
			w.marks = marks
			return nil
		}
		w.marks[ofNonces], w.marks[ofAccounts], w.marks[ofRestore], w.marks[ofIntents] = first, first, first, first
	}
	for _, i := range w.known.images() {
		if i == nil {
			continue
		}
		for kind, at := range i.marks {
			w.marks[kind] = max(w.marks[kind], at)
		}
	}
	return w.look("SELECT kind, at FROM forgotten WHERE space = ?", []any{w.s.space}, func(r Row) error {
		kind := int(r.Int(0))
		if at, known := w.marks[kind]; !known || at < r.instant(1) {
			w.marks[kind] = r.instant(1)
		}
		return nil
	})
}

func (w *work) setMark(kind int, at instant) error {
	now, err := w.mark(kind)
	if err != nil || at <= now {
		return err
	}
	w.marks[kind], w.moved[kind] = at, true
	return nil
}

// writeMarks writes the marks that have moved.
func (w *work) writeMarks() error {
	if w.notice != nil && len(w.moved) > 0 {
		w.notice.table = byte(slices.Index(redoTables, redoTable(markRows{})))
		markRows{}.changed(w.notice, w)
	}
	for kind := range w.moved {
		if err := w.exec("INSERT INTO forgotten (space, kind, at) VALUES (?, ?, ?) ON CONFLICT (space, kind) "+
			"DO UPDATE SET at = excluded.at WHERE forgotten.at < excluded.at", w.s.space, kind, int64(w.marks[kind])); err != nil {
			return err
		}
	}
	return nil
}

// give adds to a place and those above it, which are made if need be.
func (w *work) give(chain []digest, acts, accounts int) error {
	for i, key := range chain {
		p, err := load(w, placeTable, w.places, key)
		if err != nil {
			return err
		}
		if p == nil {
			above := none
			if i > 0 {
				above = chain[i-1]
			}
			p = add(w.places, key, passage{above: above})
		}
		p.now.acts, p.now.accounts, p.changed = p.now.acts+acts, p.now.accounts+accounts, true
	}
	return nil
}

// take is give of less, for a place that is known by its key alone.
func (w *work) take(key digest, acts, accounts int) error {
	for key != none {
		p, err := load(w, placeTable, w.places, key)
		if err != nil {
			return err
		}
		if p == nil {
			return errDamaged
		}
		p.now.acts, p.now.accounts, p.changed = p.now.acts-acts, p.now.accounts-accounts, true
		key = p.now.above
	}
	return nil
}

var errDamaged = fmt.Errorf("sqlstore: a row is missing, or is not what it must be: %w", store.ErrDamaged)

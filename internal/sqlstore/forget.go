package sqlstore

import (
	"context"
	"slices"

	"github.com/safeconduct/safeconduct/verify"
)

const (
	atOnce = 4   // of what has ended, for each reservation
	atMost = 256 // in the transaction of a reservation that has met a cap
	slice  = 256 // in a transaction of its own
	every  = 64  // reservations something is forgotten
)

// seldom is how much more seldom, and then more, is forgotten where a server is asked: as often as the drainer begins.
func (s *Store) seldom(n int) int {
	if s.engine.Redo {
		return max(1, n*s.engine.drainAt()/every)
	}
	return n
}

// tidy returns jobs that forget a little of what has ended: more than has been
// added since the last ones.
func (s *Store) tidy(before instant, most int) []*job {
	return []*job{{ctx: context.Background(), run: func(w *work) error {
		_, err := w.forget(before, most)
		return err
	}}, {ctx: context.Background(), apart: true, run: func(w *work) error { return w.foldSome(before, most) }}}
}

// foldSome forgets a little of what is not the ledger's.
func (w *work) foldSome(before instant, most int) error {
	s := w.s
	if _, err := w.fold(before.Add(-s.options.KeepDecisions), most); err != nil {
		return err
	}
	if _, err := w.forgetEditions(before, most); err != nil {
		return err
	}
	if !s.refused.due(s.options.KeepRefused) {
		return nil
	}
	more, err := w.foldRefused(most)
	if err == nil && !more {
		s.refused.looked()
	}
	return err
}

// forget forgets at most so much of each kind that ended before an instant. more says
// that there may be more.
func (w *work) forget(before instant, most int) (more bool, err error) {
	e, err := w.endedBefore(before, most)
	if err != nil {
		return false, err
	}
	return max(len(e.nonces), len(e.holds), len(e.accounts)) >= most, w.forgetEnded(e)
}

// ended are keys of what ended before an instant.
type ended struct {
	before                  instant
	nonces, holds, accounts []digest
	agents                  []digest // of those
}

// endedBefore looks for at most so much of each kind.
func (w *work) endedBefore(before instant, most int) (*ended, error) {
	e := &ended{before: before}
	for _, of := range []struct {
		table, key, column, agent string
		list                      *[]digest
	}{
		{"nonces", "nonce", "until", "agent", &e.nonces}, {"holds", "hold", "kept_until", "agent", &e.holds},
		{"accounts", "account", "until", "NULL", &e.accounts},
	} {
		query := "SELECT " + of.key + ", " + of.agent + " FROM " + of.table + " WHERE space = ? AND " + of.column +
			" < ? ORDER BY space, " + of.column + limit(most)
		if err := w.look(query, []any{w.s.space, int64(before)}, func(r Row) error {
			*of.list = append(*of.list, r.digest(0))
			e.agents = append(e.agents, r.digest(1))
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return e, w.flush()
}

// forgetEnded forgets what has ended. It was looked for in the tables, and is looked at again by its key: a group may
// have been faster.
func (w *work) forgetEnded(e *ended) error {
	if w.known != nil && len(e.accounts) > 0 {
		return errTables
	}
	if err := w.fetchEnded(e, nil); err != nil {
		return err
	}
	if err := w.forgetNonces(e.nonces, e.before); err != nil {
		return err
	}
	if err := w.forgetHolds(e.holds, e.before); err != nil {
		return err
	}
	return w.forgetAccounts(e.accounts, e.before)
}

// fetchEnded reads what has ended, and what that leads to, and some accounts more.
func (w *work) fetchEnded(e *ended, accounts []digest) error {
	if err := w.fetchAll(&wanted{
		nonces: e.nonces, holds: e.holds, accounts: slices.Concat(e.accounts, accounts), agents: e.agents,
	}); err != nil {
		return err
	}
	var intents, places []digest
	for _, key := range e.nonces {
		if n := w.nonces[key]; n != nil {
			places = append(places, n.now.place)
		}
	}
	for _, key := range e.holds {
		if h := w.holds[key]; h != nil {
			intents, places = append(intents, h.now.intent), append(places, h.now.place)
		}
	}
	if err := ask(w, intentTable, w.intents, intents); err != nil {
		return err
	}
	return w.fetchPlaces(places)
}

// fetchPlaces reads places and those above them.
func (w *work) fetchPlaces(keys []digest) error {
	for range longestChain {
		if err := fetch(w, placeTable, w.places, keys); err != nil || len(keys) == 0 {
			return err
		}
		var above []digest
		for _, key := range keys {
			if p := w.places[key]; p != nil && p.now.above != none {
				above = append(above, p.now.above)
			}
		}
		slices.SortFunc(above, compareDigests)
		keys = slices.Compact(above)
	}
	return errDamaged
}

func (w *work) forgetNonces(keys []digest, before instant) error {
	for _, key := range keys {
		n, err := load(w, nonceTable, w.nonces, key)
		if err != nil {
			return err
		}
		if n == nil || n.now.until >= before { // it is another one by now
			continue
		}
		n.gone = true
		a, err := load(w, agentTable, w.agents, n.now.agent)
		if err != nil {
			return err
		}
		if a == nil {
			return errDamaged
		}
		a.now.nonces, a.changed = a.now.nonces-1, true
		if err := w.take(n.now.place, 1, 0); err != nil {
			return err
		}
		if err := w.setMark(ofNonces, n.now.until); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) forgetHolds(keys []digest, before instant) error {
	for _, key := range keys {
		r, err := load(w, holdTable, w.holds, key)
		if err != nil {
			return err
		}
		if r == nil || r.now.ends >= before { // it is kept longer by now
			continue
		}
		h := &r.now
		if h.state == verify.HoldOpen || h.state == verify.HoldUnresolved {
			if ends := max(h.ends, h.by.Add(w.s.options.KeepUnresolved)); ends >= before {
				h.ends, r.changed = ends, true
				continue
			}
		}
		if err := w.forgetHold(key, r); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) forgetHold(key digest, r *row[hold]) error {
	r.gone = true
	if r.now.intent != none {
		i, err := load(w, intentTable, w.intents, r.now.intent)
		if err != nil {
			return err
		}
		if i != nil && i.now.hold == key {
			i.gone = true
			if err := w.setMark(ofIntents, r.now.known); err != nil {
				return err
			}
		}
	}
	for i := range r.now.charges {
		c := &r.now.charges[i]
		counts := c.counts(r.now.state, r.now.done, r.now.reserved)
		if a, err := load(w, accountTable, w.accounts, c.account); err != nil {
			return err
		} else if a != nil && a.now.born == c.born && counts != (verify.Quantity{}) {
			a.now.base, a.changed = a.now.base.Add(counts), true
		}
	}
	a, err := load(w, agentTable, w.agents, r.now.agent)
	if err != nil {
		return err
	}
	if a == nil {
		return errDamaged
	}
	a.now.acts, a.changed = a.now.acts-1, true
	return w.take(r.now.place, 1, 0)
}

func (w *work) forgetAccounts(keys []digest, before instant) error {
	for _, key := range keys {
		a, err := load(w, accountTable, w.accounts, key)
		if err != nil {
			return err
		}
		if a == nil || a.now.until >= before { // it is kept longer by now
			continue
		}
		if err := w.writeUses(); err != nil {
			return err
		}
		if err := w.exec("DELETE FROM uses WHERE account = ?", key.value()); err != nil {
			return err
		}
		a.gone, w.spans[key] = true, nil
		if w.notice != nil { // the budget may begin anew before the rows are written
			w.notice.table = byte(slices.Index(redoTables, redoTable(accountTable)))
			w.notice.begins(true, false)
			w.notice.digest(key)
		}
		if err := w.take(a.now.place, 0, 1); err != nil {
			return err
		}
		if err := w.setMark(ofAccounts, a.now.until); err != nil {
			return err
		}
	}
	return nil
}

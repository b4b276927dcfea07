package sqlstore

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// catchUp reads the number, and the groups since the one that is known.
func (s *Store) catchUp(t *tx) error {
	k := &s.known
	for {
		after := int64(-1)
		if k.good {
			after = k.number
		}
		if err := t.alone(); err != nil {
			return err
		}
		h := newHistory(k)
		if err := t.look("SELECT h.number, h.token, r.number, r.before, r.body FROM redo_heads h "+
			"LEFT JOIN redo r ON r.space = h.space AND r.number > ? WHERE h.space = ? ORDER BY r.number",
			[]any{after, s.space}, func(r Row) error {
				h.number, h.token, h.found = r.Int(0), r.Int(1), true
				if r[2] == nil {
					return nil
				}
				list, err := appendRedone(nil, slices.Clone(r.Bytes(4)))
				h.add(r.Int(2), r.Int(3), list)
				return err
			}); err != nil {
			return err
		}
		if err := t.flush(); err != nil {
			return err
		}
		if !h.found {
			return errNoHead
		}
		if h.learn(k) {
			return nil
		}
		if after < 0 {
			k.knows(h.number, h.token)
			h.teach(k)
			return nil
		}
		k.forget() // and then all groups are read that are not in the tables
	}
}

// history is what was written since a number that somebody knows.
type history struct {
	found         bool
	number, token int64
	from          known // whose number and token they follow
	last          int64
	follows       bool
	groups        int64 // since
	list          []redone
}

func newHistory(k *known) *history {
	return &history{from: known{good: k.good, number: k.number, token: k.token}, last: k.number}
}

// add adds a group, in the order of their numbers. What was known before is passed over.
func (h *history) add(number, before int64, list []redone) {
	if h.from.good && number <= h.from.number {
		return
	}
	if h.groups == 0 && before == h.from.token {
		h.follows = true
	}
	h.last, h.groups, h.list = number, h.groups+1, append(h.list, list...)
}

// learn brings what is known up to date. False: there is something else between that and what was read, so
// nothing is known any more.
func (h *history) learn(k *known) bool {
	switch {
	case !h.from.good:
		return false
	case h.from.number == h.number && h.from.token == h.token: // nobody has written
	case !h.follows || h.last != h.number || h.groups != h.number-h.from.number:
		return false
	}
	for i := range h.list {
		if h.list[i].gone && redoTables[h.list[i].table] == redoTable(accountTable) {
			return false // its uses, which are known, are gone with it
		}
	}
	k.number, k.token = h.number, h.token
	h.teach(k)
	return true
}

func (h *history) teach(k *known) {
	if k.cache == nil {
		k.cache = &cache{}
	}
	for i := range h.list {
		h.list[i].learn(k)
	}
	k.young.top, k.young.calls = h.number, k.young.calls+int(h.groups)+len(h.list)/rowsOfCall
}

// lead takes the lock of the number, and brings the tables up to date: a transaction on the ledger begins so. What was
// known stays so, if others have left word of what they have written since.
func (w *work) lead() error {
	k := w.s.known
	w.s.known.forget()
	h := newHistory(&k)
	if err := w.ask("SELECT number, token FROM redo_heads WHERE space = ?/*lock*/", []any{w.s.space},
		func(r Row) error {
			h.number, h.token, h.found = r.Int(0), r.Int(1), true
			return nil
		}); err != nil {
		return err
	}
	if err := w.drain(math.MaxInt64, h); err != nil {
		return err
	}
	if !h.found {
		return errNoHead
	}
	w.notice = &redo{}
	w.notice.begin(noticeForm)
	w.leads = &known{number: h.number + 1, token: rand.Int64(), before: h.token}
	if w.cache = (&cache{}); h.learn(&k) {
		w.cache = k.cache
	}
	return w.exec("UPDATE redo_heads SET number = ?, token = ? WHERE space = ?",
		w.leads.number, w.leads.token, w.s.space)
}

// led leaves word of what the transaction has changed. Once it is committed, nothing but the tables counts.
func (w *work) led() error {
	return w.exec("INSERT INTO redo (space, number, before, body) VALUES (?, ?, ?, ?)",
		w.s.space, w.leads.number, w.leads.before, w.notice.sealed())
}

var errNoHead = fmt.Errorf("sqlstore: the namespace has no number: %w", errDamaged)

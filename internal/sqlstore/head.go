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
	after := int64(-1)
	if k.good {
		after = k.number
	}
	for {
		if err := t.Alone(t.ctx); err != nil {
			return err
		}
		number, token, last, groups, follows := int64(-1), int64(0), after, 0, after < 0
		var list []redone
		if err := t.look("SELECT h.number, h.token, r.number, r.before, r.body FROM redo_heads h "+
			"LEFT JOIN redo r ON r.space = h.space AND r.number > ? WHERE h.space = ? ORDER BY r.number",
			[]any{after, s.space}, func(r Row) error {
				if number, token = r.Int(0), r.Int(1); r[2] == nil {
					return nil
				}
				if groups == 0 && r.Int(3) == k.token {
					follows = true
				}
				last, groups = r.Int(2), groups+1
				l, err := redoneOf(r.Int(2), slices.Clone(r.Bytes(4)))
				list = append(list, l...)
				return err
			}); err != nil {
			return err
		}
		if err := t.flush(); err != nil {
			return err
		}
		switch {
		case number < 0:
			return errNoHead
		case after == number && token == k.token: // nobody has written
			follows = true
		case !follows || after >= 0 && (last != number || int64(groups) != number-after):
			// Some are in the tables by now, or it was a transaction.
			k.forget()
			after = -1
			continue
		}
		if after < 0 {
			k.knows(number, token)
		}
		if k.cache == nil {
			k.cache = &cache{}
		}
		k.number, k.token = number, token
		for i := range list {
			list[i].table.learn(k, list[i].values, list[i].gone)
		}
		k.young.top, k.young.rows = number, k.young.rows+len(list)
		return nil
	}
}

// lead takes the lock of the number, and brings the tables up to date: a transaction on the ledger begins so.
func (w *work) lead() (number int64, err error) {
	w.s.known.forget()
	found := false
	if err := w.ask("SELECT number FROM redo_heads WHERE space = ?/*lock*/", []any{w.s.space}, func(r Row) error {
		number, found = r.Int(0), true
		return nil
	}); err != nil {
		return 0, err
	}
	if err := w.drain(math.MaxInt64); err != nil {
		return 0, err
	}
	if !found {
		return 0, errNoHead
	}
	return number, nil
}

// led moves the number, so that nobody judges by what was before. Once that is committed, nothing but the tables
// counts.
func (w *work) led(number int64) error {
	token := rand.Int64()
	w.leads = &known{number: number + 1, token: token}
	return w.exec("UPDATE redo_heads SET number = ?, token = ? WHERE space = ?", number+1, token, w.s.space)
}

var errNoHead = fmt.Errorf("sqlstore: the namespace has no number: %w", errDamaged)

package sqlstore

import (
	"slices"
	"strings"
)

// redoTable is a table whose rows stand in groups.
type redoTable interface {
	// changed adds the rows that a group has changed.
	changed(r *redo, w *work)
	// keep takes note of them, once the group is written.
	keep(k *known, w *work)
	// learn takes note of a row that somebody else has written.
	learn(k *known, row Row, gone bool)
	// width is how many values a row has, and those of its key.
	width() (all, key int)
	// apply writes rows into the table, some of which are not there yet, and removes others; each is there once.
	apply(w *work, fresh, rows, gone []*redone) error
}

// redoTables are in the order of their numbers, which never change.
var redoTables = []redoTable{
	agentTable, nonceTable, intentTable, holdTable, placeTable, accountTable, useTable, recordTable, markRows{},
	wipedRows{},
}

// newRedo makes the group of what has changed; nil: nothing has.
func newRedo(w *work, r *redo) []byte {
	r.begin(redoForm)
	for i, t := range redoTables {
		r.table = byte(i)
		t.changed(r, w)
	}
	if r.rows == 0 {
		return nil
	}
	return r.sealed()
}

// applyRedo writes groups, which are in order, into the tables: of each row what the last of them says.
func (w *work) applyRedo(list []redone) error {
	counts := make([]int, len(redoTables))
	for i := range list {
		counts[list[i].table]++
	}
	for n, t := range redoTables {
		latest := make(map[string]int, counts[n])
		order := make([]int, 0, counts[n])
		for i := range list {
			if int(list[i].table) != n || list[i].notice {
				continue
			}
			if _, known := latest[list[i].key]; !known {
				order = append(order, i)
			} else if t == redoTable(recordTable) { // the first record of a decision stays
				continue
			}
			latest[list[i].key] = i
		}
		var fresh, rows, gone []*redone
		for _, i := range order {
			switch r := &list[latest[list[i].key]]; {
			case r.gone:
				gone = append(gone, r)
			case list[i].fresh && !w.s.careful.Load(): // the first of them says whether the table has it
				fresh = append(fresh, r)
			default:
				rows = append(rows, r)
			}
		}
		if len(order) == 0 {
			continue
		}
		if err := t.apply(w, fresh, rows, gone); err != nil {
			return err
		}
	}
	return nil
}

// changed implements [redoTable].
func (t *table[K, T]) changed(r *redo, w *work) {
	for key, row := range t.rows(w) {
		if row != nil && (row.changed || row.gone) {
			t.add(r, w, key, row)
		}
	}
}

// add adds a row that has changed.
func (t *table[K, T]) add(r *redo, w *work, key K, row *row[T]) {
	if t.left(row) == nil {
		r.begins(true, false)
		t.keyed(r, w.s, key)
		return
	}
	r.begins(false, row.fresh)
	t.write(r, w.s, &row.now)
	t.keyed(r, w.s, key)
}

// keep implements [redoTable].
func (t *table[K, T]) keep(k *known, w *work) {
	if t.see == nil {
		return
	}
	all := t.rows(w)
	for key, row := range all {
		if row == nil || !row.changed && !row.gone {
			continue
		}
		now := t.left(row)
		if t.see(k.young, key, now); now == nil {
			all[key] = nil
		}
	}
}

// left is what is left of a row: nil if it is gone.
func (t *table[K, T]) left(r *row[T]) *T {
	if r.gone || t.empty != nil && t.empty(&r.now) {
		return nil
	}
	return &r.now
}

// learn implements [redoTable].
func (t *table[K, T]) learn(k *known, row Row, gone bool) {
	switch {
	case t.see == nil: // it is only ever written
	case gone:
		t.see(k.young, t.keyOf(row), nil)
		t.lose(k.cache, t.keyOf(row))
	default:
		now, key := t.read(row), t.keyOf(row[len(t.columns):])
		t.see(k.young, key, &now)
		if t.learned == nil {
			t.lose(k.cache, key)
		} else {
			t.learned(k.cache, key, now)
		}
	}
}

// lose drops from what is remembered a row that somebody else has written.
func (t *table[K, T]) lose(c *cache, key K) {
	if d, ok := any(key).(digest); ok && t.cached != nil {
		t.cached(c).drop(d)
	}
}

// width implements [redoTable].
func (t *table[K, T]) width() (all, key int) { return len(t.columns) + len(t.key), len(t.key) }

// apply implements [redoTable].
func (t *table[K, T]) apply(w *work, fresh, rows, gone []*redone) error {
	if len(gone) > 0 {
		if err := w.exec(w.removing(t.name, t.key[0]), listsOf(t.key, gone)...); err != nil {
			return err
		}
	}
	columns := slices.Concat(t.columns, t.key)
	if err := w.insertLists(t.name, columns, fresh, t.twice); err != nil {
		return err
	}
	conflict := t.twice
	if conflict == "" {
		set := make([]string, len(t.columns))
		for i, c := range t.columns {
			set[i] = c.name + " = excluded." + c.name
		}
		conflict = " ON CONFLICT (" + names(t.key) + ") DO UPDATE SET " + strings.Join(set, ", ")
	}
	return w.insertLists(t.name, columns, rows, conflict)
}

// markRows are the marks of what was forgotten.
type markRows struct{}

func (markRows) changed(r *redo, w *work) {
	for kind := range w.moved {
		r.begins(false, false)
		r.number(int64(w.marks[kind]))
		r.number(w.s.space)
		r.number(int64(kind))
	}
}

func (markRows) keep(k *known, w *work) {
	for kind := range w.moved {
		k.young.marks[kind] = w.marks[kind]
	}
}

func (markRows) learn(k *known, row Row, _ bool) {
	k.young.marks[int(row.Int(2))] = row.instant(0)
	k.cache.marks = nil
}

func (markRows) width() (all, key int) { return 3, 2 }

func (markRows) apply(w *work, _, rows, _ []*redone) error {
	return w.insertLists("forgotten", columnsOf("at, space, kind"), rows,
		" ON CONFLICT (space, kind) DO UPDATE SET at = excluded.at WHERE forgotten.at < excluded.at")
}

// wipedRows say up to when the uses of an account are forgotten.
type wipedRows struct{}

func (wipedRows) changed(r *redo, w *work) {
	for key, upTo := range w.wiped {
		r.begins(false, false)
		r.number(int64(upTo))
		r.digest(key)
	}
}

func (wipedRows) keep(*known, *work) {}

func (wipedRows) learn(*known, Row, bool) {} // nobody looks for those any more

func (wipedRows) width() (all, key int) { return 2, 1 }

func (wipedRows) apply(w *work, _, rows, _ []*redone) error {
	columns := columnsOf("up_to, account BYTES")
	return w.exec("DELETE FROM uses USING UNNEST("+w.array(columns[0])+", "+w.array(columns[1])+
		") AS v (up_to, account) WHERE uses.account = v.account AND uses.at <= v.up_to", listsOf(columns, rows)...)
}

// wipe forgets the uses of an account up to an instant.
const wipe = "DELETE FROM uses WHERE account = ? AND at <= ?"

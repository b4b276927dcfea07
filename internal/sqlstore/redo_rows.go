package sqlstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// A group in the table redo is a list of rows, as they are sent to a table: the number of the table, whether the row
// is gone or new, and its values with those of the key at the end. Of a row that is gone there is the key alone. A checksum
// ends it.

// What a group begins with: another form would have another number. A notice is what a transaction has written into the
// tables itself, for those who remember it otherwise.
const (
	redoForm   = 1
	noticeForm = 2
)

// castagnoli is the polynomial that processors know.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

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
	apply(w *work, fresh, rows, gone [][]any) error
}

// redoTables are in the order of their numbers, which never change.
var redoTables = []redoTable{
	agentTable, nonceTable, intentTable, holdTable, placeTable, accountTable, useTable, recordTable, markRows{},
	wipedRows{},
}

// redo is a group that is being made.
type redo struct {
	rows   int
	table  byte
	body   []byte // nil: nothing has changed
	values []any  // of one row
}

func newRedo(w *work) *redo {
	r := &redo{}
	for i, t := range redoTables {
		r.table = byte(i)
		t.changed(r, w)
	}
	if r.rows > 0 {
		r.body = sealed(append([]byte{redoForm}, r.body...))
	}
	return r
}

func sealed(body []byte) []byte {
	return binary.BigEndian.AppendUint32(body, crc32.Checksum(body, castagnoli))
}

// add adds a row of the table.
func (r *redo) add(gone, fresh bool, values []any) {
	r.rows++
	r.body = append(r.body, r.table, byte(flag(gone)|2*flag(fresh)))
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			r.body = binary.AppendVarint(append(r.body, ofNumber), v)
		case int:
			r.body = binary.AppendVarint(append(r.body, ofNumber), int64(v))
		case string:
			r.body = append(binary.AppendUvarint(append(r.body, ofText), uint64(len(v))), v...)
		case []byte:
			r.body = append(binary.AppendUvarint(append(r.body, ofString), uint64(len(v))), v...)
		default:
			r.body = append(r.body, ofNothing)
		}
	}
}

// What a value begins with.
const (
	ofNothing = iota
	ofNumber
	ofText
	ofString
)

// redone is a row of a group.
type redone struct {
	number int64 // of the group
	notice bool  // the table has it
	table  redoTable
	gone   bool
	fresh  bool // it was not there before the group
	values []any
	key    string // the bytes of its key
}

var errRedo = fmt.Errorf("sqlstore: a group of acts cannot be read: %w", errDamaged)

// redoneOf reads a group.
func redoneOf(number int64, body []byte) (list []redone, err error) {
	end := len(body) - crc32.Size
	if end < 1 || body[0] != redoForm && body[0] != noticeForm || !bytes.Equal(body, sealed(body[:end:end])) {
		return nil, errRedo
	}
	notice := body[0] == noticeForm
	for body = body[1:end]; len(body) > 0; {
		if len(body) < 2 || int(body[0]) >= len(redoTables) || body[1] > 2 {
			return nil, errRedo
		}
		r := redone{number: number, notice: notice, table: redoTables[body[0]], gone: body[1] == 1, fresh: body[1] == 2}
		body = body[2:]
		all, key := r.table.width()
		if r.gone {
			switch r.table {
			case useTable, recordTable, markRows{}, wipedRows{}: // rows of these never go
				return nil, errRedo
			}
			all = key
		}
		r.values = make([]any, all)
		begins := body
		for i := range r.values {
			if i == all-key {
				begins = body
			}
			if r.values[i], body, err = redoValue(body); err != nil {
				return nil, err
			}
		}
		r.key = string(begins[:len(begins)-len(body)])
		list = append(list, r)
	}
	return list, nil
}

func redoValue(b []byte) (v any, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, errRedo
	}
	kind := b[0]
	switch b = b[1:]; kind {
	case ofNothing:
		return nil, b, nil
	case ofNumber:
		v, n := binary.Varint(b)
		if n <= 0 {
			return nil, nil, errRedo
		}
		return v, b[n:], nil
	case ofText, ofString:
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, nil, errRedo
		}
		b = b[n:]
		if kind == ofText {
			return string(b[:size]), b[size:], nil
		}
		return b[:size:size], b[size:], nil
	}
	return nil, nil, errRedo
}

// applyRedo writes groups, which are in order, into the tables: of each row what the last of them says.
func (w *work) applyRedo(list []redone) error {
	for _, t := range redoTables {
		latest := map[string]int{}
		var order []int
		for i := range list {
			if list[i].table != t || list[i].notice {
				continue
			}
			if _, known := latest[list[i].key]; !known {
				order = append(order, i)
			} else if t == redoTable(recordTable) { // the first record of a decision stays
				continue
			}
			latest[list[i].key] = i
		}
		var fresh, rows, gone [][]any
		for _, i := range order {
			switch r := &list[latest[list[i].key]]; {
			case r.gone:
				gone = append(gone, r.values)
			case list[i].fresh && !w.s.careful.Load(): // the first of them says whether the table has it
				fresh = append(fresh, r.values)
			default:
				rows = append(rows, r.values)
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
		r.add(true, false, t.keyed(nil, w.s, key))
		return
	}
	r.values = t.keyed(t.write(r.values[:0], w.s, &row.now), w.s, key)
	r.add(false, row.fresh, r.values)
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
func (t *table[K, T]) apply(w *work, fresh, rows, gone [][]any) error {
	if err := w.remove(t.name, t.key, gone); err != nil {
		return err
	}
	columns := slices.Concat(t.columns, t.key)
	if err := w.insert(t.name, columns, fresh, t.twice); err != nil {
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
	return w.insert(t.name, columns, rows, conflict)
}

// markRows are the marks of what was forgotten.
type markRows struct{}

func (markRows) changed(r *redo, w *work) {
	for kind := range w.moved {
		r.add(false, false, []any{int64(w.marks[kind]), w.s.space, kind})
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

func (markRows) apply(w *work, _, rows, _ [][]any) error {
	return w.insert("forgotten", columnsOf("at, space, kind"), rows,
		" ON CONFLICT (space, kind) DO UPDATE SET at = excluded.at WHERE forgotten.at < excluded.at")
}

// wipedRows say up to when the uses of an account are forgotten.
type wipedRows struct{}

func (wipedRows) changed(r *redo, w *work) {
	for key, upTo := range w.wiped {
		r.add(false, false, []any{int64(upTo), key.value()})
	}
}

func (wipedRows) keep(*known, *work) {}

func (wipedRows) learn(*known, Row, bool) {} // nobody looks for those any more

func (wipedRows) width() (all, key int) { return 2, 1 }

func (wipedRows) apply(w *work, _, rows, _ [][]any) error {
	return w.exec("DELETE FROM uses USING UNNEST("+w.array(column{kind: ofBytes})+", "+w.array(column{kind: ofNumbers})+
		") AS v (account, up_to) WHERE uses.account = v.account AND uses.at <= v.up_to",
		arrayOf(rows, 1, ofBytes), arrayOf(rows, 0, ofNumbers))
}

// wipe forgets the uses of an account up to an instant.
const wipe = "DELETE FROM uses WHERE account = ? AND at <= ?"

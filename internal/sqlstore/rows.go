package sqlstore

import (
	"slices"
)

// row is one row of a table as it will be.
type row[T any] struct {
	now     T
	was     *T // as it was read; nil: all of it is written
	changed bool
	fresh   bool // it is not in the database yet
	gone    bool
}

type rows[K comparable, T any] map[K]*row[T]

// sizes are how many keys one query looks for, where keys are parameters of their own.
// Fewer keys than that are filled up with the last one, so that there are few queries to
// prepare.
var sizes = []int{1, 4, 16, 64, 256}

// found is a row as it was found.
func found[T any](w *work, now T) *row[T] {
	r := &row[T]{now: now}
	if w.known == nil { // what was is compared with what will be only where rows are written
		was := now
		r.was = &was
	}
	return r
}

// image returns a row as groups have left it, of which the table may not know yet; nil: it is gone.
func (t *table[K, T]) image(k *known, key K) (now *T, known bool) {
	if t.images == nil {
		return nil, false
	}
	for _, i := range k.images() {
		if i == nil {
			continue
		}
		if now, known = t.images(i)[key]; known {
			return now, true
		}
	}
	return nil, false
}

// ask reads the rows of keys when the transaction is flushed: those that a group has left, those that are
// remembered, and the others from the table.
func ask[T any](w *work, t *table[digest, T], all rows[digest, T], asked []digest) error {
	var keys []digest
	for _, key := range asked {
		if _, met := all[key]; met || key == none {
			continue
		}
		all[key] = nil
		if now, known := t.image(w.known, key); known {
			if now != nil {
				all[key] = found(w, *now)
			}
			continue
		}
		if t.cached != nil && w.cache != nil {
			if now, known := t.cached(w.cache).of(key); known {
				all[key] = found(w, now)
				continue
			}
		}
		if w.left != nil {
			if r, known := t.rows(w.left)[key]; known {
				if r != nil {
					all[key] = found(w, r.now)
				}
				continue
			}
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareDigests)
	read := func(r Row) error {
		if !t.sound(r) {
			return errDamaged
		}
		all[r.digest(len(t.columns))] = found(w, t.read(r))
		return nil
	}
	if w.engine.Arrays && len(keys) > 0 {
		list := make([][]byte, len(keys))
		for i := range keys {
			list[i] = keys[i][:]
		}
		return w.look(t.find("= ANY(CAST(? AS "+w.engine.Bytes+"[]))"), []any{list}, read)
	}
	for len(keys) > 0 {
		part := keys[:min(len(keys), sizes[len(sizes)-1])]
		keys = keys[len(part):]
		i, _ := slices.BinarySearch(sizes, len(part))
		args := make([]any, sizes[i])
		for k := range args {
			args[k] = part[min(k, len(part)-1)].value()
		}
		if err := w.look(t.find("IN "+blanks(sizes[i])), args, read); err != nil {
			return err
		}
	}
	return nil
}

// sound reports whether the columns of a row are what the schema says. An engine that
// lets every column have any type finds nothing wrong with a flipped bit.
func (t *table[K, T]) sound(r Row) bool {
	for i, v := range r {
		name := t.key[0].name
		if i < len(t.columns) {
			name = t.columns[i].name
		}
		switch v := v.(type) {
		case int64:
		case []byte:
			if name == "charges" && len(v)%packedCharge != 0 || name != "charges" && len(v) != len(none) {
				return false
			}
		case string:
			if name != "decision" && name != "currency" {
				return false
			}
		case nil:
			if name != "above" && name != "place" && name != "content" && name != "intent" && name != "charges" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// fetch reads the rows of keys.
func fetch[T any](w *work, t *table[digest, T], all rows[digest, T], keys []digest) error {
	if err := ask(w, t, all, keys); err != nil {
		return err
	}
	return w.answers()
}

// find is a query for rows by their key.
func (t *table[K, T]) find(which string) string {
	key := t.key[0].name
	return "SELECT " + names(t.columns) + ", " + key + " FROM " + t.name + " WHERE " + key + " " + which +
		" ORDER BY " + key
}

// load returns the row of a key; nil if there is none.
func load[T any](w *work, t *table[digest, T], all rows[digest, T], key digest) (*row[T], error) {
	r, ok := all[key]
	if !ok {
		if err := fetch(w, t, all, []digest{key}); err != nil {
			return nil, err
		}
		r = all[key]
	}
	if r == nil || r.gone {
		return nil, nil
	}
	return r, nil
}

// add makes a row for a key that has none.
func add[K comparable, T any](all rows[K, T], key K, now T) *row[T] {
	r := &row[T]{now: now, changed: true, fresh: all[key] == nil}
	all[key] = r
	return r
}

// write writes the rows that have changed.
func write[K comparable, T any](w *work, t *table[K, T], all rows[K, T]) error {
	if w.known != nil { // they are part of its group
		return errTables
	}
	var changed []K
	for key, r := range all {
		if r != nil && (r.changed || r.gone) {
			changed = append(changed, key)
		}
	}
	slices.SortFunc(changed, t.compare)
	var gone, fresh, whole, part [][]any
	for _, key := range changed {
		r := all[key]
		if w.notice != nil && t.see != nil {
			w.notice.table = byte(slices.Index(redoTables, redoTable(t)))
			t.add(w.notice, w, key, r)
		}
		if r.gone || t.empty != nil && t.empty(&r.now) {
			if all[key] = nil; !r.fresh {
				gone = append(gone, t.parameters(w.s, key, nil))
			}
			continue
		}
		values := t.parameters(w.s, key, &r.now)
		switch {
		case r.fresh:
			fresh = append(fresh, values)
		case r.was == nil, t.fixed != nil && !t.fixed(r.was, &r.now):
			whole = append(whole, values)
		default:
			part = append(part, values)
		}
		was := r.now
		r.changed, r.fresh, r.was = false, false, &was
	}
	if err := w.remove(t.name, t.key, gone); err != nil {
		return err
	}
	if err := w.insert(t.name, append(slices.Clone(t.columns), t.key...), fresh, t.twice); err != nil {
		return err
	}
	if err := w.change(t.name, t.columns, len(t.columns), t.key, whole); err != nil {
		return err
	}
	return w.change(t.name, t.columns, t.moving, t.key, part)
}

// end writes what has changed.
func (w *work) end() error {
	for _, write := range []func() error{
		func() error { return write(w, agentTable, w.agents) },
		func() error { return write(w, nonceTable, w.nonces) },
		func() error { return write(w, intentTable, w.intents) },
		func() error { return write(w, holdTable, w.holds) },
		func() error { return write(w, placeTable, w.places) },
		func() error { return write(w, accountTable, w.accounts) },
		func() error { return write(w, useTable, w.uses) },
		func() error { return write(w, recordTable, w.decisions) },
		w.writeMarks,
	} {
		if err := write(); err != nil {
			return err
		}
	}
	if w.touch && !w.engine.Disk {
		// A COMMIT that writes nothing does not wait for a standby.
		return w.exec("INSERT INTO forgotten (space, kind, at) VALUES (?, 0, 1) ON CONFLICT (space, kind) "+
			"DO UPDATE SET at = forgotten.at + 1", w.s.space)
	}
	return nil
}

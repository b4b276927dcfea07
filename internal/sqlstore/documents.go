package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// Documents is a [registry.Store].
type Documents struct{ s *Store }

// Registry returns where an office keeps what it knows.
func (s *Store) Registry() registry.Store { return &Documents{s} }

// View implements [registry.Store].
func (d *Documents) View(ctx context.Context, f func(registry.Tx) error) error {
	var refusal error
	err := d.s.readingApart(ctx, func(w *work) error {
		t := newDocTx(w)
		refusal = guarded(f, t)
		return t.failed
	})
	if err != nil { // it may go on without this caller
		return err
	}
	return refusal
}

// guarded calls a function of a caller, whose panic does not end the writer of all
// others.
func guarded(f func(registry.Tx) error, t *docTx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("sqlstore: the caller's function panicked: %v", v)
		}
	}()
	return f(t)
}

// Update implements [registry.Store]. What f puts is written once f has returned nil:
// a transaction has other calls in it, so it cannot be rolled back for one of them.
func (d *Documents) Update(ctx context.Context, f func(registry.Tx) error) error {
	var refusal error
	number := int64(0)
	err := d.s.do(&job{ctx: ctx, apart: true, run: func(w *work) error {
		if w.doubt {
			if done, err := w.updated(number); done || err != nil {
				return err
			}
		}
		if err := w.lockOffice(); err != nil {
			return err
		}
		t := newDocTx(w)
		if refusal = guarded(f, t); refusal != nil || t.failed != nil {
			return t.failed
		}
		if number == 0 { // in the order of the writer: whoever sees a number has seen all before it
			w.s.updates++
			number = w.s.updates
		}
		return t.write(number)
	}})
	if err != nil { // it may go on without this caller
		return err
	}
	return refusal
}

// lockOffice takes the lock that all who change documents of a namespace take before they lock these, each in an order
// of its own: on a server two processes would else wait for one another until that finds out, a second later. The lock
// of the ledger was taken before, when the batch began.
func (w *work) lockOffice() error {
	if w.engine.Lock == "" || w.office {
		return nil
	}
	_, err := w.one("SELECT space FROM spaces WHERE space = ?/*lock*/", []any{w.s.space}, func(Row) {})
	w.office = err == nil
	return err
}

// updated reports whether an update of this store was committed.
func (w *work) updated(number int64) (done bool, err error) {
	_, err = w.one("SELECT number FROM updates WHERE writer = ?/*lock*/", []any{w.s.writer.value()}, func(r Row) {
		done = r.Int(0) >= number
	})
	return done, err
}

// docTx is a [registry.Tx].
type docTx struct {
	w      *work
	put    map[[2]string]*putDoc
	order  []*putDoc
	newest map[string]registry.Entry // as the transaction has read them: on a server another one may append meanwhile
	added  []added
	trims  map[string]int64 // up to which entries are forgotten
	failed error            // the engine's
}

type putDoc struct {
	registry.Doc
	fresh   bool // it is not in the database yet
	deleted bool // Version is 0, and there are no keys
}

type added struct {
	stream string
	registry.Entry
}

func newDocTx(w *work) *docTx {
	return &docTx{w: w, put: map[[2]string]*putDoc{}, newest: map[string]registry.Entry{}, trims: map[string]int64{}}
}

// engine keeps an error of the engine, for which the transaction is done again.
func (t *docTx) engine(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

var errReadOnly = errors.New("sqlstore: a view cannot be changed")

// Get implements [registry.Tx].
func (t *docTx) Get(kind, id string) (registry.Doc, error) {
	if !sayable(id) {
		return registry.Doc{Kind: kind, ID: id}, nil // nothing can be there
	}
	if d := t.put[[2]string{kind, id}]; d != nil {
		return clone(&d.Doc), nil
	}
	d := registry.Doc{Kind: kind, ID: id}
	found, err := t.w.one("SELECT version, body FROM documents WHERE space = ? AND kind = ? AND id = ?/*lock*/",
		[]any{t.w.s.space, kind, id}, func(r Row) { d.Version, d.Body = r.Int(0), slices.Clone(r.Bytes(1)) })
	if !found || err != nil {
		return d, t.engine(err)
	}
	err = t.w.each("SELECT name, value, 0 FROM document_keys WHERE space = ? AND kind = ? AND id = ? "+
		"UNION ALL SELECT name, value, 1 FROM unique_keys WHERE space = ? AND kind = ? AND id = ? ORDER BY 1, 2",
		[]any{t.w.s.space, kind, id, t.w.s.space, kind, id}, func(r Row) error {
			d.Keys = append(d.Keys, registry.Key{Name: r.Text(0), Value: r.Text(1), Unique: r.Bool(2)})
			return nil
		})
	return d, t.engine(err)
}

// sayable reports whether every engine can hold a text.
func sayable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

var errText = errors.New("sqlstore: a text that is not UTF-8, or with a zero byte")

func clone(d *registry.Doc) registry.Doc {
	c := *d
	c.Keys, c.Body = slices.Clone(d.Keys), append([]byte{}, d.Body...)
	return c
}

// Put implements [registry.Tx].
func (t *docTx) Put(d registry.Doc) error {
	if t.w.reading {
		return errReadOnly
	}
	for _, k := range slices.Concat(d.Keys, []registry.Key{{Value: d.ID}}) {
		if !sayable(k.Value) {
			return errText
		}
	}
	old, err := t.Get(d.Kind, d.ID)
	if err != nil {
		return err
	}
	if old.Version != d.Version {
		return registry.ErrChanged
	}
	for _, k := range d.Keys {
		if !k.Unique {
			continue
		}
		other := ""
		if _, err := t.w.one("SELECT id FROM unique_keys WHERE space = ? AND kind = ? AND name = ? AND value = ?/*lock*/",
			[]any{t.w.s.space, d.Kind, k.Name, k.Value}, func(r Row) { other = r.Text(0) }); err != nil {
			return t.engine(err)
		}
		if t.put[[2]string{d.Kind, other}] != nil {
			other = "" // which keys that one has now is among what was put
		}
		for _, p := range t.order {
			if p.Kind == d.Kind && slices.Contains(p.Keys, k) {
				other = p.ID
			}
		}
		if other != "" && other != d.ID {
			return &registry.Taken{ID: other}
		}
	}
	key := [2]string{d.Kind, d.ID}
	next := t.put[key]
	if next == nil {
		next = &putDoc{fresh: old.Version == 0}
		t.put[key], t.order = next, append(t.order, next)
	}
	next.Doc, next.deleted = clone(&d), false
	next.Version++
	return nil
}

// Delete implements [registry.Tx].
func (t *docTx) Delete(d registry.Doc) error {
	if t.w.reading {
		return errReadOnly
	}
	old, err := t.Get(d.Kind, d.ID)
	switch {
	case err != nil:
		return err
	case old.Version != d.Version || old.Version == 0:
		return registry.ErrChanged
	}
	key := [2]string{d.Kind, d.ID}
	next := t.put[key]
	if next == nil {
		next = &putDoc{}
		t.put[key], t.order = next, append(t.order, next)
	}
	next.Doc, next.deleted = registry.Doc{Kind: d.Kind, ID: d.ID}, true
	return nil
}

// most is how many rows a query returns at a time.
const most = 1000

// Find implements [registry.Tx].
func (t *docTx) Find(q registry.Query) (list []registry.Doc, err error) {
	if q.Limit <= 0 || q.Limit > most {
		q.Limit = most
	}
	if !sayable(q.Value) || !sayable(q.After) {
		return nil, nil
	}
	behind, order, args := "", "", []any{t.w.s.space, q.Kind, q.Name, q.Value}
	if q.After != "" {
		behind, args = " AND k.id > ?", append(args, q.After)
	}
	if q.Newest {
		order = " DESC"
		if q.After != "" {
			behind = " AND k.id < ?"
		}
	}
	err = t.w.each("SELECT d.id, d.version, d.body FROM document_keys k JOIN documents d "+
		"ON d.space = k.space AND d.kind = k.kind AND d.id = k.id "+
		"WHERE k.space = ? AND k.kind = ? AND k.name = ? AND k.value = ?"+behind+
		" ORDER BY k.id"+order+" LIMIT ?", append(args, q.Limit), func(r Row) error {
		list = append(list, registry.Doc{Kind: q.Kind, ID: r.Text(0), Version: r.Int(1), Body: slices.Clone(r.Bytes(2))})
		return nil
	})
	return list, t.engine(err)
}

// Append implements [registry.Tx].
func (t *docTx) Append(stream string, body []byte) (int64, error) {
	if t.w.reading {
		return 0, errReadOnly
	}
	last, err := t.Last(stream)
	if err != nil {
		return 0, err
	}
	t.newest[stream] = registry.Entry{Number: last.Number + 1, Body: append([]byte{}, body...)}
	t.added = append(t.added, added{stream, t.newest[stream]})
	return last.Number + 1, nil
}

// Read implements [registry.Tx].
func (t *docTx) Read(stream string, after int64, limit int) (list []registry.Entry, err error) {
	if limit <= 0 || limit > most {
		limit = most
	}
	err = t.w.each("SELECT number, body FROM entries WHERE space = ? AND stream = ? AND number > ? ORDER BY number LIMIT ?",
		[]any{t.w.s.space, stream, after, limit}, func(r Row) error {
			list = append(list, registry.Entry{Number: r.Int(0), Body: slices.Clone(r.Bytes(1))})
			return nil
		})
	return list, t.engine(err)
}

// Last implements [registry.Tx]. It asks once: what is appended then comes behind what the caller has seen, or meets
// what another has appended meanwhile, and the transaction is made again.
func (t *docTx) Last(stream string) (e registry.Entry, err error) {
	if e, ok := t.newest[stream]; ok {
		return e, nil
	}
	_, err = t.w.one("SELECT number, body FROM entries WHERE space = ? AND stream = ? ORDER BY number DESC LIMIT 1",
		[]any{t.w.s.space, stream}, func(r Row) { e = registry.Entry{Number: r.Int(0), Body: slices.Clone(r.Bytes(1))} })
	if err == nil {
		t.newest[stream] = e
	}
	return e, t.engine(err)
}

// Trim implements [registry.Tx].
func (t *docTx) Trim(stream string, upTo int64) error {
	if t.w.reading {
		return errReadOnly
	}
	newest, err := t.Last(stream)
	if err == nil {
		t.trims[stream] = max(t.trims[stream], min(upTo, newest.Number-1))
	}
	return err
}

// write writes what was put and appended, under the number of the update.
func (t *docTx) write(number int64) error {
	w := t.w
	if err := t.flush(); err != nil || w.engine.Disk { // what became of a COMMIT is always known
		return err
	}
	return w.exec("INSERT INTO updates (writer, number, at) VALUES (?, ?, ("+w.engine.Clock+")) ON CONFLICT (writer) "+
		"DO UPDATE SET number = excluded.number, at = excluded.at", w.s.writer.value(), number)
}

// forgetUpdates removes what other stores have left in the table of updates: each store
// that is opened has a row there. Nobody looks for a COMMIT longer than for his patience.
func (w *work) forgetUpdates() error {
	if w.engine.Disk {
		return nil
	}
	return w.exec("DELETE FROM updates WHERE at < ("+w.engine.Clock+") - ?", int64(100*patience))
}

// flush writes what was put and appended.
func (t *docTx) flush() error {
	w := t.w
	for _, d := range t.order {
		var err error
		switch {
		case d.fresh && d.deleted:
			continue
		case d.fresh:
			err = w.exec("INSERT INTO documents (space, kind, id, version, body) VALUES (?, ?, ?, ?, ?)",
				w.s.space, d.Kind, d.ID, d.Version, d.Body)
		default:
			query, args := "UPDATE documents SET version = ?, body = ?", []any{d.Version, d.Body}
			if d.deleted {
				query, args = "DELETE FROM documents", nil
			}
			err = w.exec(query+" WHERE space = ? AND kind = ? AND id = ?", append(args, w.s.space, d.Kind, d.ID)...)
			for _, table := range []string{"document_keys", "unique_keys"} {
				if err == nil {
					err = w.exec("DELETE FROM "+table+" WHERE space = ? AND kind = ? AND id = ?", w.s.space, d.Kind, d.ID)
				}
			}
		}
		if err != nil {
			return err
		}
	}
	for _, d := range t.order {
		for _, k := range d.Keys {
			table := "document_keys"
			if k.Unique {
				table = "unique_keys"
			}
			if err := w.exec("INSERT INTO "+table+" (space, kind, name, value, id) VALUES (?, ?, ?, ?, ?)",
				w.s.space, d.Kind, k.Name, k.Value, d.ID); err != nil {
				return err
			}
		}
	}
	for _, e := range t.added {
		if err := w.exec("INSERT INTO entries (space, stream, number, body) VALUES (?, ?, ?, ?)",
			w.s.space, e.stream, e.Number, e.Body); err != nil {
			return err
		}
	}
	for stream, upTo := range t.trims {
		if err := w.exec("DELETE FROM entries WHERE space = ? AND stream = ? AND number <= ?",
			w.s.space, stream, upTo); err != nil {
			return err
		}
	}
	return nil
}

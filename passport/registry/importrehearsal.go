package registry

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// rehearsal is a transaction that is never committed, over a store that others go on using: what it writes it
// remembers alone.
type rehearsal struct {
	ctx   context.Context // of the call that rehearses
	store Store
	docs  map[[2]string]Doc
	keyed map[[3]string][]string // the ids of documents, by kind and key; unique keys too, one id each
}

func newRehearsal(ctx context.Context, store Store) *rehearsal {
	return &rehearsal{ctx, store, map[[2]string]Doc{}, map[[3]string][]string{}}
}

// try runs f. Where it fails everything is as it was before.
func (r *rehearsal) try(f func(tx Tx) error) error {
	own := newRehearsal(r.ctx, &layer{r})
	if err := f(own); err != nil {
		return err
	}
	maps.Copy(r.docs, own.docs)
	for k, ids := range own.keyed {
		r.keyed[k] = append(r.keyed[k], ids...)
	}
	return nil
}

// layer is a rehearsal as a store that a smaller one stands on.
type layer struct{ r *rehearsal }

func (l *layer) View(_ context.Context, f func(Tx) error) error   { return f(l.r) }
func (l *layer) Update(_ context.Context, f func(Tx) error) error { return l.r.try(f) }

func (r *rehearsal) below(f func(tx Tx) error) error { return r.store.View(r.ctx, f) }

func (r *rehearsal) Get(kind, id string) (d Doc, err error) {
	if d, ok := r.docs[[2]string{kind, id}]; ok {
		return d, nil
	}
	err = r.below(func(tx Tx) (err error) { d, err = tx.Get(kind, id); return err })
	return d, err
}

func (r *rehearsal) Put(d Doc) error {
	if d.Kind == kindWords { // of a line in a stream
		return nil
	}
	was, err := r.Get(d.Kind, d.ID)
	switch {
	case err != nil:
		return err
	case was.Version != d.Version:
		return ErrChanged
	}
	for _, k := range d.Keys {
		name := [3]string{d.Kind, k.Name, k.Value}
		list := r.keyed[name]
		if k.Unique {
			if id := r.holder(name); id != "" && id != d.ID {
				return &Taken{ID: id}
			}
		}
		if !slices.Contains(list, d.ID) {
			r.keyed[name] = append(list, d.ID)
		}
	}
	d.Version++
	d.Body = slices.Clone(d.Body)
	r.docs[[2]string{d.Kind, d.ID}] = d
	return nil
}

// holder returns who has a unique key among what was rehearsed.
func (r *rehearsal) holder(name [3]string) string {
	if list := r.keyed[name]; len(list) > 0 {
		return list[0]
	}
	if l, ok := r.store.(*layer); ok {
		return l.r.holder(name)
	}
	return ""
}

// Find adds what was rehearsed to what the store has. A key that a document has lost since is no matter: an import
// takes none away.
func (r *rehearsal) Find(q Query) (list []Doc, err error) {
	if err := r.below(func(tx Tx) (err error) { list, err = tx.Find(q); return err }); err != nil {
		return nil, err
	}
	gone := func(id string) bool {
		d, ok := r.docs[[2]string{q.Kind, id}]
		return ok && d.Version == 0
	}
	list = slices.DeleteFunc(list, func(d Doc) bool { return gone(d.ID) })
	for _, id := range r.keyed[[3]string{q.Kind, q.Name, q.Value}] {
		if gone(id) {
			continue
		}
		known := slices.ContainsFunc(list, func(d Doc) bool { return d.ID == id })
		if !known && (q.After == "" || (id > q.After) != q.Newest) {
			list = append(list, r.docs[[2]string{q.Kind, id}])
		}
	}
	slices.SortFunc(list, func(a, b Doc) int {
		if q.Newest {
			a, b = b, a
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return list[:min(len(list), q.Limit)], nil
}

// Append, Last, Read and Trim are of streams that nobody reads in a rehearsal.
func (*rehearsal) Append(string, []byte) (int64, error)     { return 1, nil }
func (*rehearsal) Last(string) (Entry, error)               { return Entry{}, nil }
func (*rehearsal) Read(string, int64, int) ([]Entry, error) { return nil, nil }
func (*rehearsal) Trim(string, int64) error                 { return nil }

// Delete remembers that a document is gone.
func (r *rehearsal) Delete(d Doc) error {
	was, err := r.Get(d.Kind, d.ID)
	switch {
	case err != nil:
		return err
	case was.Version != d.Version || was.Version == 0:
		return ErrChanged
	}
	r.docs[[2]string{d.Kind, d.ID}] = Doc{Kind: d.Kind, ID: d.ID}
	return nil
}

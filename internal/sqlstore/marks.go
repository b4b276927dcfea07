package sqlstore

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Marks is a [verify.MarkStore].
type Marks struct{ s *Store }

// Marks returns what the store remembers of status lists and bundles.
func (s *Store) Marks() verify.MarkStore { return &Marks{s} }

func (m *Marks) key(k verify.MarkKey) digest {
	return m.s.root.below("edition", string(k.Kind), k.Issuer.String(), k.Name)
}

// LoadMark implements [verify.MarkStore].
func (m *Marks) LoadMark(ctx context.Context, key verify.MarkKey) (mark verify.Mark, err error) {
	err = m.s.readingApart(ctx, func(w *work) error {
		var err error
		mark, _, err = w.loadMark(m.key(key), key)
		return err
	})
	if err != nil {
		return verify.Mark{MarkKey: key}, err
	}
	return mark, nil
}

// SaveMark implements [verify.MarkStore].
func (m *Marks) SaveMark(ctx context.Context, mark verify.Mark) error {
	return m.s.do(&job{ctx: ctx, apart: true, run: func(w *work) error {
		return w.saveMark(m.key(mark.MarkKey), mark)
	}})
}

func (w *work) loadMark(key digest, k verify.MarkKey) (mark verify.Mark, found bool, err error) {
	mark.MarkKey = k
	found, err = w.one("SELECT as_of, sequence, sum, keep_until FROM editions WHERE edition = ?/*lock*/",
		[]any{key.value()}, func(r Row) {
			mark.AsOf, mark.Sequence, mark.KeepUntil = r.time(0), r.Int(1), r.time(3)
			copy(mark.Sum[:], r.Bytes(2))
		})
	if !found || err != nil {
		return mark, false, err
	}
	return mark, true, w.each("SELECT size, entry FROM revoked WHERE edition = ? ORDER BY size, entry", []any{key.value()},
		func(r Row) error {
			mark.Revoked = append(mark.Revoked, verify.RevokedEntry{Size: int(r.Int(0)), Index: int(r.Int(1))})
			return nil
		})
}

func (w *work) saveMark(key digest, mark verify.Mark) error {
	old, found, err := w.loadMark(key, mark.MarkKey)
	if err != nil {
		return err
	}
	joined := mark
	if found {
		joined = old.Join(mark)
	}
	values := []any{timeValue(joined.AsOf), joined.Sequence, joined.Sum[:], timeValue(joined.KeepUntil), key.value()}
	columns := []string{"as_of", "sequence", "sum", "keep_until", "edition"}
	if found {
		err = w.exec(updateOf("editions", columns...), values...)
	} else {
		err = w.exec(insertInto("editions", columns...), values...)
	}
	if err != nil {
		return err
	}
	for _, r := range mark.Revoked {
		if err := w.exec("INSERT INTO revoked (edition, size, entry) VALUES (?, ?, ?) "+
			"ON CONFLICT (edition, size, entry) DO NOTHING", key.value(), r.Size, r.Index); err != nil {
			return err
		}
	}
	return nil
}

// forgetEditions forgets what bears on nothing any more, with the entries that were seen
// revoked.
func (w *work) forgetEditions(before instant, most int) (more bool, err error) {
	var ended []digest
	if err := w.each("SELECT edition FROM editions WHERE keep_until < ? ORDER BY keep_until"+limit(most)+"/*lock*/",
		[]any{int64(before)}, func(r Row) error {
			ended = append(ended, r.digest(0))
			return nil
		}); err != nil {
		return false, err
	}
	for _, key := range ended {
		for _, table := range []string{"revoked", "editions"} {
			if err := w.exec("DELETE FROM "+table+" WHERE edition = ?", key.value()); err != nil {
				return false, err
			}
		}
	}
	return len(ended) >= most, nil
}

// timeValue is a time as a parameter; the zero time is NULL.
func timeValue(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return int64(instantOf(t))
}

func (r Row) time(i int) time.Time {
	if r[i] == nil {
		return time.Time{}
	}
	return r.instant(i).Time()
}

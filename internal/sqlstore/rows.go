package sqlstore

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/verify"
)

// row is one row of a table as it will be.
type row[T any] struct {
	now     T
	changed bool
	fresh   bool // it is not in the database yet
	gone    bool
}

type rows[T any] map[digest]*row[T]

// table says how rows are read and written.
type table[T any] struct {
	name, key string
	columns   []string
	locked    bool // rows are locked before they are read
	read      func(Row) T
	write     func(s *Store, t *T) []any
	empty     func(*T) bool // there is nothing left to keep; may be nil
}

var (
	agentTable = &table[agent]{
		name: "agents", key: "agent", columns: []string{"nonces", "acts"}, locked: true,
		read:  func(r Row) agent { return agent{int(r.Int(0)), int(r.Int(1))} },
		write: func(_ *Store, a *agent) []any { return []any{a.nonces, a.acts} },
		empty: func(a *agent) bool { return *a == agent{} },
	}
	nonceTable = &table[nonce]{
		name: "nonces", key: "nonce", columns: []string{"space", "until", "agent", "place", "hold"},
		read: func(r Row) nonce { return nonce{r.instant(1), r.digest(2), r.digest(3), r.digest(4)} },
		write: func(s *Store, n *nonce) []any {
			return []any{s.space, int64(n.until), n.agent.value(), n.place.value(), n.hold.value()}
		},
	}
	intentTable = &table[intent]{
		name: "intents", key: "intent", columns: []string{"hold"},
		read:  func(r Row) intent { return intent{r.digest(0)} },
		write: func(_ *Store, i *intent) []any { return []any{i.hold.value()} },
	}
	holdTable = &table[hold]{
		name: "holds", key: "hold", locked: true,
		columns: []string{"space", "decision", "at", "hold_by", "known", "ends", "state", "reserved", "done", "currency",
			"decimals", "content", "intent", "agent", "place", "charges"},
		read: func(r Row) hold {
			return hold{
				decision: r.Text(1), at: r.instant(2), by: r.instant(3), known: r.instant(4), ends: r.instant(5),
				state: verify.HoldState(r.Int(6)), reserved: quantity(r.Bytes(7)), done: quantity(r.Bytes(8)),
				currency: r.Text(9), decimals: int(r.Int(10)), content: r.digest(11), intent: r.digest(12),
				agent: r.digest(13), place: r.digest(14), charges: chargesOf(r.Bytes(15)),
			}
		},
		write: func(s *Store, h *hold) []any {
			return []any{
				s.space, text(h.decision), int64(h.at), int64(h.by), int64(h.known), int64(h.ends), int(h.state),
				bytesOf(h.reserved), bytesOf(h.done), text(h.currency), h.decimals, h.content.value(), h.intent.value(),
				h.agent.value(), h.place.value(), packed(h.charges),
			}
		},
	}
	placeTable = &table[passage]{
		name: "places", key: "place", columns: []string{"above", "acts", "accounts"},
		read:  func(r Row) passage { return passage{r.digest(0), int(r.Int(1)), int(r.Int(2))} },
		write: func(_ *Store, p *passage) []any { return []any{p.above.value(), p.acts, p.accounts} },
		empty: func(p *passage) bool { return p.acts == 0 && p.accounts == 0 },
	}
	rootTable    = func() *table[passage] { t := *placeTable; t.locked = true; return &t }()
	accountTable = &table[account]{
		name: "accounts", key: "account", locked: true,
		columns: []string{"space", "until", "place", "born", "total", "base", "since", "sum", "gone"},
		read: func(r Row) account {
			return account{
				until: r.instant(1), place: r.digest(2), born: r.Int(3), total: quantity(r.Bytes(4)),
				base: quantity(r.Bytes(5)), since: r.instant(6), sum: quantity(r.Bytes(7)), gone: r.instant(8),
			}
		},
		write: func(s *Store, a *account) []any {
			return []any{
				s.space, int64(a.until), a.place.value(), a.born, bytesOf(a.total), bytesOf(a.base), int64(a.since),
				bytesOf(a.sum), int64(a.gone),
			}
		},
	}
)

// sizes are how many keys one query looks for. Fewer keys than that are filled up
// with the last one, so that there are few queries to prepare.
var sizes = []int{1, 4, 16, 64, 256}

// ask reads the rows of keys when the transaction is flushed, in one order for all
// transactions: so two that lock the same rows do not wait for each other.
func ask[T any](w *work, t *table[T], all rows[T], keys []digest) error {
	keys = slices.DeleteFunc(keys, func(d digest) bool {
		_, known := all[d]
		return known || d == none
	})
	slices.SortFunc(keys, func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
	keys = slices.Compact(keys)
	for len(keys) > 0 {
		part := keys[:min(len(keys), sizes[len(sizes)-1])]
		keys = keys[len(part):]
		i, _ := slices.BinarySearch(sizes, len(part))
		args := make([]any, sizes[i])
		for k := range args {
			args[k] = part[min(k, len(part)-1)].value()
		}
		for _, key := range part {
			all[key] = nil
		}
		if err := w.ask(t.find(sizes[i]), args, func(r Row) error {
			if !t.sound(r) {
				return errDamaged
			}
			all[r.digest(len(t.columns))] = &row[T]{now: t.read(r)}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// sound reports whether the columns of a row are what the schema says. An engine that
// lets every column have any type finds nothing wrong with a flipped bit.
func (t *table[T]) sound(r Row) bool {
	for i, v := range r {
		name := t.key
		if i < len(t.columns) {
			name = t.columns[i]
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
func fetch[T any](w *work, t *table[T], all rows[T], keys []digest) error {
	if err := ask(w, t, all, keys); err != nil {
		return err
	}
	return w.flush()
}

func (t *table[T]) find(n int) string {
	query := "SELECT " + strings.Join(t.columns, ", ") + ", " + t.key + " FROM " + t.name + " WHERE " + t.key + " IN (?" +
		strings.Repeat(", ?", n-1) + ") ORDER BY " + t.key
	if t.locked {
		query += "/*lock*/"
	}
	return query
}

// load returns the row of a key; nil if there is none.
func load[T any](w *work, t *table[T], all rows[T], key digest) (*row[T], error) {
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
func add[T any](all rows[T], key digest, now T) *row[T] {
	r := &row[T]{now: now, changed: true, fresh: all[key] == nil}
	all[key] = r
	return r
}

// write writes the rows that have changed.
func write[T any](w *work, t *table[T], all rows[T]) error {
	var changed []digest
	for key, r := range all {
		if r != nil && (r.changed || r.gone) {
			changed = append(changed, key)
		}
	}
	slices.SortFunc(changed, func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
	columns := append(slices.Clone(t.columns), t.key)
	for _, key := range changed {
		r := all[key]
		var err error
		gone := r.gone || t.empty != nil && t.empty(&r.now)
		switch {
		case gone && r.fresh:
		case gone:
			err = w.exec("DELETE FROM "+t.name+" WHERE "+t.key+" = ?", key.value())
		case r.fresh:
			err = w.exec(insertInto(t.name, columns...), append(t.write(w.s, &r.now), key.value())...)
		default:
			err = w.exec(updateOf(t.name, columns...), append(t.write(w.s, &r.now), key.value())...)
		}
		if err != nil {
			return err
		}
		if r.changed, r.fresh = false, false; gone {
			all[key] = nil
		}
	}
	return nil
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
	} {
		if err := write(); err != nil {
			return err
		}
	}
	if w.engine.Disk { // nobody else writes meanwhile
		return nil
	}
	if w.touch {
		// A COMMIT that writes nothing does not wait for a standby.
		if err := w.exec("INSERT INTO forgotten (space, kind, at) VALUES (?, 0, 1) ON CONFLICT (space, kind) "+
			"DO UPDATE SET at = forgotten.at + 1", w.s.space); err != nil {
			return err
		}
	}
	if len(w.marks) == 0 {
		return nil
	}
	// A key that was not found may have been used and forgotten before it was written
	// just now.
	return w.each("SELECT kind, at FROM forgotten WHERE space = ?", []any{w.s.space}, func(r Row) error {
		if known, ok := w.marks[int(r.Int(0))]; ok && r.Int(0) != 0 && r.instant(1) > known {
			return errMet
		}
		return nil
	})
}

// Charges of a hold are packed into one column: 49 bytes each.
const packedCharge = 16 + 1 + 8 + 16 + 8

func packed(list []charge) []byte {
	b := make([]byte, 0, packedCharge*len(list))
	for i := range list {
		c := &list[i]
		b = append(b, c.account[:]...)
		b = append(b, byte(flag(c.rate)|2*flag(c.lifetime)))
		b = binary.BigEndian.AppendUint64(b, uint64(c.born))
		b = append(b, bytesOf(c.reserved)...)
		b = binary.BigEndian.AppendUint64(b, uint64(c.until))
	}
	return b
}

func chargesOf(b []byte) (list []charge) {
	for ; len(b) >= packedCharge; b = b[packedCharge:] {
		c := charge{
			rate: b[16]&1 != 0, lifetime: b[16]&2 != 0, born: int64(binary.BigEndian.Uint64(b[17:])),
			reserved: quantity(b[25:41]), until: instant(binary.BigEndian.Uint64(b[41:])),
		}
		copy(c.account[:], b)
		list = append(list, c)
	}
	return list
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

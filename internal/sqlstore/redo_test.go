package sqlstore

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// group is a work with a row of each table, one of which is gone, and an agent that has nothing left.
func groupOf(s *Store) *work {
	w := newWork(s, &tx{engine: s.engine})
	key := func(text string) digest { return digestOf(text) }
	add(w.agents, key("agent"), agent{nonces: 1, acts: 2})
	add(w.agents, key("has nothing left"), agent{})
	add(w.nonces, key("nonce"), nonce{until: 5, agent: key("agent"), hold: key("hold")})
	add(w.nonces, key("gone"), nonce{}).gone = true
	add(w.intents, key("intent"), intent{key("hold")})
	q := verify.Quantity{Hi: math.MaxUint64, Lo: 7}
	add(w.holds, key("hold"), hold{
		decision: "01J\x00", at: first, by: last, known: 3, ends: -4, state: verify.HoldOpen, reserved: q, currency: "EUR",
		decimals: 2, content: key("content"), agent: key("agent"), place: key("place"), root: key("place"),
		charges: []charge{{account: key("account"), born: -9, rate: true, reserved: q, until: last}},
	})
	add(w.places, key("place"), passage{acts: 1, accounts: 2})
	add(w.accounts, key("account"), account{until: 1, place: key("place"), born: -9, total: q, since: first, sum: q})
	w.uses[useKey{key("account"), 5, key("hold")}] = &row[verify.Quantity]{now: q, changed: true}
	add(w.decisions, "01J", verify.Record{
		Decision: "01J", At: instant(7).Time(), Verdict: verify.Allow, Agent: "did:example:a", Proven: true,
		Amount: passport.MustMoney("1.50", "EUR"), Codes: []verify.Code{verify.LedgerRepeated},
	})
	w.marks[ofNonces], w.moved[ofNonces], w.wiped[key("account")] = 11, true, 4
	return w
}

// What another writer learns from a group is what its writer keeps, and each row is written as it was.
func TestGroupsAreReadAsWritten(t *testing.T) {
	s := &Store{engine: &Engine{Redo: true}, space: 3}
	w := groupOf(s)
	list, err := appendRedone(nil, newRedo(w, &redo{}))
	require.NoError(t, err)
	tables := map[byte]bool{}
	var own, others known
	own.knows(8, 0)
	others.knows(8, 0)
	others.cache.agents.put(digestOf("agent"), agent{})
	others.cache.spans.put(digestOf("account"), &span{from: first, to: last})
	others.cache.marks = map[int]instant{}
	for i := range list {
		tables[list[i].table] = true
		all, key := redoTables[list[i].table].width()
		require.Equal(t, map[bool]int{false: all, true: key}[list[i].gone], len(list[i].row()))
		list[i].learn(&others)
	}
	require.Len(t, tables, len(redoTables), "each table has a row")
	for _, table := range redoTables {
		table.keep(&own, w)
	}
	require.Equal(t, own.young, others.young)
	require.Nil(t, own.young.nonces[digestOf("gone")])
	require.Contains(t, own.young.nonces, digestOf("gone"))
	require.Nil(t, own.young.agents[digestOf("has nothing left")])
	_, known := others.cache.agents.of(digestOf("agent"))
	require.False(t, known, "what somebody else has written is remembered as it was")
	s2, _ := others.cache.spans.of(digestOf("account"))
	require.Equal(t, []use{{5, digestOf("hold"), w.uses[useKey{digestOf("account"), 5, digestOf("hold")}].now}}, s2.uses)
	require.Nil(t, others.cache.marks)
	require.Nil(t, newRedo(newWork(s, w.tx), &redo{}), "nothing has changed")
}

// Whatever bit of a group is flipped, it is not taken for another one.
func TestGroupsThatAreDamaged(t *testing.T) {
	body := newRedo(groupOf(&Store{engine: &Engine{Redo: true}}), &redo{})
	for i := range body {
		for bit := range 8 {
			body[i] ^= 1 << bit
			_, err := appendRedone(nil, body)
			require.ErrorIs(t, err, errDamaged)
			body[i] ^= 1 << bit
		}
		_, err := appendRedone(nil, body[:i])
		require.ErrorIs(t, err, errDamaged)
	}
}

// groupWith is a group with such bytes of rows.
func groupWith(rows []byte) []byte {
	var r redo
	r.begin(redoForm)
	r.body = append(r.body, rows...)
	return r.sealed()
}

// addTo adds a row of a group to another one.
func addTo(r *redo, row *redone, values Row) {
	r.begins(row.gone, row.fresh)
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			r.number(v)
		case string:
			r.text(v)
		case []byte:
			r.bytes(v)
		default:
			r.digest(none)
		}
	}
}

// A value that stands twice in a group is written once; one with the same bytes of another kind, or one that begins
// like it, is not taken for it.
func TestValuesThatStandTwice(t *testing.T) {
	values := []any{
		"a text that is long", []byte("a text that is long"), "a text that is", []byte("short"), "", nil,
		int64(math.MaxInt64), int64(math.MinInt64), int64(3), strings.Repeat("long ", 1000),
	}
	var r redo
	r.begin(redoForm)
	r.table = byte(slices.Index(redoTables, redoTable(intentTable))) // its rows have two values
	for range 3 {
		for i := range values {
			addTo(&r, &redone{}, Row{values[i], values[(i+1)%len(values)]})
		}
	}
	require.Less(t, len(r.body), 5500)
	list, err := appendRedone(nil, r.sealed())
	require.NoError(t, err)
	require.Len(t, list, 3*len(values))
	for n, row := range list {
		i := n % len(values)
		require.Equal(t, Row{values[i], values[(i+1)%len(values)]}, row.row())
		require.Equal(t, list[i].key, row.key, "the key of the same row, wherever it stands")
	}
}

func FuzzGroup(f *testing.F) {
	body := newRedo(groupOf(&Store{engine: &Engine{Redo: true}}), &redo{})
	f.Add(body[1 : len(body)-4])
	f.Fuzz(func(t *testing.T, rows []byte) {
		list, err := appendRedone(nil, groupWith(rows))
		if err != nil {
			require.ErrorIs(t, err, errDamaged)
			return
		}
		var r redo
		r.begin(redoForm)
		var k known
		k.knows(1, 0)
		for i := range list {
			list[i].learn(&k)
			r.table = list[i].table
			addTo(&r, &list[i], list[i].row())
		}
		again, err := appendRedone(nil, r.sealed())
		require.NoError(t, err)
		require.Len(t, again, len(list))
		for i := range list {
			require.Equal(t, list[i].row(), again[i].row())
			require.Equal(t, list[i].table, again[i].table)
			require.Equal(t, list[i].gone, again[i].gone)
			require.Equal(t, list[i].fresh, again[i].fresh)
		}
	})
}

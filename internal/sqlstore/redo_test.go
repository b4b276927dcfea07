package sqlstore

import (
	"math"
	"reflect"
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
	r := newRedo(w)
	list, err := redoneOf(8, r.body)
	require.NoError(t, err)
	tables := map[redoTable]bool{}
	var own, others known
	own.knows(8, 0)
	others.knows(8, 0)
	others.cache.agents.put(digestOf("agent"), agent{})
	others.cache.spans.put(digestOf("account"), &span{from: first, to: last})
	others.cache.marks = map[int]instant{}
	for i := range list {
		tables[list[i].table] = true
		all, key := list[i].table.width()
		require.Equal(t, map[bool]int{false: all, true: key}[list[i].gone], len(list[i].values))
		list[i].table.learn(&others, list[i].values, list[i].gone)
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
	require.Nil(t, newRedo(newWork(s, w.tx)).body, "nothing has changed")
}

// Whatever bit of a group is flipped, it is not taken for another one.
func TestGroupsThatAreDamaged(t *testing.T) {
	body := newRedo(groupOf(&Store{engine: &Engine{Redo: true}})).body
	for i := range body {
		for bit := range 8 {
			body[i] ^= 1 << bit
			_, err := redoneOf(1, body)
			require.ErrorIs(t, err, errDamaged)
			body[i] ^= 1 << bit
		}
		_, err := redoneOf(1, body[:i])
		require.ErrorIs(t, err, errDamaged)
	}
}

func FuzzGroup(f *testing.F) {
	body := newRedo(groupOf(&Store{engine: &Engine{Redo: true}})).body
	f.Add(body[1 : len(body)-4])
	f.Fuzz(func(t *testing.T, rows []byte) {
		list, err := redoneOf(1, sealed(append([]byte{redoForm}, rows...)))
		if err != nil {
			require.ErrorIs(t, err, errDamaged)
			return
		}
		r := &redo{}
		var k known
		k.knows(1, 0)
		for i := range list {
			list[i].table.learn(&k, list[i].values, list[i].gone)
			for n, table := range redoTables {
				if table == list[i].table {
					r.table = byte(n)
				}
			}
			r.add(list[i].gone, list[i].fresh, list[i].values)
			list[i].key = "" // a number may have been written in more bytes than it needs
		}
		again, err := redoneOf(1, sealed(append([]byte{redoForm}, r.body...)))
		require.NoError(t, err)
		for i := range again {
			again[i].key = ""
		}
		require.True(t, reflect.DeepEqual(list, again) || len(list)+len(again) == 0, "%v\n%v", list, again)
	})
}

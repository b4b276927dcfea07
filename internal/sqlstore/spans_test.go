package sqlstore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

// What another process spends of a budget that this one has met once is remembered up to a bound.
func TestSpansThatOthersFillAreBounded(t *testing.T) {
	k := &known{}
	k.knows(1, 1)
	key := digestOf("account")
	k.cache.spans.put(key, &span{from: first, to: last})
	const uses = 100 * mostAhead
	for i := range uses {
		u := useKey{key, instant(i), digestOf("hold", string(rune(i)))}
		row := Row(useTable.parameters(nil, u, &verify.Quantity{Lo: 1}))
		for i, v := range row {
			if b, is := v.([]byte); is {
				row[i] = append([]byte{}, b...)
			}
		}
		useTable.learn(k, row, false)
	}
	s, _ := k.cache.spans.of(key)
	require.LessOrEqual(t, len(s.uses), 2*mostAhead)
	for _, to := range []instant{10, s.to} { // what it knows is true
		q, known := s.sum(first, to)
		require.True(t, known)
		require.Equal(t, verify.Quantity{Lo: uint64(min(to, uses))}, q)
	}
}

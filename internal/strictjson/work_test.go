package strictjson

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// CAN-04, PAR-14: 100,000 nested arrays cost as much work as 33. What is
// counted is nodes and bytes, not time.
func TestCAN04NestedArraysStopAtTheCap(t *testing.T) {
	caps := limits.Default().JSON(1 << 20)
	p := parser{tree: tree{text: strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)}, caps: caps}
	require.Error(t, p.document())
	require.Len(t, p.nodes, caps.Depth)
	require.Equal(t, caps.Depth, p.pos)
}

// Too many members stop the parse at the first that is too many, whatever
// follows.
func TestMembersStopAtTheCap(t *testing.T) {
	caps := limits.Default().JSON(1 << 20)
	caps.ArrayLength = 1 << 20
	p := parser{tree: tree{text: "[" + strings.Repeat("0,", 100_000) + "0]"}, caps: caps}
	require.Error(t, p.document())
	require.Len(t, p.nodes, 1+caps.Members+1)
}

// A tree has one node for each value and each name, three numbers for each
// container and one for each member: the same for every document of the same
// shape.
func TestTreeIsLinear(t *testing.T) {
	for _, n := range []int{1, 10, 800} {
		text := "[" + strings.Repeat(`{"b":[1,"x"],"a":null},`, n-1) + `{"b":[1,"x"],"a":null}]`
		v, err := Parse(text, limits.Default().JSON(1<<20))
		require.NoError(t, err)
		require.Equal(t, 1+n*7, v.Nodes())
		require.Len(t, v.t.nodes, 1+n*7)
		require.Len(t, v.t.extents, 3+n*(3+2+3))
		require.Less(t, cap(v.t.extents), 16*n+14)
	}
}

// skipPlain stops at the first byte that is not plain, wherever it stands in a
// word of eight and whatever follows it.
func TestSkipPlain(t *testing.T) {
	isPlain := func(c byte) bool { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' }
	for c := range 256 {
		require.Equal(t, isPlain(byte(c)), plain[c])
		for lead := range 18 {
			for _, next := range []string{"", "a", "\x00\x00\x00\x00\x00\x00\x00\x00\x00", `!#[]!#[]!#`, "\x80\xff\x80\xff\x80\xff\x80\xff", `""""""""""`} {
				s := strings.Repeat("#", lead) + string([]byte{byte(c)}) + next
				want := 0
				for want < len(s) && isPlain(s[want]) {
					want++
				}
				require.Equal(t, want, skipPlain(s, 0), "%q", s)
				require.Equal(t, max(want, lead), skipPlain(s, lead), "%q from %d", s, lead)
			}
		}
	}
}

// A parser goes back to its pool without a text of the document it parsed.
func TestPooledParsersForget(t *testing.T) {
	p := &parser{caps: limits.Default().JSON(100)}
	p.text = `{"a":"secret\n"}`
	require.NoError(t, p.document())
	require.Len(t, p.decoded, 1)
	kept := p.decoded
	p.release()
	require.Empty(t, kept[0])
	require.Empty(t, p.text)

	big := &parser{}
	big.nodes = make([]node, 0, maxPooled+1)
	big.release()
	require.Nil(t, big.nodes)
}

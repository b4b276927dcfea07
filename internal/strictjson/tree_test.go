package strictjson_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/strictjson"
)

func TestValues(t *testing.T) {
	const text = ` {"s":"a\u0062c","t":true,"f":false,"n":null,"i":-12,"o":{"x":[]},"a":[1,"two",{}],"":0} `
	v := parse(t, text)
	require.Equal(t, strictjson.Object, v.Kind())
	require.Equal(t, strings.TrimSpace(text), v.Raw())
	require.Equal(t, 1, v.Offset())
	require.Equal(t, 8, v.Len())
	require.Equal(t, 8+8+1+1+3, v.Nodes()-1)

	s := v.Get("s")
	require.Equal(t, "abc", s.Str())
	require.Equal(t, `"a\u0062c"`, s.Raw())
	require.True(t, s.Escaped())
	require.False(t, v.Get("a").Escaped())
	str, ok := s.LookupStr()
	require.True(t, ok)
	require.Equal(t, "abc", str)

	for name, want := range map[string]bool{"t": true, "f": false} {
		b, ok := v.Get(name).Bool()
		require.True(t, ok)
		require.Equal(t, want, b)
	}
	require.Equal(t, strictjson.Null, v.Get("n").Kind())
	require.True(t, v.Get("n").Exists())
	require.Equal(t, "0", v.Get("").Raw())
	require.False(t, v.Get("x").Exists(), "names of other objects do not count")

	var names []string
	for name, member := range v.Members() {
		names = append(names, name)
		require.Equal(t, v.Get(name), member)
	}
	require.Equal(t, []string{"s", "t", "f", "n", "i", "o", "a", ""}, names)
	var items []string
	for item := range v.Get("a").Items() {
		items = append(items, item.Raw())
	}
	require.Equal(t, []string{"1", `"two"`, "{}"}, items)
	for range v.Get("a").Items() {
		break
	}
	for range v.Members() {
		break
	}
	for range v.Sorted() {
		break
	}
}

// The accessors of another type answer as for an absent value; none of them
// may panic on any kind, the absent one included.
func TestAccessorsOfEveryKind(t *testing.T) {
	kinds := map[strictjson.Kind]strictjson.Value{strictjson.Invalid: {}}
	for _, text := range []string{"null", "true", "1", `"s"`, "[7]", `{"a":7}`} {
		v := parse(t, text)
		kinds[v.Kind()] = v
	}
	require.Len(t, kinds, 7)
	for kind, v := range kinds {
		t.Run(kind.String(), func(t *testing.T) {
			require.Equal(t, kind != strictjson.Invalid, v.Exists())
			_, ok := v.Int()
			require.Equal(t, kind == strictjson.Number, ok)
			_, ok = v.Bool()
			require.Equal(t, kind == strictjson.Bool, ok)
			_, ok = v.LookupStr()
			require.Equal(t, kind == strictjson.String, ok)
			require.Equal(t, kind == strictjson.String, v.Str() != "")
			require.Equal(t, kind == strictjson.Number, v.ExactNumber())
			require.Equal(t, kind == strictjson.Object, v.Get("a").Exists())
			require.Equal(t, kind == strictjson.Object, len(maps.Collect(v.Members())) == 1)
			require.Equal(t, kind == strictjson.Object, len(maps.Collect(v.Sorted())) == 1)
			require.Equal(t, kind == strictjson.Array, len(slices.Collect(v.Items())) == 1)
			require.Equal(t, kind == strictjson.Array || kind == strictjson.Object, v.Len() == 1)
			require.Equal(t, kind != strictjson.Invalid, v.Raw() != "")
			require.Equal(t, kind != strictjson.Invalid, v.Nodes() > 0)
			require.Zero(t, v.Offset())
			require.Empty(t, v.Path())
			require.False(t, v.Escaped())
		})
	}
	require.Equal(t, "an unknown kind", strictjson.Kind(200).String())
}

// Values of one place are equal, those of another place or parse are not.
func TestValuesCompareByPlace(t *testing.T) {
	v, w := parse(t, `{"a":1,"b":1}`), parse(t, `{"a":1,"b":1}`)
	a := v.Get("a")
	require.True(t, a == v.Get("a"))
	require.False(t, v.Get("a") == v.Get("b"))
	require.False(t, v.Get("a") == w.Get("a"))
	require.True(t, v.Get("c") == strictjson.Value{})
}

func TestPath(t *testing.T) {
	v := parse(t, `{"a":[10,{"b/c":{"~":[[],[true]]}},"x"],"":{"":1},"é\n":2}`)
	require.Equal(t, "", v.Path())
	var paths []string
	var walk func(strictjson.Value)
	walk = func(v strictjson.Value) {
		paths = append(paths, v.Path()+" = "+v.Kind().String())
		for item := range v.Items() {
			walk(item)
		}
		for _, member := range v.Members() {
			walk(member)
		}
	}
	walk(v)
	require.Equal(t, []string{
		" = an object",
		"/a = an array",
		"/a/0 = a number",
		"/a/1 = an object",
		"/a/1/b~1c = an object",
		"/a/1/b~1c/~0 = an array",
		"/a/1/b~1c/~0/0 = an array",
		"/a/1/b~1c/~0/1 = an array",
		"/a/1/b~1c/~0/1/0 = a boolean",
		"/a/2 = a string",
		"/ = an object",
		"// = a number",
		"/é\n = a number",
	}, paths)
}

// Sorted is the order of UTF-16 code units (RFC 8785, section 3.2.3) for names
// of every length, below and above what is sorted by insertion.
func TestSortedOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(8785, 0))
	// Letters on both sides of every border of the two orders.
	letters := []rune("\x00\x1f az~\x7f\u0080é\u07ff\u0800\ud7ff\ue000\ufb33\ufffd\uffff\U00010000\U0001F600\U0010FFFF")
	for round := range 400 {
		unique := map[string]bool{}
		for range rng.IntN(80) {
			name := make([]rune, rng.IntN(4))
			for i := range name {
				name[i] = letters[rng.IntN(len(letters))]
			}
			unique[string(name)] = true
		}
		names := slices.Collect(maps.Keys(unique))
		var b strings.Builder
		for i, name := range names {
			fmt.Fprintf(&b, ",%s:%d", quote(name, round%2 == 0), i)
		}
		v := parse(t, "{"+strings.TrimPrefix(b.String(), ",")+"}")

		want := slices.Clone(names)
		slices.SortFunc(want, func(a, b string) int {
			return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		})
		var got []string
		for name, member := range v.Sorted() {
			got = append(got, name.Str())
			require.Equal(t, v.Get(name.Str()), member)
		}
		require.Equal(t, want, got)
	}
}

// quote writes a JSON string, with every character escaped or only those that
// must be.
func quote(s string, all bool) string {
	var b strings.Builder
	for _, r := range s {
		if all || r < 0x20 {
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, u)
			}
		} else {
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

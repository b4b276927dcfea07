package strictjson_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// What WithMember makes is what Parse makes of the same text.
func TestWithMemberEqualsParse(t *testing.T) {
	caps := limits.Default().JSON(1 << 20)
	parse := func(text string) strictjson.Value {
		v, err := strictjson.Parse(text, caps)
		require.NoError(t, err, text)
		return v
	}
	objects := []string{
		`{}`, `{ }`, ` {"a":1} `, "{\"z\":[1,{\"y\":\"\\u0041\\n\",\"b\":[]}],\"a\":null , \"\\u00e9\":true\n}",
		`{"q":{"r":{"s":{}}},"proofs":1,"proo":2}`, `{"x":"\"","\ud83d\ude00":{"\t":1.5e3}}`,
	}
	members := []string{`1`, `"a\tb"`, `{}`, `[]`, `{"z":"\u0000","a":[{"m":1,"b":"\\"}]}`, ` [ {"a" : 1 } ] `}
	for _, o := range objects {
		for _, m := range members {
			for _, v := range []strictjson.Value{parse(o), parse(`[7,{"\u0061":` + o + `}]`)} {
				for v.Kind() == strictjson.Array {
					for item := range v.Items() {
						v = item.Get("a")
					}
				}
				before := string(jcs.Append(nil, v))
				got := v.WithMember("proof", parse(m))
				require.True(t, got.Exists())
				requireSameTree(t, parse(got.Raw()), got)
				require.Equal(t, before, string(jcs.Append(nil, v)), "the original changed")
			}
		}
	}
	for name, v := range map[string]strictjson.Value{
		"absent": {}, "array": parse(`[]`), "string": parse(`"a"`), "has it": parse(`{"pr\u006fof":1}`),
	} {
		require.False(t, v.WithMember("proof", parse(`1`)).Exists(), name)
	}
	require.False(t, parse(`{}`).WithMember("a", strictjson.Value{}).Exists())
	require.False(t, parse(`{}`).WithMember(`a"b`, parse(`1`)).Exists())
	require.False(t, parse(`{}`).WithMember("é", parse(`1`)).Exists())
}

func requireSameTree(t *testing.T, want, got strictjson.Value) {
	t.Helper()
	requireSameUnder(t, strictjson.Value{}, want, got)
}

// requireSameUnder compares values of which those of the second tree are told
// from top on, an item that is a tree of its own there; absent: the root.
func requireSameUnder(t *testing.T, top, want, got strictjson.Value) {
	t.Helper()
	require.Equal(t, want.Raw(), got.Raw())
	require.Equal(t, want.Kind(), got.Kind())
	require.Equal(t, want.Offset()-top.Offset(), got.Offset())
	require.Equal(t, strings.TrimPrefix(want.Path(), top.Path()), got.Path())
	require.Equal(t, want.Nodes(), got.Nodes())
	require.Equal(t, want.Len(), got.Len())
	require.Equal(t, want.Str(), got.Str())
	require.Equal(t, want.Escaped(), got.Escaped())
	require.Equal(t, string(jcs.Append(nil, want)), string(jcs.Append(nil, got)))
	for name, m := range want.Members() {
		requireSameUnder(t, top, m, got.Get(name))
	}
	items := func(v strictjson.Value) (list []strictjson.Value) {
		for item := range v.Items() {
			list = append(list, item)
		}
		return list
	}
	for i, item := range items(want) {
		under := top
		if got.Apart() {
			require.Equal(t, item.Path(), got.ItemPath(i))
			require.Empty(t, items(got)[i].Path())
			under = item
		} else {
			require.Empty(t, got.ItemPath(i))
		}
		requireSameUnder(t, under, item, items(got)[i])
	}
}

package jcs_test

import (
	"math/rand/v2"
	"testing"

	gowebpki "github.com/gowebpki/jcs"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// What is canonical as it is written is taken over whole. Each row of the second
// half has one thing that is not, and its container must not be taken for
// canonical.
func TestWrittenCanonically(t *testing.T) {
	for text, want := range map[string]bool{
		`{}`:                                 true,
		`[]`:                                 true,
		`{"a":1,"b":[true,null,"x"],"c":{}}`: true,
		`{"":0,"A":-1,"a":"ä","ä":"€"}`:      true,
		`[123456789012345]`:                  true,
		// U+10000 and beyond come before U+E000 (by UTF-16).
		`{"😀":1,"ｆ":2}`: true,

		`{"b":1,"a":2}`:         false,
		`{"ｆ":2,"😀":1}`:         false,
		`{"a":{"b":1,"a":2}}`:   false,
		`[{"b":1,"a":2}]`:       false,
		`{"a" :1}`:              false,
		`{"a": 1}`:              false,
		`{ "a":1}`:              false,
		`{"a":1 }`:              false,
		`{"a":1, "b":2}`:        false,
		"[1,\n2]":               false,
		`[ ]`:                   false,
		`{"\u0061":1}`:          false,
		`{"a":"\/"}`:            false,
		`["\u0041"]`:            false,
		`[-0]`:                  false,
		`[1.0]`:                 false,
		`[1e2]`:                 false,
		`[1234567890123456789]`: false,
	} {
		v, err := strictjson.Parse(text, limits.Max().JSON(1000))
		require.NoError(t, err)
		require.Equal(t, want, v.Canonical(), text)
		requireCanonical(t, text)
	}
	require.False(t, strictjson.Value{}.Canonical())
}

// A tree with one more member, or with items that are trees of their own, is
// written like any other.
func TestWrittenCanonicallyInParts(t *testing.T) {
	caps := limits.Max().JSON(1000)
	v, err := strictjson.Parse(`{"b":1,"c":{"d":"x"}}`, caps)
	require.NoError(t, err)
	more := v.WithMember("a", v.Get("c"))
	require.Equal(t, `{"a":{"d":"x"},"b":1,"c":{"d":"x"}}`, string(jcs.Append(nil, more)))

	for _, text := range []string{`{"list":[{"b":1,"a":2},{"a":3}]}`, `{"list":[{"a":1},{"a":3}]}`} {
		apart, err := strictjson.ParseApart(text, caps, "list", nil)
		require.NoError(t, err)
		want, err := gowebpki.Transform([]byte(text))
		require.NoError(t, err)
		require.Equal(t, string(want), string(jcs.Append(nil, apart)))
		require.False(t, apart.Canonical())
	}
}

// Whatever is marked is what another implementation writes, in every part of
// random documents; and a canonical document is seen to be one.
func TestRandomDocumentsWrittenCanonically(t *testing.T) {
	rng := rand.New(rand.NewPCG(8785, 3))
	marked := 0
	for range 3000 {
		text := randomJSON(rng, 4)
		v, err := strictjson.Parse(text, limits.Max().JSON(1<<20))
		require.NoError(t, err)
		var walk func(strictjson.Value)
		walk = func(v strictjson.Value) {
			if v.Canonical() {
				want, err := gowebpki.Transform([]byte(v.Raw()))
				require.NoError(t, err)
				require.Equal(t, string(want), v.Raw())
				marked++
			}
			for _, m := range v.Members() {
				walk(m)
			}
			for item := range v.Items() {
				walk(item)
			}
		}
		walk(v)
	}
	require.Greater(t, marked, 500)
}

func requireCanonical(t *testing.T, text string) {
	t.Helper()
	want, err := gowebpki.Transform([]byte(text))
	require.NoError(t, err)
	require.Equal(t, string(want), canonical(t, text))
}

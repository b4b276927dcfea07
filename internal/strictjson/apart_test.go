package strictjson_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

var knownTexts = []string{
	`{}`, `{"a":1}`, `{"b":[1,{"y":"\u0041\n","b":[]}],"a":null , "\u00e9":true}`,
	`{"z":{"r":{"s":{"t":[[{}]]}}},"proof":1,"proo":2}`, `{"x":"\"","\ud83d\ude00":{"\t":1.5e3}}`,
	`{"inexact":0.1234567890123456789}`,
}

// memory answers with what it was given, longest text first.
func memory(t *testing.T, caps limits.JSON, asked *int) func(string) *strictjson.Known {
	t.Helper()
	var list []*strictjson.Known
	for _, text := range knownTexts {
		v, err := strictjson.Parse(text, caps)
		require.NoError(t, err)
		k := v.Known(caps)
		require.NotNil(t, k)
		require.Equal(t, text, k.Text())
		list = append(list, k)
	}
	return func(rest string) *strictjson.Known {
		for _, k := range list {
			if strings.HasPrefix(rest, k.Text()) {
				*asked++
				return k
			}
		}
		return nil
	}
}

// A parse whose items are trees of their own comes to what the plain one says,
// or to its error, whatever is remembered and wherever the caps are.
func TestParseApartChangesNothing(t *testing.T) {
	full := limits.Default().JSON(1 << 16)
	hits := 0
	var texts []string
	all := strings.Join(knownTexts, " ,\n")
	texts = append(texts, `{"c":[`+all+`],"d":[`+knownTexts[2]+`],"a":`+knownTexts[1]+`}`, `[[`+all+`]]`, `[`+all+`]`,
		` {"x":1,"c":[1,`+knownTexts[3]+`,"s"]} `)
	for _, k := range knownTexts {
		texts = append(texts, `{"c":[`+k+`]}`, `{"c":[`+k+`x]}`, `{"c":[`+k+`,]}`, `{"c":[`+k, `{"c":[`+k[:len(k)-1]+`]}`,
			`{"c":[`+strings.Replace(k, "{", "{ ", 1)+`]}`, `{"c":[{"k":`+k+`}]}`, `{"c":[`+k+`],"c":1}`)
	}
	for _, text := range texts {
		for depth := 1; depth < 12; depth++ {
			for _, members := range []int{1, 2, 3, 4, 5, 7, 9, 11, 13, 17, 21, 25, 30, 1000} {
				caps := full
				caps.Depth, caps.Members = depth, members
				want, wantErr := strictjson.Parse(text, caps)
				for _, known := range []func(string) *strictjson.Known{nil, tolerant(t, caps, &hits), tolerant(t, full, &hits)} {
					got, err := strictjson.ParseApart(text, caps, "c", known)
					require.Equal(t, wantErr, err, text)
					if err != nil {
						continue
					}
					requireSameTree(t, want, got)
					require.Equal(t, want.InexactNumber().Raw(), got.InexactNumber().Raw())
					requireAlone(t, want, got)
					requireAlone(t, want.Get("c"), got.Get("c"))
					if got.Kind() == strictjson.Object {
						more := want.WithMember("new", want)
						requireSameTree(t, more, got.WithMember("new", want))
						requireSameTree(t, more, want.WithMember("new", got))
						require.Equal(t, more.InexactNumber().Raw(), got.WithMember("new", want).InexactNumber().Raw())
					}
				}
			}
		}
	}
	require.Greater(t, hits, 1000)
}

// requireAlone compares a value by itself with what its text parses to.
func requireAlone(t *testing.T, want, got strictjson.Value) {
	t.Helper()
	if !want.Exists() {
		require.False(t, got.Alone().Exists())
		return
	}
	alone, err := strictjson.Parse(want.Raw(), limits.Default().JSON(1<<16))
	require.NoError(t, err)
	requireSameTree(t, alone, got.Alone())
}

// tolerant leaves out what its caps do not allow.
func tolerant(t *testing.T, caps limits.JSON, hits *int) func(string) *strictjson.Known {
	t.Helper()
	return func(rest string) *strictjson.Known {
		for i := len(knownTexts) - 1; i >= 0; i-- {
			v, err := strictjson.Parse(knownTexts[i], caps)
			if err == nil && strings.HasPrefix(rest, knownTexts[i]) {
				*hits++
				return v.Known(caps)
			}
		}
		return nil
	}
}

// What is known is only asked for where a document is, and believed only where
// its text is. There, and nowhere else, is a tree of its own.
func TestKnownIsAskedForInOneList(t *testing.T) {
	caps := limits.Default().JSON(1 << 16)
	asked := 0
	for text, want := range map[string]int{
		`{"c":[` + knownTexts[1] + `,` + knownTexts[2] + `]}`: 2,
		`{"c":` + knownTexts[1] + `}`:                         0,
		knownTexts[1]:                                         0,
		`[` + knownTexts[1] + `]`:                             0,
		`{"c":[[` + knownTexts[1] + `]]}`:                     0,
		`{"c":[{"d":` + knownTexts[1] + `}]}`:                 0,
		`{"d":[` + knownTexts[1] + `]}`:                       0,
		`{"c":[1],"d":[` + knownTexts[1] + `]}`:               0,
		`{"\u0063":[` + knownTexts[1] + `]}`:                  1,
		`{"d":{"c":[` + knownTexts[1] + `]}}`:                 0,
	} {
		asked = 0
		v, err := strictjson.ParseApart(text, caps, "c", memory(t, caps, &asked))
		require.NoError(t, err)
		require.Equal(t, want, asked, text)
		require.Equal(t, want > 0 || text[:4] == `{"c"` && v.Get("c").Kind() == strictjson.Array, v.Get("c").Apart(), text)
	}
	liar, err := strictjson.Parse(`{"bcd":2}`, caps)
	require.NoError(t, err)
	text := `{"c":[{"a":[1]}]}`
	want, err := strictjson.Parse(text, caps)
	require.NoError(t, err)
	got, err := strictjson.ParseApart(text, caps, "c", func(string) *strictjson.Known { return liar.Known(caps) })
	require.NoError(t, err)
	requireSameTree(t, want, got)
}

// What is cut out of a list stands in it as if it had been parsed with the rest; what is cut
// out anywhere else, or makes the whole too large, is not parsed at all.
func TestParseCut(t *testing.T) {
	full := limits.Default().JSON(1 << 16)
	for _, known := range knownTexts {
		v, err := strictjson.Parse(known, full)
		require.NoError(t, err)
		for text, cuts := range map[string]int{
			`{"c":[K]}`: 1, `{"a":{"x":1},"c":[K,K,1],"b":"s"}`: 2, ` { "c" : [ K , 2 ] } `: 1, `{"\u0063":[{},K]}`: 1,
			`{"c":[K],"d":[1]}`: 1,
			`{"d":[K]}`:         0, `[K]`: 0, `{"c":K}`: 0, `{"c":[[K]]}`: 0, `{"c":[{"x":K}]}`: 0, `{"x":{"c":[K]}}`: 0, `K`: 0,
			`{"c":["K"]}`: 0, `{"c":[1],"d":K}`: 0, `{"c":[1],"s":"K"}`: 0, `{"c":[K}`: 0, `{"c":[K,]}`: 0, `{"c":[Kx]}`: 0,
			`{"c":[KK]}`: 0, `{"c":[K],"c":1}`: 0, `{"c":[1`: 0, `{"c":[K]},`: 0,
		} {
			list, whole, short := []strictjson.Cut(nil), "", ""
			for i, part := range strings.Split(text, "K") {
				if i > 0 {
					list = append(list, strictjson.Cut{At: len(short), Known: v.Known(full)})
					whole, short = whole+known, short+"{"
				}
				whole, short = whole+part, short+part
			}
			require.Equal(t, whole, strictjson.Uncut(short, list))
			for depth := 1; depth < 12; depth++ {
				caps := full
				caps.Depth = depth
				for i := range list {
					list[i].Known = v.Known(caps)
				}
				want, wantErr := strictjson.ParseApart(whole, caps, "c", nil)
				got, ok := strictjson.ParseCut(short, caps, "c", nil, list)
				require.Equal(t, cuts > 0 && wantErr == nil, ok, "%s of %s, at most %d deep", text, known, depth)
				if ok {
					requireCut(t, want, got)
				}
			}
			caps := full
			caps.KeyBytes++ // it was parsed under other caps
			_, ok := strictjson.ParseCut(short, caps, "c", nil, list)
			require.False(t, ok && len(list) > 0, text)
		}
	}
}

// requireCut compares trees, the second of which has another text around its parts.
func requireCut(t *testing.T, want, got strictjson.Value) {
	t.Helper()
	require.Equal(t, want.Kind(), got.Kind())
	require.Equal(t, want.Path(), got.Path())
	require.Equal(t, want.Nodes(), got.Nodes())
	require.Equal(t, want.Len(), got.Len())
	require.Equal(t, want.Apart(), got.Apart())
	require.Equal(t, string(jcs.Append(nil, want)), string(jcs.Append(nil, got)))
	for name, m := range want.Members() {
		requireCut(t, m, got.Get(name))
	}
	next, stop := iter.Pull(got.Items())
	defer stop()
	for item := range want.Items() {
		other, _ := next()
		requireSameTree(t, item.Alone(), other.Alone())
	}
}

// Only a whole text that is an object can be known.
func TestKnownIsAWholeObject(t *testing.T) {
	caps := limits.Default().JSON(1 << 10)
	for _, text := range []string{`[]`, `1`, ` {}`, `{} `, `"a"`} {
		v, err := strictjson.Parse(text, caps)
		require.NoError(t, err)
		require.Nil(t, v.Known(caps), text)
	}
	v, err := strictjson.Parse(`{"a":{}}`, caps)
	require.NoError(t, err)
	require.Nil(t, v.Get("a").Known(caps))
	require.Nil(t, strictjson.Value{}.Known(caps))
}

func BenchmarkParseApart(b *testing.B) {
	caps := limits.Default().JSON(limits.Default().PresentationBytes)
	v, err := strictjson.Parse(passport, caps)
	require.NoError(b, err)
	k := v.Known(caps)
	text := fmt.Sprintf(`{"c":[%s,%s,%s]}`, passport, passport, passport)
	for name, known := range map[string]func(string) *strictjson.Known{"none": nil, "known": func(string) *strictjson.Known { return k }} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := strictjson.ParseApart(text, caps, "c", known); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// With any text remembered and any caps, a parse apart comes to what the plain
// one comes to.
func FuzzParseApart(f *testing.F) {
	for _, k := range knownTexts {
		f.Add(`{"c":[`+k+`,1,`+k+`],"d":[`+k+`]}`, k, uint8(8), uint8(60))
		f.Add(`[[`+k+`]]`, k[:len(k)-1], uint8(3), uint8(9))
	}
	f.Fuzz(func(t *testing.T, text, known string, depth, members uint8) {
		caps := limits.Default().JSON(1 << 16)
		caps.Depth, caps.Members = int(depth), int(members)
		var k *strictjson.Known
		if v, err := strictjson.Parse(known, caps); err == nil {
			k = v.Known(caps)
		}
		want, wantErr := strictjson.Parse(text, caps)
		for _, known := range []func(string) *strictjson.Known{nil, func(string) *strictjson.Known { return k }} {
			got, err := strictjson.ParseApart(text, caps, "c", known)
			require.Equal(t, wantErr, err)
			if err == nil {
				requireSameTree(t, want, got)
				requireAlone(t, want, got)
			}
		}
		at := -1
		if k != nil {
			at = strings.Index(text, known)
		}
		if at < 0 {
			return
		}
		cuts := []strictjson.Cut{{At: at, Known: k}}
		short := text[:at] + "{" + text[at+len(known):]
		require.Equal(t, text, strictjson.Uncut(short, cuts))
		if got, ok := strictjson.ParseCut(short, caps, "c", nil, cuts); ok {
			want, err := strictjson.ParseApart(text, caps, "c", nil)
			require.NoError(t, err)
			requireCut(t, want, got)
		}
	})
}

package laxjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/laxjson"
)

func TestLastMemberCounts(t *testing.T) {
	v, err := laxjson.Parse(` {"a":1,"b":2,"a":{"c":"\u00e9\ud83d\ude80\n"}} `, laxjson.JavaScript)
	require.NoError(t, err)
	require.Len(t, v.Members(), 2)
	require.Equal(t, "a", v.Members()[0].Name)
	require.Equal(t, "é🚀\n", v.Get("a").Get("c").Text())
	require.Equal(t, laxjson.Absent, v.Get("a").Get("d").Get("e").Kind())
}

func TestNumbersKeepTheirText(t *testing.T) {
	for _, text := range []string{"0", "-0", "1.50", "1e22", "123456789012345678901234567890", "0.30000000000000004"} {
		v, err := laxjson.Parse(text, laxjson.JavaScript)
		require.NoError(t, err)
		require.Equal(t, text, v.Text())
	}
}

func TestPythonTakesNaN(t *testing.T) {
	for _, text := range []string{"NaN", "[Infinity]", "-Infinity"} {
		_, err := laxjson.Parse(text, laxjson.Python)
		require.NoError(t, err)
		_, err = laxjson.Parse(text, laxjson.JavaScript)
		require.Error(t, err)
	}
}

func TestLoneSurrogates(t *testing.T) {
	v, err := laxjson.Parse(`["\ud83d","\ude80\ud83d","\ud83dx","\ud83d\u0041"]`, laxjson.Python)
	require.NoError(t, err)
	r, n := laxjson.Next(v.Items()[0].Text())
	require.Equal(t, [2]int{0xd83d, 3}, [2]int{int(r), n})
	for _, item := range v.Items() {
		require.True(t, laxjson.Lone(item.Text()))
	}
	require.False(t, laxjson.Lone("é🚀퟿"))
}

func TestRefused(t *testing.T) {
	for _, text := range []string{"", "\ufeff{}", "{", `{"a"}`, `{"a":1,}`, "[1,]", "01", "1.", "1e", "+1", "nul", `"\x"`, `"\u12"`,
		`"\u+123"`, "\"\n\"", "{} {}", `"a`, `"\`, strings.Repeat("[", 300) + strings.Repeat("]", 300)} {
		_, err := laxjson.Parse(text, laxjson.Python)
		require.Error(t, err, "%q", text)
	}
}

// What this package takes of JSON, encoding/json takes as well, and the reverse.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-0.5e+3,null,true,false,"\u00e9\ud800"]}`, "NaN", `""`, `{"a":1,"a":2}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := laxjson.Parse(text, laxjson.JavaScript)
		_, _ = laxjson.Parse(text, laxjson.Python)
		if depth := strings.Count(text, "[") + strings.Count(text, "{"); depth > laxjson.MaxDepth {
			return
		}
		require.Equal(t, json.Valid([]byte(text)), err == nil, "%v %v", v, err)
	})
}

package jsonwrite_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

func TestCommas(t *testing.T) {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Member("a", "1")
	w.Member("absent", "")
	w.Strings("none", nil)
	w.Strings("none", []string{})
	w.Strings("list", []string{"x", "", "{", "[", ":"})
	w.Name("nested")
	w.BeginArray()
	w.BeginObject()
	w.EndObject()
	w.BeginObject()
	w.Name("n")
	w.Int(-5)
	w.Name("b")
	w.Bool(true)
	w.EndObject()
	w.BeginArray()
	w.EndArray()
	w.Raw(`{"as":"it is"}`)
	w.String("s")
	w.Bool(false)
	w.Int(math.MaxInt64)
	w.EndArray()
	w.Name("last")
	w.Raw("null")
	w.EndObject()
	require.Equal(t, `{"a":"1","list":["x","","{","[",":"],"nested":[{},{"n":-5,"b":true},[],{"as":"it is"},"s",false,9223372036854775807],"last":null}`,
		string(w.Buf))
}

func TestTheFirstValueHasNoComma(t *testing.T) {
	for want, write := range map[string]func(*jsonwrite.Writer){
		`"x"`: func(w *jsonwrite.Writer) { w.String("x") }, `7`: func(w *jsonwrite.Writer) { w.Int(7) },
		`[]`: func(w *jsonwrite.Writer) { w.BeginArray(); w.EndArray() },
	} {
		var w jsonwrite.Writer
		write(&w)
		require.Equal(t, want, string(w.Buf))
	}
}

// Whatever stands in a string, a JSON reader gets it back.
func TestStringsAreEscaped(t *testing.T) {
	for _, s := range []string{"", `"`, `\`, "\x00\x01\x1f\x7f", "\b\f\n\r\t", "é😀\u2028\ufeff", "</script>", `","x":"`} {
		var w jsonwrite.Writer
		w.BeginObject()
		w.Name(s + "k")
		w.String(s)
		w.EndObject()
		var got map[string]string
		require.NoError(t, json.Unmarshal(w.Buf, &got))
		require.Equal(t, map[string]string{s + "k": s}, got)
	}
}

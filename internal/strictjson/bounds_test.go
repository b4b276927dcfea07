package strictjson_test

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// atCap builds, for each cap of limits.JSON, texts that reach exactly n of it.
var atCap = map[string][]func(n int) string{
	"Bytes": {
		func(n int) string { return strings.Repeat(" ", n-2) + "[]" },
		func(n int) string { return "{}" + strings.Repeat("\n", n-2) },
	},
	"Depth": {
		func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) },
		func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) },
		func(n int) string {
			return strings.Repeat(`{"a":[`, n/2) + strings.Repeat("{", n%2) + strings.Repeat("}", n%2) + strings.Repeat("]}", n/2)
		},
	},
	"Members": {
		func(n int) string { return "[[" + strings.Repeat("0,", n-3) + "0],{}]" }, // two items outside
		func(n int) string { return numbered(n) },
	},
	"ArrayLength": {
		func(n int) string { return "[" + strings.Repeat("0,", n-1) + "0]" },
	},
	"KeyBytes": {
		func(n int) string { return `{"` + strings.Repeat("k", n) + `":0}` },
		func(n int) string { return `{"` + strings.Repeat(`\u0041`, n) + `":0}` },
		func(n int) string {
			return `{"` + strings.Repeat("\U0001F600", n/4) + strings.Repeat("k", n%4) + `":0}`
		},
	},
	"StringBytes": {
		func(n int) string { return `"` + strings.Repeat("s", n) + `"` },
		func(n int) string { return `"` + strings.Repeat(`\n`, n) + `"` },
		func(n int) string { return strings.Repeat("1", 300) + "." + strings.Repeat("0", n-301) },
	},
}

// numbered returns an object with n members.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`,"`)
		b.WriteByte("0123456789abcdef"[i%16])
		for k := i / 16; k > 0; k /= 16 {
			b.WriteByte("0123456789abcdef"[k%16])
		}
		b.WriteString(`":0`)
	}
	return "{" + b.String()[1:] + "}"
}

// RES-01: every cap of limits.JSON at the cap and one above, alone. A new cap
// without texts that reach it fails here.
func TestRES01CapsOfOneParse(t *testing.T) {
	typ := reflect.TypeFor[limits.JSON]()
	require.Equal(t, typ.NumField(), len(atCap))
	for _, bounds := range []limits.Bounds{limits.Default(), limits.Max()} {
		for i := range typ.NumField() {
			name := typ.Field(i).Name
			t.Run(name, func(t *testing.T) {
				// All other caps are out of the way.
				caps := limits.JSON{Bytes: 1 << 24, Depth: 1 << 10, Members: 1 << 20, ArrayLength: 1 << 20, KeyBytes: 1 << 20, StringBytes: 1 << 20}
				limit := int(reflect.ValueOf(bounds.JSON(bounds.DocumentBytes)).Field(i).Int())
				require.Positive(t, limit)
				reflect.ValueOf(&caps).Elem().Field(i).SetInt(int64(limit))
				require.NotEmpty(t, atCap[name])
				for _, text := range atCap[name] {
					_, err := strictjson.Parse(text(limit), caps)
					require.NoError(t, err)
					_, err = strictjson.Parse(text(limit+1), caps)
					var e *strictjson.Error
					require.ErrorAs(t, err, &e)
					require.Equal(t, name, e.Limit)
				}
			})
		}
	}
}

// The zero caps allow nothing, and a negative cap is no way out.
func TestRES01ZeroCapsAllowNothing(t *testing.T) {
	typ := reflect.TypeFor[limits.JSON]()
	for i := range typ.NumField() {
		for _, limit := range []int64{0, -1} {
			caps := defaults
			reflect.ValueOf(&caps).Elem().Field(i).SetInt(limit)
			_, err := strictjson.Parse(`{"a":["b",1]}`, caps)
			var e *strictjson.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, typ.Field(i).Name, e.Limit)
		}
	}
}

// PAR-14: too deep is refused at the first bracket that is too deep.
func TestPAR14Depth(t *testing.T) {
	caps := defaults
	caps.Bytes = 1 << 20
	for _, depth := range []int{33, 64, 10_001, 100_000} {
		for open, close := range map[string]string{"[": "]", `{"a":`: "}"} {
			for _, text := range []string{
				strings.Repeat(open, depth),
				strings.Repeat(open, depth) + "1" + strings.Repeat(close, depth),
			} {
				_, err := strictjson.Parse(text, caps)
				var e *strictjson.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, "Depth", e.Limit)
				require.Equal(t, 32*len(open), e.Offset)
			}
		}
	}
}

// The memory of a parse grows with the text and not faster, for each of the
// shapes that make a parser quadratic: nesting, many members in a bad order,
// escapes, long strings, long numbers.
func TestLinearMemory(t *testing.T) {
	shapes := map[string]func(n int) string{
		"items":   func(n int) string { return "[" + strings.Repeat("0,", n) + "0]" },
		"objects": func(n int) string { return "[" + strings.Repeat(`{"b":{},"a":[]},`, n/4) + "0]" },
		"nesting": func(n int) string { return "[" + strings.Repeat("[[[[[[[[]]]]]]]],", n/8) + "0]" },
		"members": numbered,
		"escapes": func(n int) string { return "[" + strings.Repeat(`"\n",`, n) + "0]" },
		"escape":  func(n int) string { return `"` + strings.Repeat(`\u00e9`, n) + `"` },
		"string":  func(n int) string { return `"` + strings.Repeat("é", n) + `"` },
		"number":  func(n int) string { return "0." + strings.Repeat("1", n) },
	}
	caps := limits.JSON{Bytes: 1 << 30, Depth: 64, Members: 1 << 30, ArrayLength: 1 << 30, KeyBytes: 1 << 30, StringBytes: 1 << 30}
	spent := func(text string) float64 {
		var before, after runtime.MemStats
		runtime.GC() // what earlier parses left in the pool would be
		runtime.GC() // taken for nothing: it is gone after the second
		runtime.ReadMemStats(&before)
		_, err := strictjson.Parse(text, caps)
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	for name, shape := range shapes {
		small, large := shape(1<<13), shape(1<<17)
		growth := float64(len(large)) / float64(len(small))
		require.Less(t, spent(large), 2*growth*(spent(small)+1<<12), name)
	}
}

package limits_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// eachBound calls f for every field of Bounds with its default and hard
// maximum.
func eachBound(t *testing.T, f func(t *testing.T, name string, at func(*limits.Bounds) reflect.Value, def, max int64)) {
	typ := reflect.TypeFor[limits.Bounds]()
	defaults, maxima := reflect.ValueOf(limits.Default()), reflect.ValueOf(limits.Max())
	for i := range typ.NumField() {
		t.Run(typ.Field(i).Name, func(t *testing.T) {
			f(t, typ.Field(i).Name, func(b *limits.Bounds) reflect.Value { return reflect.ValueOf(b).Elem().Field(i) },
				defaults.Field(i).Int(), maxima.Field(i).Int())
		})
	}
}

// A field that the table has forgotten would be zero here.
func TestEveryFieldHasADefaultAndAMaximum(t *testing.T) {
	eachBound(t, func(t *testing.T, _ string, _ func(*limits.Bounds) reflect.Value, def, max int64) {
		require.Positive(t, def)
		require.GreaterOrEqual(t, max, def)
	})
}

// Zero is the default; 1 up to the maximum is taken as it is; what is negative
// or above the maximum is an error that names field and range, never a clamp.
func TestResolve(t *testing.T) {
	eachBound(t, func(t *testing.T, name string, at func(*limits.Bounds) reflect.Value, def, max int64) {
		resolve := func(v int64) (int64, error) {
			var b limits.Bounds
			at(&b).SetInt(v)
			got, err := b.Resolve()
			require.Equal(t, v, at(&b).Int(), "the receiver is not changed")
			if err != nil {
				require.Zero(t, got)
				return 0, err
			}
			// Every other field has its default.
			rest := got
			at(&rest).SetInt(def)
			require.Equal(t, limits.Default(), rest)
			return at(&got).Int(), nil
		}
		for v, want := range map[int64]int64{0: def, 1: 1, def: def, max: max} {
			got, err := resolve(v)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		for _, v := range []int64{-1, -1 << 31, max + 1, 1<<31 - 1} {
			if v > 0 && v <= max {
				continue // a span may be that long
			}
			_, err := resolve(v)
			require.ErrorContains(t, err, "limits: "+name+" is ")
			require.ErrorContains(t, err, "(0 means ")
		}
	})
}

func TestResolveKeepsDefaultAndMax(t *testing.T) {
	for _, b := range []limits.Bounds{limits.Default(), limits.Max()} {
		got, err := b.Resolve()
		require.NoError(t, err)
		require.Equal(t, b, got)
	}
	got, err := limits.Bounds{}.Resolve()
	require.NoError(t, err)
	require.Equal(t, limits.Default(), got)
}

// Every cap of one JSON parse comes from the bound of the same name.
func TestJSON(t *testing.T) {
	b := limits.Bounds{JSONDepth: 1, JSONMembers: 2, ArrayLength: 3, KeyBytes: 4, StringBytes: 5}
	require.Equal(t, limits.JSON{Bytes: 6, Depth: 1, Members: 2, ArrayLength: 3, KeyBytes: 4, StringBytes: 5}, b.JSON(6))
}

// The figures that the specification fixes.
func TestDefaultsOfTheSpecification(t *testing.T) {
	b := limits.Default()
	require.Equal(t, 256<<10, b.DocumentBytes)
	require.Equal(t, 512<<10, b.PresentationBytes)
	require.Equal(t, 32, b.JSONDepth)
	require.Equal(t, 4096, b.JSONMembers)
	require.Equal(t, 8, b.Contexts)
	require.Equal(t, 8, b.Proofs)
	require.Equal(t, 5, b.Links)
	require.Equal(t, 64, b.AuthorityItems)
	require.Equal(t, 1024, b.Quads)
	require.Equal(t, 4096, b.PresentationQuads)
	require.Equal(t, 256, b.BlankNodes)
	require.Equal(t, 1<<24, b.StatusListEntries)
	require.Equal(t, 2<<20, b.StatusListBytes)
	require.Equal(t, 16, b.Fetches)
	require.Equal(t, 16, limits.Max().Fetches)
	require.Equal(t, 64<<10, b.DIDDocumentBytes)
	require.Equal(t, 5*time.Minute, b.IntentLifetime)
	require.Equal(t, 24*time.Hour, b.StatusAge)
	require.Equal(t, 5*time.Minute, limits.MaxSkew)
	require.Equal(t, 16, limits.NonceMinBytes)
}

// The comment behind each field says the default and the maximum that hold.
func TestCommentsAgreeWithTheTable(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "limits.go", nil, parser.ParseComments)
	require.NoError(t, err)
	comments := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.Name == "Bounds" {
			for _, f := range spec.Type.(*ast.StructType).Fields.List {
				comments[f.Names[0].Name] = f.Comment.Text()
			}
		}
		return true
	})
	eachBound(t, func(t *testing.T, name string, at func(*limits.Bounds) reflect.Value, def, max int64) {
		isSpan := at(new(limits.Bounds)).Type() == reflect.TypeFor[time.Duration]()
		for _, d := range spellings(isSpan, def) {
			for _, m := range spellings(isSpan, max) {
				if strings.Contains(": "+comments[name], ": "+d+", "+m) {
					return
				}
			}
		}
		require.Fail(t, "comment and table differ", "%s: %s, table %d, %d", name, comments[name], def, max)
	})
}

// spellings are the ways in which a comment may write v.
func spellings(isSpan bool, v int64) []string {
	if isSpan {
		var s []string
		for unit, name := range map[time.Duration]string{time.Second: "s", time.Minute: "min", time.Hour: "h", 24 * time.Hour: "d"} {
			if d := time.Duration(v); d%unit == 0 {
				s = append(s, grouped(int64(d/unit))+" "+name)
			}
		}
		return s
	}
	s := []string{grouped(v)}
	if v%(1<<10) == 0 {
		s = append(s, fmt.Sprintf("%d KiB", v>>10))
	}
	if v%(1<<20) == 0 {
		s = append(s, fmt.Sprintf("%d MiB", v>>20))
	}
	return s
}

// grouped writes 1234567 as 1,234,567.
func grouped(v int64) string {
	s := strconv.FormatInt(v, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

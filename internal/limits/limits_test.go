package limits_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// bound is one field of Bounds, or of a struct in it.
type bound struct {
	name  string // "Documents.Quads", "Links"
	index []int
}

func bounds(typ reflect.Type, name string, index ...int) (list []bound) {
	for i := range typ.NumField() {
		f, at := typ.Field(i), append(slices.Clone(index), i)
		if f.Type.Kind() == reflect.Struct {
			list = append(list, bounds(f.Type, name+f.Name+".", at...)...)
			continue
		}
		list = append(list, bound{name + f.Name, at})
	}
	return list
}

// eachBound calls f for every field of Bounds with its default and hard
// maximum.
func eachBound(t *testing.T, f func(t *testing.T, name string, at func(*limits.Bounds) reflect.Value, def, max int64)) {
	defaults, maxima := reflect.ValueOf(limits.Default()), reflect.ValueOf(limits.Max())
	for _, b := range bounds(reflect.TypeFor[limits.Bounds](), "") {
		t.Run(b.name, func(t *testing.T) {
			f(t, b.name, func(v *limits.Bounds) reflect.Value { return reflect.ValueOf(v).Elem().FieldByIndex(b.index) },
				defaults.FieldByIndex(b.index).Int(), maxima.FieldByIndex(b.index).Int())
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
	eachBound(t, func(t *testing.T, _ string, at func(*limits.Bounds) reflect.Value, def, max int64) {
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
			require.Regexp(t, `^[A-Za-z.]+ is .*, want 1 to .* \(0 means .*\)$`, err.Error())
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
	b := limits.Documents{JSONDepth: 1, JSONMembers: 2, ArrayLength: 3, KeyBytes: 4, StringBytes: 5}
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
	require.Equal(t, 1<<24, b.Lists.Entries)
	require.Equal(t, 2<<20, b.Lists.Bytes)
	require.Equal(t, 16, b.Fetches)
	require.Equal(t, 16, limits.Max().Fetches)
	require.Equal(t, 64<<10, b.DIDs.DocumentBytes)
	require.Equal(t, 5*time.Minute, b.IntentLifetime)
	require.Equal(t, 24*time.Hour, b.StatusAge)
	require.Equal(t, 5*time.Minute, limits.MaxSkew)
	require.Equal(t, 16, limits.NonceMinBytes)
}

// The comment behind each field says the default and the maximum that hold:
// here, and where hosts set them.
func TestCommentsAgreeWithTheTable(t *testing.T) {
	comments := fieldComments(t, "limits.go")
	eachBound(t, func(t *testing.T, name string, at func(*limits.Bounds) reflect.Value, def, max int64) {
		isSpan := at(new(limits.Bounds)).Type() == reflect.TypeFor[time.Duration]()
		owner, field, nested := strings.Cut(name, ".")
		if !nested {
			owner, field = "Bounds", name
		}
		texts := []string{comments[owner+"."+field]}
		home := map[string]string{"Documents": "credential/bounds.go", "DIDs": "did/document.go", "Lists": "statuslist/listcredential.go"}[owner]
		for _, public := range []struct{ file, field string }{
			{home, field}, {"verify/bounds.go", name}, {"verify/bundle/bounds.go", strings.TrimPrefix(name, "Bundle")},
		} {
			if public.file != "" {
				if text, ok := fieldComments(t, "../../"+public.file)["Bounds."+public.field]; ok {
					texts = append(texts, text)
				}
			}
		}
		if nested {
			require.Len(t, texts, 2, "%s has no field %s", home, field)
		}
		for _, text := range texts {
			require.True(t, says(text, isSpan, def, max), "comment and table differ: %s, table %d, %d", text, def, max)
		}
	})
}

func says(comment string, isSpan bool, def, max int64) bool {
	for _, d := range spellings(isSpan, def) {
		for _, m := range spellings(isSpan, max) {
			if strings.Contains(": "+comment, ": "+d+", "+m) {
				return true
			}
		}
	}
	return false
}

// fieldComments returns the comment behind each field of each struct of a file.
func fieldComments(t *testing.T, name string) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	require.NoError(t, err)
	comments := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, id := range f.Names {
						comments[spec.Name.Name+"."+id.Name] = f.Comment.Text()
					}
				}
			}
		}
		return true
	})
	return comments
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

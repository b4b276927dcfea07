package jcs_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	gowebpki "github.com/gowebpki/jcs"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// requireEqual compares with gowebpki/jcs, which takes objects and arrays only.
func requireEqual(t testing.TB, text string) {
	t.Helper()
	want, err := gowebpki.Transform([]byte("[" + text + "]"))
	require.NoError(t, err, text)
	require.Equal(t, string(want), canonical(t, "["+text+"]"))
}

func TestPassportEqualsGowebpki(t *testing.T) { requireEqual(t, passport(t)) }

// 5,000 random documents: the same bytes as another implementation.
func TestRandomDocumentsEqualGowebpki(t *testing.T) {
	rng := rand.New(rand.NewPCG(8785, 1))
	for range 5000 {
		requireEqual(t, randomJSON(rng, 4))
	}
}

// Every double has the text that the other implementation gives it.
func TestRandomNumbersEqualGowebpki(t *testing.T) {
	rng := rand.New(rand.NewPCG(8785, 2))
	for range 50_000 {
		f := math.Float64frombits(rng.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		want, err := gowebpki.NumberToJSON(f)
		require.NoError(t, err)
		require.Equal(t, want, string(jcs.AppendFloat(nil, f)))
		back, err := strconv.ParseFloat(want, 64)
		require.NoError(t, err)
		require.True(t, back == f)
	}
}

// What we accept of JSONTestSuite has the same canonical form there; only
// documents that are one scalar may be refused there.
func TestJSONTestSuiteEqualsGowebpki(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testvectors.Dir(t, "jsontestsuite"), "test_*", "*.json"))
	require.NoError(t, err)
	equal := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		v, err := strictjson.Parse(string(src), limits.Max().JSON(1<<20))
		if err != nil {
			continue
		}
		want, err := gowebpki.Transform(src)
		if err != nil {
			require.NotContains(t, []strictjson.Kind{strictjson.Object, strictjson.Array}, v.Kind(), "%s: %v", file, err)
			continue
		}
		require.Equal(t, string(want), string(jcs.Append(nil, v)), file)
		equal++
	}
	require.Greater(t, equal, 80)
}

// randomJSON writes a document with white space, escapes and members in any
// order.
func randomJSON(rng *rand.Rand, depth int) string {
	space := func() string { return strings.Repeat(" \n\t"[rng.IntN(3):][:1], rng.IntN(2)) }
	kind := rng.IntN(7)
	if depth == 0 {
		kind = rng.IntN(5)
	}
	switch kind {
	case 0:
		return []string{"true", "false", "null"}[rng.IntN(3)]
	case 1:
		return strconv.FormatInt(rng.Int64()>>rng.IntN(63), 10)
	case 2:
		return strconv.FormatFloat(rng.NormFloat64()*math.Pow(10, float64(rng.IntN(80)-40)), "eEfg"[rng.IntN(4)], rng.IntN(20), 64)
	case 3, 4:
		return randomString(rng)
	case 5:
		var b strings.Builder
		for i := range rng.IntN(6) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(space() + randomJSON(rng, depth-1) + space())
		}
		return "[" + b.String() + "]"
	default:
		var b strings.Builder
		seen := map[string]bool{}
		for range rng.IntN(40 >> (4 - depth)) {
			name := randomString(rng)
			key := canonicalString(name)
			if seen[key] {
				continue
			}
			if len(seen) > 0 {
				b.WriteByte(',')
			}
			seen[key] = true
			b.WriteString(space() + name + space() + ":" + space() + randomJSON(rng, depth-1))
		}
		return "{" + space() + b.String() + "}"
	}
}

func canonicalString(text string) string {
	v, err := strictjson.Parse(text, limits.Default().JSON(len(text)))
	if err != nil {
		return err.Error()
	}
	return v.Str()
}

func randomString(rng *rand.Rand) string {
	letters := []string{
		"a", "b", "z", "A", "0", " ", "é", "\u2028", "\ud7ff", "\ue000", "\ufb33", "\uffff", "\U00010000", "\U0001F600", "\x7f", "/", "<",
		`\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t`, `\u0000`, `\u001f`, `\u0020`, `\u00E9`, `\ud83d\ude00`, `\ufffd`,
	}
	var b strings.Builder
	for range rng.IntN(5) {
		b.WriteString(letters[rng.IntN(len(letters))])
	}
	return `"` + b.String() + `"`
}

// CAN-04: 100,000 nested arrays never reach the writer; at the cap the writer
// does one step for each byte that it writes.
func TestCAN04NestedArrays(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	_, err := strictjson.Parse(nested(100_000), limits.Max().JSON(1<<20))
	require.ErrorContains(t, err, "Depth is 65, at most 64 is allowed")
	require.Equal(t, nested(32), canonical(t, nested(32)))
}

// The writer copies nothing but its output: no allocation, however long or
// deep the document is.
func TestAppendDoesNotAllocate(t *testing.T) {
	for _, n := range []int{1, 10, 100} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `{"z%d":[1.5,"\u0000é",{"b":{},"a":1e30}],"a":null},`, i)
		}
		v, err := strictjson.Parse("["+b.String()+"0]", limits.Default().JSON(1<<20))
		require.NoError(t, err)
		dst := make([]byte, 0, 1<<16)
		require.Zero(t, testing.AllocsPerRun(10, func() { dst = jcs.Append(dst[:0], v) }))
	}
}

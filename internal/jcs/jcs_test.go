package jcs_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

func canonical(t testing.TB, text string) string {
	t.Helper()
	v, err := strictjson.Parse(text, limits.Default().JSON(len(text)))
	require.NoError(t, err)
	return string(jcs.Append(nil, v))
}

// CAN-01: the published files, byte for byte.
func TestCAN01PublishedVectors(t *testing.T) {
	dir := testvectors.Dir(t, "jcs")
	inputs, err := filepath.Glob(filepath.Join(dir, "input", "*.json"))
	require.NoError(t, err)
	require.Len(t, inputs, 6)
	for _, in := range inputs {
		t.Run(filepath.Base(in), func(t *testing.T) {
			src, err := os.ReadFile(in)
			require.NoError(t, err)
			want, err := os.ReadFile(filepath.Join(dir, "output", filepath.Base(in)))
			require.NoError(t, err)
			require.Equal(t, string(want), canonical(t, string(src)))

			dump, err := os.ReadFile(filepath.Join(dir, "outhex", strings.TrimSuffix(filepath.Base(in), ".json")+".txt"))
			require.NoError(t, err)
			wantHex, err := hex.DecodeString(strings.Join(strings.Fields(string(dump)), ""))
			require.NoError(t, err)
			require.Equal(t, string(wantHex), canonical(t, string(src)))
		})
	}
}

// CAN-01: 10,000 doubles as ECMAScript writes them.
func TestCAN01TenThousandNumbers(t *testing.T) {
	f, err := os.Open(filepath.Join(testvectors.Dir(t, "jcs"), "es6testfile10k.txt"))
	require.NoError(t, err)
	defer f.Close()
	n := 0
	for sc := bufio.NewScanner(f); sc.Scan(); n++ {
		bits, want, ok := strings.Cut(sc.Text(), ",")
		require.True(t, ok)
		u, err := strconv.ParseUint(bits, 16, 64)
		require.NoError(t, err)
		require.Equal(t, want, string(jcs.AppendFloat(nil, math.Float64frombits(u))), bits)
	}
	require.Equal(t, 10000, n)
}

// CAN-02: names are ordered by UTF-16 code units, not by code points.
func TestCAN02OrderOfNames(t *testing.T) {
	require.Equal(t, "{\"\U0001F600\":1,\"\uFB33\":2}", canonical(t, "{\"\uFB33\":2,\"\U0001F600\":1}"))
	require.Equal(t, "{\"\uD7FF\":1,\"\U0001F600\":2,\"\uE000\":3}", canonical(t, "{\"\uE000\":3,\"\U0001F600\":2,\"\uD7FF\":1}"))
	require.Equal(t, `{"":0,"a":1,"aa":2,"b":3}`, canonical(t, `{"b":3,"aa":2,"a":1,"":0}`))
}

// CAN-03: permutations, white space and escapes make no difference, and the
// canonical form is its own canonical form.
func TestCAN03OneForm(t *testing.T) {
	const want = `{"a/b":"é\n\"","n":[1,0.1,true,null,{}]}`
	for _, in := range []string{
		want,
		` { "n" : [ 1.0 , 1e-1 , true , null , { } ] , "a/b" : "é\n\"" } `,
		`{"a\/b":"\u00e9\u000a\u0022","n":[10E-1,0.10,true,null,{}]}`,
	} {
		require.Equal(t, want, canonical(t, in))
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "-0.0": "0", "1e21": "1e+21", "1e20": "100000000000000000000", "1E-7": "1e-7",
		"0.000001": "0.000001", "-1.5e300": "-1.5e+300", "123456789012345678": "123456789012345680", "4.50": "4.5",
	} {
		require.Equal(t, want, canonical(t, in), in)
	}
}

func TestEdits(t *testing.T) {
	v, err := strictjson.Parse(`{"proof":1,"b":[2],"\n":3}`, limits.Default().JSON(100))
	require.NoError(t, err)
	edit := func(e ...jcs.Edit) string { return string(jcs.AppendEdited(nil, v, e...)) }
	require.Equal(t, `{"\n":3,"b":[2]}`, edit(jcs.Edit{Name: "proof"}))
	require.Equal(t, `{"\n":3,"b":[2],"proof":[9]}`, edit(jcs.Edit{Name: "proof", Text: []byte("[9]")}))
	require.Equal(t, `{"\n":3,"a":0,"b":7,"proof":1,"z":1}`,
		edit(jcs.Edit{Name: "a", Text: []byte("0")}, jcs.Edit{Name: "b", Text: []byte("7")}, jcs.Edit{Name: "z", Text: []byte("1")}))
	require.Equal(t, `{"\n":3,"b":[2],"proof":1}`, edit(jcs.Edit{Name: "absent"}))
}

func FuzzIdempotent(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":[1e30,"\u20ac"]}`, `"\ud83d\ude00"`, `[0.1,-0,1e400]`, `{"":{"":[]}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := strictjson.Parse(s, limits.Default().JSON(1<<20))
		if err != nil {
			return
		}
		once := jcs.Append(nil, v)
		w, err := strictjson.Parse(string(once), limits.Max().JSON(1<<21))
		if err != nil {
			t.Fatalf("canonical form does not parse: %v", err)
		}
		if twice := jcs.Append(nil, w); !bytes.Equal(once, twice) {
			t.Fatalf("not idempotent: %q, then %q", once, twice)
		}
	})
}

// What is left of an object without a cut is its canonical form without that
// member, wherever the member stands, and whatever stands before the object.
func TestCutLeavesTheRest(t *testing.T) {
	for _, text := range []string{
		`{}`, `{"p":1}`, `{"p":{"a":[1]},"q":2}`, `{"a":1,"p":2}`, `{"a":1,"q":3,"p":"x"}`,
		`{"b":1,"a":2}`, `{"\u0070":"\u00e9","z":{"p":1}}`, `{"pp":1,"o":[{"p":1}]}`,
	} {
		v, err := strictjson.Parse(text, limits.Default().JSON(1<<10))
		require.NoError(t, err)
		for _, before := range []string{"", "[1,"} {
			whole, cut := jcs.AppendObject([]byte(before), v, "p")
			require.Equal(t, before+string(jcs.Append(nil, v)), string(whole), text)
			whole = whole[len(before):]
			want := string(jcs.AppendEdited(nil, v, jcs.Edit{Name: "p"}))
			require.Equal(t, want, string(whole[:cut.From])+string(whole[cut.To:]), text)
		}
	}
}

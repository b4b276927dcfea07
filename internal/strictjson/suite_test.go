package strictjson_test

import (
	"bufio"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

var update = flag.Bool("update", false, "rewrite the golden file of the implementation-defined cases")

// golden holds our decision on each i_ file, with the reason of a refusal.
const golden = "testdata/jsontestsuite-i.txt"

// PAR-13: every parsing file of JSONTestSuite. The file name says what RFC
// 8259 wants: y_ accept, n_ refuse, i_ as the implementation sees fit.
func TestPAR13JSONTestSuite(t *testing.T) {
	// RFC 8259 lets readers take duplicate names; we never do.
	duplicates := map[string]bool{"y_object_duplicated_key.json": true, "y_object_duplicated_key_and_value.json": true}

	files, err := filepath.Glob(filepath.Join(testvectors.Dir(t, "jsontestsuite"), "test_parsing", "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 318)
	count := map[byte]int{}
	var decided strings.Builder
	for _, file := range files {
		name := filepath.Base(file)
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		v, err := strictjson.Parse(string(src), defaults)
		count[name[0]]++
		switch {
		case duplicates[name]:
			require.ErrorContains(t, err, "is listed twice", name)
		case name[0] == 'y':
			require.NoError(t, err, name)
		case name[0] == 'n':
			require.Error(t, err, name)
		case err != nil:
			decided.WriteString(name + " refused: " + err.Error() + "\n")
		default:
			decided.WriteString(name + " accepted\n")
		}
		if err == nil {
			requireStable(t, v)
		} else {
			require.False(t, v.Exists(), name)
		}
	}
	require.Equal(t, map[byte]int{'y': 95, 'n': 188, 'i': 35}, count)
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(decided.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), decided.String())
}

// The golden file itself: 35 decisions, none of them to accept bad UTF-8, a
// byte order mark or a number that no double holds.
func TestPAR13GoldenIsStrict(t *testing.T) {
	f, err := os.Open(golden)
	require.NoError(t, err)
	defer f.Close()
	accepted, lines := []string{}, 0
	for sc := bufio.NewScanner(f); sc.Scan(); lines++ {
		if name, ok := strings.CutSuffix(sc.Text(), " accepted"); ok {
			accepted = append(accepted, name)
		}
	}
	require.Equal(t, 35, lines)
	require.Equal(t, []string{
		"i_number_too_big_neg_int.json",
		"i_number_too_big_pos_int.json",
		"i_number_very_big_negative_int.json",
	}, accepted)
}

// PAR-13: the files of JSONTestSuite on which parsers are known to differ in
// value keep their text here.
func TestPAR13TransformFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testvectors.Dir(t, "jsontestsuite"), "test_transform", "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 22)
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		if v, err := strictjson.Parse(string(src), defaults); err == nil {
			require.Equal(t, strings.TrimSpace(string(src)), v.Raw(), filepath.Base(file))
			requireStable(t, v)
		}
	}
}

// requireStable checks that the canonical form of v parses to itself.
func requireStable(t testing.TB, v strictjson.Value) {
	t.Helper()
	once := string(jcs.Append(nil, v))
	w, err := strictjson.Parse(once, ceiling)
	require.NoError(t, err)
	require.Equal(t, once, string(jcs.Append(nil, w)))
}

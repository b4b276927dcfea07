package rdfc_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/rdfc/nqtest"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

type entry struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Algorithm string `json:"hashAlgorithm"`
	Action    string `json:"action"`
	Result    string `json:"result"`
	name      string
}

func suite(t testing.TB) (string, []entry) {
	dir := testvectors.Dir(t, "rdf-canon")
	var manifest struct {
		Entries []entry `json:"entries"`
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "rdf-canon", "manifest.jsonld"), &manifest))
	for i := range manifest.Entries {
		manifest.Entries[i].name = strings.TrimPrefix(manifest.Entries[i].ID, "manifest-rdfc10#")
	}
	return dir, manifest.Entries
}

func read(t testing.TB, dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(b)
}

// raised is a budget for the tests that the default one refuses.
func raised() limits.Documents {
	b := limits.Default().Documents
	b.EqualBlankNodes, b.NDegreeCalls, b.BlankNodes = 16, 1<<16, 1024
	return b
}

// CAN-05, CAN-06, CAN-07: the suite of the Recommendation.
func TestCAN05Suite(t *testing.T) {
	dir, entries := suite(t)
	count := map[string]int{}
	for _, e := range entries {
		t.Run(e.name, func(t *testing.T) {
			alg := rdfc.SHA256
			if e.Algorithm == "SHA384" {
				alg = rdfc.SHA384
			}
			d, labels, err := nqtest.Parse(read(t, dir, e.Action))
			require.NoError(t, err)
			err = d.Canonicalize(limits.Default().Documents, alg)
			key := strings.TrimPrefix(e.Type, "rdfc:") + " " + e.Algorithm
			if err != nil {
				require.ErrorIs(t, err, code.ProofTooComplex)
				count[key+" refused by the default budget"]++
				t.Log(err)
				if strings.Contains(e.Type, "Negative") {
					count[key]++
					return
				}
				require.NoError(t, d.Canonicalize(raised(), alg))
			}
			require.NotContains(t, e.Type, "Negative")
			want := read(t, dir, e.Result)
			if strings.Contains(e.Type, "Map") {
				var m map[string]string
				require.NoError(t, json.Unmarshal([]byte(want), &m))
				got := map[string]string{}
				for label, n := range labels {
					got[label] = d.Label(n)
				}
				require.Equal(t, m, got)
			} else {
				require.Equal(t, want, string(d.AppendNQuads(nil)))
			}
			count[key]++
		})
	}
	t.Log(count)
}

// CAN-06: a dataset made to be hard stops within the default budget.
func TestCAN06Poison(t *testing.T) {
	dir, _ := suite(t)
	d, _, err := nqtest.Parse(read(t, dir, "rdfc10/test074-in.nq"))
	require.NoError(t, err)
	require.ErrorIs(t, d.Canonicalize(limits.Default().Documents, rdfc.SHA256), code.ProofTooComplex)
	calls, work := d.Spent()
	t.Log(calls, "calls,", work, "hashes and permutations")
	require.LessOrEqual(t, calls, limits.Default().NDegreeCalls+1)
}

var blankLabel = regexp.MustCompile(`_:[A-Za-z0-9]+`)

// CAN-08: neither the names of blank nodes nor the order of quads matter,
// canonical names in the input least of all.
func TestCAN08RenamedAndShuffled(t *testing.T) {
	dir, entries := suite(t)
	r := rand.New(rand.NewPCG(8, 8))
	for _, e := range entries {
		if e.Type != "rdfc:RDFC10EvalTest" || e.Algorithm == "SHA384" {
			continue
		}
		in, want := read(t, dir, e.Action), read(t, dir, e.Result)
		for round := range 4 {
			names := map[string]string{}
			renamed := blankLabel.ReplaceAllStringFunc(in, func(s string) string {
				if _, known := names[s]; !known {
					names[s] = "" // numbered below, in random order
				}
				return s
			})
			numbers := r.Perm(len(names))
			for s := range names {
				names[s] = "_:c14n" + string(rune('0'+numbers[0]/10)) + string(rune('0'+numbers[0]%10))
				if round%2 == 0 {
					names[s] = "_:" + string(rune('a'+numbers[0]%26)) + string(rune('a'+numbers[0]/26))
				}
				numbers = numbers[1:]
			}
			renamed = blankLabel.ReplaceAllStringFunc(renamed, func(s string) string { return names[s] })
			lines := strings.Split(strings.TrimSpace(renamed), "\n")
			r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			lines = append(lines, lines[0]) // a set: twice is once
			d, _, err := nqtest.Parse(strings.Join(lines, "\n"))
			require.NoError(t, err, e.name)
			require.NoError(t, d.Canonicalize(raised(), rdfc.SHA256), e.name)
			require.Equal(t, want, string(d.AppendNQuads(nil)), e.name)
			d.Release()
		}
	}
}

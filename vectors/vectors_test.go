package vectors_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/vectors/internal/build"
	"github.com/safeconduct/safeconduct/vectors/peer"
	"github.com/safeconduct/safeconduct/verify"
)

// This library answers every case, through its public interface.
func TestThisLibrary(t *testing.T) { vectors.Run(t, peer.New()) }

// What is committed is what the program makes: a rule that changed shows as a
// case that changed.
func TestFilesAreAsTheProgramMakesThem(t *testing.T) {
	made, err := build.Files()
	require.NoError(t, err)
	names, err := fs.Glob(vectors.Files(), "*")
	require.NoError(t, err)
	size := 0
	for _, name := range names {
		committed, err := fs.ReadFile(vectors.Files(), name)
		require.NoError(t, err)
		if size += len(committed); string(committed) != string(made[name]) {
			t.Errorf("data/%s is not what the program makes; run: go generate ./vectors", name)
		}
		delete(made, name)
	}
	require.Empty(t, made, "run: go generate ./vectors")
	require.Less(t, size, 6<<20)
	index, err := build.Index(os.DirFS("../docs"), committed(t))
	require.NoError(t, err)
	page, err := os.ReadFile("RULES.md")
	require.NoError(t, err)
	require.Equal(t, string(page), string(index), "RULES.md; run: go generate ./vectors")
}

// The matrix says what the records say.
func TestMatrixIsAsRecorded(t *testing.T) {
	made, err := build.Matrix(os.DirFS("adapters"))
	require.NoError(t, err)
	page, err := os.ReadFile("../docs/matrix.md")
	require.NoError(t, err)
	require.Equal(t, string(page), string(made), "run: go generate ./vectors")
}

func committed(t *testing.T) map[string][]byte {
	files := map[string][]byte{}
	names, err := fs.Glob(vectors.Files(), "*")
	require.NoError(t, err)
	for _, name := range names {
		files[name], err = fs.ReadFile(vectors.Files(), name)
		require.NoError(t, err)
	}
	return files
}

func cases(t *testing.T) (list []vectors.Case) {
	groups, err := vectors.Load()
	require.NoError(t, err)
	for _, g := range groups {
		list = append(list, g.Cases...)
	}
	return list
}

// Every MUST of the documents has a case, and every case names a rule.
func TestEveryMustHasACase(t *testing.T) {
	rules, err := build.Rules(os.DirFS("../docs"))
	require.NoError(t, err)
	require.Greater(t, len(rules), 150)
	named := map[string]int{}
	for _, c := range cases(t) {
		named[c.Rule]++
	}
	for _, r := range rules {
		if r.Must && named[r.ID] == 0 {
			t.Errorf("%s of docs/%s says MUST, and no case tries it", r.ID, r.Document)
		}
		delete(named, r.ID)
	}
	require.Empty(t, named, "rules that no document has")
}

// Every code of the table is raised by a case.
func TestEveryCodeIsRaised(t *testing.T) {
	raised := map[string]bool{}
	for _, c := range cases(t) {
		for _, code := range c.Want.Codes {
			raised[code] = true
		}
		if c.Kind == "ledger" { // a trace has its codes in its answers
			for _, info := range verify.Codes() {
				if strings.Contains(string(c.Want.Output), `"`+string(info.Code)+`"`) {
					raised[string(info.Code)] = true
				}
			}
		}
	}
	for _, info := range verify.Codes() {
		if !raised[string(info.Code)] {
			t.Errorf("no case raises %s", info.Code)
		}
	}
}

// Each kind has at least twenty cases; identifiers are unique; a bad case has a
// good twin of its group, of which it differs.
func TestCasesAreWellFormed(t *testing.T) {
	groups, err := vectors.Load()
	require.NoError(t, err)
	manifest, err := vectors.LoadManifest()
	require.NoError(t, err)
	kinds, ids, all := map[string]int{}, map[string]*vectors.Case{}, 0
	for k, g := range groups {
		require.Equal(t, manifest.Groups[k].Count, len(g.Cases))
		for i := range g.Cases {
			c := &g.Cases[i]
			require.Nil(t, ids[c.ID], c.ID)
			ids[c.ID] = c
			kinds[c.Kind]++
			all++
			require.NotEmpty(t, c.Title, c.ID)
			require.True(t, json.Valid(c.Input), c.ID)
			good := slices.Contains([]string{"accept", "allow"}, c.Want.Verdict)
			require.Equal(t, good, c.Twin == "", "%s: a bad case has a twin, a good one has none", c.ID)
			if !good {
				twin := ids[c.Twin]
				require.NotNil(t, twin, c.ID)
				require.Contains(t, []string{"accept", "allow"}, twin.Want.Verdict, c.ID)
				require.False(t, string(twin.Input) == string(c.Input) && twin.Now == c.Now, "%s is its twin", c.ID)
			}
		}
	}
	require.Equal(t, manifest.Count, all)
	require.GreaterOrEqual(t, all, 1200)
	for kind, n := range kinds {
		require.GreaterOrEqual(t, n, 20, kind)
	}
}

// Every step fails, or cannot find out, in some case.
func TestEveryStepRefuses(t *testing.T) {
	failed, unknown := map[int]bool{}, map[int]bool{}
	for _, c := range cases(t) {
		for i, s := range c.Want.Steps {
			failed[i] = failed[i] || s == "failed"
			unknown[i] = unknown[i] || s == "undetermined"
		}
	}
	require.Len(t, failed, 8)
	for i := range 8 {
		require.True(t, failed[i], "step %d", i+1)
	}
	for _, i := range []int{3, 5, 7} {
		require.True(t, unknown[i], "step %d", i+1)
	}
}

// A verifier that says yes to everything, or no, is noticed; so is one whose
// answer leaves out what it was asked for.
func TestRunNotices(t *testing.T) {
	for name, v := range map[string]vectors.VerifierFunc{
		"yes":     func(r vectors.Request) vectors.Answer { return vectors.Answer{ID: r.ID, Verdict: "allow"} },
		"no":      func(r vectors.Request) vectors.Answer { return vectors.Answer{ID: r.ID, Verdict: "deny"} },
		"another": func(r vectors.Request) vectors.Answer { return vectors.Answer{ID: "x", Verdict: "deny"} },
		"empty":   func(r vectors.Request) vectors.Answer { return vectors.Answer{ID: r.ID} },
		"codes": func(r vectors.Request) vectors.Answer {
			a := peer.New().Answer(r)
			if len(a.Codes) > 0 {
				a.Codes[0] = "policy.denied"
			}
			return a
		},
		"steps": func(r vectors.Request) vectors.Answer {
			a := peer.New().Answer(r)
			a.Steps = []string{"passed"}
			return a
		},
	} {
		r := &recorder{}
		vectors.Run(r, v, "present")
		require.Greater(t, r.failures, 100, name)
	}
	r := &recorder{}
	vectors.Run(r, vectors.VerifierFunc(func(r vectors.Request) vectors.Answer {
		return vectors.Answer{ID: r.ID,
			Verdict: "accept"}
	}), "jcs")
	require.Greater(t, r.failures, 80, "a canonical form is asked for")
	r = &recorder{}
	vectors.Run(r, vectors.VerifierFunc(func(r vectors.Request) vectors.Answer {
		return vectors.Answer{ID: r.ID,
			Unsupported: true}
	}))
	require.Zero(t, r.failures)
}

type recorder struct{ failures int }

func (*recorder) Helper()                 {}
func (r *recorder) Errorf(string, ...any) { r.failures++ }
func (r *recorder) Fatalf(string, ...any) { r.failures++ }
func (*recorder) Logf(string, ...any)     {}

// What JSON Schema cannot say of a passport are cases that exist, and are bad
// ones; the validator of adapters/python-jsonschema looks at all the others.
func TestBeyondTheSchema(t *testing.T) {
	raw, err := os.ReadFile("adapters/python-jsonschema/beyond.txt")
	require.NoError(t, err)
	byID := map[string]vectors.Case{}
	bad := 0
	for _, c := range cases(t) {
		if byID[c.ID] = c; c.Kind == "passport" && c.Twin != "" {
			bad++
		}
	}
	listed := strings.Fields(string(raw))
	for _, id := range listed {
		require.Equal(t, "passport", byID[id].Kind, id)
		require.NotEmpty(t, byID[id].Twin, id)
	}
	require.Less(t, 5*len(listed), bad, "what a schema can say, it says")
}

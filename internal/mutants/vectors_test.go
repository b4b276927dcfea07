//go:build mutants

package mutants

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// judged are the folders of what a verifier decides by: what the reference tests
// speak of.
var judged = []string{
	"verify", "verify/ledger", "verify/bundle", "verify/policy", "passport", "credential", "credential/vcjwt",
	"statuslist", "did",
	"internal/strictjson", "internal/jcs", "internal/datetime",
	"internal/onepath", "internal/multibase", "internal/profile",
}

// change is a mutant by its text: the whole file anew.
type change struct{ name, file, text string }

// TestMutantsByVectors breaks the library and lets the reference tests alone
// notice it. MUTANTS_VECTORS says which mutants: "table" for those of the table,
// or a number n, for every nth guard of the folders above taken out or turned
// round by machine. Survivors are listed. Of the table nineteen in twenty must be
// noticed, apart from those that have a reason in the list of survivors.
func TestMutantsByVectors(t *testing.T) {
	which := os.Getenv("MUTANTS_VECTORS")
	if which == "" {
		t.Skip("MUTANTS_VECTORS is not set")
	}
	root, err := filepath.Abs(root)
	require.NoError(t, err)
	only, err := regexp.Compile(os.Getenv("MUTANTS_ONLY")) // names of the table; none: all
	require.NoError(t, err)
	var list []change
	if which == "table" {
		list = tableChanges(t, root, only)
	} else {
		every, err := strconv.Atoi(which)
		require.NoError(t, err)
		list = guardChanges(t, root, every)
	}
	noticed, survivors, broken := 0, []string{}, 0
	for _, m := range list {
		switch byVectors(t, root, m) {
		case "noticed":
			noticed++
		case "lives":
			survivors = append(survivors, m.name)
			t.Log("lives: ", m.name)
		default:
			broken++ // it does not compile: not a mutant
		}
	}
	t.Logf("%d noticed, %d live, %d do not compile", noticed, len(survivors), broken)
	// Those with a reason change nothing that the documents speak of.
	unexplained := 0
	for _, name := range survivors {
		if survivorReasons[name] == "" {
			unexplained++
		}
	}
	if which == "table" {
		require.GreaterOrEqual(t, 100*noticed, 95*(noticed+unexplained), "%d of %d are noticed", noticed, noticed+unexplained)
	}
}

// byVectors runs the reference tests with one file changed.
func byVectors(t *testing.T, root string, m change) string {
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(changed, []byte(m.text), 0o600))
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root,
		m.file): changed}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	cmd := exec.Command("go", "test", "-count=1", "-vet=off", "-timeout=120s", "-run=^TestThisLibrary$",
		"-overlay="+overlay, "./vectors")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return "lives"
	case strings.Contains(string(out), "[build failed]"):
		return "does not compile"
	}
	return "noticed"
}

// tableChanges are the mutants of the table that are in the judged folders.
func tableChanges(t *testing.T, root string, only *regexp.Regexp) (list []change) {
	for _, m := range mutants {
		if !slices.Contains(judged, filepath.Dir(m.file)) || !only.MatchString(m.name) {
			continue
		}
		source, err := os.ReadFile(filepath.Join(root, m.file))
		require.NoError(t, err)
		list = append(list, change{m.name, m.file, strings.Replace(string(source), m.old, m.new, 1)})
	}
	return list
}

// guardChanges takes every nth condition of an if, or of a case of a switch
// without a value, and makes it false, or turns it round.
func guardChanges(t *testing.T, root string, every int) (list []change) {
	n := 0
	for _, dir := range judged {
		names, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			require.NoError(t, err)
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, name, source, 0)
			require.NoError(t, err)
			put := func(cond ast.Expr) {
				if n++; n%every != 0 {
					return
				}
				from, to := fset.Position(cond.Pos()).Offset, fset.Position(cond.End()).Offset
				old := string(source[from:to])
				how, new := "dropped", "false && ("+old+")"
				if n/every%2 == 1 {
					how, new = "negated", "!("+old+")"
				}
				rel, err := filepath.Rel(root, name)
				require.NoError(t, err)
				list = append(list, change{
					fmt.Sprintf("%s:%d %s: %s", rel, fset.Position(cond.Pos()).Line, how, old), rel,
					string(source[:from]) + new + string(source[to:]),
				})
			}
			ast.Inspect(file, func(x ast.Node) bool {
				switch s := x.(type) {
				case *ast.IfStmt:
					put(s.Cond)
				case *ast.SwitchStmt:
					if s.Tag == nil {
						for _, c := range s.Body.List {
							for _, e := range c.(*ast.CaseClause).List {
								put(e)
							}
						}
					}
				}
				return true
			})
		}
	}
	t.Logf("%d guards, of which %d are tried", n, len(list))
	return list
}

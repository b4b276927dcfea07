package floors

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ids of rows: of attacks and faults by class (PAR-01), of the four systems and
// of faults that use has shown (A16, S7).
var (
	classID  = regexp.MustCompile(`\b[A-Z]{3}-\d\d\b`)
	rowID    = regexp.MustCompile(`(?:^|[\s(,;*])([GAPESBCDFMV]\d{1,2})(?:[\s),.;:]|$)`)
	nameIDs  = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark)(?:Step\d)?((?:[A-Z]{3}\d\d|[GAPESBCDFMV]\d{1,2})+)(?:[A-Z]|to|$)`)
	oneOfIDs = regexp.MustCompile(`([A-Z]{3})(\d\d)|[A-Z]\d{1,2}`)

	tableRow = regexp.MustCompile(`(?m)^\| ([A-Z]\d{1,2}) \|.*\|([^|]*)\|$`)
	testName = regexp.MustCompile(`(?:Test|Fuzz)[A-Z]\w*`)

	// namesNothing matches the name of a test file that says when or why its
	// tests were written and not what they test.
	namesNothing = regexp.MustCompile(`(^|_)(more|rows?|review|systems|misc|extra|new|old|other|fix(es)?|bugs?|cases|found|tmp|wip|\d+)_test\.go$`)
)

// idsIn returns the ids of rows in the names of tests, and in the comments, of a
// test file, and the names of its tests.
func idsIn(path string, src []byte) (ids map[string]string, tests []string) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil // for the compiler to report
	}
	ids = map[string]string{}
	add := func(id string, pos token.Pos) { ids[id] = fmt.Sprintf("%s:%d", path, fset.Position(pos).Line) }
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Recv != nil {
			continue
		}
		tests = append(tests, fn.Name.Name)
		if m := nameIDs.FindStringSubmatch(fn.Name.Name); m != nil {
			for _, id := range oneOfIDs.FindAllStringSubmatch(m[1], -1) {
				if id[1] != "" {
					add(id[1]+"-"+id[2], fn.Pos())
				} else {
					add(id[0], fn.Pos())
				}
			}
		}
	}
	for _, group := range file.Comments {
		for _, id := range classID.FindAllString(group.Text(), -1) {
			add(id, group.Pos())
		}
		for _, id := range rowID.FindAllStringSubmatch(group.Text(), -1) {
			add(id[1], group.Pos())
		}
	}
	return ids, tests
}

// documentedIDs returns the ids that the documents explain.
func documentedIDs(t *testing.T) []string {
	systems, err := os.ReadFile(filepath.Join(root, "docs", "systems.md"))
	require.NoError(t, err)
	threats, err := os.ReadFile(filepath.Join(root, "docs", "threat-model.md"))
	require.NoError(t, err)
	var known []string
	for _, m := range tableRow.FindAllSubmatch(systems, -1) {
		known = append(known, string(m[1]))
	}
	_, rows, ok := strings.Cut(string(threats), "\n## Rows\n")
	require.True(t, ok)
	known = append(known, regexp.MustCompile(`[A-Z]{3}-\d\d\b|\b[A-Z]\d{1,2}\b`).FindAllString(rows, -1)...)
	require.Greater(t, len(known), 200)
	return known
}

// Whoever meets an id in a test can look up what it means.
func TestEveryIDIsDocumented(t *testing.T) {
	known := documentedIDs(t)
	seen := 0
	eachFile(t, func(path string, src []byte) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		ids, _ := idsIn(path, src)
		for id, where := range ids {
			seen++
			if !slices.Contains(known, id) {
				t.Errorf("%s: %s is explained in neither docs/systems.md nor docs/threat-model.md", where, id)
			}
		}
	})
	require.Greater(t, seen, 200)
}

// Each fault that use has shown has a test that names it, so that a fault does not
// come back together with the loss of its test.
func TestEveryFaultHasATest(t *testing.T) {
	named := map[string]bool{}
	eachFile(t, func(path string, src []byte) {
		if strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(path, "internal/floors/") {
			ids, _ := idsIn(path, src)
			for id := range ids {
				named[id] = true
			}
		}
	})
	threats, err := os.ReadFile(filepath.Join(root, "docs", "threat-model.md"))
	require.NoError(t, err)
	_, rows, ok := strings.Cut(string(threats), "\n### Faults that use has shown\n")
	require.True(t, ok)
	rows, _, ok = strings.Cut(rows, "\n## ")
	require.True(t, ok)
	faults := regexp.MustCompile(`[\s(]([SBCDFMV]\d{1,2}) `).FindAllStringSubmatch(rows, -1)
	require.Greater(t, len(faults), 40)
	for _, f := range faults {
		assert.True(t, named[f[1]], "docs/threat-model.md tells of %s, and no test names it", f[1])
	}
}

// The tests that docs/systems.md names exist, and each row of it that is built
// has one.
func TestSystemsNameTheirTests(t *testing.T) {
	var tests []string
	eachFile(t, func(path string, src []byte) {
		if strings.HasSuffix(path, "_test.go") {
			_, names := idsIn(path, src)
			tests = append(tests, names...)
		}
	})
	systems, err := os.ReadFile(filepath.Join(root, "docs", "systems.md"))
	require.NoError(t, err)
	rows := tableRow.FindAllStringSubmatch(string(systems), -1)
	require.Len(t, rows, 12+17+16+10)
	for _, row := range rows {
		named := testName.FindAllString(row[2], -1)
		if len(named) == 0 {
			require.Contains(t, row[0], "not built", "%s has no test", row[1])
		}
		for _, name := range named {
			require.Contains(t, tests, name, "docs/systems.md, %s", row[1])
		}
	}
}

// A test file is named after what it tests.
func TestTestFilesAreNamedAfterWhatTheyTest(t *testing.T) {
	for _, bad := range []string{"more_test.go", "rows_test.go", "guard_fixes_test.go", "review_test.go"} {
		require.Regexp(t, namesNothing, bad)
	}
	require.NotRegexp(t, namesNothing, "step6_memory_test.go")
	require.NotRegexp(t, namesNothing, "issue_test.go") // issuing is something to test
	eachFile(t, func(path string, _ []byte) {
		require.NotRegexp(t, namesNothing, filepath.Base(path), "%s", path)
	})
}

// The tests above can fail.
func TestIDsAreFound(t *testing.T) {
	ids, tests := idsIn("x_test.go", []byte(`package p

// TestStep6A6KillSwitches is about A6, (PAR-07) and F10: not U+00E9, C4X or %C3.
func TestStep6A6KillSwitches(t *testing.T) {}

// CAN-30.
func TestS9F4Paths(t *testing.T) {}
func TestDID06to09Refused(t *testing.T) {}
func TestRFC8037(t *testing.T) {}
`))
	var found []string
	for id := range ids {
		found = append(found, id)
	}
	require.ElementsMatch(t, []string{"A6", "PAR-07", "F10", "CAN-30", "S9", "F4", "DID-06"}, found)
	require.Len(t, tests, 4)
}

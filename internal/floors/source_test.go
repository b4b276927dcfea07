package floors

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// clockAllowed are the programs: only they read the clock of the machine.
// Everything else is given its time, or a Now function by a constructor.
var clockAllowed = []string{"cmd/", "examples/", "integrations/*/examples/"}

// exceptions to the habits, each with its reason: a file and what it may do.
var exceptions = map[string]string{
	"passport/issue.go: time.Now()":              "what a nil IssueOptions.Now stands for; issuing has no constructor",
	"internal/ratio/time_other.go: time.Now()":   "benchmarks measure the machine",
	"internal/ratio/time_other.go: time.Since()": "benchmarks measure the machine",
	"internal/storebench/rates.go: time.Now()":   "benchmarks measure the machine",
	"internal/storebench/rates.go: time.Since()": "benchmarks measure the machine",
	"internal/storebench/clock.go: time.Now()":   "benchmarks measure the machine",
	"internal/contexts/contexts.go: panic":       "an embedded file that does not load, which a test of that package rules out",
}

// eachFile calls f for every file of the project with its path from the root.
func eachFile(t *testing.T, f func(path string, src []byte)) {
	n := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == ".git" || name == "node_modules" || name == ".venv" || name == "target" {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || d.Name() == ".git" { // a file, in a linked worktree
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		n++
		f(filepath.ToSlash(rel), src)
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, n, 20)
}

// sourceFaults returns what a Go file that is no test does against the habits
// of the house.
func sourceFaults(path string, src []byte) []string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
	if err != nil {
		return nil // for the compiler to report
	}
	mayUseClock := false
	for _, prefix := range clockAllowed {
		before, after, nested := strings.Cut(prefix, "*")
		mayUseClock = mayUseClock || strings.HasPrefix(path, before) && (!nested || strings.Contains(path, after))
	}
	var faults []string
	report := func(pos token.Pos, what, why string) {
		if exceptions[path+": "+what] == "" {
			faults = append(faults, fmt.Sprintf("%s:%d: %s %s", path, fset.Position(pos).Line, what, why))
		}
	}
	for _, decl := range file.Decls {
		fn, isFunc := decl.(*ast.FuncDecl)
		mayPanic := isFunc && strings.HasPrefix(fn.Name.Name, "Must")
		ast.Inspect(decl, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch fun := call.Fun.(type) {
			case *ast.Ident:
				if fun.Name == "panic" && !mayPanic {
					report(call.Pos(), "panic", "outside a Must function")
				}
			case *ast.SelectorExpr:
				x, ok := fun.X.(*ast.Ident)
				if !ok || x.Name != "time" || mayUseClock {
					break
				}
				switch fun.Sel.Name {
				case "Now", "Since", "Until":
					report(call.Pos(), "time."+fun.Sel.Name+"()", "reads the machine's clock; time is an input")
				}
			}
			return true
		})
	}
	return faults
}

func TestSourceKeepsTheHabits(t *testing.T) {
	var faults []string
	eachFile(t, func(path string, src []byte) {
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			faults = append(faults, sourceFaults(path, src)...)
		}
	})
	require.Empty(t, faults)
}

// The test above can fail.
func TestSourceFaultsAreFound(t *testing.T) {
	faults := func(path, body string) []string { return sourceFaults(path, []byte("package p\n"+body)) }
	require.Len(t, faults("did/x.go", "func F() { panic(1) }"), 1)
	require.Len(t, faults("did/x.go", "var f = func() int { panic(1) }()"), 1)
	require.Len(t, faults("did/x.go", "func F() { _ = time.Now() }"), 1)
	require.Len(t, faults("did/x.go", "func F() { _ = time.Since(t) }"), 1)
	require.Empty(t, faults("did/x.go", "func MustF() { panic(1) }"))
	require.Empty(t, faults("did/x.go", "func New(c C) { c.Now = time.Now }"))
	require.Empty(t, faults("cmd/x/main.go", "func main() { _ = time.Now() }"))
	require.Empty(t, faults("integrations/x/examples/y/main.go", "func main() { _ = time.Now() }"))
	require.Len(t, faults("integrations/x/x.go", "func F() { _ = time.Now() }"), 1)
}

// columns is how wide a line is: a tab counts 4.
func columns(line []byte) (n int) {
	for _, r := range string(line) {
		n++
		if r == '\t' {
			n += 3
		}
	}
	return n
}

// longest is the most that a line of Go code may have. New ones have at most 120:
// wider is how many lines of code that is not a test have more, and may only fall.
const (
	longest = 160
	wanted  = 120
	wider   = 760
)

// mayBeLonger are the files with lines that cannot be broken, each with its
// reason.
var mayBeLonger = map[string]string{
	"did/didweb/example_test.go":        "an expected output is compared line by line",
	"verify/verifytest/example_test.go": "an expected output is compared line by line",
}

func TestLinesAreShort(t *testing.T) {
	require.Equal(t, longest, columns([]byte("\t\t"+strings.Repeat("\u00e9", longest-8))))
	wide := 0
	eachFile(t, func(path string, src []byte) {
		if !strings.HasSuffix(path, ".go") || mayBeLonger[path] != "" {
			return
		}
		for i, line := range bytes.Split(src, []byte("\n")) {
			if n := columns(line); n > longest {
				t.Errorf("%s:%d has %d columns, want at most %d", path, i+1, n, longest)
			} else if n > wanted && !strings.HasSuffix(path, "_test.go") {
				wide++
			}
		}
	})
	require.LessOrEqual(t, wide, wider, "a new line has more than %d columns", wanted)
	require.Greater(t, wide, wider-100, "set wider to %d, so that it does not rise again", wide)
}

// machinePath matches an absolute path of the machine that a file was written
// on. It must not match itself.
var machinePath = regexp.MustCompile(`(^|[\s"'` + "`" + `=(:,])/(?:w[o]rk|t[m]p|r[o]ot|h[o]me)/[a-zA-Z0-9_.]`)

func TestNoMachinePaths(t *testing.T) {
	require.True(t, machinePath.MatchString("see /t"+"mp/x"))
	require.False(t, machinePath.MatchString("https://example.com/t"+"mp/x"))
	eachFile(t, func(path string, src []byte) {
		if bytes.IndexByte(src, 0) >= 0 {
			return // not a text
		}
		for i, line := range bytes.Split(src, []byte("\n")) {
			if at := machinePath.Find(line); at != nil {
				t.Errorf("%s:%d: %q is a path of one machine", path, i+1, at)
			}
		}
	})
}

// Lock files name the public registry and no mirror of it.
func TestLockFilesNameThePublicRegistry(t *testing.T) {
	resolved := regexp.MustCompile(`"resolved": "([^"]*)"`)
	eachFile(t, func(path string, src []byte) {
		if filepath.Base(path) != "package-lock.json" {
			return
		}
		for _, m := range resolved.FindAllSubmatch(src, -1) {
			require.True(t, bytes.HasPrefix(m[1], []byte("https://registry.npmjs.org/")), "%s: %s", path, m[1])
		}
	})
}

var requirement = regexp.MustCompile(`(?m)^(?:require )?\s*([a-z0-9.-]+\.[a-z]+/\S+) v\S+(.*)$`)

// integrations are the nested modules: a folder each, with a go.mod.
func integrations(t *testing.T) (folders []string) {
	mods, err := filepath.Glob(filepath.Join(root, "integrations", "*", "go.mod"))
	require.NoError(t, err)
	for _, mod := range mods {
		folders = append(folders, filepath.Base(filepath.Dir(mod)))
	}
	return folders
}

// Every direct dependency has a reason in docs/dependencies.md, and none is
// replaced; a nested module replaces the library alone, by what is beside it.
func TestEveryDependencyHasAReason(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	require.NotContains(t, string(mod), module+"/", "no nested module is a dependency of the library")
	for _, name := range integrations(t) {
		nested, err := os.ReadFile(filepath.Join(root, "integrations", name, "go.mod"))
		require.NoError(t, err)
		require.Contains(t, string(nested), "module "+module+"/integrations/"+name+"\n")
		require.Equal(t, []string{"replace " + module + " => ../.."}, regexp.MustCompile(`(?m)^[ \t]*(?:replace|exclude)\b.*$`).
			FindAllString(string(nested), -1), name)
		mod = append(mod, regexp.MustCompile(`(?m)^.*`+module+`.*$`).ReplaceAll(nested, nil)...)
	}
	reasons, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	require.NoError(t, err)
	require.NotRegexp(t, `(?m)^\s*(replace|exclude)\b`, string(mod), "a library cannot replace or exclude for its users")
	direct := 0
	for _, m := range requirement.FindAllStringSubmatch(string(mod), -1) {
		if strings.Contains(m[2], "// indirect") {
			continue
		}
		direct++
		require.Contains(t, string(reasons), "`"+m[1]+"`", "docs/dependencies.md has no line for %s", m[1])
	}
	require.GreaterOrEqual(t, direct, 2)
}

//go:build mutants

package mutants

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/mutants/guard"
)

// site is the condition of a check: that of an if, or a case of a switch that has
// no value, whose statements say in words what is wrong.
type site struct {
	id   int
	name string // file, function and text: it lasts when lines move
	ways []guard.Way
}

// instrumented are the judged files with package guard around each condition.
type instrumented struct {
	sites   []site
	replace map[string]string // of an overlay: file to file
}

// instrument writes the changed files into a folder.
func instrument(t *testing.T, root, into string) instrumented {
	out := instrumented{replace: map[string]string{}}
	names := map[string]int{}
	for _, dir := range judged {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		require.NoError(t, err)
		for _, name := range files {
			rel, err := filepath.Rel(root, name)
			require.NoError(t, err)
			match, err := build.Default.MatchFile(filepath.Split(name))
			require.NoError(t, err)
			if strings.HasSuffix(name, "_test.go") || !match || outOfScope[filepath.ToSlash(rel)] != "" {
				continue
			}
			source, err := os.ReadFile(name)
			require.NoError(t, err)
			text := out.file(t, filepath.ToSlash(rel), source, names)
			changed := filepath.Join(into, fmt.Sprintf("%d.go", len(out.replace)))
			require.NoError(t, os.WriteFile(changed, text, 0o600))
			out.replace[name] = changed
		}
	}
	require.Less(t, len(out.sites), guard.Most)
	return out
}

// refuses says whether statements themselves, and not those within them, say in
// words what is wrong.
func refuses(list []ast.Stmt) (found bool) {
	for _, s := range list {
		switch s.(type) {
		case *ast.ReturnStmt, *ast.ExprStmt, *ast.AssignStmt:
			ast.Inspect(s, func(x ast.Node) bool {
				text, ok := x.(*ast.BasicLit)
				found = found || ok && text.Kind == token.STRING && strings.Contains(text.Value, " ")
				_, function := x.(*ast.FuncLit)
				return !function
			})
		}
	}
	return found
}

// insertion is text that goes into a file at an offset.
type insertion struct {
	at   int
	text string
}

func (in *instrumented) file(t *testing.T, rel string, source []byte, names map[string]int) []byte {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, rel, source, 0)
	require.NoError(t, err)
	offset := func(p token.Pos) int { return fset.Position(p).Offset }
	list := []insertion{{offset(file.Name.End()), `; import mutated "github.com/safeconduct/safeconduct/internal/mutants/guard"`}}
	function := "init"
	put := func(x ast.Expr, ways ...guard.Way) {
		from, to := offset(x.Pos()), offset(x.End())
		name := fmt.Sprintf("%s %s: %s", rel, function, strings.Join(strings.Fields(string(source[from:to])), " "))
		if names[name]++; names[name] > 1 {
			name += fmt.Sprintf(" (%d)", names[name])
		}
		list = append(list, insertion{from, fmt.Sprintf("mutated.On(%d, ", len(in.sites))}, insertion{to, ")"})
		in.sites = append(in.sites, site{len(in.sites), name, ways})
	}
	ast.Inspect(file, func(x ast.Node) bool {
		switch s := x.(type) {
		case *ast.FuncDecl:
			function = s.Name.Name
		case *ast.GenDecl:
			return s.Tok != token.CONST
		case *ast.IfStmt:
			if refuses(s.Body.List) {
				put(s.Cond, guard.Dropped, guard.Negated)
			}
		case *ast.SwitchStmt:
			if s.Tag != nil {
				break
			}
			for _, c := range s.Body.List {
				c := c.(*ast.CaseClause)
				for _, e := range c.List {
					if refuses(c.Body) {
						put(e, guard.Dropped, guard.Negated)
					}
				}
			}
		}
		return true
	})
	if len(list) == 1 {
		return source
	}
	slices.SortStableFunc(list, func(a, b insertion) int { return a.at - b.at })
	var b strings.Builder
	from := 0
	for i := range list {
		b.Write(source[from:list[i].at])
		b.WriteString(list[i].text)
		from = list[i].at
	}
	b.Write(source[from:])
	return []byte(b.String())
}

package readme

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir, Export            string
	GoFiles, TestGoFiles, XTestGoFiles []string
	DepOnly                            bool
}

// list names the packages that others import, and where the compiler left what each
// package and all that it imports exports.
func list(t *testing.T) (public []listed, exports map[string]string) {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-test",
		"-json=ImportPath,Dir,Export,GoFiles,TestGoFiles,XTestGoFiles,DepOnly",
		"./did/...", "./credential/...", "./statuslist/...", "./passport/...", "./verify/...", "./store/...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	exports = map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		if strings.ContainsRune(p.ImportPath, ' ') || strings.HasSuffix(p.ImportPath, ".test") {
			continue // a variant for tests
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && !strings.Contains(p.ImportPath, "/internal") {
			public = append(public, p)
		}
	}
	return public, exports
}

// importerOf reads what the compiler has left.
func importerOf(fset *token.FileSet, exports map[string]string) types.Importer {
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("nothing is known of %s", path)
		}
		return os.Open(exports[path])
	})
}

// An entry point is an exported function, or an exported method of an exported type,
// but for those that fmt, errors, log/slog and the encodings call.
var calledByOthers = strings.Fields(`String GoString Format Error Unwrap Is As LogValue MarshalText AppendText UnmarshalText
	MarshalJSON UnmarshalJSON`)

// entryPoints names the entry points of a package: Func, or Type.Method. Methods of
// interfaces are those of package store, whose interfaces are called; elsewhere
// whoever imports the package implements them.
func entryPoints(p *types.Package) (names []string) {
	for _, name := range p.Scope().Names() {
		switch o := p.Scope().Lookup(name).(type) {
		case *types.Func:
			if o.Exported() {
				names = append(names, name)
			}
		case *types.TypeName:
			named, ok := o.Type().(*types.Named)
			if !ok || !o.Exported() || o.IsAlias() {
				continue
			}
			add := func(m *types.Func) {
				if m.Exported() && !slices.Contains(calledByOthers, m.Name()) {
					names = append(names, name+"."+m.Name())
				}
			}
			for m := range named.Methods() {
				add(m)
			}
			if it, ok := named.Underlying().(*types.Interface); ok && p.Name() == "store" {
				for m := range it.ExplicitMethods() {
					add(m)
				}
			}
		}
	}
	return names
}

// shown names the entry points that a package's own Examples with checked output use, and the helpers named
// example… that they call.
func shown(t *testing.T, p listed, imp types.Importer, fset *token.FileSet) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	for _, names := range [][]string{append(slices.Clone(p.GoFiles), p.TestGoFiles...), p.XTestGoFiles} {
		var files, tests []*ast.File
		for _, name := range names {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			require.NoError(t, err)
			if files = append(files, f); strings.HasSuffix(name, "_test.go") {
				tests = append(tests, f)
			}
		}
		examples := doc.Examples(tests...)
		examples = slices.DeleteFunc(examples, func(e *doc.Example) bool { return e.Output == "" && !e.EmptyOutput })
		if len(examples) == 0 {
			continue
		}
		info := types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
		// What only the tests export, and other tests use, is not found; Examples do not use it.
		conf := types.Config{Importer: imp, Error: func(error) {}}
		_, _ = conf.Check(p.ImportPath, fset, files, &info)
		helpers := map[types.Object]*ast.FuncDecl{} // what Examples call to get a key, a passport, an office
		for _, f := range tests {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "example") {
					helpers[info.Defs[fn.Name]] = fn
				}
			}
		}
		var look func(n ast.Node) bool
		look = func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if f, ok := info.Uses[id].(*types.Func); ok {
				used[nameOf(f)] = true
				if fn := helpers[f]; fn != nil {
					delete(helpers, f)
					ast.Inspect(fn.Body, look)
				}
			}
			return true
		}
		for _, e := range examples {
			ast.Inspect(e.Code, look)
		}
	}
	return used
}

// nameOf is the package's path, a dot, and Func or Type.Method.
func nameOf(f *types.Func) string {
	f = f.Origin()
	name := f.Name()
	if recv := f.Signature().Recv(); recv != nil {
		of := recv.Type()
		if ptr, ok := of.(*types.Pointer); ok {
			of = ptr.Elem()
		}
		named, ok := of.(*types.Named)
		if !ok {
			return ""
		}
		name = named.Obj().Name() + "." + name
	}
	if f.Pkg() == nil {
		return name
	}
	return f.Pkg().Path() + "." + name
}

// What an Example calls counts. What a comment or a text names does not, and neither does an Example whose output
// nobody checks.
func TestWhatAnExampleShows(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"p.go": `package p
			type T struct{}
			func (T) Called() {}
			func (T) Named() {}
			func Called() {}
			func Named() {}
			func Unchecked() {}
			func ByHelper() {}`,
		"p_test.go": `package p
			import "fmt"
			func exampleHelper() { ByHelper() }
			// Example shows Named and T.Named.
			func Example() {
				Called()
				T{}.Called()
				exampleHelper()
				fmt.Println("Named() T.Named()") // Named()
				// Output: Named() T.Named()
			}
			func ExampleUnchecked() { Unchecked() }`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	fset := token.NewFileSet()
	_, exports := list(t)
	p := listed{ImportPath: "p", Dir: dir, GoFiles: []string{"p.go"}, TestGoFiles: []string{"p_test.go"}}
	used := shown(t, p, importerOf(fset, exports), fset)
	assert.Equal(t, map[string]bool{
		"p.Called": true, "p.T.Called": true, "p.exampleHelper": true, "p.ByHelper": true, "fmt.Println": true,
	}, used)
}

// Every entry point is used in an Example with checked output of its own package, or is in
// the table of those that are not, with a reason. The table only gets shorter: a row that is
// not needed fails, and so does a longer one.
func TestEveryEntryPointHasAnExample(t *testing.T) {
	public, exports := list(t)
	fset := token.NewFileSet()
	imp := importerOf(fset, exports)
	exempt := map[string]string{}
	for _, row := range withoutExample {
		require.NotEmpty(t, row.reason)
		for _, name := range strings.Fields(row.names) {
			name = "github.com/safeconduct/safeconduct/" + row.in + "." + name
			require.NotContains(t, exempt, name, "listed twice")
			exempt[name] = row.reason
		}
	}
	assert.LessOrEqual(t, len(exempt), mostWithoutExample, "write an Example instead of another row")
	total := 0
	for _, p := range public {
		pkg, err := imp.Import(p.ImportPath)
		require.NoError(t, err)
		used := shown(t, p, imp, fset)
		for _, name := range entryPoints(pkg) {
			name = p.ImportPath + "." + name
			total++
			_, listed := exempt[name]
			assert.False(t, listed && used[name], "%s has an Example: take it from the table", name)
			assert.True(t, listed || used[name], "no Example with // Output: in its package uses %s", name)
			delete(exempt, name)
		}
	}
	assert.Empty(t, exempt, "the table names what is not there")
	t.Logf("%d entry points, %d of them in the table", total, mostWithoutExample)
}

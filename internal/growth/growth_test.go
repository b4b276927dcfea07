package growth

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// extension is one way in which the library grows, and what it may cost.
type extension struct {
	files int      // the most files that its patch may touch, tests included
	only  []string // folders that they lie in; nil: anywhere

	misses string // a test that fails until there are reference tests, too
}

var extensions = map[string]extension{
	"facet":      {9, []string{"passport/", "internal/contexts/"}, "TestEveryFacetHasVectors"},
	"algorithm":  {files: 8},
	"statuslist": {files: 4},
	"rule":       {files: 3},
}

var touched = regexp.MustCompile(`(?m)^diff --git a/(\S+) b/(\S+)$`)

// filesOf returns the files that a patch touches, under their new names.
func filesOf(patch string) []string {
	var files []string
	for _, m := range touched.FindAllStringSubmatch(patch, -1) {
		files = append(files, m[1], m[2])
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// faults returns how a patch costs more than it may.
func (e extension) faults(files []string) (found []string) {
	if len(files) == 0 {
		found = append(found, "touches no file: is it made by git diff?")
	}
	if len(files) > e.files {
		found = append(found, fmt.Sprintf("touches %d files, want at most %d: %s", len(files), e.files, strings.Join(files, ", ")))
	}
	for _, file := range files {
		if len(e.only) > 0 && !slices.ContainsFunc(e.only, func(dir string) bool { return strings.HasPrefix(file, dir) }) {
			found = append(found, fmt.Sprintf("touches %s, want only files in %s", file, strings.Join(e.only, ", ")))
		}
	}
	return found
}

func run(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	// A repository around dir is not the one that a patch is for: git would
	// leave out what lies outside of it, and say nothing.
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(abs))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestGrowth(t *testing.T) {
	patches, err := filepath.Glob("*.patch")
	require.NoError(t, err)
	require.Len(t, patches, len(extensions), "each of the extensions has its patch")
	for _, file := range patches {
		name := strings.TrimSuffix(file, ".patch")
		t.Run(name, func(t *testing.T) {
			e, ok := extensions[name]
			require.True(t, ok, "%s is not one of the extensions that are counted", file)
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			files := filesOf(string(raw))
			t.Logf("%d files, at most %d", len(files), e.files)
			require.Empty(t, e.faults(files))
			applies(t, root, file)
			if os.Getenv("SAFECONDUCT_GROWTH") != "" {
				builds(t, file, files, e.misses)
			}
		})
	}
}

// applies checks that a patch applies to the files in dir, and changes nothing.
func applies(t *testing.T, dir, file string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("SAFECONDUCT_CI") != "" {
			t.Fatal("git is not installed")
		}
		t.Skip("git is not installed")
	}
	patch, err := filepath.Abs(file)
	require.NoError(t, err)
	out, err := run(dir, "git", "apply", "--check", patch)
	require.NoError(t, err, "%s no longer applies; CONTRIBUTING.md says how to redraw it\n%s", file, out)
}

// builds applies a patch to a copy of the repository, builds all of it and
// tests the packages that the patch touches. The test that misses reference
// tests must fail: they are made by hand, from what the new rule means.
func builds(t *testing.T, file string, files []string, misses string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, copyTree(dir))
	patch, err := filepath.Abs(file)
	require.NoError(t, err)
	out, err := run(dir, "git", "apply", patch)
	require.NoError(t, err, "%s", out)
	out, err = run(dir, "go", "vet", "./...")
	require.NoError(t, err, "%s", out)
	args := []string{"test"}
	for _, f := range files {
		if strings.HasSuffix(f, ".go") {
			args = append(args, "./"+path.Dir(f))
		}
	}
	require.Greater(t, len(args), 1, "%s touches no Go file", file)
	slices.Sort(args[1:])
	args = slices.Compact(args)
	if misses != "" {
		out, err = run(dir, "go", append([]string{"test", "-run=^" + misses + "$"}, args[1:]...)...)
		require.Error(t, err, "%s does not fail without reference tests", misses)
		require.Contains(t, out, "--- FAIL: "+misses)
		args = slices.Insert(args, 1, "-skip=^"+misses+"$")
	}
	out, err = run(dir, "go", args...)
	require.NoError(t, err, "%s", out)
}

// copyTree copies the files of the repository, without its history.
func copyTree(to string) error {
	return filepath.WalkDir(root, func(from string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, from)
		if err != nil {
			return err
		}
		switch {
		case slices.Contains([]string{".git", "node_modules", ".venv", "target"}, d.Name()):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil // a linked worktree has a file of that name
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o600)
	})
}

// The test above can fail.
func TestGrowthIsCounted(t *testing.T) {
	const patch = "diff --git a/passport/x.go b/passport/x.go\n--- a/passport/x.go\n+++ b/passport/x.go\n" +
		"diff --git a/verify/y.go b/verify/z.go\nrename from verify/y.go\n"
	files := filesOf(patch)
	require.Equal(t, []string{"passport/x.go", "verify/y.go", "verify/z.go"}, files)
	require.Empty(t, extension{files: 3}.faults(files))
	require.Len(t, extension{files: 2}.faults(files), 1)
	require.Len(t, extension{files: 3, only: []string{"passport/"}}.faults(files), 2)
	require.Len(t, extension{files: 3}.faults(nil), 1)
}

package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every page of docs/howto, and the tour, is run as it stands: its commands by a shell in an
// empty folder, its program by Go. What it says that they print, they print; a
// line that begins with "… " may have anything before it.
func TestHowto(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "safeconduct"), "./cmd/safeconduct")
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	pages, err := filepath.Glob(filepath.Join(root, "docs/howto/*.md"))
	require.NoError(t, err)
	index, err := os.ReadFile(filepath.Join(root, "docs/howto/README.md"))
	require.NoError(t, err)
	require.Len(t, pages, 1+strings.Count(string(index), "\n| ["), "the index, and one line in it for each page")
	for _, page := range append(pages, filepath.Join(root, "docs/tour.md")) {
		name := strings.TrimSuffix(filepath.Base(page), ".md")
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		t.Run(name, func(t *testing.T) {
			require.True(t, name == "README" || name == "tour" || strings.Contains(string(index), "("+name+".md)"), "the index lacks it")
			printed := ""
			if program := blocks(string(text), "go"); len(program) > 0 {
				require.Len(t, program, 1)
				printed += runProgram(t, program[0])
			}
			if script := strings.Join(blocks(string(text), "sh"), ""); script != "" {
				printed += runScript(t, bin, script)
			}
			for _, block := range blocks(string(text), "text") {
				for line := range strings.Lines(block) {
					line = strings.TrimSuffix(line, "\n")
					want := "(?m)^" + regexp.QuoteMeta(line) + "$"
					if rest, ok := strings.CutPrefix(line, "… "); ok {
						want = "(?m)" + regexp.QuoteMeta(rest) + "$"
					}
					at := regexp.MustCompile(want).FindStringIndex(printed)
					require.NotNil(t, at, "%q is not in\n%s", line, printed)
					printed = printed[at[1]:] // in their order
				}
			}
		})
	}
}

// runProgram wants the program among the examples, and runs it.
func runProgram(t *testing.T, program string) string {
	mains, err := filepath.Glob(filepath.Join(root, "examples/howto/*/main.go"))
	require.NoError(t, err)
	for _, name := range mains {
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		if string(src) != program {
			continue
		}
		cmd := exec.Command("go", "run", "./"+filepath.ToSlash(filepath.Join("examples/howto", filepath.Base(filepath.Dir(name)))))
		cmd.Dir = root
		out, err := cmd.Output()
		require.NoError(t, err)
		return string(out)
	}
	require.Fail(t, "the program of the page is not that of any folder of examples/howto")
	return ""
}

// runScript runs commands so that none fails unseen and no variable is missing.
func runScript(t *testing.T, bin, script string) string {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to run the page with")
	}
	cmd := exec.Command(sh, "-eu", "-c", script)
	cmd.Dir = t.TempDir()
	source, err := filepath.Abs(root)
	require.NoError(t, err)
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "SOURCE="+source)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

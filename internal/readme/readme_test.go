// Package readme holds the README to the truth: its program is compiled and
// run, its other Go is compiled, its links lead somewhere.
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

const root = "../.."

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(b)
}

// blocks returns the fenced blocks of a language.
func blocks(text, language string) (out []string) {
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// The first screen is a program, and it does what the README says.
func TestProgram(t *testing.T) {
	text := readme(t)
	program, err := os.ReadFile(filepath.Join(root, "examples/readme/main.go"))
	require.NoError(t, err)
	require.Equal(t, string(program), blocks(text, "go")[0])
	require.Less(t, strings.Index(text, "```go"), 300, "a program on the first screen")

	cmd := exec.Command("go", "run", "./examples/readme")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, blocks(text, "text")[0], string(out))
}

// Every other block of Go stands in this file and is compiled with it.
func TestSnippets(t *testing.T) {
	src, err := os.ReadFile("snippets_test.go")
	require.NoError(t, err)
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, b := range blocks(readme(t), "go")[1:] {
		require.Contains(t, flat(string(src)), flat(b))
	}
}

// The two commands of the set-up are the ones that CI runs and that tests run.
func TestCommands(t *testing.T) {
	require.Equal(t, []string{"go run ./examples/quickstart\ngo test ./...\n"}, blocks(readme(t), "sh"))
	_, err := os.Stat(filepath.Join(root, "examples/quickstart/main_test.go"))
	require.NoError(t, err)
}

func TestLinks(t *testing.T) {
	prose := regexp.MustCompile("(?ms)^```.*?^```").ReplaceAllString(readme(t), "")
	for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(prose, -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		_, err := os.Stat(filepath.Join(root, m[1]))
		require.NoError(t, err, m[1])
	}
}

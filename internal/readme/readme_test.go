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

// The lines that move the program to a store are all that it takes: it prints the same,
// and leaves a ledger behind.
func TestProgramWithAStore(t *testing.T) {
	text := readme(t)
	program, diffs := blocks(text, "go")[0], blocks(text, "diff")
	require.Len(t, diffs, 1)
	added := 0
	for _, hunk := range strings.Split(diffs[0], "@@\n") {
		var before, after string
		for line := range strings.Lines(hunk) {
			if line[0] != '+' {
				before += line[1:]
			}
			if line[0] != '-' {
				after += line[1:]
			}
			if line[0] == '+' {
				added++
			}
		}
		require.Equal(t, 1, strings.Count(program, before), before)
		program = strings.Replace(program, before, after, 1)
	}
	require.Equal(t, 4, added, "four lines")
	program = strings.Replace(program, "/verify/ledger\"", "/store/sqlite\"", 1) // its import

	place, folder := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(place, "main.go"), []byte(program), 0o600))
	build := exec.Command("go", "build", "-o", filepath.Join(place, "shop"), filepath.Join(place, "main.go"))
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	for range 2 { // the second time there is a file
		cmd := exec.Command(filepath.Join(place, "shop"))
		cmd.Dir = folder
		out, err = cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, blocks(text, "text")[0], string(out))
	}
	require.FileExists(t, filepath.Join(folder, "ledger.db"))
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

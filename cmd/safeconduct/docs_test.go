package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the documentation says to copy is copied, and run by a shell as it
// stands: with -e and -u, so that no command fails unseen and no variable is
// missing. The program is this one: TestMain puts it on the path.
func TestDocumentsRun(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to run the documentation with")
	}
	page, err := os.ReadFile("../../docs/cli.md")
	require.NoError(t, err)
	block := func(title string) string {
		_, section, found := strings.Cut(string(page), "\n## "+title+"\n")
		require.True(t, found)
		section, _, _ = strings.Cut(section, "\n## ")
		blocks := regexp.MustCompile("(?ms)^```sh\n(.*?)^```").FindAllStringSubmatch(section, -1)
		require.Len(t, blocks, 1)
		return blocks[0][1]
	}
	_, trial, found := strings.Cut((&app{}).tool().Overview(), "\nTry it:\n")
	require.True(t, found)
	trial, _, found = strings.Cut(trial, "\nExit codes:")
	require.True(t, found)

	const keys = "safeconduct keygen -o issuer.key\nAGENT=$(safeconduct keygen -o agent.key)\n"
	for name, c := range map[string]struct {
		script  string
		allowed int
		ends    string
	}{
		"docs/cli.md":      {block("Five minutes"), 2, "refused, with exit code 1\n"},
		"its registry":     {keys + block("registry"), 0, "the log is whole\n"},
		"safeconduct help": {trial, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(sh, "-eu", "-c", c.script)
			cmd.Dir = t.TempDir()
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Run(), stderr.String())
			require.Equal(t, c.allowed, strings.Count("\n"+stdout.String(), "\nALLOWED\n"), stdout.String())
			require.True(t, strings.HasSuffix(stdout.String(), c.ends), stdout.String())
			require.Equal(t, c.allowed == 2, strings.Contains(stderr.String(), "DENIED: status.revoked\n"), stderr.String())
		})
	}
}

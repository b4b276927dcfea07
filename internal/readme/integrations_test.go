package readme

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each adapter has a row in the table, and each row an adapter with one screen to
// read, an example, and tests.
func TestAdaptersAreListed(t *testing.T) {
	_, table, ok := strings.Cut(readme(t), "\n## Where people already work\n")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n## ")
	mods, err := filepath.Glob(filepath.Join(root, "integrations", "*", "go.mod"))
	require.NoError(t, err)
	require.NotEmpty(t, mods)
	require.Equal(t, len(mods), strings.Count(table, "\n| [`integrations/"), "a row for each module")
	for _, mod := range mods {
		folder := filepath.Dir(mod)
		name := "integrations/" + filepath.Base(folder)
		require.Contains(t, table, "[`"+name+"`]("+name+")")
		text, err := os.ReadFile(filepath.Join(folder, "README.md"))
		require.NoError(t, err)
		require.LessOrEqual(t, strings.Count(string(text), "\n"), 60, "%s: one screen", name)
		examples, err := filepath.Glob(filepath.Join(folder, "*example*"))
		require.NoError(t, err)
		require.NotEmpty(t, examples, "%s has no example", name)
		tests, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		require.NoError(t, err)
		require.NotEmpty(t, tests, "%s has no test", name)
		played := slices.ContainsFunc(tests, func(file string) bool {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			return strings.Contains(string(source), "adaptertest.Run(t, ")
		})
		require.True(t, played, "%s does not play the table of internal/adaptertest", name)
	}
}

package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// What llms.txt points at is there, and every page of docs is in it.
func TestLLMsTxtPointsAtWhatIsThere(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "llms.txt"))
	require.NoError(t, err)
	links := map[string]bool{}
	for _, m := range regexp.MustCompile(`\]\(([^)]*)\)`).FindAllStringSubmatch(string(text), -1) {
		_, err := os.Stat(filepath.Join(root, m[1]))
		require.NoError(t, err)
		links[m[1]] = true
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	require.NoError(t, err)
	for _, page := range pages {
		name := filepath.Base(page)
		require.True(t, links["docs/"+name] || name == "matrix.md", "llms.txt lacks docs/%s", name)
	}
}

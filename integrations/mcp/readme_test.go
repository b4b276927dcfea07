package verifymcp_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The example does on stdio and over HTTP what the README says.
func TestExampleShop(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, want, ok := strings.Cut(string(readme), "```text\n")
	require.True(t, ok)
	want, _, _ = strings.Cut(want, "```")
	for _, args := range [][]string{nil, {"-http"}} {
		out, err := exec.Command("go", append([]string{"run", "./examples/shop"}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, want, string(out))
	}
	require.Less(t, strings.Count(string(readme), "\n"), 60, "one screen")
}

package mutants

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/vectors"
)

// bitesFile has a line for each reference test that notices a mutant, and how
// many it notices. TestMutantsByVectors writes it.
const bitesFile = "testdata/bites.txt"

// At least 1,200 cases notice a mutant, or are the good twin of one that does. A
// case that was added since the file was written is not counted.
func TestBites(t *testing.T) {
	raw, err := os.ReadFile(bitesFile)
	require.NoError(t, err)
	bites := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		var id string
		var n int
		_, err := fmt.Sscan(line, &id, &n)
		require.NoError(t, err, line)
		require.Positive(t, n, id)
		bites[id] = n
	}
	groups, err := vectors.Load()
	require.NoError(t, err)
	counted, all := map[string]bool{}, map[string]bool{}
	for _, g := range groups {
		for _, c := range g.Cases {
			all[c.ID] = true
			if bites[c.ID] == 0 {
				continue
			}
			if counted[c.ID] = true; c.Twin != "" {
				counted[c.Twin] = true
			}
		}
	}
	for id := range bites {
		require.True(t, all[id], "%s is in %s and is no case; run TestMutantsByVectors anew", id, bitesFile)
	}
	t.Logf("%d of %d cases notice a mutant, or are the twin of one that does", len(counted), len(all))
	require.GreaterOrEqual(t, len(counted), 1200)
}

// livesFile has the mutants that no case notices and that nothing excuses, each with a line about why.
const livesFile = "testdata/lives.txt"

func livesWhy(t *testing.T) map[string]string {
	raw, err := os.ReadFile(livesFile)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	require.Zero(t, len(lines)%2)
	why := map[string]string{}
	for i := 0; i < len(lines); i += 2 {
		reason, indented := strings.CutPrefix(lines[i+1], "\t")
		require.True(t, indented, lines[i+1])
		why[lines[i]] = reason
	}
	return why
}

func TestEveryOneThatLivesHasAReason(t *testing.T) {
	for name, why := range livesWhy(t) {
		require.NotEmpty(t, why, name)
	}
}

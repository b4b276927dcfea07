//go:build mutants

package mutants

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMutantsByVectors breaks the library and lets the reference tests alone
// notice it. MUTANTS_VECTORS says which mutants: "table" for those of the table,
// a number n for every nth of those made by machine, or "all" for both. With "all"
// and with 1 it writes how many mutants each case notices, which live, and which are excused. MUTANTS_ONLY narrows it
// to names. Of those that are not excused nineteen in twenty must be noticed, and
// of a sample all that are not known to live.
func TestMutantsByVectors(t *testing.T) {
	which := os.Getenv("MUTANTS_VECTORS")
	if which == "" {
		t.Skip("MUTANTS_VECTORS is not set")
	}
	root, err := filepath.Abs(root)
	require.NoError(t, err)
	only, err := regexp.Compile(os.Getenv("MUTANTS_ONLY"))
	require.NoError(t, err)
	trial := &trial{t: t, root: root, only: only, notices: map[string]int{},
		excused: map[string][]string{}}
	every := 0
	switch which {
	case "table":
	case "all":
		every = 1
	default:
		every, err = strconv.Atoi(which)
		require.NoError(t, err)
		require.Positive(t, every)
	}
	if which == "table" || which == "all" {
		trial.table()
	}
	if every > 0 {
		trial.guards(every)
	}
	trial.report(every > 1)
	if every == 1 && os.Getenv("MUTANTS_ONLY") == "" {
		trial.write()
	}
	if s := trial.score; every <= 1 { // of a few, one more may live
		require.GreaterOrEqual(t, 100*s.noticed, 95*(s.noticed+s.lives), "%s", s)
	}
}

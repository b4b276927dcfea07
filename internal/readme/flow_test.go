package readme

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// The diagram of the README has the steps that a verifier runs, in its order, and says of each
// whether there are codes for "no" and for "could not find out" in it.
func TestFlowIsDrawnFromTheCode(t *testing.T) {
	drawn := blocks(readme(t), "mermaid")
	require.Len(t, drawn, 1)
	require.Equal(t, flow(t), drawn[0])
}

func flow(t *testing.T) string {
	w := verifytest.NewWorld(t)
	steps := w.Verifier().Explain(t.Context(), w.Present(w.Issue(w.Passport()), w.Intent()), w.Request()).Steps
	require.Len(t, steps, 8)
	var b strings.Builder
	b.WriteString("flowchart LR\n  agent([agent]) -- passport, signed intent --> s1\n")
	b.WriteString("  host([host]) -- its own question --> s1\n  ")
	var may [2][]string // be denied, undetermined
	for i, s := range steps {
		node := fmt.Sprintf("s%d", i+1)
		fmt.Fprintf(&b, "%s[%d %s] --> ", node, i+1, s.Name)
		for undetermined := range may {
			if slices.ContainsFunc(verify.Codes(), func(c verify.Info) bool {
				return strings.HasPrefix(string(c.Code), string(s.Name)+".") && c.Undetermined == (undetermined == 1)
			}) {
				may[undetermined] = append(may[undetermined], node)
			}
		}
	}
	fmt.Fprintf(&b, "allow([%s])\n", verify.Allow)
	fmt.Fprintf(&b, "  %s -. no .-> deny([%s])\n", strings.Join(may[0], " & "), verify.Deny)
	fmt.Fprintf(&b, "  %s -. could not find out .-> undetermined([%s])\n", strings.Join(may[1], " & "), verify.Undetermined)
	return b.String()
}

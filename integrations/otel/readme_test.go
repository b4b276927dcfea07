package verifyotel_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// The example does what docs/howto/module-of-your-own.md says that it does.
func TestExampleTrace(t *testing.T) {
	out, err := exec.Command("go", "run", "./examples/trace").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "passport.verify Error authority.amount_exceeded\n")
	require.Contains(t, string(out), "  status passed\n  authority failed [\"authority.amount_exceeded\"]\n")
}

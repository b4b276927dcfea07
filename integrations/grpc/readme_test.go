package verifygrpc_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// The example does what docs/howto/module-of-your-own.md says that it does.
func TestExampleHealth(t *testing.T) {
	out, err := exec.Command("go", "run", "./examples/health").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "Health/Watch")
	require.Contains(t, string(out), "\nshop: SERVING\nbank: Refused (authority.resource_not_allowed)")
}

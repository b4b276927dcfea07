package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testpostgres"
)

// What a newcomer sees, byte for byte: two processes spend 100 EUR once and take a
// presentation once, and go on so when both were killed. // A9 STO-09
func TestSTO09Output(t *testing.T) {
	want, err := os.ReadFile("testdata/output.txt")
	require.NoError(t, err)
	bin := filepath.Join(t.TempDir(), "replicas")
	out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for name, args := range map[string]func(t *testing.T) []string{
		"sqlite":   func(*testing.T) []string { return nil },
		"postgres": func(t *testing.T) []string { return []string{"-postgres", testpostgres.Schema(t, "replicas")} },
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(bin, args(t)...)
			var said strings.Builder
			cmd.Stderr = &said
			out, err := cmd.Output()
			require.NoError(t, err, said.String())
			require.Equal(t, string(want), string(out))
		})
	}
}

//go:build mutants

package mutants

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMutants(t *testing.T) {
	root, err := filepath.Abs(root)
	require.NoError(t, err)
	run := func(m mutant, more ...string) (string, error) {
		args := append([]string{"test", "-count=1", "-timeout=2m", "-run=^" + m.test + "$"}, more...)
		dir, pkg := root, m.pkg
		if strings.HasPrefix(pkg, "./integrations/") { // a module of its own
			dir, pkg = filepath.Join(root, pkg), "."
		}
		cmd := exec.Command("go", append(args, pkg)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	every := 1
	if text := os.Getenv("MUTANTS_EVERY"); text != "" {
		every, err = strconv.Atoi(text)
		require.NoError(t, err)
		require.Positive(t, every)
	}
	for i, m := range mutants {
		if i%every != 0 {
			continue // the rest is for a longer run
		}
		t.Run(m.name, func(t *testing.T) {
			if m.pkg == inPostgres && os.Getenv("SAFECONDUCT_TEST_POSTGRES") == "" {
				t.Skip("SAFECONDUCT_TEST_POSTGRES is not set, and without it the test would be skipped")
			}
			out, err := run(m)
			require.NoError(t, err, "%s", out)
			require.NotContains(t, out, "no tests to run")

			path := filepath.Join(root, m.file)
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(source), m.old), "%s: %s", m.file, m.old)
			changed := filepath.Join(t.TempDir(), "mutant.go")
			require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(source), m.old, m.new, 1)), 0o600))
			overlay := filepath.Join(t.TempDir(), "overlay.json")
			text, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(overlay, text, 0o600))

			out, err = run(m, "-overlay="+overlay)
			require.Error(t, err, "the mutant lives")
			require.Contains(t, out, "--- FAIL: "+m.test, "it does not compile, or dies elsewhere")
		})
	}
}

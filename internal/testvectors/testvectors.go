// Package testvectors finds the published test vectors that are not shipped
// with the project. Only tests import it.
package testvectors

import (
	"os"
	"path/filepath"
	"testing"
)

// Env names the folder of the vectors.
const Env = "SAFECONDUCT_VECTORS"

// Dir returns the folder of one set of vectors. Without SAFECONDUCT_VECTORS
// the test is skipped and says so; with it, a missing set is a failure.
func Dir(t testing.TB, set string) string {
	t.Helper()
	root := os.Getenv(Env)
	if root == "" {
		t.Skipf("%s is not set: published vectors %q not run", Env, set)
	}
	dir := filepath.Join(root, set)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("%s is set, but has no %q: %v", Env, set, err)
	}
	return dir
}

// Read returns one file of a set.
func Read(t testing.TB, set, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(Dir(t, set), name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

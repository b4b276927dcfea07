// Package sequential marks tests that take long and do one thing after another: the race detector finds nothing in
// them, so a short run leaves them out.
package sequential

import "testing"

// Long skips the test in a short run.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("long, and nothing goes on at the same time: not for a short run")
	}
}

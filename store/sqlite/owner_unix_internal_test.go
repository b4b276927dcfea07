//go:build unix

package sqlite

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

// STO-10: who else may write, whoever runs the test.
func TestWhoMayWrite(t *testing.T) {
	for _, c := range []struct {
		owner, of, us int
		want          bool
	}{
		{1000, 1000, 1000, true},
		{0, 1000, 1000, true},
		{1001, 1000, 1000, false},
		{1001, 1001, 0, true},
		{1002, 1001, 0, false},
		{1000, 0, 1000, true},
	} {
		require.Equal(t, c.want, trusted(c.owner, c.of, c.us), "%+v", c)
	}
	for _, c := range []struct {
		mode            fs.FileMode
		group, us, ours int
		want            bool
	}{
		{0o700, 1000, 1000, 1000, false},
		{0o755, 50, 1000, 1000, false},
		{0o775, 1000, 1000, 1000, false},
		{0o775, 50, 1000, 1000, true},
		{0o775, 50, 1000, 50, true},
		{0o702, 1000, 1000, 1000, true},
		{0o777, 0, 0, 0, true},
	} {
		require.Equal(t, c.want, shared(c.mode, c.group, c.us, c.ours), "%+v", c)
	}
}

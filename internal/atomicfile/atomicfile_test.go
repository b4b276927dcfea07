package atomicfile

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A file is replaced as a whole or not at all, and nothing is left behind.
func TestKEY04DiskFullWhileSaving(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.key")
	require.NoError(t, Create(name, 0o600, []byte("old")))
	half := func(w io.Writer) error {
		_, _ = io.WriteString(w, "ne")
		return syscall.ENOSPC
	}
	require.ErrorIs(t, write(name, 0o600, true, half), syscall.ENOSPC)
	require.ErrorIs(t, write(filepath.Join(dir, "b.key"), 0o600, false, half), syscall.ENOSPC)
	require.ErrorIs(t, exclusive(filepath.Join(dir, "c.key"), 0o600, half), syscall.ENOSPC)
	kept, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "old", string(kept))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
}

// Somebody who makes the file in the meantime does not lose it.
func TestKEY04FileAppearsWhileSaving(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.key")
	err := write(name, 0o600, false, func(w io.Writer) error {
		require.NoError(t, os.WriteFile(name, []byte("theirs"), 0o600))
		_, err := io.WriteString(w, "ours")
		return err
	})
	require.ErrorIs(t, err, fs.ErrExist)
	kept, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "theirs", string(kept))
	require.Error(t, exclusive(name, 0o600, whole(nil)))
	require.ErrorIs(t, Create(name, 0o600, nil), fs.ErrExist)
}

// What is not a regular file is not replaced, and no link is followed; the mode
// is the one that was asked for.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	require.NoError(t, Replace(name, 0o600, []byte("1")))
	require.NoError(t, Replace(name, 0o644, []byte("2")))
	info, err := os.Stat(name)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		require.EqualValues(t, 0o644, info.Mode().Perm())
	}
	require.ErrorContains(t, Replace(dir, 0o644, nil), "a directory")
	link := filepath.Join(dir, "link")
	if os.Symlink(name, link) == nil {
		require.ErrorContains(t, Replace(link, 0o644, nil), "a symbolic link")
	}
	require.Error(t, Replace(filepath.Join(dir, "none", "a"), 0o644, nil))
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "2", string(content))
}

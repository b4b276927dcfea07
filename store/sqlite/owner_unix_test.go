//go:build unix

package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

// STO-10: whoever can write the file, one that SQLite keeps beside it, or the folder can
// spend what was spent, so nobody else may.
func TestOpenLooksAtWhoMayWrite(t *testing.T) {
	const stranger = 54321
	for _, c := range []struct {
		name, says string
		root       bool // it takes root to do that
		change     func(file string) error
	}{
		{name: "as it was made", change: func(string) error { return nil }},
		{name: "the folder is of the user's own group", change: func(file string) error {
			return joined(os.Chown(filepath.Dir(file), -1, os.Getegid()), os.Chmod(filepath.Dir(file), 0o755))
		}},
		{name: "the log", says: "-wal", change: func(file string) error { return os.Chmod(file+"-wal", 0o666) }},
		{name: "the log, by its group", says: "-wal", change: func(file string) error { return os.Chmod(file+"-wal", 0o620) }},
		{name: "the index", says: "-shm", change: func(file string) error { return os.Chmod(file+"-shm", 0o602) }},
		{name: "a journal", says: "-journal", change: func(file string) error {
			return joined(os.WriteFile(file+"-journal", nil, 0o600), os.Chmod(file+"-journal", 0o606))
		}},
		{name: "the log is a link", says: "-wal is a L", change: func(file string) error {
			return joined(os.Rename(file+"-wal", file+"2"), os.Symlink(file+"2", file+"-wal"))
		}},
		{name: "the folder", says: "mkdir -m 700", change: func(file string) error {
			return os.Chmod(filepath.Dir(file), 0o757)
		}},
		{name: "the folder, where each may remove his own only", says: "mkdir -m 700", change: func(file string) error {
			return os.Chmod(filepath.Dir(file), 0o777|os.ModeSticky)
		}},
		{name: "the folder, by a group", says: "mkdir -m 700", root: true, change: func(file string) error {
			return joined(os.Chown(filepath.Dir(file), -1, stranger), os.Chmod(filepath.Dir(file), 0o770))
		}},
		{name: "the log is a stranger's", says: "user 54321", root: true, change: func(file string) error {
			return os.Chown(file+"-wal", stranger, -1)
		}},
		{name: "the index is a stranger's", says: "user 54321", root: true, change: func(file string) error {
			return os.Chown(file+"-shm", stranger, -1)
		}},
		{name: "the folder is a stranger's", says: "user 54321", root: true, change: func(file string) error {
			return os.Chown(filepath.Dir(file), stranger, -1)
		}},
		{name: "all is one user's, and root looks", root: true, change: func(file string) error {
			return joined(os.Chown(filepath.Dir(file), stranger, -1), os.Chown(file, stranger, -1),
				os.Chown(file+"-wal", stranger, -1), os.Chown(file+"-shm", stranger, -1))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("it takes root to make this")
			}
			folder := filepath.Join(t.TempDir(), "shop")
			require.NoError(t, os.Mkdir(folder, 0o700))
			file := filepath.Join(folder, "ledger.db")
			other := open(t, file) // as long as it is open, its log is there
			defer other.Close()
			require.NoError(t, other.Ledger().Record(ctx, verify.Record{Decision: "one"}))
			require.NoError(t, c.change(file))
			s, err := sqlite.Open(ctx, file, sqlite.Options{})
			if c.says == "" {
				require.NoError(t, err)
				require.NoError(t, s.Close())
				return
			}
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, file)
		})
	}
}

// A folder that others may write gets no file at all.
func TestNothingIsMadeWhereOthersMayWrite(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o777))
	_, err := sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{})
	require.ErrorContains(t, err, "mkdir -m 700")
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)

	require.NoError(t, os.Chmod(folder, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "ledger.db-wal"), nil, 0o600))
	require.NoError(t, os.Chmod(filepath.Join(folder, "ledger.db-wal"), 0o622))
	_, err = sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{})
	require.ErrorContains(t, err, "-wal", "a log that waits for a database")
}

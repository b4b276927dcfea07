package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(ctx, path, sqlite.Options{InsecureNoSync: testing.Short()})
	require.NoError(t, err)
	return s
}

func TestLedger(t *testing.T) {
	for name, path := range map[string]func(t testing.TB) string{
		"file":   func(t testing.TB) string { return filepath.Join(t.TempDir(), "ledger.db") },
		"memory": func(testing.TB) string { return sqlite.Memory },
	} {
		t.Run(name, func(t *testing.T) {
			verifytest.TestLedger(t, func(t testing.TB) verify.Ledger {
				s := open(t, path(t))
				t.Cleanup(func() { require.NoError(t, s.Close()) })
				return s.Ledger()
			})
		})
	}
}

// handle is a ledger with the store that it closes.
type handle struct {
	store.Ledger
	store *sqlite.Store
}

func (h handle) Close() error { return h.store.Close() }

func TestDurableLedger(t *testing.T) {
	verifytest.TestDurableLedger(t, func(t testing.TB, place string) verifytest.DurableLedger {
		s := open(t, filepath.Join(place, "ledger.db"))
		return handle{s.Ledger(), s}
	})
}

// S15; the ledger's half of A5: what was seen revoked stays so.
func TestMarkStore(t *testing.T) {
	verifytest.TestMarkStore(t, func(t testing.TB) func() verify.MarkStore {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func() verify.MarkStore {
			s := open(t, path)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			return s.Marks()
		}
	})
}

// STO-04, STO-10, STO-11: a file that is not good is refused, told, and left as it is.
func TestOpenRefuses(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.db")
	s := open(t, good)
	require.NoError(t, s.Ledger().Record(ctx, verify.Record{Decision: "one"}))
	require.NoError(t, s.Close())
	bytes, err := os.ReadFile(good)
	require.NoError(t, err)

	for _, c := range []struct {
		name, says string
		is         error
		damage     func(path string) error
	}{
		{"good", "", nil, func(string) error { return nil }},
		{"a folder", "want a regular file", nil, func(path string) error {
			return joined(os.Remove(path), os.Mkdir(path, 0o700))
		}},
		{"a link", "want a regular file", nil, func(path string) error {
			return joined(os.Remove(path), os.Symlink(good, path))
		}},
		{"writable by others", "want 0600", nil, func(path string) error { return os.Chmod(path, 0o622) }},
		{"text", "backup", store.ErrDamaged, func(path string) error {
			return os.WriteFile(path, []byte("not a database, but long enough to be looked at as if it were one\n"), 0o600)
		}},
		{"another program's", "another program", nil, func(path string) error {
			return alter(path, "PRAGMA application_id = 7")
		}},
		{"of a newer version", "newer version", store.ErrNewer, func(path string) error {
			return alter(path, "INSERT INTO versions (version) VALUES (1000)")
		}},
		{"cut off", "", store.ErrDamaged, func(path string) error { return os.Truncate(path, int64(len(bytes)/2)) }},
		{"with a page of zeros", "", store.ErrDamaged, func(path string) error {
			changed := append([]byte(nil), bytes...)
			clear(changed[2*4096 : 3*4096])
			return os.WriteFile(path, changed, 0o600)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			require.NoError(t, os.WriteFile(path, bytes, 0o600))
			require.NoError(t, c.damage(path))
			before, _ := os.ReadFile(path)
			s, err := sqlite.Open(ctx, path, sqlite.Options{})
			if c.name == "good" {
				require.NoError(t, err)
				require.NoError(t, s.Close())
				return
			}
			require.Error(t, err)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, path)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			after, _ := os.ReadFile(path)
			require.True(t, string(before) == string(after), "the file was changed")
		})
	}
}

func joined(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Ten may begin at once on a file that is not there yet.
func TestTenStartAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	var wg sync.WaitGroup
	failed := make([]error, 10)
	for i := range failed {
		wg.Go(func() {
			s, err := sqlite.Open(ctx, path, sqlite.Options{})
			if failed[i] = err; err == nil {
				failed[i] = s.Close()
			}
		})
	}
	wg.Wait()
	for _, err := range failed {
		require.NoError(t, err)
	}
}

// STO-09: a folder that cannot be written is told.
func TestReadOnlyFolder(t *testing.T) {
	const folder = "/proc" // nobody makes files there, root neither, wherever it is
	_, err := sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{})
	require.ErrorContains(t, err, "sqlite: "+filepath.Join(folder, "ledger.db"))
}

// STO-16.
func TestClosed(t *testing.T) {
	for _, path := range []string{sqlite.Memory, filepath.Join(t.TempDir(), "ledger.db")} {
		s := open(t, path)
		require.NoError(t, s.Close())
		require.NoError(t, s.Close(), "closing again does nothing")
		_, entry := s.Ledger().Entry(ctx, "one")
		_, mark := s.Marks().LoadMark(ctx, verify.MarkKey{})
		for _, err := range []error{s.Ledger().Record(ctx, verify.Record{Decision: "one"}), entry, mark} {
			var e *passport.Error
			require.ErrorAs(t, err, &e)
			require.ErrorIs(t, err, verify.LedgerUnavailable)
		}
	}
}

// A7, A8.
func TestStore(t *testing.T) {
	storetest.Test(t, func(t testing.TB) (storetest.Open, func(string)) {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func(o store.Options) (store.Store, error) {
			return sqlite.Open(ctx, path, sqlite.Options{Options: o, InsecureNoSync: true})
		}, func(statement string) { require.NoError(t, alter(path, statement)) }
	})
}

// A copy that is made while acts go on is one moment of the store, and is opened by
// name.
func TestBackup(t *testing.T) {
	folder := t.TempDir()
	s, err := sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for g := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					_, err := s.Ledger().Reserve(ctx, storetest.Act(fmt.Sprint(g, " ", i), storetest.Noon, 1, 1<<30))
					require.NoError(t, err)
				}
			}
		})
	}
	for i := range 3 {
		copied := filepath.Join(folder, fmt.Sprint("copy", i))
		require.NoError(t, s.Backup(ctx, copied))
		require.Error(t, s.Backup(ctx, copied), "a copy is never written over")
		info, err := os.Stat(copied)
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm())
		c, err := sqlite.Open(ctx, copied, sqlite.Options{Options: store.Options{AfterRestore: true}})
		require.NoError(t, err)
		require.NoError(t, c.Check(ctx))
		require.NoError(t, c.Close())
	}
	close(stop)
	wg.Wait()
	require.NoError(t, s.Check(ctx))
	require.NoError(t, s.Close())
}

// What strangers make a store keep is bounded in bytes, too, whatever they send: 6 KB for
// each refusal that is kept.
func TestStrangersDoNotFillTheDisk(t *testing.T) {
	sequential.Long(t)
	file := filepath.Join(t.TempDir(), "ledger.db")
	const keep = 1000
	s, err := sqlite.Open(ctx, file, sqlite.Options{
		Options:        store.Options{KeepRefused: keep, RefusedPerMinute: 1 << 30},
		InsecureNoSync: true,
	})
	require.NoError(t, err)
	for i := range 4 * keep {
		odd := strings.Repeat("\xff", 100_000)
		if i%2 == 0 {
			odd = strings.Repeat("x", 100_000)
		}
		require.NoError(t, s.Ledger().Record(ctx, verify.Record{
			Decision: fmt.Sprint("decision", i), At: storetest.Noon.Add(time.Duration(i)), Verdict: verify.Deny,
			Codes: slices.Repeat([]verify.Code{verify.DelegationWidened}, 1000), Passport: odd, Agent: odd, Root: odd,
			Intent: odd, Audience: odd, Action: odd, Resource: odd,
		}))
	}
	require.NoError(t, s.Close())
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64((keep+keep/16+2*256)*6000))
}

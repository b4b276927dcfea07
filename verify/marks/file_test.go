package marks_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/marks"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var (
	ctx = context.Background()
	at  = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
)

func clock() time.Time { return at }

func open(t testing.TB, path string) *marks.File {
	t.Helper()
	f, err := marks.Open(path, marks.Options{Now: clock})
	require.NoError(t, err)
	return f
}

func key(name string) verify.MarkKey {
	return verify.MarkKey{Kind: verify.ListMark, Issuer: did.MustParse("did:web:issuer.example"), Name: name}
}

func TestFileIsAMarkStore(t *testing.T) {
	verifytest.TestMarkStore(t, func(t testing.TB) func() verify.MarkStore {
		path := filepath.Join(t.TempDir(), "marks")
		var f *marks.File
		t.Cleanup(func() { _ = f.Close() })
		return func() verify.MarkStore {
			if f != nil {
				require.NoError(t, f.Close())
			}
			f = open(t, path)
			return f
		}
	})
}

// STO: a line that was not written to its end was promised to nobody; any other
// that cannot be read is not passed over.
func TestFileAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "marks")
	f := open(t, path)
	for i := range 3 {
		require.NoError(t, f.SaveMark(ctx, verify.Mark{MarkKey: key(fmt.Sprint(i)), AsOf: at}))
	}
	require.NoError(t, f.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.SplitAfter(string(whole), "\n")
	last := len(whole) - len(lines[2])
	for cut := last; cut < len(whole); cut++ {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		f := open(t, path)
		for i := range 3 {
			name := strings.Split(strings.Split(lines[i], `"name":"`)[1], `"`)[0]
			m, err := f.LoadMark(ctx, key(name))
			require.NoError(t, err)
			require.Equal(t, i < 2, !m.AsOf.IsZero(), cut)
		}
		require.NoError(t, f.SaveMark(ctx, verify.Mark{MarkKey: key("3"), AsOf: at}))
		require.NoError(t, f.Close())
		f = open(t, path)
		m, err := f.LoadMark(ctx, key("3"))
		require.NoError(t, err)
		require.Equal(t, at, m.AsOf)
		require.NoError(t, f.Close())
	}
	for name, bad := range map[string]string{
		"not JSON": "{\n", "empty": "\n",
		"another member": `{"kind":"a","issuer":"did:web:a.example","name":"b","x":1}` + "\n",
		"no name":        `{"kind":"a","issuer":"did:web:a.example"}` + "\n", "no issuer": `{"kind":"a","name":"b"}` + "\n",
		"a sum too short":  `{"kind":"a","issuer":"did:web:a.example","name":"b","sum":"00"}` + "\n",
		"a sum too long":   `{"kind":"a","issuer":"did:web:a.example","name":"b","sum":"` + strings.Repeat("0", 66) + `"}` + "\n",
		"no such instant":  `{"kind":"a","issuer":"did:web:a.example","name":"b","asOf":"soon"}` + "\n",
		"no such index":    `{"kind":"a","issuer":"did:web:a.example","name":"b","revoked":[[-1,1]]}` + "\n",
		"two in a line":    `{"kind":"a","issuer":"did:web:a.example","name":"b"}{}` + "\n",
		"overwritten with": strings.Repeat("\x00", 20) + "\n",
	} {
		text := lines[0] + bad + lines[1]
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := marks.Open(path, marks.Options{Now: clock})
		require.ErrorContains(t, err, "line 2", name)
		still, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(still), "%s: the file stays as it is", name)
	}
}

// The file grows by what is new alone, and what bears on nothing any more goes.
func TestFileIsKeptShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "marks")
	now := at
	f, err := marks.Open(path, marks.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	size := func() int64 {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Size()
	}
	m := verify.Mark{
		MarkKey: key("https://a.example/1"), AsOf: at,
		Revoked: []verify.RevokedEntry{{Index: 1, Size: 1}}, KeepUntil: at.Add(time.Hour),
	}
	require.NoError(t, f.SaveMark(ctx, m))
	one := size()
	for range 5 {
		require.NoError(t, f.SaveMark(ctx, m))
	}
	require.Equal(t, one, size())
	for i := range 1500 {
		m.AsOf = at.Add(time.Duration(i) * time.Second)
		require.NoError(t, f.SaveMark(ctx, m))
	}
	require.Less(t, size(), int64(140<<10), "it is written anew while it is in use")
	got, err := f.LoadMark(ctx, m.MarkKey)
	require.NoError(t, err)
	require.Equal(t, m, got)
	require.NoError(t, f.SaveMark(ctx, verify.Mark{MarkKey: key("https://a.example/for-good"), AsOf: at}))
	require.NoError(t, f.Close())

	now = at.Add(time.Hour + 1)
	f, err = marks.Open(path, marks.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	got, err = f.LoadMark(ctx, m.MarkKey)
	require.NoError(t, err)
	require.Equal(t, verify.Mark{MarkKey: m.MarkKey}, got)
	got, err = f.LoadMark(ctx, key("https://a.example/for-good"))
	require.NoError(t, err)
	require.Equal(t, at, got.AsOf)
	require.NoError(t, f.Close())

	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 2, "the file and its lock")
}

func TestFileOfOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "marks")
	f := open(t, path)
	_, err := marks.Open(path, marks.Options{})
	require.ErrorContains(t, err, "has it open")
	require.NoError(t, f.Close())
	require.ErrorIs(t, f.Close(), marks.ErrClosed)
	_, err = f.LoadMark(ctx, key("1"))
	require.ErrorIs(t, err, marks.ErrClosed)
	require.ErrorIs(t, f.SaveMark(ctx, verify.Mark{MarkKey: key("1")}), marks.ErrClosed)
	require.NoError(t, open(t, path).Close())

	_, err = marks.Open(filepath.Join(t.TempDir(), "no", "folder"), marks.Options{})
	require.Error(t, err)
	require.Error(t, open(t, filepath.Join(t.TempDir(), "m")).SaveMark(ctx, verify.Mark{}), "a mark of nothing")
}

// With the file a new verifier knows what the one before has seen.
func TestVerifierWithAFile(t *testing.T) {
	w := verifytest.NewWorld(t)
	path := filepath.Join(t.TempDir(), "marks")
	p := w.Passport()
	pass := w.Issue(p)
	decide := func() error {
		f := open(t, path)
		defer func() { require.NoError(t, f.Close()) }()
		_, err := w.Verifier(func(c *verify.Config) { c.Marks = f }).Verify(ctx, w.Present(pass, w.Intent()), w.Request())
		return err
	}
	verifytest.AssertAllowed(t, decide())
	w.Clock.Advance(time.Second)
	w.Lists.Set(p.Status[1], 1)
	verifytest.AssertDenied(t, decide(), verify.StatusSuspended)
	w.Lists.RollBack(verifytest.SuspensionURL)
	verifytest.AssertDenied(t, decide(), verify.StatusRolledBack)
	w.Clock.Advance(time.Second)
	w.Lists.Set(p.Status[0], 1)
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked)
	w.Lists.RollBack(verifytest.RevocationURL)
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked)
}

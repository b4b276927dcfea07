package statuslist

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

var ctx = context.Background()

// missing asserts the one way in which a source says that it has no list.
func missing(t *testing.T, f *Fetched, err error) {
	t.Helper()
	require.Nil(t, f)
	require.ErrorIs(t, err, code.StatusUnavailable)
	require.ErrorIs(t, err, ErrRetrieval)
}

func TestStatic(t *testing.T) {
	list := &Fetched{Raw: []byte("list"), At: testNow}
	s := Static{testURL: list}
	f, err := s.StatusList(ctx, testURL)
	require.NoError(t, err)
	require.Same(t, list, f)
	f, err = s.StatusList(ctx, testURL+"/")
	missing(t, f, err)
	f, err = Static(nil).StatusList(ctx, testURL)
	missing(t, f, err)
	f, err = Static{testURL: nil}.StatusList(ctx, testURL)
	missing(t, f, err)
}

// editionAt returns a real edition of the list at a URL.
func editionAt(t testing.TB, url string, at time.Time) *Edition {
	t.Helper()
	p := publisher(t, func(o *PublisherOptions) { o.URL, o.Also = url, nil })
	editions, err := p.Publish(ctx, signer(t), PublishOptions{Now: at})
	require.NoError(t, err)
	return editions[0]
}

func TestDir(t *testing.T) {
	d := Dir(t.TempDir())
	f, err := d.StatusList(ctx, testURL)
	missing(t, f, err)
	require.ErrorIs(t, err, fs.ErrNotExist)

	one, two := editionAt(t, testURL, testNow), editionAt(t, testURL, testNow.Add(time.Second))
	require.NoError(t, d.Put(ctx, one))
	require.NoError(t, d.Put(ctx, editionAt(t, testURL+"/2021", testNow)))
	first, err := d.StatusList(ctx, testURL)
	require.NoError(t, err)
	require.Equal(t, one.Raw, first.Raw)
	name := filepath.Join(string(d), "https%3a++example.org+status+revoked.list")
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.True(t, first.At.Equal(info.ModTime()))
	require.EqualValues(t, 0o644, info.Mode().Perm())

	require.NoError(t, d.Put(ctx, two))
	second, err := d.StatusList(ctx, testURL)
	require.NoError(t, err)
	require.Equal(t, two.Raw, second.Raw)
	require.Equal(t, one.Raw, first.Raw, "what was handed out does not change")

	files, err := os.ReadDir(string(d))
	require.NoError(t, err)
	require.Len(t, files, 2, "no temporary file stays")

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	f, err = d.StatusList(cancelled, testURL)
	missing(t, f, err)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, d.Put(cancelled, editionAt(t, testURL, testNow.Add(time.Hour))), context.Canceled)
}

func TestDirFaults(t *testing.T) {
	d, list := Dir(t.TempDir()), editionAt(t, testURL, testNow)
	name, err := FileName(testURL)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(string(d), name), 0o755))
	f, err := d.StatusList(ctx, testURL) // a folder where the list should be
	missing(t, f, err)
	require.Error(t, d.Put(ctx, list))
	files, err := os.ReadDir(string(d))
	require.NoError(t, err)
	require.Len(t, files, 1, "a failed Put leaves nothing behind")

	require.Error(t, Dir(filepath.Join(string(d), "none")).Put(ctx, list))
	f, err = Dir(filepath.Join(string(d), "none")).StatusList(ctx, testURL)
	missing(t, f, err)

	most := limits.Max().EncodedListBytes + limits.Max().DocumentBytes
	big := Dir(t.TempDir())
	require.NoError(t, os.WriteFile(filepath.Join(string(big), name), make([]byte, most+1), 0o600))
	f, err = big.StatusList(ctx, testURL)
	missing(t, f, err)
	require.NoError(t, os.Truncate(filepath.Join(string(big), name), int64(most)))
	_, err = big.StatusList(ctx, testURL)
	require.NoError(t, err)
}

func TestFileName(t *testing.T) {
	long := "https://example.org/" + strings.Repeat("a", 2000)
	for _, url := range []string{"", "x", "/etc/passwd", "../up", "..", ".put-1", "https://a.example/#x",
		"https://a.example/\x00", "https://a.example/ ", "file:\\x", "file:///etc/passwd", long} {
		_, err := FileName(url)
		missing(t, nil, err)
		require.Error(t, Dir(t.TempDir()).Put(ctx, &Edition{URL: url}))
	}
	seen := map[string]string{}
	for _, url := range []string{
		"https://a.example/../../etc/passwd", "https://a.example/..%2f..%2fetc/passwd", "urn:x:..", "x:...",
		"https://a.example/S", "https://a.example/s", "https://a.example/!s", "https://a.example/%21s",
		"https://a.example/a/b", "https://a.example/a+b", "https://a.example/a%2bb", "https://a.example/a_b", "https://a.example/a?b", "https://a.example/a:b",
		"https://a.example:8443/", "https://a.example/é", "https://a.example/%c3%a9", "https://a.example", "https://a.example/", "https://a.example/.list",
		"did:web:a.example:status", "nul:x", "HTTPS://a.example/s",
	} {
		name, err := FileName(url)
		require.NoError(t, err, url)
		require.Equal(t, name, filepath.Base(name), "no path")
		require.False(t, strings.HasPrefix(name, "."), name)
		require.Equal(t, name, strings.ToLower(name))
		require.NotContains(t, name, ":")
		require.NotContains(t, name, "\\")
		require.Empty(t, seen[name], "%q and %q have one name", url, seen[name])
		seen[name] = url
	}
	name, err := FileName("https://example.org/status/A1")
	require.NoError(t, err)
	require.Equal(t, "https%3a++example.org+status+!a1.list", name)
	name, err = FileName("https://example.org/" + strings.Repeat("a", 255-len("https%3a++example.org+.list")))
	require.NoError(t, err)
	require.Len(t, name, 255)
	_, err = FileName("https://example.org/" + strings.Repeat("a", 256-len("https%3a++example.org+.list")))
	require.Error(t, err)
}

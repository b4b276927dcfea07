package statuslist

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
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
	for _, url := range []string{"", "x", "/etc/passwd", "../up", "..", ".put-1", "https://a.example/#x", "https://a.example/\x00", "https://a.example/ ", "file:\\x", "file:///etc/passwd", long} {
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

// world is a source that counts, and a clock that stands still.
type world struct {
	fetches atomic.Int64
	size    int
	fail    error
	now     time.Time
}

func (w *world) StatusList(_ context.Context, url string) (*Fetched, error) {
	n := w.fetches.Add(1)
	if w.fail != nil {
		return nil, w.fail
	}
	raw := make([]byte, w.size)
	copy(raw, url)
	return &Fetched{Raw: raw, At: w.now.Add(time.Duration(n))}, nil
}

func (w *world) cache(t *testing.T, o CacheOptions) *Cache {
	o.Now = func() time.Time { return w.now }
	c, err := NewCache(w, o)
	require.NoError(t, err)
	return c
}

func TestCacheTTL(t *testing.T) {
	w := &world{size: 100, now: testNow}
	c := w.cache(t, CacheOptions{TTL: time.Minute})
	first, err := c.StatusList(ctx, testURL)
	require.NoError(t, err)
	for _, after := range []time.Duration{0, time.Second, time.Minute - 1} {
		w.now = testNow.Add(after)
		f, err := c.StatusList(ctx, testURL)
		require.NoError(t, err)
		require.Same(t, first, f, "the same pointer for the same bytes")
	}
	require.EqualValues(t, 1, w.fetches.Load())
	w.now = testNow.Add(time.Minute)
	f, err := c.StatusList(ctx, testURL)
	require.NoError(t, err)
	require.NotSame(t, first, f)
	require.EqualValues(t, 2, w.fetches.Load())
	w.now = testNow // a clock that was set back
	_, err = c.StatusList(ctx, testURL)
	require.NoError(t, err)
	require.EqualValues(t, 3, w.fetches.Load())
}

// TestSTL08FailureIsNeverAList: no failure is kept, and none is covered up
// with the list of before.
func TestSTL08FailureIsNeverAList(t *testing.T) {
	w := &world{size: 100, now: testNow}
	c := w.cache(t, CacheOptions{TTL: time.Minute})
	_, err := c.StatusList(ctx, testURL)
	require.NoError(t, err)
	w.now, w.fail = testNow.Add(time.Minute), errors.New("503")
	for range 3 {
		f, err := c.StatusList(ctx, testURL)
		require.Nil(t, f)
		require.ErrorIs(t, err, w.fail)
	}
	require.EqualValues(t, 4, w.fetches.Load())
	w.fail = nil
	_, err = c.StatusList(ctx, testURL)
	require.NoError(t, err)

	none, err := NewCache(SourceFunc(func(context.Context, string) (*Fetched, error) { return nil, nil }), CacheOptions{})
	require.NoError(t, err)
	f, err := none.StatusList(ctx, testURL)
	missing(t, f, err)
}

func TestCacheBounds(t *testing.T) {
	url := func(i int) string { return fmt.Sprintf("https://example.org/%d", i) }
	w := &world{size: 100, now: testNow}
	get := func(c *Cache, i int) {
		t.Helper()
		_, err := c.StatusList(ctx, url(i))
		require.NoError(t, err)
	}
	c := w.cache(t, CacheOptions{Lists: 3})
	get(c, 0)
	get(c, 1)
	get(c, 2)
	get(c, 0) // 1 is now the one used longest ago
	require.EqualValues(t, 3, w.fetches.Load())
	get(c, 3)
	get(c, 0)
	get(c, 2)
	require.EqualValues(t, 4, w.fetches.Load())
	get(c, 1)
	require.EqualValues(t, 5, w.fetches.Load())
	require.Equal(t, 300, c.bytes)
	require.Len(t, c.entries, 3)

	w = &world{size: 100, now: testNow}
	c = w.cache(t, CacheOptions{Bytes: 250})
	for i := range 3 {
		get(c, i)
	}
	require.Equal(t, 200, c.bytes)
	w.size = 250 // at the cap
	get(c, 4)
	require.Equal(t, 250, c.bytes)
	w.size = 251 // above: handed over, not kept
	get(c, 5)
	get(c, 5)
	require.EqualValues(t, 6, w.fetches.Load())
	require.Equal(t, 250, c.bytes)
}

func TestCacheOptions(t *testing.T) {
	for _, o := range []CacheOptions{{TTL: -1}, {Bytes: -1}, {Lists: 1 << 30}} {
		_, err := NewCache(Static{}, o)
		require.ErrorIs(t, err, code.RequestInvalid)
	}
	_, err := NewCache(nil, CacheOptions{})
	require.ErrorIs(t, err, code.RequestInvalid)
	c, err := NewCache(Static{}, CacheOptions{})
	require.NoError(t, err)
	require.Equal(t, time.Minute, c.ttl)
}

// slow is a source whose answers the test lets out one by one.
type slow struct {
	asked  chan context.Context
	answer chan error
}

func (s *slow) StatusList(ctx context.Context, url string) (*Fetched, error) {
	s.asked <- ctx
	if err := <-s.answer; err != nil {
		return nil, err
	}
	return &Fetched{Raw: []byte(url)}, nil
}

func newSlow(t *testing.T) (*slow, *Cache) {
	s := &slow{make(chan context.Context), make(chan error)}
	c, err := NewCache(s, CacheOptions{Now: func() time.Time { return testNow }})
	require.NoError(t, err)
	return s, c
}

func TestCacheSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSlow(t)
		got := make(chan *Fetched, 64)
		for range cap(got) {
			go func() {
				f, err := c.StatusList(ctx, testURL)
				if err != nil {
					t.Error(err)
				}
				got <- f
			}()
		}
		<-s.asked
		synctest.Wait() // all others wait for the one fetch
		s.answer <- nil
		first := <-got
		for range cap(got) - 1 {
			require.Same(t, first, <-got)
		}
	})
}

// TestCacheLeaderGivesUp: the caller whose context ended takes nobody with it.
func TestCacheLeaderGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSlow(t)
		leading, cancel := context.WithCancel(ctx)
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { _, err := c.StatusList(leading, testURL); first <- err }()
		<-s.asked
		go func() { _, err := c.StatusList(ctx, testURL); second <- err }()
		synctest.Wait()
		cancel()
		s.answer <- leading.Err()
		require.ErrorIs(t, <-first, context.Canceled)
		synctest.Wait()
		require.Empty(t, second, "the second does not take the first one's end for an answer")
		require.Equal(t, ctx, <-s.asked, "it asks for itself")
		s.answer <- nil
		require.NoError(t, <-second)
	})
}

// TestCacheSharesFailure: what the source said to one, it said to all who
// waited, and to nobody who asks later.
func TestCacheSharesFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSlow(t)
		failure, got := errors.New("503"), make(chan error, 8)
		for range cap(got) {
			go func() { _, err := c.StatusList(ctx, testURL); got <- err }()
		}
		<-s.asked
		synctest.Wait()
		s.answer <- failure
		for range cap(got) {
			require.ErrorIs(t, <-got, failure)
		}
		go func() { _, err := c.StatusList(ctx, testURL); got <- err }()
		<-s.asked
		s.answer <- nil
		require.NoError(t, <-got)
	})
}

func TestCacheWaiterGivesUp(t *testing.T) {
	s, c := newSlow(t)
	first := make(chan error, 1)
	go func() { _, err := c.StatusList(ctx, testURL); first <- err }()
	<-s.asked
	gone, cancel := context.WithCancel(ctx)
	cancel()
	f, err := c.StatusList(gone, testURL)
	missing(t, f, err)
	require.ErrorIs(t, err, context.Canceled)
	s.answer <- nil
	require.NoError(t, <-first)
}

func TestCacheSourcePanics(t *testing.T) {
	calls := 0
	c, err := NewCache(SourceFunc(func(context.Context, string) (*Fetched, error) {
		if calls++; calls == 1 {
			panic("source")
		}
		return &Fetched{}, nil
	}), CacheOptions{})
	require.NoError(t, err)
	require.Panics(t, func() { _, _ = c.StatusList(ctx, testURL) })
	_, err = c.StatusList(ctx, testURL)
	require.NoError(t, err, "nobody waits for the fetch that panicked")
}

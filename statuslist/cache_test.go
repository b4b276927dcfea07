package statuslist

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
)

// world is a source that counts, and a clock that stands still.
type world struct {
	fetches atomic.Int64
	size    int
	edition byte
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
	if w.size > 0 {
		raw[w.size-1] = w.edition
	}
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
	require.Same(t, first, f, "also of another fetch")
	require.EqualValues(t, 2, w.fetches.Load())
	w.now, w.edition = testNow, 1 // a clock that was set back
	f, err = c.StatusList(ctx, testURL)
	require.NoError(t, err)
	require.NotSame(t, first, f, "another pointer for other bytes")
	require.EqualValues(t, 3, w.fetches.Load())
}

// TestSTL08FailureIsNotKept: where there is no list of before, a failure is the
// answer, and the next caller asks anew.
func TestSTL08FailureIsNotKept(t *testing.T) {
	w := &world{size: 100, now: testNow, fail: errors.New("503")}
	c := w.cache(t, CacheOptions{TTL: time.Minute})
	for range 3 {
		f, err := c.StatusList(ctx, testURL)
		require.Nil(t, f)
		require.ErrorIs(t, err, w.fail)
	}
	require.EqualValues(t, 3, w.fetches.Load())
	w.fail = nil
	_, err := c.StatusList(ctx, testURL)
	require.NoError(t, err)

	none, err := NewCache(SourceFunc(func(context.Context, string) (*Fetched, error) { return nil, nil }), CacheOptions{})
	require.NoError(t, err)
	f, err := none.StatusList(ctx, testURL)
	missing(t, f, err)
}

// D8: while the host is down the list of before is handed on, the host is asked
// again less and less often, and what it says of that is minded.
func TestD8LastGoodListIsHandedOn(t *testing.T) {
	for name, tc := range map[string]struct {
		fail error
		asks []time.Duration // after the first failure, when the host is asked again
	}{
		"down":                   {errors.New("connection refused"), []time.Duration{1, 3, 7, 15, 31, 63, 123, 183}},
		"not found":              {unavailable(nil, testURL, "status 404"), []time.Duration{1, 3, 7}},
		"asks for patience":      {busy(70 * time.Second), []time.Duration{10, 12, 16, 24, 40, 72}},
		"asks for less":          {busy(60*time.Second + 1), []time.Duration{1, 3, 7}},
		"asks for a day":         {busy(24 * time.Hour), []time.Duration{900, 1800}},
		"asks, wrapped":          {fmt.Errorf("x: %w", busy(70*time.Second)), []time.Duration{10, 12}},
		"asks for what has been": {busy(-time.Hour), []time.Duration{1, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{size: 100, now: testNow}
			var events []FetchEvent
			c := w.cache(t, CacheOptions{TTL: time.Minute, Observe: func(e FetchEvent) { events = append(events, e) }})
			good, err := c.StatusList(ctx, testURL)
			require.NoError(t, err)
			require.Equal(t, []FetchEvent{{URL: testURL, Next: testNow.Add(time.Minute)}}, events)
			down := testNow.Add(time.Minute)
			w.now, w.fail = down, tc.fail
			hands := func() {
				t.Helper()
				for range 3 {
					f, err := c.StatusList(ctx, testURL)
					require.NoError(t, err)
					require.Same(t, good, f)
				}
			}
			hands()
			for i, after := range tc.asks {
				require.EqualValues(t, 2+i, w.fetches.Load())
				require.Equal(t, FetchEvent{URL: testURL, Err: tc.fail, Kept: true, Failures: i + 1, Next: down.Add(after * time.Second)}, events[1+i])
				w.now = down.Add(after*time.Second - 1)
				hands()
				require.EqualValues(t, 2+i, w.fetches.Load(), "not yet")
				w.now = down.Add(after * time.Second)
				hands()
			}
			// It is up again, with a new list: seen when the host is asked next.
			w.fail, w.edition = nil, 1
			w.now = w.now.Add(maxAskedPause)
			f, err := c.StatusList(ctx, testURL)
			require.NoError(t, err)
			require.NotSame(t, good, f)
			require.Equal(t, FetchEvent{URL: testURL, Next: w.now.Add(time.Minute)}, events[len(events)-1])
		})
	}
}

// busy is the error of a source that wants to be asked so long after testNow.
func busy(after time.Duration) error {
	return &code.Error{Code: code.StatusUnavailable, Detail: "429", Until: testNow.Add(after)}
}

// D8: not for ever. What no verifier takes is not handed out, and a list of
// another URL never is.
func TestD8AnOldListEnds(t *testing.T) {
	w := &world{size: 100, now: testNow}
	c := w.cache(t, CacheOptions{})
	good, err := c.StatusList(ctx, testURL)
	require.NoError(t, err)
	w.fail = errors.New("503")
	w.now = testNow.Add(maxKept - 1)
	f, err := c.StatusList(ctx, testURL)
	require.NoError(t, err)
	require.Same(t, good, f)
	f, err = c.StatusList(ctx, testURL+"/2")
	require.Nil(t, f)
	require.ErrorIs(t, err, w.fail)
	w.now = testNow.Add(maxKept)
	f, err = c.StatusList(ctx, testURL)
	require.Nil(t, f)
	require.ErrorIs(t, err, w.fail)
	require.Zero(t, c.bytes)
}

// D8: while one caller asks, nobody waits who has a list of before. That the
// caller gives up ends nothing: else whoever asks and hangs up, again and again,
// would keep everybody from the list of now.
func TestD8NobodyWaitsForARefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{make(chan context.Context), make(chan error)}
		c, err := NewCache(s, CacheOptions{})
		require.NoError(t, err)
		got := make(chan *Fetched, 1)
		get := func(ctx context.Context) {
			f, err := c.StatusList(ctx, testURL)
			if err != nil {
				t.Error(err)
			}
			got <- f
		}
		go get(ctx)
		<-s.asked
		s.answer <- nil
		good := <-got
		time.Sleep(time.Minute)
		leading, cancel := context.WithCancel(ctx)
		go get(leading)
		<-s.asked
		for range 5 {
			f, err := c.StatusList(ctx, testURL)
			require.NoError(t, err)
			require.Same(t, good, f)
		}
		cancel()
		require.Same(t, good, <-got, "the one who asked has it, too")
		s.answer <- nil
		synctest.Wait()
		f, err := c.StatusList(ctx, testURL) // fetched, and so not asked for
		require.NoError(t, err)
		require.Same(t, good, f)

		time.Sleep(time.Minute) // of a host that does not answer
		hanging, cancel := context.WithCancel(ctx)
		go get(hanging)
		asked := <-s.asked
		cancel()
		require.Same(t, good, <-got)
		require.NoError(t, asked.Err())
		time.Sleep(renewTime)
		synctest.Wait()
		require.ErrorIs(t, asked.Err(), context.DeadlineExceeded)
		s.answer <- asked.Err()
		synctest.Wait()
		f, err = c.StatusList(ctx, testURL)
		require.NoError(t, err)
		require.Same(t, good, f)
		time.Sleep(time.Second) // the pause after a failure
		go get(ctx)
		<-s.asked
		s.answer <- nil
		<-got
	})
}

// D8: a source that panics while it is asked again has failed, and no more.
func TestD8SourcePanicsWhenAskedAgain(t *testing.T) {
	calls, now := 0, testNow
	c, err := NewCache(SourceFunc(func(context.Context, string) (*Fetched, error) {
		if calls++; calls == 2 {
			panic("source")
		}
		return &Fetched{Raw: []byte{byte(calls)}}, nil
	}), CacheOptions{Now: func() time.Time { return now }})
	require.NoError(t, err)
	for _, want := range []byte{1, 1, 3} {
		f, err := c.StatusList(ctx, testURL)
		require.NoError(t, err)
		require.Equal(t, want, f.Raw[0])
		now = now.Add(time.Hour)
	}
}

// D8: nor does one that panics in the background end the process: what Run fetches
// is out of reach of everybody who could recover.
func TestD8SourcePanicsInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		c, err := NewCache(SourceFunc(func(context.Context, string) (*Fetched, error) {
			n := calls.Add(1)
			if n == 2 {
				panic("source")
			}
			return &Fetched{Raw: []byte{byte(n)}}, nil
		}), CacheOptions{})
		require.NoError(t, err)
		running, stop := context.WithCancel(ctx)
		over := make(chan error, 1)
		go func() { over <- c.Run(running) }()
		for range 2 { // it is used, so that Run fetches it
			f, err := c.StatusList(ctx, testURL)
			require.NoError(t, err)
			require.Equal(t, []byte{1}, f.Raw)
		}
		time.Sleep(50 * time.Second) // three quarters of a minute, and a pause
		synctest.Wait()
		f, err := c.StatusList(ctx, testURL)
		require.NoError(t, err)
		require.Equal(t, []byte{3}, f.Raw, "it was asked again")
		stop()
		require.ErrorIs(t, <-over, context.Canceled)
	})
}

// D8: after a pause in which nobody asked, all who come together get the list
// of now, and not all but one of them a list that is too old. Where the host is
// down they wait once, and get the list of before.
func TestD8AfterAPauseAllGetTheListOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{make(chan context.Context), make(chan error)}
		c, err := NewCache(s, CacheOptions{})
		require.NoError(t, err)
		got := make(chan *Fetched, 8)
		get := func(ctx context.Context) {
			f, err := c.StatusList(ctx, testURL)
			if err != nil {
				t.Error(err)
			}
			got <- f
		}
		together := func(answer error) (list []*Fetched) {
			for range cap(got) {
				go get(ctx)
			}
			<-s.asked
			synctest.Wait()
			require.Empty(t, got, "they wait")
			impatient, cancel := context.WithCancel(ctx)
			cancel()
			f, err := c.StatusList(impatient, testURL)
			require.NoError(t, err)
			require.NotNil(t, f, "whoever cannot wait gets what there is")
			s.answer <- answer
			for range cap(got) {
				list = append(list, <-got)
			}
			return list
		}
		go get(ctx)
		<-s.asked
		s.answer <- nil
		old := <-got
		time.Sleep(2 * time.Minute)
		together(nil)
		time.Sleep(time.Hour)
		for _, f := range together(errors.New("down")) {
			require.Same(t, old, f)
		}
		time.Sleep(time.Second) // still down: nobody waits a second time
		go get(ctx)
		<-s.asked
		f, err := c.StatusList(ctx, testURL)
		require.NoError(t, err)
		require.Same(t, old, f)
		s.answer <- nil
		<-got
	})
}

// refresher says when it wants to be asked again, and whether the list is the
// one of before.
type refresher struct {
	mu      sync.Mutex
	list    *Fetched
	fresh   time.Duration
	err     error
	asked   []string // what it was told that the caller has
	started []time.Time
}

// set changes the source while Run may be asking it.
func (r *refresher) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *refresher) StatusList(context.Context, string) (*Fetched, error) { panic("Refresh is asked") }

func (r *refresher) Refresh(_ context.Context, _ string, last *Fetched) (*Fetched, time.Duration, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	has := "nothing"
	if last != nil {
		has = string(last.Raw)
	}
	r.asked, r.started = append(r.asked, has), append(r.started, time.Now())
	if r.err != nil {
		return nil, 0, r.err
	}
	if last != nil && string(last.Raw) == string(r.list.Raw) {
		return last, r.fresh, nil
	}
	return r.list, r.fresh, nil
}

// A source may say itself for how long its answer is good.
func TestCacheAsksARefresher(t *testing.T) {
	now := testNow
	r := &refresher{list: &Fetched{Raw: []byte("1")}, fresh: 10 * time.Second}
	var last FetchEvent
	c, err := NewCache(r, CacheOptions{Now: func() time.Time { return now }, Observe: func(e FetchEvent) { last = e }})
	require.NoError(t, err)
	get := func(after time.Duration, want string) {
		t.Helper()
		now = now.Add(after)
		f, err := c.StatusList(ctx, testURL)
		require.NoError(t, err)
		require.Equal(t, want, string(f.Raw))
	}
	get(0, "1")
	require.Equal(t, FetchEvent{URL: testURL, Next: now.Add(10 * time.Second)}, last)
	get(10*time.Second-1, "1")
	require.Len(t, r.asked, 1)
	get(1, "1")
	require.Equal(t, FetchEvent{URL: testURL, Unchanged: true, Next: now.Add(10 * time.Second)}, last)
	r.list, r.fresh = &Fetched{Raw: []byte("2")}, -1
	get(10*time.Second, "2")
	require.Equal(t, FetchEvent{URL: testURL, Next: now.Add(time.Minute)}, last, "the cache's own TTL")
	r.fresh = 0
	get(time.Minute, "2")
	get(0, "2")
	require.Equal(t, []string{"nothing", "1", "1", "2", "2"}, r.asked, "0: asked every time")
}

// D8: Run fetches a list before it reaches its TTL, as long as somebody uses it,
// and nobody waits. It is over when its last fetch is.
func TestD8RunFetchesBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &refresher{list: &Fetched{Raw: []byte("1")}, fresh: time.Minute}
		c, err := NewCache(r, CacheOptions{})
		require.NoError(t, err)
		running, stop := context.WithCancel(ctx)
		over := make(chan error, 1)
		go func() { over <- c.Run(running) }()
		begin := time.Now()
		at := func() (out []time.Duration) {
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, s := range r.started {
				out = append(out, s.Sub(begin))
			}
			return out
		}
		asked := func(n int) {
			t.Helper()
			r.set(func() { require.Len(t, r.asked, n) })
		}
		use := func(want string) {
			t.Helper()
			f, err := c.StatusList(ctx, testURL)
			require.NoError(t, err)
			require.Equal(t, want, string(f.Raw))
		}
		use("1")
		use("1")
		r.set(func() { r.list = &Fetched{Raw: []byte("2")} })
		time.Sleep(44 * time.Second)
		synctest.Wait()
		use("1")
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, []time.Duration{0, 45 * time.Second}, at(), "at three quarters")
		use("2")
		asked(2) // nobody had to

		// It was used once since: fetched once more, and then left alone.
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []time.Duration{0, 45 * time.Second, 90 * time.Second}, at())

		// A use after three quarters of the time wakes Run at once.
		use("2") // by now it is too old, and was asked for
		asked(4)
		time.Sleep(50 * time.Second)
		synctest.Wait()
		asked(4)
		use("2")
		synctest.Wait()
		asked(5)

		// While the host is down it is asked with pauses, beside the callers.
		use("2")
		r.set(func() { r.err, r.started, begin = errors.New("503"), nil, time.Now() })
		time.Sleep(45*time.Second + 8*time.Second)
		synctest.Wait()
		require.Equal(t, []time.Duration{45 * time.Second, 46 * time.Second, 48 * time.Second, 52 * time.Second}, at())
		use("2")
		r.set(func() { r.err, r.list = nil, &Fetched{Raw: []byte("3")} })
		time.Sleep(8 * time.Second)
		synctest.Wait()
		use("3")
		require.Len(t, at(), 5)

		stop()
		require.ErrorIs(t, <-over, context.Canceled)
	})
}

// Run fetches several lists at once, but not all of them, and ends with them.
func TestD8RunIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lists = 3 * maxBackground
		var under atomic.Int64
		block := make(chan struct{})
		blocking := false
		c, err := NewCache(SourceFunc(func(ctx context.Context, url string) (*Fetched, error) {
			if blocking {
				under.Add(1)
				defer under.Add(-1)
				select {
				case <-block:
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			return &Fetched{Raw: []byte(url)}, nil
		}), CacheOptions{})
		require.NoError(t, err)
		use := func() {
			for i := range lists {
				_, err := c.StatusList(ctx, fmt.Sprint(testURL, i))
				require.NoError(t, err)
			}
		}
		use()
		use()
		blocking = true
		running, stop := context.WithCancel(ctx)
		over := make(chan error, 1)
		go func() { over <- c.Run(running) }()
		time.Sleep(50 * time.Second)
		synctest.Wait()
		require.EqualValues(t, maxBackground, under.Load())
		use() // every list is there, whether it is under way or not
		stop()
		require.ErrorIs(t, <-over, context.Canceled)
		require.Zero(t, under.Load())
		require.Empty(t, c.flights, "nobody waits for what was not fetched")
	})
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
	w.now = w.now.Add(time.Minute)
	get(c, 4) // has grown beyond it
	require.Zero(t, c.bytes)
	require.Empty(t, c.entries)
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

// A clock that panics, at whichever reading, leaves no lock and no flight that nobody ends: the next caller is served.
func TestCacheSurvivesItsClock(t *testing.T) {
	for _, fails := range []bool{false, true} { // the second time that it is asked
		for which := 1; which <= 9; which++ {
			synctest.Test(t, func(t *testing.T) {
				w := &world{size: 1, now: time.Unix(1_800_000_000, 0)}
				readings := 0
				c, err := NewCache(w, CacheOptions{TTL: time.Second, Now: func() time.Time {
					if readings++; readings == which {
						panic("oh")
					}
					return w.now
				}})
				require.NoError(t, err)
				failed := 0
				for i := range 6 {
					if _, err = c.StatusList(ctx, testURL); err != nil { // it says why, or the list of unknown age was not kept
						failed++
					}
					synctest.Wait()
					w.now = w.now.Add(1500 * time.Millisecond)
					if w.fail = nil; fails && i == 0 {
						w.fail = errors.New("away")
					}
				}
				require.NoError(t, err, "reading %d", which)
				require.LessOrEqual(t, failed, 2, "reading %d", which)
				require.GreaterOrEqual(t, readings, which)
			})
		}
	}
	synctest.Test(t, func(t *testing.T) {
		w := &world{size: 1, now: time.Unix(1_800_000_000, 0)}
		broken := true
		c, err := NewCache(w, CacheOptions{TTL: 4 * time.Second, Now: func() time.Time {
			if broken {
				panic("oh")
			}
			return time.Now()
		}})
		require.NoError(t, err)
		run, cancel := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- c.Run(run) }()
		synctest.Wait()
		broken = false
		for range 2 { // the second one uses the list
			_, err = c.StatusList(ctx, testURL)
			require.NoError(t, err)
		}
		time.Sleep(time.Minute) // of the bubble
		require.Greater(t, w.fetches.Load(), int64(1), "it goes on")
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

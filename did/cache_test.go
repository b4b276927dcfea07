package did_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// origin is a resolver that counts, and does what the test says.
type origin struct {
	calls  atomic.Int64
	answer func(ctx context.Context, id did.DID) (*did.Document, error)
}

func (o *origin) Resolve(ctx context.Context, id did.DID) (*did.Document, error) {
	o.calls.Add(1)
	return o.answer(ctx, id)
}

func documentOf(id did.DID) (*did.Document, error) {
	return did.ParseDocument([]byte(`{"id":"` + id.String() + `"}`))
}

func answerAll(_ context.Context, id did.DID) (*did.Document, error) { return documentOf(id) }

// clock is moved by hand.
type clock struct{ at atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

func newCache(t testing.TB, c did.CacheConfig) *did.Cache {
	t.Helper()
	cache, err := did.NewCache(c)
	require.NoError(t, err)
	return cache
}

func web(i int) did.DID { return did.MustParse(fmt.Sprintf("did:web:h%d.example", i)) }

func TestDID22OneFetchForManyMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		o := &origin{answer: func(_ context.Context, id did.DID) (*did.Document, error) {
			<-gate
			return documentOf(id)
		}}
		cache := newCache(t, did.CacheConfig{Resolver: o})
		got := make([]*did.Document, 1000)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				doc, err := cache.Resolve(context.Background(), web(0))
				if err == nil {
					got[i] = doc
				}
			})
		}
		synctest.Wait() // all of them wait
		close(gate)
		wg.Wait()
		require.EqualValues(t, 1, o.calls.Load())
		for _, doc := range got {
			require.NotNil(t, doc)
			require.Same(t, got[0], doc)
		}
	})
}

func TestDID22CancelledCallerFailsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var underway context.Context
		o := &origin{answer: func(ctx context.Context, id did.DID) (*did.Document, error) {
			underway = ctx
			<-gate
			return documentOf(id)
		}}
		cache := newCache(t, did.CacheConfig{Resolver: o})
		first, cancel := context.WithCancel(context.WithValue(context.Background(), ctxKey{}, "kept"))
		var firstErr, secondErr error
		var wg sync.WaitGroup
		wg.Go(func() { _, firstErr = cache.Resolve(first, web(0)) })
		synctest.Wait()
		wg.Go(func() { _, secondErr = cache.Resolve(context.Background(), web(0)) })
		synctest.Wait()
		cancel()
		synctest.Wait()
		require.ErrorIs(t, firstErr, did.ErrUnavailable)
		require.ErrorIs(t, firstErr, context.Canceled)
		require.NoError(t, underway.Err(), "the fetch goes on for the second")
		require.Equal(t, "kept", underway.Value(ctxKey{}))
		close(gate)
		wg.Wait()
		require.NoError(t, secondErr)
		require.EqualValues(t, 1, o.calls.Load())
	})
}

type ctxKey struct{}

func TestDID22LastCallerEndsTheFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{answer: func(ctx context.Context, _ did.DID) (*did.Document, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		cache := newCache(t, did.CacheConfig{Resolver: o})
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				_, err := cache.Resolve(ctx, web(0))
				if !errors.Is(err, did.ErrUnavailable) {
					panic(err)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		synctest.Wait() // the fetch has ended; synctest fails if its goroutine is left
		// Giving up is no answer about the DID: the next caller asks again.
		o.answer = answerAll
		_, err := cache.Resolve(context.Background(), web(0))
		require.NoError(t, err)
		require.EqualValues(t, 2, o.calls.Load())
	})
}

func TestCacheDoesNotStartForADoneContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{answer: answerAll}
		cache := newCache(t, did.CacheConfig{Resolver: o})
		done, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := cache.Resolve(done, web(0))
		require.ErrorIs(t, err, context.Canceled)
		synctest.Wait()
		require.Zero(t, o.calls.Load())
		_, err = cache.Resolve(context.Background(), web(0))
		require.NoError(t, err)
		_, err = cache.Resolve(done, web(0))
		require.NoError(t, err, "memory needs no time")
	})
}

func TestDID22KeyIsTheExactDID(t *testing.T) {
	o := &origin{answer: answerAll}
	cache := newCache(t, did.CacheConfig{Resolver: o})
	for _, text := range []string{"did:web:a.example", "did:web:A.example", "did:web:a.example:x", "did:web:a.example%3A443", "did:wab:a.example"} {
		for range 2 {
			doc, err := cache.Resolve(ctx, did.MustParse(text))
			require.NoError(t, err)
			require.Equal(t, text, doc.ID().String())
		}
	}
	require.EqualValues(t, 5, o.calls.Load())
}

func TestDID22Lifetimes(t *testing.T) {
	var c clock
	var failing error
	o := &origin{answer: func(_ context.Context, id did.DID) (*did.Document, error) {
		if failing != nil {
			return nil, failing
		}
		return documentOf(id)
	}}
	cache := newCache(t, did.CacheConfig{Resolver: o, Now: c.Now})
	resolve := func(wantCalls int64, wantErr error) {
		t.Helper()
		_, err := cache.Resolve(ctx, web(0))
		require.ErrorIs(t, err, wantErr)
		require.Equal(t, wantCalls, o.calls.Load())
	}
	resolve(1, nil)
	c.advance(5*time.Minute - 1)
	resolve(1, nil)
	c.advance(1)
	failing = did.ErrUnavailable
	resolve(2, did.ErrUnavailable) // no stale document in its place
	failing = nil
	c.advance(30*time.Second - 1)
	resolve(2, did.ErrUnavailable)
	c.advance(1)
	resolve(3, nil)
	c.advance(-time.Second) // a clock that goes back keeps nothing alive
	resolve(4, nil)
	cache.Forget(web(0))
	resolve(5, nil)
}

func TestCacheForgetDuringAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		o := &origin{answer: func(_ context.Context, id did.DID) (*did.Document, error) {
			<-gate
			return documentOf(id)
		}}
		cache := newCache(t, did.CacheConfig{Resolver: o})
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = cache.Resolve(context.Background(), web(0)) })
		synctest.Wait()
		cache.Forget(web(0))
		close(gate)
		wg.Wait()
		_, err := cache.Resolve(context.Background(), web(0))
		require.NoError(t, err)
		require.EqualValues(t, 2, o.calls.Load(), "what was underway is not remembered")
	})
}

func TestCacheIsBounded(t *testing.T) {
	o := &origin{answer: func(_ context.Context, id did.DID) (*did.Document, error) {
		if id.SpecificID()[0] == 'x' {
			return nil, did.ErrNotFound
		}
		return documentOf(id)
	}}
	cache := newCache(t, did.CacheConfig{Resolver: o, Entries: 2})
	resolve := func(id did.DID, wantCalls int64) {
		t.Helper()
		_, _ = cache.Resolve(ctx, id)
		require.Equal(t, wantCalls, o.calls.Load())
	}
	resolve(web(0), 1)
	resolve(web(1), 2)
	resolve(web(0), 2) // used: web(1) is now the oldest
	resolve(web(2), 3)
	resolve(web(0), 3)
	resolve(web(1), 4)
	// Failures make room among themselves.
	for i := range 10 {
		resolve(did.MustParse(fmt.Sprintf("did:web:x%d", i)), int64(5+i))
	}
	resolve(web(0), 14)
	resolve(web(1), 14)
	resolve(did.MustParse("did:web:x9"), 14)
	resolve(did.MustParse("did:web:x0"), 15)
}

func TestCacheDoesNotKeepWhatCostsNothing(t *testing.T) {
	for _, sentinel := range []error{did.ErrInvalidDID, did.ErrMethodNotSupported} {
		o := &origin{answer: func(context.Context, did.DID) (*did.Document, error) { return nil, sentinel }}
		cache := newCache(t, did.CacheConfig{Resolver: o})
		for range 2 {
			_, err := cache.Resolve(ctx, web(0))
			require.ErrorIs(t, err, sentinel)
		}
		require.EqualValues(t, 2, o.calls.Load())
	}
}

func TestCacheSurvivesItsResolver(t *testing.T) {
	for name, answer := range map[string]func(context.Context, did.DID) (*did.Document, error){
		"panic":  func(context.Context, did.DID) (*did.Document, error) { panic("boom") },
		"goexit": func(context.Context, did.DID) (*did.Document, error) { runtime.Goexit(); return nil, nil },
	} {
		cache := newCache(t, did.CacheConfig{Resolver: &origin{answer: answer}})
		_, err := cache.Resolve(ctx, web(0))
		require.ErrorIs(t, err, did.ErrUnavailable, name)
	}
}

func TestNewCacheRefuses(t *testing.T) {
	o := &origin{answer: answerAll}
	for name, c := range map[string]did.CacheConfig{
		"no resolver":           {},
		"negative TTL":          {Resolver: o, TTL: -1},
		"TTL over a day":        {Resolver: o, TTL: 24*time.Hour + 1},
		"long negative TTL":     {Resolver: o, NegativeTTL: time.Minute + 1},
		"negative negative TTL": {Resolver: o, NegativeTTL: -1},
		"too many entries":      {Resolver: o, Entries: 16385},
		"negative entries":      {Resolver: o, Entries: -1},
	} {
		_, err := did.NewCache(c)
		require.Error(t, err, name)
	}
	cache := newCache(t, did.CacheConfig{Resolver: o})
	_, err := cache.Resolve(ctx, did.DID{})
	require.ErrorIs(t, err, did.ErrInvalidDID)
}

func TestCacheConcurrently(t *testing.T) {
	cache := newCache(t, did.CacheConfig{Resolver: &origin{answer: answerAll}, Entries: 8})
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 50 {
				id := web((g + i) % 16)
				doc, err := cache.Resolve(ctx, id)
				if err != nil || doc.ID() != id {
					panic(fmt.Sprint(doc, err))
				}
				if i%7 == 0 {
					cache.Forget(id)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkCacheHit(b *testing.B) {
	cache := newCache(b, did.CacheConfig{Resolver: &origin{answer: answerAll}})
	id := web(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cache.Resolve(ctx, id); err != nil {
			b.Fatal(err)
		}
	}
}

// A clock that panics, at whichever reading, does not end the process and leaves nobody waiting: what it should have
// told the age of is not remembered.
func TestCacheSurvivesItsClock(t *testing.T) {
	for which := 1; which <= 3; which++ {
		readings := 0
		o := &origin{answer: answerAll}
		cache := newCache(t, did.CacheConfig{Resolver: o, Now: func() time.Time {
			if readings++; readings == which {
				panic("oh")
			}
			return time.Unix(0, 0)
		}})
		for i := range 3 {
			_, err := cache.Resolve(ctx, web(0))
			if err != nil {
				require.ErrorIs(t, err, did.ErrUnavailable)
				require.ErrorContains(t, err, "the clock panicked: oh")
				require.Less(t, i, 2, "reading %d", which)
			}
		}
		require.GreaterOrEqual(t, readings, which)
	}
}

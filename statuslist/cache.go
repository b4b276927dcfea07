package statuslist

import (
	"container/list"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// CacheOptions bound a [Cache].
type CacheOptions struct {
	// TTL is how long a list is handed out before it is fetched again. It
	// delays the sight of a revocation by as much, and nothing else: how old a
	// list may be is decided elsewhere. Zero means a minute.
	TTL time.Duration
	// Lists and Bytes are the most that is kept. Zero means 1,024 lists and
	// 64 MiB; at most 16,384 and 512 MiB.
	Lists, Bytes int
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// Cache keeps the lists of another [Source] for a while, bounded in number and
// bytes; what was used longest ago goes first. Callers that ask for the same
// list at the same time share one fetch. Failures are not kept, and an old
// list is never handed out in place of a failure. It is safe for concurrent
// use.
type Cache struct {
	source Source
	ttl    time.Duration
	now    func() time.Time

	maxEntries, maxBytes int

	mu      sync.Mutex
	entries map[string]*list.Element // of *cached
	recent  list.List                // front: used last
	bytes   int
	flights map[string]*flight
}

type cached struct {
	url     string
	fetched *Fetched
	since   time.Time
}

// flight is one fetch under way; done is closed when it is over.
type flight struct {
	done    chan struct{}
	fetched *Fetched
	err     error
	retry   bool // the fetch ended for a reason of its caller's own
}

// NewCache returns an empty cache in front of source. It fails on a nil
// source, a negative TTL, or bounds out of range.
func NewCache(source Source, o CacheOptions) (*Cache, error) {
	b, err := limits.Bounds{StatusCacheEntries: o.Lists, StatusCacheBytes: o.Bytes}.Resolve()
	switch {
	case err != nil:
		return nil, &code.Error{Code: code.RequestInvalid, Err: err}
	case source == nil:
		return nil, misuse(nil, "a cache needs a source")
	case o.TTL < 0:
		return nil, misuse(nil, "TTL of a cache is %s, want 0 or more", o.TTL)
	}
	if o.TTL == 0 {
		o.TTL = time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Cache{
		source: source, ttl: o.TTL, now: o.Now,
		maxEntries: b.StatusCacheEntries, maxBytes: b.StatusCacheBytes,
		entries: make(map[string]*list.Element), flights: make(map[string]*flight),
	}, nil
}

// StatusList returns the list at url, from memory if it was fetched less than
// TTL ago.
func (c *Cache) StatusList(ctx context.Context, url string) (*Fetched, error) {
	for {
		c.mu.Lock()
		if f := c.lookup(url); f != nil {
			c.mu.Unlock()
			return f, nil
		}
		fl := c.flights[url]
		if fl == nil {
			fl = &flight{done: make(chan struct{})}
			c.flights[url] = fl
			c.mu.Unlock()
			return c.fetch(ctx, url, fl)
		}
		c.mu.Unlock()
		select {
		case <-fl.done:
		case <-ctx.Done():
			return nil, unavailable(ctx.Err(), url, "gave up waiting for the list")
		}
		if !fl.retry {
			return fl.fetched, fl.err
		}
	}
}

// fetch asks the source in the goroutine of the first caller.
func (c *Cache) fetch(ctx context.Context, url string, fl *flight) (*Fetched, error) {
	// Stands if the source panics, so that nobody waits for ever.
	fl.err, fl.retry = unavailable(nil, url, "the source gave no answer"), true
	since := c.now() // the list may change while it is on its way
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.flights, url)
		if fl.err == nil {
			c.store(url, fl.fetched, since)
		}
		close(fl.done)
	}()
	f, err := c.source.StatusList(ctx, url)
	if err == nil && f == nil {
		err = unavailable(nil, url, "the source returned no list")
	}
	// That this caller gave up is no answer to the others.
	fl.fetched, fl.err, fl.retry = f, err, err != nil && ctx.Err() != nil
	return f, err
}

// lookup returns a list that is still good, and drops one that is not.
func (c *Cache) lookup(url string) *Fetched {
	el := c.entries[url]
	if el == nil {
		return nil
	}
	e := el.Value.(*cached)
	// A clock that was set back makes nothing younger.
	if age := c.now().Sub(e.since); age < 0 || age >= c.ttl {
		c.drop(el)
		return nil
	}
	c.recent.MoveToFront(el)
	return e.fetched
}

func (c *Cache) store(url string, f *Fetched, since time.Time) {
	if el := c.entries[url]; el != nil {
		c.drop(el)
	}
	if len(f.Raw) > c.maxBytes {
		return
	}
	url = strings.Clone(url) // it may be a part of a whole presentation
	c.entries[url] = c.recent.PushFront(&cached{url, f, since})
	c.bytes += len(f.Raw)
	for c.recent.Len() > c.maxEntries || c.bytes > c.maxBytes {
		c.drop(c.recent.Back())
	}
}

func (c *Cache) drop(el *list.Element) {
	e := c.recent.Remove(el).(*cached)
	delete(c.entries, e.url)
	c.bytes -= len(e.fetched.Raw)
}

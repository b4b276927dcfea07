package statuslist

import (
	"container/list"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// CacheOptions bound a [Cache].
type CacheOptions struct {
	// TTL is how long a list is handed out before it is fetched again, unless
	// the source is a [Refresher] and says otherwise. It delays the sight of a
	// revocation by as much, and nothing else: how old a list may be is decided
	// elsewhere. Zero means a minute.
	TTL time.Duration
	// Lists and Bytes are the most that is kept. Zero means 1,024 lists and
	// 64 MiB; at most 16,384 and 512 MiB.
	Lists, Bytes int
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// Observe is told of every fetch, for metrics and logs. It is called by
	// several goroutines at once, with no lock held. Nil: nobody is told.
	Observe func(FetchEvent)
}

// FetchEvent tells how one fetch of a list went.
type FetchEvent struct {
	URL       string
	Err       error         // nil: there is a list
	Unchanged bool          // the list is the one of before
	Kept      bool          // the fetch failed, and the list of before is handed on
	Failures  int           // in a row; 0 after a success
	Took      time.Duration // by the cache's clock
	Next      time.Time     // before then the list is not fetched again; zero if it is not kept
}

// Refresher is what a [Source] may also be: it asks whether a list has changed,
// and knows for how long its answer is good.
type Refresher interface {
	// Refresh returns the list at url, or last, the very pointer, if that is
	// still it; last is nil if the caller has none. The caller asks again after
	// fresh; a negative one leaves that to the caller.
	Refresh(ctx context.Context, url string, last *Fetched) (f *Fetched, fresh time.Duration, err error)
}

// Cache keeps the lists of another [Source], bounded in number and bytes; what
// was used longest ago goes first. Callers that ask for the same list at the
// same time share one fetch.
//
// A list that has reached its TTL is fetched again: by [Cache.Run] before that,
// or else for one caller who waits, while the others get the list of before; but
// if it is twice as old as its TTL because nobody has asked, they wait, too. That
// a caller gives up ends no such fetch; it ends after 15 seconds. When it fails,
// everybody gets the list of before, for a week at most: a list is signed and
// says for how long it speaks, so that its age is for the verifier to judge. A
// failing source is asked again after a second, then two, four and so on up to a
// minute, or when it said (Until of its error), up to a quarter of an hour later.
// A failure is an answer only where there is no list of before; it is not kept.
//
// A Cache is safe for concurrent use. [NewCache] makes one; the zero Cache has
// no list.
type Cache struct {
	source  Source
	ttl     time.Duration
	now     func() time.Time
	observe func(FetchEvent)

	maxEntries, maxBytes int

	mu      sync.Mutex
	entries map[string]*list.Element // of *cached
	recent  list.List                // front: used last
	bytes   int
	flights map[string]*flight
	changed chan struct{} // tells Run to look again; of one place
}

type cached struct {
	url      string
	fetched  *Fetched
	since    time.Time     // when it was asked for with success
	fresh    time.Duration // from since on it is handed out without a question
	failures int           // in a row
	retry    time.Time     // after a failure: before then nobody asks
	used     bool          // since it was fetched
}

// flight is one fetch under way; done is closed when it is over, and told when
// the observer has heard of it.
type flight struct {
	done    chan struct{}
	told    chan struct{}
	fetched *Fetched
	err     error
	retry   bool // the fetch ended for a reason of its caller's own
}

// maxKept is how long a list is handed on after the last good fetch: no
// configuration of a verifier takes an older one.
var maxKept = maximum.StatusAge

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
		source: source, ttl: o.TTL, now: o.Now, observe: o.Observe,
		maxEntries: b.StatusCacheEntries, maxBytes: b.StatusCacheBytes,
		entries: make(map[string]*list.Element), flights: make(map[string]*flight),
		changed: make(chan struct{}, 1),
	}, nil
}

// made reports whether the cache is one of NewCache.
func (c *Cache) made() bool { return c != nil && c.source != nil }

// StatusList returns the list at url. See [Cache].
func (c *Cache) StatusList(ctx context.Context, url string) (*Fetched, error) {
	if !c.made() {
		return nil, unavailable(nil, url, "the cache was not made (NewCache makes one)")
	}
	if ctx == nil {
		return nil, unavailable(callctx.ErrNil, url, "not asked for")
	}
	for {
		now, err := c.clock()
		if err != nil {
			return nil, unavailable(err, url, "nobody knows how old it is")
		}
		c.mu.Lock()
		kept, old, ask := c.lookup(url, now)
		if !ask {
			c.mu.Unlock()
			return kept, nil
		}
		fl := c.flights[url]
		leads := fl == nil
		switch {
		case leads && kept == nil:
			fl = c.takeOff(url)
			c.mu.Unlock()
			return c.fetch(ctx, url, nil, fl)
		case leads:
			fl = c.takeOff(url)
			go c.renew(ctx, url, kept, fl)
		case kept != nil && !old: // somebody is fetching it, and this one will do
			c.mu.Unlock()
			return kept, nil
		}
		c.mu.Unlock()
		over := fl.done
		if leads {
			over = fl.told
		}
		select {
		case <-over:
		case <-ctx.Done():
			if kept != nil {
				return kept, nil
			}
			return nil, unavailable(ctx.Err(), url, "gave up waiting for the list")
		}
		switch {
		case fl.err != nil && kept != nil:
			return kept, nil
		case !fl.retry:
			return fl.fetched, fl.err
		}
	}
}

// lookup returns the list that is kept now, nil if there is none, and whether to
// ask the source. old says that nobody has asked for so long that a verifier may
// not take it any more. It drops a list that nobody would take.
func (c *Cache) lookup(url string, now time.Time) (kept *Fetched, old, ask bool) {
	el := c.entries[url]
	if el == nil {
		return nil, false, true
	}
	e := el.Value.(*cached)
	age := datetime.Between(e.since, now)
	if age >= maxKept {
		c.drop(el)
		return nil, false, true
	}
	c.recent.MoveToFront(el)
	if !e.used {
		e.used = true
		c.wake()
	}
	// A clock that was set back makes nothing younger.
	ask = (age < 0 || age >= e.fresh) && !now.Before(e.retry)
	return e.fetched, age >= 2*e.fresh && e.failures == 0, ask
}

// clock reads the host's clock. One that panics must not leave a lock, or a flight that nobody ends.
func (c *Cache) clock() (at time.Time, err error) {
	err = hostcall.Try("the clock", func() { at = c.now() })
	return at, err
}

// takeOff begins a flight.
func (c *Cache) takeOff(url string) *flight {
	fl := &flight{done: make(chan struct{}), told: make(chan struct{})}
	c.flights[url] = fl
	return fl
}

// renewTime bounds a fetch that no caller waits for any more.
const renewTime = 15 * time.Second

// renew fetches a list again, in a goroutine of its own that ends with the
// fetch: a caller who hangs up does not keep the others from the list of now. A
// panic of the source would end the process here, out of reach of the caller.
func (c *Cache) renew(ctx context.Context, url string, last *Fetched, fl *flight) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewTime)
	defer cancel()
	defer func() { _ = recover() }() // the flight has ended as one without an answer
	_, _ = c.fetch(ctx, url, last, fl)
}

// fetch asks the source in the goroutine of the caller.
func (c *Cache) fetch(ctx context.Context, url string, last *Fetched, fl *flight) (*Fetched, error) {
	// Stands if the source panics, so that nobody waits for ever.
	fl.err, fl.retry = unavailable(nil, url, "the source gave no answer"), true
	since, _ := c.clock() // the list may change while it is on its way; without a clock it is very old
	event := FetchEvent{URL: url, Err: fl.err}
	defer func() {
		if ended, err := c.clock(); err == nil && !since.IsZero() {
			event.Took = ended.Sub(since)
		}
		c.mu.Lock()
		delete(c.flights, url)
		c.land(&event, since, fl)
		c.mu.Unlock()
		close(fl.done)
		c.wake()
		defer close(fl.told)
		if c.observe != nil {
			c.observe(event)
		}
	}()
	f, fresh, err := c.ask(ctx, url, last)
	if err == nil && f == nil {
		err = unavailable(nil, url, "the source returned no list")
	}
	event.Unchanged, event.Err = f == last && last != nil, err
	if err == nil {
		event.Next = since.Add(fresh)
	}
	// That this caller gave up is not an answer to the others.
	fl.fetched, fl.err, fl.retry = f, err, err != nil && ctx.Err() != nil
	return f, err
}

// ask returns what the source has, and for how long that is fresh.
func (c *Cache) ask(ctx context.Context, url string, last *Fetched) (f *Fetched, fresh time.Duration, err error) {
	fresh = -1
	if r, ok := c.source.(Refresher); ok {
		f, fresh, err = r.Refresh(ctx, url, last)
	} else {
		f, err = c.source.StatusList(ctx, url)
	}
	if fresh < 0 {
		fresh = c.ttl
	}
	// Who asked finds what he made of the same bytes by the same pointer.
	if err == nil && f != nil && last != nil && string(f.Raw) == string(last.Raw) {
		f = last
	}
	return f, fresh, err
}

// land keeps what came of a fetch.
func (c *Cache) land(event *FetchEvent, since time.Time, fl *flight) {
	el := c.entries[event.URL]
	switch {
	case fl.err == nil:
		c.store(el, event, since, fl.fetched)
	case el != nil:
		e := el.Value.(*cached)
		e.failures++
		now, _ := c.clock()
		e.retry = retryAt(now, e.failures, fl.err)
		event.Kept, event.Failures, event.Next = true, e.failures, e.retry
	}
}

// store keeps a list, in the place el of the one before if there is one: to
// fetch it again is not a use.
func (c *Cache) store(el *list.Element, event *FetchEvent, since time.Time, f *Fetched) {
	if el != nil && len(f.Raw) > c.maxBytes {
		c.drop(el)
	}
	if len(f.Raw) > c.maxBytes {
		event.Next = time.Time{}
		return
	}
	if el == nil {
		url := strings.Clone(event.URL) // it may be a part of a whole presentation
		el = c.recent.PushFront(&cached{url: url, fetched: &Fetched{}})
		c.entries[url] = el
	}
	e := el.Value.(*cached)
	c.bytes += len(f.Raw) - len(e.fetched.Raw)
	*e = cached{url: e.url, fetched: f, since: since, fresh: event.Next.Sub(since)}
	for c.recent.Len() > c.maxEntries || c.bytes > c.maxBytes {
		c.drop(c.recent.Back())
	}
}

func (c *Cache) drop(el *list.Element) {
	e := c.recent.Remove(el).(*cached)
	delete(c.entries, e.url)
	c.bytes -= len(e.fetched.Raw)
}

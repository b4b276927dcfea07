package did

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// CacheConfig configures a [Cache].
type CacheConfig struct {
	// Resolver is asked for what the cache does not have. Required.
	Resolver Resolver

	// TTL is how long a document is used before it is asked for again, and so
	// the longest time for which a key taken out of a document goes on being
	// accepted. Zero means 5 minutes, at most 24 hours.
	TTL time.Duration

	// NegativeTTL is how long a failure is remembered, whatever its cause.
	// Zero means 30 seconds, at most 60.
	NegativeTTL time.Duration

	// Entries is how many documents are kept, and how many failures; the one
	// used least recently makes room. Zero means 1,024, at most 16,384.
	Entries int

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// A Cache is a [Resolver] that remembers what another one found. The key is
// the exact DID. Callers who miss the same DID together wait for one
// resolution, which goes on until it is done or all of them have given up;
// one that gives up does not fail the others.
//
// Failures are remembered too, for less long and apart from the documents, so
// that a flood of names that do not exist pushes no document out. A cache is
// safe for concurrent use. [NewCache] makes one; the zero Cache finds nothing.
type Cache struct {
	resolver Resolver
	now      func() time.Time

	mu       sync.Mutex
	found    memory
	failed   memory
	underway map[DID]*flight
}

var _ Resolver = (*Cache)(nil)

// NewCache returns an empty cache. It fails if the configuration has no
// Resolver or a value out of range.
func NewCache(c CacheConfig) (*Cache, error) {
	if c.Resolver == nil {
		return nil, errors.New("did: a cache needs a Resolver")
	}
	b, err := limits.Bounds{DIDCacheEntries: c.Entries, DIDCacheAge: c.TTL, DIDFailureAge: c.NegativeTTL}.Resolve()
	if err != nil {
		return nil, fmt.Errorf("did: cache: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Cache{
		resolver: c.Resolver,
		now:      c.Now,
		found:    newMemory(b.DIDCacheEntries, b.DIDCacheAge),
		failed:   newMemory(b.DIDCacheEntries, b.DIDFailureAge),
		underway: make(map[DID]*flight),
	}, nil
}

// Forget drops what the cache knows about id, so that the next caller asks
// again: for a key that is known to be stolen, or published just now.
func (c *Cache) Forget(id DID) {
	if c == nil {
		return // it knows nothing
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found.drop(id)
	c.failed.drop(id)
	// What is being fetched may be the old document: its waiters get it, but
	// it is not remembered.
	delete(c.underway, id)
}

// Resolve returns the document of id from memory, or asks for it. If ctx is
// done first, it fails with [ErrUnavailable] and the cause.
func (c *Cache) Resolve(ctx context.Context, id DID) (*Document, error) {
	if c == nil || c.resolver == nil {
		return nil, fmt.Errorf("%w: %s: the cache was not made (NewCache makes one)", ErrUnavailable, id)
	}
	if ctx == nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnavailable, id, callctx.ErrNil)
	}
	now, err := c.clock()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnavailable, id, err)
	}
	c.mu.Lock()
	if a, ok := c.found.get(id, now); ok {
		c.mu.Unlock()
		return a.doc, nil
	}
	if a, ok := c.failed.get(id, now); ok {
		c.mu.Unlock()
		return nil, a.err
	}
	f := c.underway[id]
	if f == nil && ctx.Err() == nil {
		f = c.takeOff(ctx, id)
	}
	if f == nil {
		c.mu.Unlock()
		return nil, gaveUp(ctx, id)
	}
	f.waiters++
	c.mu.Unlock()

	select {
	case <-f.done:
		return f.doc, f.err
	case <-ctx.Done():
		c.leave(id, f)
		return nil, gaveUp(ctx, id)
	}
}

func gaveUp(ctx context.Context, id DID) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, id, context.Cause(ctx))
}

// flight is one resolution that callers wait for.
type flight struct {
	answer
	done    chan struct{} // closed when answer is set
	cancel  context.CancelFunc
	waiters int // guarded by Cache.mu
}

type answer struct {
	doc *Document
	err error
}

// takeOff starts the resolution of id, with c.mu held. Its goroutine ends when
// the resolver returns, which it is told to do when nobody waits any more.
func (c *Cache) takeOff(ctx context.Context, id DID) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), cancel: cancel}
	f.err = fmt.Errorf("%w: %s: the resolver did not return", ErrUnavailable, id)
	c.underway[id] = f
	go func() {
		defer cancel()
		defer c.land(id, f)
		// A panic in a resolver would end the process here, out of reach of
		// the caller's recover.
		defer func() {
			if r := recover(); r != nil {
				f.answer = answer{err: fmt.Errorf("%w: %s: the resolver panicked: %v", ErrUnavailable, id, r)}
			}
		}()
		doc, err := resolve(ctx, c.resolver, id)
		f.answer = answer{doc, err}
	}()
	return f
}

// clock reads the host's clock, outside of the lock. One that panics must not end the goroutine of a flight.
func (c *Cache) clock() (at time.Time, err error) {
	err = hostcall.Try("the clock", func() { at = c.now() })
	return at, err
}

// land records the answer and wakes the waiters.
func (c *Cache) land(id DID, f *flight) {
	now, noTime := c.clock()
	c.mu.Lock()
	defer c.mu.Unlock()
	// Forgotten, or given up by everybody: not remembered.
	if c.underway[id] == f {
		delete(c.underway, id)
		switch {
		case noTime != nil:
			// Nobody could say how old it is.
		case f.err == nil:
			c.found.put(id, f.answer, now)
			c.failed.drop(id)
		case errors.Is(f.err, ErrInvalidDID), errors.Is(f.err, ErrMethodNotSupported):
			// Cost nothing to find out again.
		default:
			c.failed.put(id, f.answer, now)
			c.found.drop(id)
		}
	}
	close(f.done)
}

// leave takes a caller out who has given up. The last one ends the flight.
func (c *Cache) leave(id DID, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiters--; f.waiters > 0 {
		return
	}
	f.cancel()
	if c.underway[id] == f {
		delete(c.underway, id)
	}
}

package statuslist

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/code"
)

const (
	// maxBackground is how many lists are fetched at once in the background.
	maxBackground = 8
	// minBackground is the shortest time between two fetches of one list there.
	minBackground = time.Second

	minPause, maxPause = time.Second, time.Minute
	maxAskedPause      = 15 * time.Minute // whatever a host asks for
)

// Run fetches lists again before they reach their TTL, when three quarters of
// it have passed, so that no caller waits. It fetches the lists that somebody
// asked for since they were fetched, and leaves the others alone. It returns
// the error of the context when that is done and its last fetch has ended. It
// waits by the machine's clock: Now must go as fast. One Run is enough.
func (c *Cache) Run(ctx context.Context) error {
	if !c.made() {
		return misuse(nil, "the cache was not made (NewCache makes one)")
	}
	if ctx == nil {
		return callctx.ErrNil
	}
	var fetches sync.WaitGroup
	defer fetches.Wait()
	slots := make(chan struct{}, maxBackground)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		for _, d := range c.due(timer) {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				c.abandon(ctx, d.url, d.flight)
				continue
			}
			fetches.Go(func() {
				defer func() { <-slots }()
				defer func() { _ = recover() }() // as in renew: the flight has ended without an answer
				_, _ = c.fetch(ctx, d.url, d.last, d.flight)
			})
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-c.changed:
		}
	}
}

// refresh is a list that is due, and its flight.
type refresh struct {
	url    string
	last   *Fetched
	flight *flight
}

// due begins a flight for every list that is due, and sets the timer to when
// the next one will be.
func (c *Cache) due(timer *time.Timer) (out []refresh) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, err := c.clock()
	if err != nil {
		timer.Reset(minBackground)
		return nil
	}
	wait := maxKept
	for el := c.recent.Front(); el != nil; el = el.Next() {
		e := el.Value.(*cached)
		if !e.used || c.flights[e.url] != nil {
			continue
		}
		at := e.since.Add(max(e.fresh*3/4, minBackground))
		if e.retry.After(at) {
			at = e.retry
		}
		if d := at.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		out = append(out, refresh{e.url, e.fetched, c.takeOff(e.url)})
	}
	timer.Reset(wait)
	return out
}

// abandon ends a flight that did not take place.
func (c *Cache) abandon(ctx context.Context, url string, fl *flight) {
	fl.err, fl.retry = unavailable(ctx.Err(), url, "not fetched"), true
	c.mu.Lock()
	delete(c.flights, url)
	c.mu.Unlock()
	close(fl.done)
}

// wake lets Run look again. It never waits.
func (c *Cache) wake() {
	select {
	case c.changed <- struct{}{}:
	default: // it will look anyway
	}
}

// retryAt is when a source is asked again after so many failures in a row.
func retryAt(now time.Time, failures int, err error) time.Time {
	at := now.Add(min(minPause<<min(failures-1, 10), maxPause))
	if e := (*code.Error)(nil); errors.As(err, &e) && e.Until.After(at) {
		at = e.Until
	}
	if most := now.Add(maxAskedPause); at.After(most) {
		return most
	}
	return at
}

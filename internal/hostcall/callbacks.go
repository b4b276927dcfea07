package hostcall

import (
	"context"
	"time"
)

// Callbacks are functions of the host that a guard calls beside a decision, of type D. That one panics does not change
// the decision, nor end the process: in a goroutine of somebody else's server nobody would recover it.
type Callbacks[D any] struct {
	Observe func(context.Context, D, error) // told of every decision; nil: nobody
	Failed  func(D, error)                  // told of what could not be kept; nil: nobody
	Now     func() time.Time
}

// Tell tells Observe of a decision.
func (c *Callbacks[D]) Tell(ctx context.Context, d D, err error) {
	if c.Observe != nil {
		c.Fail(d, Try("config.Observe", func() { c.Observe(ctx, d, err) }))
	}
}

// Fail tells Failed of what could not be kept, if there is an error. Of what panics there nobody is left to be told.
func (c *Callbacks[D]) Fail(d D, err error) {
	if err != nil && c.Failed != nil {
		_ = Try("config.Failed", func() { c.Failed(d, err) })
	}
}

// Time reads the clock. Without one a refusal stays a refusal, at the zero time.
func (c *Callbacks[D]) Time() (at time.Time) {
	_ = Try("config.Now", func() { at = c.Now() })
	return at
}

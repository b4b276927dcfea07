package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/hostcall"
	"github.com/safeconduct/safeconduct/statuslist"
)

// RunOptions say what [Registry.Run] does. To is needed.
type RunOptions struct {
	// To is where lists are published, such as a statuslist.Dir, or a
	// statuslist.Memory behind package statuslist/listhttp.
	To statuslist.Target
	// Document is where the DID document of the issuer is published, before the lists. Nil: the host sees to that.
	Document DocumentTarget
	// Every is how long it takes, at most, until Run sees what another process has
	// changed. What this Registry changes is published at once. Zero: 10 seconds.
	Every time.Duration
	// Failed is told what went wrong, such as a target that is away; it is tried again
	// after a pause that grows to a minute. Nil: nobody is told.
	Failed func(error)
}

const (
	defaultEvery = 10 * time.Second

	shortestWait, longestPause = time.Second, time.Minute
	forgetEvery                = time.Hour
)

// Run publishes lists when that is due: at once when a call of this Registry has
// changed a bit, when a suspension ends, when an edition is half over. It also forgets
// idempotency keys that are not kept any longer, and prunes budgets. It returns the error of the context
// when that is done; a call that it makes then is ended by the context. It waits by
// the machine's clock: Now must go as fast. Several processes may run the same office.
func (r *Registry) Run(ctx context.Context, o RunOptions) error {
	if o.To == nil || o.Every < 0 {
		return refuse(BadRequest, "RunOptions", "To is needed, and Every is not negative")
	}
	if ctx == nil {
		return noContext()
	}
	if o.Every == 0 {
		o.Every = defaultEvery
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	pause := time.Duration(0)
	var forgotten time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-r.marked:
		}
		wait, err := r.runOnce(ctx, o, &forgotten)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			pause = min(max(2*pause, shortestWait), longestPause)
			wait = pause
			if o.Failed != nil {
				_ = hostcall.Try("RunOptions.Failed", func() { o.Failed(err) }) // nobody is left to be told
			}
		default:
			pause = 0
		}
		timer.Reset(wait)
	}
}

// runOnce does what is due, and says for how long there is nothing to do.
func (r *Registry) runOnce(ctx context.Context, o RunOptions, forgotten *time.Time) (wait time.Duration, err error) {
	// A target or a signer that panics has failed, as one that is away: it is tried again, and the process
	// goes on.
	defer func() {
		if p := recover(); p != nil {
			wait, err = 0, fmt.Errorf("registry: publishing panicked: %.200v", p)
		}
	}()
	if o.Document != nil {
		if err := r.IssuerKeys.Publish(ctx, o.Document); err != nil {
			return 0, err
		}
	}
	if err := r.resumeErasures(ctx); err != nil {
		return 0, err
	}
	if err := r.Lists.Publish(ctx, o.To); err != nil {
		return 0, err
	}
	now := r.now()
	if now.Sub(*forgotten) >= forgetEvery {
		if err := r.update(ctx, func(tx Tx) error { return r.forgetOnce(tx, now) }); err != nil {
			return 0, err
		}
		if err := r.Budgets.Prune(ctx); err != nil {
			return 0, err
		}
		*forgotten = now
	}
	next, err := r.Lists.NextPublish(ctx)
	if err != nil || next.IsZero() {
		return o.Every, err
	}
	return min(max(next.Sub(r.config.Now()), shortestWait), o.Every), nil
}

// wake lets Run look. It never waits.
func (r *Registry) wake() {
	select {
	case r.marked <- struct{}{}:
	default: // it will look anyway
	}
}

// noticing is a transaction that notices whether there is something to publish.
type noticing struct {
	Tx
	marked bool
}

func (n *noticing) Put(d Doc) error {
	n.marked = n.marked || d.Kind == kindBit || d.Kind == kindOpen || d.Kind == kindIssuer
	return n.Tx.Put(d)
}

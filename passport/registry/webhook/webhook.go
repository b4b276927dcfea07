// Package webhook posts the events of an issuer's office (package passport/registry) to
// the endpoints of others, signed as Standard Webhooks (https://www.standardwebhooks.com,
// version 1.0.0) has it:
//
//	sender, err := webhook.New(webhook.Config{
//		Events: office.Events,
//		Endpoints: []webhook.Endpoint{{Name: "shop", URL: "https://shop.example/hooks", Secrets: secrets, Org: org.ID}},
//	})
//	err = sender.Run(ctx)
//
// Each endpoint gets its events in the order in which they were committed, each at
// least once: the header webhook-id is the same however often an event is posted, so
// that a receiver tells a repeat. Where an endpoint fails it is tried again, later and
// later, for about three days; the others do not wait for it. The office remembers how
// far each endpoint is, under its name.
//
// The body is JSON: {"type": "passport.revoked", "timestamp": "2026-11-21T09:00:00Z",
// "data": {"version": 1, "number": 7, "org": …, "subject": …, "reason": …, "data": …}}.
// Within a version members may be added; none changes its meaning.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/safefetch"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// Config configures [New].
type Config struct {
	Events    *registry.Events // needed
	Endpoints []Endpoint       // needed
	// Client posts. Nil: one that reaches no private address and follows no redirect.
	// Another one must not follow redirects either: http.ErrUseLastResponse.
	Client *http.Client
	// Every is how often an endpoint that has got everything looks for more. Zero: 5
	// seconds.
	Every time.Duration
	// Failed is told of each try that failed. It is called from one goroutine for each
	// endpoint. Nil: nobody is told.
	Failed func(Failure)
	Now    func() time.Time // nil: time.Now
	// Wait waits for so long, or until the context is done, whose error it then returns.
	// Nil: by the machine's clock.
	Wait func(ctx context.Context, d time.Duration) error
}

// Endpoint is where events are posted to.
type Endpoint struct {
	Name    string   // under which the office remembers how far it is; needed, each once
	URL     string   // https; needed
	Secrets []Secret // every one signs, so that a receiver may go over to the next; 1 to 4
	Org     string   // only events of this organisation; zero: those of all
	Types   []string // only these, such as passport.revoked; nil: all
}

// Failure is a try that failed.
type Failure struct {
	Endpoint string // its name
	Event    registry.Event
	Try      int           // from 1 on
	Again    time.Duration // when it is tried again; 0: never
	// Gone says that the endpoint wants no more (410): nothing is posted to it until the
	// sender is made anew.
	Gone bool
	Err  error
}

// delays are those that Standard Webhooks recommends. An event that fails after the last
// one is given up.
var delays = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
	20 * time.Hour, 24 * time.Hour,
}

const (
	defaultEvery = 5 * time.Second
	timeout      = 15 * time.Second // of one try
	connect      = 5 * time.Second
	longestPause = 24 * time.Hour // whatever an endpoint asks for
	batch        = 100
)

// Sender posts events. See [Sender.Run].
type Sender struct{ config Config }

// New makes a Sender. It fails with an error that names what is wrong in the Config.
func New(c Config) (*Sender, error) {
	if c.Events == nil || len(c.Endpoints) == 0 {
		return nil, errors.New("webhook: Config.Events and Config.Endpoints are needed")
	}
	names := map[string]bool{}
	for i, e := range c.Endpoints {
		_, err := safefetch.ParseURL(e.URL)
		switch {
		case e.Name == "" || names[e.Name]:
			return nil, fmt.Errorf("webhook: Config.Endpoints[%d].Name is needed, and each once", i)
		case err != nil && c.Client == nil:
			return nil, fmt.Errorf("webhook: Config.Endpoints[%d].URL: %w", i, err)
		case len(e.Secrets) == 0 || len(e.Secrets) > 4:
			return nil, fmt.Errorf("webhook: Config.Endpoints[%d].Secrets: want 1 to 4", i)
		}
		for _, s := range e.Secrets {
			if s.key == nil {
				return nil, fmt.Errorf("webhook: Config.Endpoints[%d].Secrets: one is empty", i)
			}
		}
		names[e.Name] = true
	}
	if c.Every < 0 {
		return nil, errors.New("webhook: Config.Every is negative")
	}
	if c.Every == 0 {
		c.Every = defaultEvery
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	if c.Client == nil {
		c.Client = &http.Client{
			Transport: safefetch.Transport(safefetch.Config{Timeout: timeout, ConnectTimeout: connect, Now: c.Now}),
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse // what it says is another address, and nobody's word
			},
		}
	}
	return &Sender{c}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run posts events until the context is done, whose error it returns, or until the
// office fails, a function of the Config panics, or every endpoint wants no more. One
// Run is enough: two post everything twice.
func (s *Sender) Run(ctx context.Context) error {
	if ctx == nil {
		return callctx.ErrNil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	errs := make([]error, len(s.config.Endpoints))
	for i := range s.config.Endpoints {
		all.Go(func() {
			if errs[i] = s.feedOrFail(ctx, &s.config.Endpoints[i]); errs[i] != nil {
				cancel()
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs...)
}

// feedOrFail is feed, of which a panic is an error: nobody could recover it in a
// goroutine of this package, and it would end the process.
func (s *Sender) feedOrFail(ctx context.Context, e *Endpoint) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("webhook: posting to %q panicked: %v", e.Name, p)
		}
	}()
	return s.feed(ctx, e)
}

package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
)

// An office in a process of its own publishes when something was changed, and before lists are too old.
func ExampleRegistry_Run() {
	r, admin, agent, grant := exampleOffice()
	p := examplePassport(r, admin, agent, grant)
	ctx, stop := context.WithCancel(context.Background())
	published := make(chan string, 100)
	done := make(chan error)
	go func() {
		done <- r.Run(ctx, registry.RunOptions{To: announce{new(statuslist.Memory), published}})
	}()
	fmt.Println("published:", <-published)
	stop()
	fmt.Println("ended by its context:", errors.Is(<-done, context.Canceled))

	// A host that publishes by itself asks when, and a verifier in the same process needs no publishing.
	next := must(r.Lists.NextPublish(context.Background()))
	fmt.Println("not before nine:", !next.Before(nine), "and not after tomorrow:", next.Before(nine.Add(24*time.Hour)))
	place := p.Places[0]
	must(r.Passports.Revoke(context.Background(), admin, p.ID, "a stolen laptop"))
	list := must(r.Lists.Source().StatusList(context.Background(), place.List))
	entry := statuslist.Entry{URL: place.List, Purpose: place.Purpose, Index: place.Index}
	fmt.Println("revoked at once:", must(must(statuslist.ReadUnverified(list.Raw)).Status(entry)).Set)
	// Output:
	// published: application/vc
	// ended by its context: true
	// not before nine: true and not after tomorrow: true
	// revoked at once: true
}

// Gauges of a host: how old the lists are, and how far the sender of mails is behind.
func ExampleRegistry_Stats() {
	ctx, root := context.Background(), registry.Root()
	r, admin, agent, grant := exampleOffice()
	examplePassport(r, admin, agent, grant)
	if err := r.Events.Ack(ctx, root, "mailer", 4); err != nil {
		log.Fatal(err)
	}
	stats := must(r.Stats(ctx, root, "mailer"))
	fmt.Println("lists that wait for an edition:", stats.Unpublished)
	fmt.Println("events that wait for a mail:", stats.Lags["mailer"].Events, "of", stats.Events)
	// Output:
	// lists that wait for an edition: 2
	// events that wait for a mail: 1 of 5
}

// announce is a host of lists that says when one arrives.
type announce struct {
	statuslist.Target
	published chan<- string
}

func (a announce) Put(ctx context.Context, e *statuslist.Edition) error {
	a.published <- e.MediaType
	return a.Target.Put(ctx, e)
}

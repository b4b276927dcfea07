package registry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// An agent by the names of AIP-1: it is created, suspended, reinstated and, in the end, revoked for good.
func ExampleAIP1() {
	ctx := context.Background()
	r, admin, _, _ := exampleOffice()
	asked := registry.NewAIP1{
		Domain: "yourco.com", AgentName: "procurement-bot", AllowedActions: []string{"read_data", "transfer_funds"},
		PerTransaction: "100.00", PerDay: "1000.00",
	}
	bot := must(r.AIP1.Create(ctx, admin, asked))
	fmt.Println(bot.AgentID, bot.Status)
	fmt.Println("private key:", bot.PrivateKey, len(bot.PrivateKey.Reveal()) > 0) // it is not kept: hand it on
	_, err := r.AIP1.Create(ctx, admin, asked)
	fmt.Println("a second one:", errors.Is(err, registry.Exists))

	how := registry.Suspension{For: 2 * time.Hour, Reason: "odd transfers"}
	s := must(r.AIP1.Suspend(ctx, admin, "", bot.AgentID, how)) // "": in the actor's own organisation
	fmt.Println(s.Status, "until", s.SuspendedUntil.Format(time.TimeOnly))
	s = must(r.AIP1.Reinstate(ctx, admin, "", bot.AgentID, "they were in order"))
	fmt.Println(s.Status)
	s = must(r.AIP1.Revoke(ctx, admin, "", bot.AgentID, "the project is over"))
	fmt.Println(s.Status)

	for _, a := range must(r.AIP1.List(ctx, admin, registry.RecordQuery{})).Agents {
		fmt.Println(a.Name, a.Status, a.AllowedActions, a.MonetaryLimit, a.Currency)
	}
	fmt.Println("times revoked:", must(r.AIP1.Get(ctx, admin, "", bot.AgentID)).History.Revocations)
	// Output:
	// did:web:yourco.com:agents:procurement-bot created
	// private key: (secret) true
	// a second one: true
	// suspended until 11:00:00
	// active
	// revoked
	// procurement-bot revoked [read_data transfer_funds] 100.00 USD
	// times revoked: 1
}

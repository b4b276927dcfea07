package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// A program calls with a key of its organisation, whose secret is shown once.
func ExampleKeys() {
	ctx := context.Background()
	r, admin, agent, _ := exampleOffice()
	key, secret, err := r.Keys.Create(ctx, admin, registry.NewKey{
		Name: "deployment", Scopes: []registry.Scope{registry.ScopeRead},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("printed by accident:", secret) // secret.Reveal shows it

	by := must(r.Authenticate(ctx, key.ID, secret.Reveal()))
	fmt.Println("it reads:", must(r.Agents.Get(ctx, by, agent.ID)).Name)
	_, err = r.Agents.Suspend(ctx, by, agent.ID, registry.Suspension{})
	var refusal *registry.Error
	if errors.As(err, &refusal) {
		fmt.Println("it does not suspend:", refusal.Code, refusal.HTTPStatus())
	}
	fmt.Println("the status of a code:", registry.NotFound.HTTPStatus())

	_, next, err := r.Keys.Rotate(ctx, admin, key.ID, time.Hour) // for an hour both serve
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("another secret:", next.Reveal() != secret.Reveal())
	must(r.Keys.Revoke(ctx, admin, key.ID, "it leaked"))
	_, err = r.Authenticate(ctx, key.ID, next.Reveal())
	fmt.Println(err)
	for _, k := range must(r.Keys.List(ctx, admin, agent.Org)) {
		fmt.Println(k.Name, k.Scopes, "revoked:", !k.RevokedAt.IsZero())
	}
	// Output:
	// printed by accident: (secret)
	// it reads: buyer
	// it does not suspend: MISSING_SCOPE 403
	// the status of a code: 404
	// another secret: true
	// UNAUTHENTICATED: no such key, or another secret
	// deployment [read] revoked: true
}

// A call that makes something may be sent twice: under one key it makes one thing.
func ExampleActor_Once() {
	r, admin, agent, grant := exampleOffice()
	once := admin.Once("request-7") // the header Idempotency-Key, for example
	one, two := examplePassport(r, once, agent, grant), examplePassport(r, once, agent, grant)
	fmt.Println("one passport:", one.ID == two.ID)
	fmt.Println("in the audit log it is", registry.Root(), "or the same admin:", once.String() == admin.String())
	// Output:
	// one passport: true
	// in the audit log it is root or the same admin: true
}

// An owner makes a key for an agent that acts on their account: an opaque handle, with a passport behind it.
func ExampleAgentKeys() {
	ctx := context.Background()
	r, admin, _, _ := exampleOffice()
	ada := must(r.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada", Email: "ada@example.org"}))
	fmt.Println("owners:", len(must(r.Owners.List(ctx, admin, registry.OwnerQuery{})).Items)) // and the organisation

	by := ada.Actor()
	key, handle, err := r.AgentKeys.Create(ctx, by, registry.NewAgentKey{
		Name: "my assistant", Scopes: []string{"agent:read"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a handle begins with", handle.Reveal()[:3])
	again, p, err := r.AgentKeys.Resolve(ctx, handle.Reveal()) // what arrived with a request
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Name, again.Scopes, "its passport is", p.Status)
	fmt.Println("it is Ada's:", must(r.Owners.Get(ctx, admin, again.Owner)).Principal() == ada.Principal())

	must(r.AgentKeys.Revoke(ctx, by, key.ID, "a new phone"))
	_, p, err = r.AgentKeys.Get(ctx, by, key.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("revoked, and so its passport:", p.Status)
	_, _, err = r.AgentKeys.Resolve(ctx, handle.Reveal())
	fmt.Println(err)
	for _, k := range must(r.AgentKeys.List(ctx, by, ada.ID)) {
		fmt.Println(k.Name, k.Status, "because of", k.Reason)
	}
	// Output:
	// owners: 2
	// a handle begins with ak-
	// my assistant [agent:read] its passport is active
	// it is Ada's: true
	// revoked, and so its passport: revoked
	// UNAUTHENTICATED: no such agent key
	// my assistant revoked because of a new phone
}

package registry_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/receipt"
)

// Everything that was changed is a line of a chain of hashes. A signed head, kept elsewhere, shows when lines are
// missing.
func ExampleAudit() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	examplePassport(r, admin, agent, grant)
	for _, line := range must(r.Audit.List(ctx, admin, agent.Org, 0, 10)) {
		fmt.Println(line.Action, line.ID()[:8]+"…") // a caller keeps the ID of a line, with a part of its hash
	}
	if err := r.Audit.Verify(ctx, admin, agent.Org); err != nil { // registry.ErrBroken
		log.Fatal(err)
	}
	fmt.Println("every line is as it was written")

	head := must(r.Audit.Head(ctx, admin, agent.Org)) // keep it where the office cannot write
	if err := r.Audit.VerifySince(ctx, admin, agent.Org, head); err != nil {
		log.Fatal(err)
	}
	fmt.Println("none is missing up to the head")
	// Output:
	// org.created audit_1_…
	// agent.created audit_2_…
	// budget.allocated audit_3_…
	// grant.created audit_4_…
	// passport.issued audit_5_…
	// every line is as it was written
	// none is missing up to the head
}

// A signed head is a checkpoint of a transparency log: an auditor elsewhere checks it with the key of the log alone.
// Who has kept an older one sees whether the log still has all of it.
func ExampleAudit_Head() {
	ctx := context.Background()
	r, admin, agent, grant := exampleOffice()
	kept := must(r.Audit.Head(ctx, admin, agent.Org))
	examplePassport(r, admin, agent, grant)
	head, key := must(r.Audit.Head(ctx, admin, agent.Org)), must(r.Audit.Key(ctx, admin, agent.Org))
	fmt.Println("lines before:", must(receipt.OpenCheckpoint(kept, key)).Size)
	fmt.Println("lines now:", must(receipt.OpenCheckpoint(head, key)).Size)
	fmt.Println("what is wrong since:", r.Audit.VerifySince(ctx, admin, agent.Org, kept))
	// Output:
	// lines before: 4
	// lines now: 5
	// what is wrong since: <nil>
}

// An auditor needs no code of the office: the hash of a line is that of its text, with an empty hash in it.
func ExampleAuditRecord_Sealed() {
	ctx := context.Background()
	r, admin, agent, _ := exampleOffice()
	before := ""
	for _, line := range must(r.Audit.List(ctx, admin, agent.Org, 0, 10)) {
		text := line.Sealed()
		sum := sha256.Sum256(bytes.Replace(text, []byte(line.Hash), nil, 1))
		fmt.Println(line.Number, line.Action, hex.EncodeToString(sum[:]) == line.Hash, line.Previous == before)
		before = line.Hash
	}
	// Output:
	// 1 org.created true true
	// 2 agent.created true true
	// 3 budget.allocated true true
	// 4 grant.created true true
}

// Events are what a host posts as mail or as webhooks, each at least once: it goes on behind the last one that it has
// acknowledged.
func ExampleEvents() {
	ctx, root := context.Background(), registry.Root()
	r, admin, agent, grant := exampleOffice()
	examplePassport(r, admin, agent, grant)
	for event, err := range r.Events.Subscribe(ctx, root, must(r.Events.Acked(ctx, root, "mailer"))) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(event.Number, event.Type)
		if err := r.Events.Ack(ctx, root, "mailer", event.Number); err != nil {
			log.Fatal(err)
		}
		if event.Type == "passport.issued" {
			break // Subscribe waits for the next one
		}
	}
	rest := must(r.Events.Read(ctx, root, must(r.Events.Acked(ctx, root, "mailer")), 100))
	fmt.Println("not yet told:", len(rest))
	// Output:
	// 1 org.created
	// 2 agent.created
	// 3 budget.allocated
	// 4 grant.created
	// 5 passport.issued
	// not yet told: 0
}

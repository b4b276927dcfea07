package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// The disk is gone, and the backup knows nothing of the last revocation. What is published does: the office reads it
// before it issues or publishes anything.
func ExampleLists_Recover() {
	ctx := context.Background()
	folder := must(os.MkdirTemp("", "office"))
	defer os.RemoveAll(folder)
	db := must(sqlite.Open(ctx, filepath.Join(folder, "office.db"), sqlite.Options{}))
	clock := verifytest.NewClock(nine)
	r, admin, agent, grant := exampleOffice(func(c *registry.Config) { c.Store, c.Now = db.Registry(), clock.Now })
	stolen := examplePassport(r, admin, agent, grant)
	backup := filepath.Join(folder, "backup.db")
	if err := db.Backup(ctx, backup); err != nil {
		log.Fatal(err)
	}
	lists := new(statuslist.Memory) // where the office publishes
	must(r.Passports.Revoke(ctx, admin, stolen.ID, "a stolen laptop"))
	if err := errors.Join(r.Lists.Publish(ctx, lists), db.Close()); err != nil {
		log.Fatal(err)
	}

	clock.Advance(time.Hour)
	restored := must(sqlite.Open(ctx, backup, sqlite.Options{}))
	defer restored.Close()
	r = must(registry.Open(registry.Config{
		Store: restored.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example", Now: clock.Now,
		AfterRestore: true,
	}))
	fmt.Println(r.Lists.Publish(ctx, lists))
	if err := r.Lists.Recover(ctx, registry.Root(), lists); err != nil {
		log.Fatal(err)
	}
	if err := r.Lists.Publish(ctx, lists); err != nil {
		log.Fatal(err)
	}
	place := stolen.Places[0]
	list := must(statuslist.ReadUnverified(must(lists.StatusList(ctx, place.List)).Raw))
	bit := must(list.Status(statuslist.Entry{URL: place.List, Purpose: place.Purpose, Index: place.Index}))
	fmt.Println("for verifiers it is still revoked:", bit.Set)
	fmt.Println("in the books:", must(r.Passports.Get(ctx, admin, stolen.ID)).Status) // revoke it once more
	fmt.Println("new ones:", examplePassport(r, admin, agent, grant).Status)
	// Output:
	// CONFLICT: the store is a copy of an earlier time: Lists.Recover reads what was published since
	// for verifiers it is still revoked: true
	// in the books: active
	// new ones: active
}

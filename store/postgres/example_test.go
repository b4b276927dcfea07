package postgres_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
)

// Several verifiers share a ledger on a server. It needs one, so nobody checks here what it prints.
func ExampleOpen() {
	ctx := context.Background()
	db, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"), postgres.Options{
		Options: store.Options{Namespace: "payments", CreateNamespace: true}, // beside other services
	})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	totals, err := db.Totals(ctx) // verify.Config has db.Ledger() and db.Marks()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("decisions ever:", totals.Decisions)
}

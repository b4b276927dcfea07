// Hammer calls a durable ledger at random, from many goroutines and through two handles
// that are closed and opened again, and compares what it answers with what a model in
// memory answers. Any difference is a failure.
//
//	go run ./internal/hammer -for 60s
//	go run ./internal/hammer -for 60s -store postgres    # in the database of SAFECONDUCT_TEST_POSTGRES
//
// A seed makes the same calls again, but for how the callers meet.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/internal/ledgermodel"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/store/sqlite"
)

func main() {
	kind := flag.String("store", "sqlite", "sqlite, or postgres at the address in SAFECONDUCT_TEST_POSTGRES")
	long := flag.Duration("for", time.Minute, "how long")
	seed := flag.Uint64("seed", 0, "of the calls; 0: any")
	flag.Parse()
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	folder, err := os.MkdirTemp("", "hammer")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(folder)
	open := onSQLite(filepath.Join(folder, "ledger.db"), false)
	switch dsn := os.Getenv("SAFECONDUCT_TEST_POSTGRES"); {
	case *kind == "postgres" && dsn != "":
		open = onPostgres(dsn, fmt.Sprint("hammer ", rand.Uint64()))
	case *kind == "postgres":
		fail(errors.New("SAFECONDUCT_TEST_POSTGRES is not set: it names a PostgreSQL database, as a URL"))
	case *kind != "sqlite":
		fail(fmt.Errorf("-store is %q, want sqlite or postgres", *kind))
	}
	fmt.Printf("hammer: %s for %s, -seed %d\n", *kind, *long, *seed)
	timer, stop := context.WithTimeout(context.Background(), *long)
	defer stop()
	h := &hammer{open: open, seed: *seed}
	err = h.run(context.Background(), func() bool { return timer.Err() == nil })
	for _, what := range slices.Sorted(maps.Keys(h.did)) {
		fmt.Printf("%8d %s\n", h.did[what], what)
	}
	if err != nil {
		fmt.Printf("a difference, with -seed %d:\n", *seed)
		fail(err)
	}
	fmt.Println("no difference")
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// handle is an open ledger.
type handle struct {
	ledgermodel.Ledger
	close func() error
}

// The model keeps its own time, and so does the store: nobody looks at a clock.
var options = store.Options{KeepUnresolved: keep, MaxClockDrift: -1}

func onSQLite(path string, noSync bool) func(context.Context) (handle, error) {
	return func(ctx context.Context) (handle, error) {
		s, err := sqlite.Open(ctx, path, sqlite.Options{Options: options, InsecureNoSync: noSync})
		if err != nil {
			return handle{}, err
		}
		return handle{s.Ledger(), s.Close}, nil
	}
}

func onPostgres(dsn, namespace string) func(context.Context) (handle, error) {
	o := postgres.Options{Options: options}
	o.Namespace, o.CreateNamespace = namespace, true
	return func(ctx context.Context) (handle, error) {
		s, err := postgres.Open(ctx, dsn, o)
		if err != nil {
			return handle{}, err
		}
		return handle{s.Ledger(), s.Close}, nil
	}
}

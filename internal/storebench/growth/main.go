// Growth measures how what a store is asked grows with what it remembers, and draws it:
// a table and a plot for docs/performance.md.
//
//	go run ./internal/storebench/growth -write
//	go run ./internal/storebench/growth -store postgres    # in the database of SAFECONDUCT_TEST_POSTGRES
//
// All uses are in one window of one budget: there is no worse case. The file is not
// synced, so that it is our own work that is seen and not the disk's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

func main() {
	kind := flag.String("store", "sqlite", "sqlite, or postgres at the address in SAFECONDUCT_TEST_POSTGRES")
	list := flag.String("sizes", "1000,10000,100000,1000000", "numbers of decisions")
	write := flag.Bool("write", false, "write docs/growth.svg and the table of docs/performance.md")
	flag.Parse()
	var sizes []int
	for text := range strings.SplitSeq(*list, ",") {
		n, err := strconv.Atoi(text)
		check(err)
		sizes = append(sizes, n)
	}
	folder, err := os.MkdirTemp("", "growth")
	check(err)
	defer os.RemoveAll(folder)
	s, err := open(context.Background(), *kind, folder)
	check(err)
	all, err := measure(s, sizes, func() float64 { return size(folder) })
	check(err)
	check(s.Close())
	fmt.Print(table(sizes, all))
	if *write {
		check(publish("docs", sizes, all))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func open(ctx context.Context, kind, folder string) (store.Store, error) {
	switch dsn := os.Getenv("SAFECONDUCT_TEST_POSTGRES"); {
	case kind == "sqlite":
		return sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{InsecureNoSync: true})
	case kind == "postgres" && dsn != "":
		o := postgres.Options{InsecureNoSync: true}
		o.MaxClockDrift, o.Namespace, o.CreateNamespace = -1, fmt.Sprint("growth ", rand.Uint64()), true
		return postgres.Open(ctx, dsn, o)
	case kind == "postgres":
		return nil, errors.New("SAFECONDUCT_TEST_POSTGRES is not set: it names a PostgreSQL database, as a URL")
	}
	return nil, fmt.Errorf("-store is %q, want sqlite or postgres", kind)
}

// size is what the files of a folder have in all; 0 if there are none.
func size(folder string) (bytes float64) {
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			bytes += float64(info.Size())
		}
	}
	return bytes
}

// row is one thing that was measured, at each size.
type row struct {
	name, unit string
	at         []float64
	flat       bool // it is drawn: it should not grow
}

// measure grows a store, and measures at each size.
func measure(s store.Store, sizes []int, disk func() float64) ([]row, error) {
	const window = 80 * 24 * time.Hour
	ctx, l, acts := context.Background(), s.Ledger(), storebench.NewActs(1, window)
	r := acts.Reservation()
	asked := []struct {
		name    string
		callers int
		long    time.Duration // of what changes the store little: sizes are what they say
		do      func() error
	}{
		{"an act: Reserve and Settle", 1, 20 * time.Millisecond, func() error { return acts.Do(ctx, l) }},
		{"an act, of 16 at a time", 16, 20 * time.Millisecond, func() error { return acts.Do(ctx, l) }},
		{"Peek", 1, 100 * time.Millisecond, func() error { return l.Peek(ctx, r) }},
		{"a refusal: the budget is spent", 1, 20 * time.Millisecond, func() error {
			full := acts.Reservation()
			full.Charges[1].Limit = full.Charges[1].Use
			if _, err := l.Reserve(ctx, full); !errors.Is(err, verify.LedgerBudgetExceeded) {
				return fmt.Errorf("want a refusal, got %w", err)
			}
			return nil
		}},
		{"Usage of two budgets", 1, 100 * time.Millisecond, func() error {
			_, err := l.Usage(ctx, r.Charges, r.At)
			return err
		}},
		{"Unresolved, a page", 1, 100 * time.Millisecond, func() error {
			_, err := l.Unresolved(ctx, r.At, "", 0)
			return err
		}},
		{"Decisions, a page", 1, 100 * time.Millisecond, func() error {
			_, err := s.Decisions(ctx, store.Query{})
			return err
		}},
	}
	rows := make([]row, len(asked), len(asked)+2)
	for i, a := range asked {
		rows[i] = row{name: a.name, unit: "µs", flat: true}
	}
	var bytes, heap []float64
	for _, n := range sizes {
		if err := acts.Until(l, n); err != nil {
			return nil, err
		}
		for i, a := range asked {
			r = acts.Reservation()
			var turns []float64
			for range storebench.Turns {
				rate, err := storebench.Measure(a.callers, a.long, a.do)
				if err != nil {
					return nil, err
				}
				turns = append(turns, 1e6/rate.PerSecond)
			}
			rows[i].at = append(rows[i].at, storebench.Median(turns))
		}
		bytes = append(bytes, disk()/float64(n))
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		heap = append(heap, float64(m.HeapAlloc)/(1<<20))
		log.Printf("%d decisions", n)
	}
	if disk() > 0 {
		rows = append(rows, row{name: "on disk, of each decision", unit: "bytes", at: bytes})
	}
	return append(rows, row{name: "memory of the process", unit: "MiB", at: heap}), nil
}

// Growth measures how what a store is asked grows with what it remembers, and draws it:
// tables and plots for docs/performance.md.
//
//	go run ./internal/storebench/growth -of ledger -keep     # measures, and keeps the numbers beside this file
//	go run ./internal/storebench/growth -of registry -keep
//	go run ./internal/storebench/growth -of ledger -store postgres -keep    # databases beside SAFECONDUCT_TEST_POSTGRES
//	go run ./internal/storebench/growth -draw                # writes tables and plots from all numbers that are kept
//
// A store of each size is open at the same time, and they take turns, so that a busy machine disturbs all alike.
// Of SQLite processor time is measured, of PostgreSQL the time on the clock. Nothing is synced, so that it is our own
// work that is seen and not the disk's.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
)

func main() {
	of := flag.String("of", "ledger", "what grows: ledger or registry")
	kind := flag.String("store", "sqlite", "sqlite, or postgres beside the database of SAFECONDUCT_TEST_POSTGRES")
	list := flag.String("sizes", "1000,100000,1000000", "numbers of acts or passports")
	keep := flag.Bool("keep", false, "keep the numbers in "+recorded)
	draw := flag.Bool("draw", false, "measure nothing: write what docs have of the numbers that are kept")
	flag.Parse()
	if *draw {
		check(publish("docs", recorded))
		return
	}
	var sizes []int
	for text := range strings.SplitSeq(*list, ",") {
		n, err := strconv.Atoi(text)
		check(err)
		sizes = append(sizes, n)
	}
	r, err := measure(context.Background(), *of, *kind, sizes)
	check(err)
	fmt.Print(r.table())
	if *keep {
		check(r.keep(recorded))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// recorded is where numbers are kept, from the top of the repository.
var recorded = strings.Join([]string{"internal", "storebench", "growth", "recorded"}, string(os.PathSeparator))

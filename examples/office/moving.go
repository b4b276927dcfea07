package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/migrate"
)

// moving says what is brought into the first organisation of the office before it serves.
type moving struct {
	source string // "": nothing
	export string
}

// bring brings the records of an export, and prints what came over and what did not.
func (m moving) bring(ctx context.Context, w *world, out io.Writer) error {
	if m.source == "" {
		return nil
	}
	read, ok := migrate.Readers()[m.source]
	if !ok {
		return fmt.Errorf("-move %s: want one of %q", m.source, slices.Sorted(maps.Keys(migrate.Readers())))
	}
	file, err := os.Open(m.export)
	if err != nil {
		return err
	}
	defer file.Close() // it is read
	var tally migrate.Tally
	_, err = w.office.Import(ctx, registry.Root(), registry.Import{
		Source: m.source, Org: w.tenants[0].org.ID, Apply: true, Report: tally.Add,
		Records: read(file, migrate.Options{Money: registry.FlatMoney{Currency: "USD", Units: registry.MinorUnits}}),
	})
	for _, line := range tally.Lines() {
		fmt.Fprintln(out, line)
	}
	return err
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/store/sqlite"
)

// ask is what a store is asked again and again.
type ask struct {
	name    string
	callers int
	long    time.Duration // a turn; short where the store grows by it
	do      func() error
	units   int // that are done in one call, by which its cost is divided; zero: as many as the store has
}

// subject is what grows on a store.
type subject struct {
	fill  func(n int) error // brings it to a size
	asked []ask
	first []ask // done once, before all others
	whole []ask // done once, in the end: what looks at all there is
}

var subjects = map[string]func(ctx context.Context, s store.Store) (*subject, error){
	"ledger": newLedger, "registry": newOffice,
}

// place is a store of one size.
type place struct {
	store.Store
	*subject
	disk   func() float64 // bytes
	remove func()
}

// measure measures what is asked of stores of all sizes, in turns.
func measure(ctx context.Context, of, kind string, sizes []int) (*record, error) {
	make, ok := subjects[of]
	if !ok {
		return nil, fmt.Errorf("-of is %q, want ledger or registry", of)
	}
	var places []*place
	defer func() {
		for _, p := range places {
			_ = p.Close()
			p.remove()
		}
	}()
	for _, n := range sizes {
		p, err := open(ctx, kind, n)
		if err != nil {
			return nil, err
		}
		places = append(places, p)
		if p.subject, err = make(ctx, p.Store); err != nil {
			return nil, err
		}
		began := storebench.Clock()
		if err := p.fill(n); err != nil {
			return nil, err
		}
		log.Printf("filled with %d in %s", n, storebench.Clock().Sub(began).Round(time.Second))
	}
	clock := storebench.Clock
	if kind == "sqlite" { // all of the work is in this process
		clock = func() time.Time { return time.Time{}.Add(ratio.ProcessTime()) }
	}
	r := &record{Of: of, Store: kind, Sizes: sizes}
	if err := r.once(places, clock, func(p *place) []ask { return p.first }); err != nil {
		return nil, err
	}
	for i, a := range places[0].asked {
		w := row{Name: a.name, Unit: "µs", Flat: true}
		costs := newCosts(len(sizes))
		for range storebench.Turns {
			for k, p := range places {
				if err := costs.turn(k, p, &p.asked[i], clock); err != nil {
					return nil, fmt.Errorf("%s: %w", a.name, err)
				}
			}
		}
		r.Rows = append(r.Rows, costs.row(w))
		log.Print(a.name)
	}
	disk := row{Name: "on disk, of each", Unit: "bytes"}
	for k, p := range places {
		disk.At = append(disk.At, p.disk()/float64(sizes[k]))
	}
	disk.Ratio = ratios(disk.At)
	r.Rows = append(r.Rows, disk)
	return r, r.once(places, clock, func(p *place) []ask { return p.whole })
}

// once measures what is done once at each size, and the memory that it takes.
func (r *record) once(places []*place, clock func() time.Time, list func(*place) []ask) error {
	for i, a := range list(places[0]) {
		took, peak := row{Name: a.name + ", of each", Unit: "µs"}, row{Name: "memory: " + a.name, Unit: "MiB"}
		for k, p := range places {
			before := clock()
			highest, err := peakOf(list(p)[i].do)
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			took.At = append(took.At, clock().Sub(before).Seconds()*1e6/float64(cmp.Or(a.units, r.Sizes[k])))
			peak.At = append(peak.At, highest)
		}
		took.Ratio, peak.Ratio = ratios(took.At), ratios(peak.At)
		r.Rows = append(r.Rows, took, peak)
		log.Print(a.name)
	}
	return nil
}

func ratios(at []float64) (list []float64) {
	for _, v := range at {
		list = append(list, v/at[0])
	}
	return list
}

// costs are those of one ask, turn by turn, of each size.
type costs struct{ times, statements [][]float64 }

func newCosts(sizes int) *costs {
	return &costs{make([][]float64, sizes), make([][]float64, sizes)}
}

func (c *costs) turn(k int, p *place, a *ask, clock func() time.Time) error {
	before, sent := clock(), p.Stats().Statements
	rate, err := storebench.Measure(a.callers, a.long, a.do)
	if err != nil {
		return err
	}
	calls := float64(len(rate.Latencies))
	took := clock().Sub(before).Seconds()
	c.times[k] = append(c.times[k], took*1e6/calls)
	c.statements[k] = append(c.statements[k], float64(p.Stats().Statements-sent)/calls)
	return nil
}

// row has the medians, and of ratios to the smallest size those of turns.
func (c *costs) row(w row) row {
	for k := range c.times {
		w.At = append(w.At, storebench.Median(c.times[k]))
		w.Sent = append(w.Sent, storebench.Median(c.statements[k]))
		var turns []float64
		for i, v := range c.times[k] {
			turns = append(turns, v/c.times[0][i])
		}
		w.Ratio = append(w.Ratio, storebench.Median(turns))
	}
	return w
}

// kept are options by which a store forgets no records. Its clock is behind all acts: nothing that is later than the
// clock is forgotten.
var kept = store.Options{
	KeepDecisions: 20 * 365 * 24 * time.Hour, MaxClockDrift: -1,
	Now: func() time.Time { return time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC) },
}

// open opens a new store.
func open(ctx context.Context, kind string, n int) (*place, error) {
	switch dsn := os.Getenv("SAFECONDUCT_TEST_POSTGRES"); {
	case kind == "sqlite":
		folder, err := os.MkdirTemp("", "growth")
		if err != nil {
			return nil, err
		}
		o := sqlite.Options{Options: kept, InsecureNoSync: true}
		s, err := sqlite.Open(ctx, filepath.Join(folder, "store.db"), o)
		return &place{
			Store: s, disk: func() float64 { return size(folder) }, remove: func() { _ = os.RemoveAll(folder) },
		}, err
	case kind == "postgres" && dsn != "":
		return openServer(ctx, dsn, fmt.Sprintf("growth_%d_%d", os.Getpid(), n))
	case kind == "postgres":
		return nil, fmt.Errorf("SAFECONDUCT_TEST_POSTGRES is not set: it names a PostgreSQL database, as a URL")
	}
	return nil, fmt.Errorf("-store is %q, want sqlite or postgres", kind)
}

// openServer makes a database beside another one.
func openServer(ctx context.Context, dsn, name string) (*place, error) {
	ask := func(query string) (n int64, err error) {
		c, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return 0, err
		}
		defer c.Close(ctx)
		rows, err := c.Query(ctx, query)
		if err != nil {
			return 0, err
		}
		for rows.Next() {
			err = rows.Scan(&n)
		}
		rows.Close()
		if err == nil {
			err = rows.Err()
		}
		return n, err
	}
	if _, err := ask("CREATE DATABASE " + name); err != nil {
		return nil, err
	}
	o := postgres.Options{Options: kept, InsecureNoSync: true}
	base, query, _ := strings.Cut(dsn, "?")
	s, err := postgres.Open(ctx, base[:strings.LastIndex(base, "/")+1]+name+"?"+query, o)
	return &place{
		Store: s,
		disk: func() float64 {
			n, err := ask("SELECT pg_database_size('" + name + "')")
			check(err)
			return float64(n)
		},
		remove: func() { _, _ = ask("DROP DATABASE " + name) },
	}, err
}

// size is what the files of a folder have in all.
func size(folder string) (bytes float64) {
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			bytes += float64(info.Size())
		}
	}
	return bytes
}

// peakOf does something, and returns how much memory the process had at most meanwhile, in MiB; zero where
// the system does not tell.
func peakOf(do func() error) (mib float64, err error) {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) // begin anew
	if err := do(); err != nil {
		return 0, err
	}
	status, _ := os.ReadFile("/proc/self/status")
	if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
		_, _ = fmt.Sscan(rest, &mib)
	}
	return mib / 1024, nil
}

// Package runner plays the reference tests through a command of any language:
// one JSON request on each line of its standard input, one JSON answer on each
// line of its standard output. README.md of package vectors has the protocol.
package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/vectors"
)

// Options say what is run, and how.
type Options struct {
	Command []string // the program and its arguments; none is an error
	Dir     string   // where it is run; "": here

	// Kinds are the kinds of case that are asked. Nil: all.
	Kinds []string
	// Complete makes every case count that was not answered in full: one that is
	// unsupported fails, and so does a refusal without its codes.
	Complete bool
	// Timeout is how long one answer may take. Zero: 10 seconds.
	Timeout time.Duration
	// Restarts is how often a command that ended, or was too slow, is started
	// again. After that its cases fail unasked. Zero: 20.
	Restarts int

	Stderr   io.Writer             // gets the standard error of the command; nil: nobody does
	Progress func(done, total int) // is told after each case; nil: nobody is

	// After is the clock: it returns a channel that gets a value when that time
	// has passed. Nil: time.After.
	After func(time.Duration) <-chan time.Time
}

// ErrCommand says that the command could not be started.
var ErrCommand = errors.New("vectors: the command could not be started")

// Run asks all cases and returns what the answers are worth. Wrong answers are
// not an error. It fails with [ErrCommand], with the error of the context when
// that is done, or on a kind that does not exist. The command has ended when it
// returns.
func Run(ctx context.Context, o Options) (*Record, error) {
	if len(o.Command) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrCommand)
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Restarts == 0 {
		o.Restarts = 20
	}
	if o.After == nil {
		o.After = time.After
	}
	groups, total, err := chosen(o.Kinds)
	if err != nil {
		return nil, err
	}
	p := &peer{options: &o}
	defer p.stop()
	if err := p.start(); err != nil {
		return nil, err
	}
	manifest, err := vectors.LoadManifest()
	if err != nil {
		return nil, err
	}
	record, done := &Record{Vectors: manifest.Version}, 0
	for _, g := range groups {
		for i := range g.Cases {
			c := &g.Cases[i]
			request, err := g.Request(c)
			if err != nil {
				return nil, err
			}
			a, err := p.ask(ctx, request)
			if err != nil {
				return nil, err
			}
			record.add(c, a, o.Complete)
			if done++; o.Progress != nil {
				o.Progress(done, total)
			}
		}
	}
	return record, nil
}

// chosen returns the groups of these kinds, all if there are none.
func chosen(kinds []string) (list []*vectors.Group, total int, err error) {
	groups, err := vectors.Load()
	if err != nil {
		return nil, 0, err
	}
	known, err := vectors.Kinds()
	if err != nil {
		return nil, 0, err
	}
	for _, k := range kinds {
		if !slices.Contains(known, k) {
			return nil, 0, fmt.Errorf("vectors: there is no kind %q, want %s", k, strings.Join(known, ", "))
		}
	}
	for _, g := range groups {
		if len(kinds) == 0 || slices.Contains(kinds, g.Kind) {
			list = append(list, g)
			total += len(g.Cases)
		}
	}
	return list, total, nil
}

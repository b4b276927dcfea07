package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
)

// flags is a flag set that says nothing by itself: every error becomes a
// failure with a hint.
type flags struct {
	*flag.FlagSet
	app  *app
	verb string
}

func (a *app) flags(verb string) *flags {
	f := &flags{flag.NewFlagSet(verb, flag.ContinueOnError), a, verb}
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.BoolVar(&a.json, "json", false, "")
	return f
}

// clock adds -now.
func (f *flags) clock() {
	f.Func("now", "", func(s string) error {
		t, err := datetime.Parse(s)
		if err != nil {
			return fmt.Errorf("want an instant such as 2026-11-21T09:00:00Z: %w", err)
		}
		f.app.now, f.app.nowGiven = func() time.Time { return t }, true
		return nil
	})
}

// list adds a flag that may be given several times.
func (f *flags) list(name string) *[]string {
	var values []string
	f.Func(name, "", func(s string) error {
		if s == "" {
			return errors.New("want a text that is not empty")
		}
		values = append(values, s)
		return nil
	})
	return &values
}

// parse reads the command line. Flags and files may stand in any order; what
// follows "--" is a file. It returns at most as many files as there are names
// for them.
func (f *flags) parse(args []string, names ...string) ([]string, error) {
	var files []string
	for len(args) > 0 {
		if err := f.checkValues(args); err != nil {
			return nil, err
		}
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, f.usage("%w", err)
		}
		rest := f.Args()
		if read := len(args) - len(rest); read > 0 && args[read-1] == "--" {
			files = append(files, rest...)
			break
		}
		if len(rest) == 0 {
			break
		}
		files, args = append(files, rest[0]), rest[1:]
	}
	if len(files) > len(names) {
		return nil, f.usage("unexpected argument %q", files[len(names)])
	}
	return files, nil
}

// isText reports whether a flag holds one text, which its value then is; that
// of a flag with a function of its own says nothing.
func isText(g *flag.Flag) bool {
	v, ok := g.Value.(flag.Getter)
	if !ok {
		return false
	}
	_, ok = v.Get().(string)
	return ok
}

// usage is a failure of the command line of this verb.
func (f *flags) usage(format string, args ...any) *failure {
	verb, _, _ := strings.Cut(f.verb, " ")
	return usageFailure(f.verb+": "+format, args...).hint("safeconduct help " + verb + " shows its flags and an example")
}

// given reports whether the command line has the flag.
func (f *flags) given(name string) (found bool) {
	f.Visit(func(g *flag.Flag) { found = found || g.Name == name })
	return found
}

// need fails for the first of the flags that is missing.
func (f *flags) need(names ...string) error {
	for _, name := range names {
		if !f.given(name) {
			return f.usage("-%s is needed", name)
		}
		if g := f.Lookup(name); g.DefValue == "" && isText(g) && g.Value.String() == "" {
			return f.usage("-%s is empty (is a shell variable empty?)", name)
		}
	}
	return nil
}

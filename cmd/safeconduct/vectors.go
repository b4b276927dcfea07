package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/vectors/runner"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) vectors() *cli.Verb {
	return &cli.Verb{
		Name: "vectors", Summary: "try another implementation with the reference tests",
		About:   "The reference tests of this project, for implementations in any language: see vectors/README.md.",
		Parts:   []*cli.Verb{a.vectorsRun()},
		Example: "safeconduct vectors run -- python3 my_verifier.py",
	}
}

func (a *app) vectorsRun() *cli.Verb {
	o := runner.Options{}
	var record, name, version string
	v := &cli.Verb{
		Name: "run", Summary: "play the reference tests through a command",
		About: `Starts COMMAND once, writes one request on each line of its standard input and reads one answer on
each line of its standard output, all in JSON; vectors/README.md has the protocol. Says for each kind of case how many
passed. Ends with 0 if some passed and none failed, else with 1.`,
		Args: []string{"COMMAND…"}, NoArgs: "the command is needed, behind --",
		Example: `safeconduct vectors run -- python3 my_verifier.py
safeconduct vectors run -kind jcs -record mine.json -name mine \
  -- ./my-verifier`,
		Flags: []cli.Flag{
			flag("kind", cli.List("KIND", &o.Kinds), "only cases of this kind; again for others. Without it all"),
			flag("complete", cli.Switch(&o.Complete), "what is unsupported fails, and so does a refusal without codes"),
			flag("timeout", cli.Duration(&o.Timeout, time.Millisecond, time.Hour), "how long one answer may take; 10s"),
			flag("record", cli.Text("FILE", &record), "write what came out as JSON"),
			flag("name", cli.Text("TEXT", &name), "what the record calls the implementation"),
			flag("implementation", cli.Text("VERSION", &version), "the version of the implementation, for the record"),
		},
	}
	v.Run = func(ctx context.Context, command []string) error {
		o.Command, o.Stderr = command, a.err.W
		if a.err.Colour { // a terminal
			o.Progress = func(done, total int) { _, _ = fmt.Fprintf(a.err.W, "\r%d of %d", done, total) }
		}
		r, err := runner.Run(ctx, o)
		if a.err.Colour {
			a.err.Line("")
		}
		switch {
		case errors.Is(err, runner.ErrCommand):
			return v.Wrong("%w", err)
		case err != nil && ctx.Err() == nil:
			return v.Wrong("%w", err)
		case err != nil:
			return err
		}
		r.Name, r.Version = name, version
		if record != "" {
			var text bytes.Buffer
			enc := json.NewEncoder(&text)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", " ")
			if err := enc.Encode(r.Asked()); err != nil {
				return err
			}
			if err := save(record, 0o644, true, text.Bytes()); err != nil {
				return err
			}
		}
		t := r.Total()
		if t.Failed > 0 { // what is on standard output reads as success
			if !a.json {
				_ = r.Write(a.err.W, 20)
			}
			return denied("%d cases failed", t.Failed)
		}
		if t.Passed == 0 {
			return denied("no case passed: all %d are unsupported", t.Unsupported)
		}
		page := view.Page{member("passed", t.Passed), member("failed", t.Failed), member("unsupported", t.Unsupported)}
		return a.answer("vectors", page, func() { _ = r.Write(&a.out, 0) })
	}
	return v
}

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"time"
)

// The exit codes. They are part of the interface: see docs/cli.md.
const (
	exitAllowed      = 0 // allowed; or, of the other verbs, done
	exitDenied       = 1 // denied; or, of the other verbs, refused
	exitUsage        = 2 // the command line is wrong
	exitUndetermined = 3 // it could not be found out
	exitIO           = 4 // a file, a key or a stream could not be read or written
)

// app is one run of the command.
type app struct {
	stdin     io.Reader
	stdinUsed string // the flag or file that read it, "" as long as none did
	err       printer

	// What goes to standard output is kept until the verb has ended, so that
	// nothing on it reads as success when something fails after all.
	out  bytes.Buffer
	text printer // writes to out

	now      func() time.Time
	json     bool
	nowGiven bool
}

// run runs the command and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, now func() time.Time) int {
	a := &app{stdin: stdin, now: now}
	a.err = printer{stderr, colours(stderr, os.Getenv)}
	a.text = printer{&a.out, colours(stdout, os.Getenv)}
	err := a.dispatch(ctx, args)
	var f *failure
	if err != nil && (!errors.As(err, &f) || !f.keepOutput) {
		a.out.Reset()
	}
	if _, werr := stdout.Write(a.out.Bytes()); werr != nil && err == nil {
		err = ioFailure(werr, "cannot write to standard output")
	}
	if err == nil {
		return exitAllowed
	}
	a.report(err)
	return exitCode(err)
}

// verb is one thing that the command does.
type verb struct {
	name, summary, usage string
	run                  func(*app, context.Context, []string) error
}

func verbs() []verb {
	return []verb{
		{"keygen", "make a key, and with it an identity", keygenUsage, (*app).keygen},
		{"issue", "sign a passport for an agent", issueUsage, (*app).issue},
		{"delegate", "give a part of a passport to another agent", delegateUsage, (*app).delegate},
		{"present", "show a passport with a signed intent", presentUsage, (*app).present},
		{"verify", "decide: allowed, denied or undetermined", verifyUsage, (*app).verify},
		{"explain", "a dry run of verify: why, and what is missing", explainUsage, (*app).explain},
		{"inspect", "show what a document says, UNVERIFIED", inspectUsage, (*app).inspect},
		{"revoke", "take a passport back, or suspend it", revokeUsage, (*app).revoke},
		{"status", "keep and publish the list of revoked passports", statusUsage, (*app).status},
		{"bundle", "all that a verifier must know, as one signed file", bundleUsage, (*app).bundle},
		{"did", "identifiers: of a key, of a document, on the web", didUsage, (*app).did},
		{"version", "say which build this is", versionUsage, (*app).version},
	}
}

func (a *app) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		a.err.text(overview())
		return usageFailure("no verb").quiet()
	}
	name, rest := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		return a.help(rest)
	case "-version", "--version":
		name = "version"
	}
	for _, v := range verbs() {
		if v.name != name {
			continue
		}
		err := v.run(a, ctx, rest)
		if errors.Is(err, flag.ErrHelp) {
			// Exit code 0 of verify means allowed, so help is only an answer to
			// whoever asks for nothing else. A file may be called -h.
			if words := len(rest); words > 2 || words == 2 && name != "status" && name != "did" && name != "bundle" {
				return usageFailure("%s: help is asked for among other arguments", name).hint("safeconduct help " + name + "; put -- before a file whose name begins with '-'")
			}
			a.out.Reset()
			a.text.text(v.usage)
			return nil
		}
		return err
	}
	return unknown("", name)
}

func (a *app) help(args []string) error {
	if len(args) == 0 {
		a.text.text(overview())
		return nil
	}
	for _, v := range verbs() {
		if v.name == args[0] {
			a.text.text(v.usage)
			return nil
		}
	}
	return unknown("", args[0])
}

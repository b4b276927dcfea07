package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/verify/view"
)

// app is one run of the command.
type app struct {
	stdin     io.Reader
	stdinUsed bool
	err       printer

	// What goes to standard output is kept until the verb has ended, so that nothing on it reads as success when
	// something fails after all.
	out   bytes.Buffer
	text  printer    // writes to out
	store ledgerFile // of -store; nil if there is none

	told bool // out has the answer of -json, which stands even if it is a refusal

	now      func() time.Time
	nowGiven bool
	json     bool
	jsonl    bool      // each answer is one line
	stdout   io.Writer // for verbs that answer bit by bit
}

// run runs the command and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, now func() time.Time) int {
	a := &app{stdin: stdin, stdout: stdout, now: now, json: asksJSON(args)}
	on := func(w, terminal io.Writer) printer {
		p := view.Printer{W: w, Colour: view.Terminal(terminal, os.Getenv), Ledger: "within this run only"}
		if view.Terminal(terminal, anyTerminal) {
			p.Columns = 80 // as show has
		}
		return printer{p}
	}
	a.err, a.text = on(stderr, stderr), on(&a.out, stdout)
	err := a.do(ctx, args)
	if a.store != nil {
		if cerr := a.store.Close(); cerr != nil && err == nil {
			err = ioFailure(cerr, "cannot close the store")
		}
	}
	if err != nil && !a.told {
		a.out.Reset()
		if a.json {
			err = errors.Join(err, a.answer("error", a.failed(err), nil))
		}
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

// anyTerminal is an environment of a terminal of any kind, whether it shows colours or not.
func anyTerminal(name string) string { return ifTrue(name == "TERM", "any") }

func (a *app) do(ctx context.Context, args []string) error {
	t := a.tool()
	switch {
	case len(args) == 0:
		a.err.text(t.Overview())
		return &failure{Exit: exitUsage, Err: errors.New("no verb"), Said: true}
	case args[0] == "-version" || args[0] == "--version":
		args = append([]string{"version"}, args[1:]...)
	}
	return t.Do(ctx, args, &a.out)
}

// asksJSON looks for -json before the command line is read: what is wrong with the line is told as JSON, too.
func asksJSON(args []string) bool {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	words := []string{"-json", "--json", "-jsonl", "--jsonl"}
	return slices.ContainsFunc(args, func(s string) bool { return slices.Contains(words, s) })
}

// tool has all verbs.
func (a *app) tool() *cli.Tool {
	t := &cli.Tool{
		Name: "safeconduct", Summary: "passports for AI agents, checked on the spot", Tail: overviewTail, Meaning: meaning,
		Verbs: []*cli.Verb{
			a.keygen(), a.issue(), a.delegate(), a.present(), a.verify(), a.explain(), a.doctor(), a.inspect(),
			a.show(), a.revoke(),
			a.status(), a.bundle(), a.receipt(), a.ledger(), a.registry(), a.did(), a.vectors(), a.completion(),
			a.man(), a.version(),
		},
	}
	for leaf := range t.All() {
		if leaf.Run != nil && len(leaf.ArgWords) == 0 {
			leaf.Flags = append(leaf.Flags,
				cli.Flag{Name: "json", Value: cli.Switch(&a.json), Help: "print the answer as JSON; an error, too"})
		}
	}
	return t
}

const overviewTail = `Try it:
  ISSUER=$(safeconduct keygen -o issuer.key)
  AGENT=$(safeconduct keygen -o agent.key)
  safeconduct status init -state list.json -url https://issuer.example/status/1
  safeconduct issue -key issuer.key -agent $AGENT -allow payments.charge \
    -category compute -max "50.00 USD" -status-list list.json > passport.json
  safeconduct status publish -state list.json -key issuer.key -out lists

  safeconduct present -key agent.key -passport passport.json \
    -audience did:web:shop.example -action payments.charge \
    -amount "12.50 USD" -category compute > shown.json

  safeconduct verify -trust $ISSUER -lists lists \
    -audience did:web:shop.example -action payments.charge \
    -amount "12.50 USD" -category compute shown.json

Exit codes: 0 allowed (or done), 1 denied (or refused), 2 usage,
3 undetermined, 4 I/O. safeconduct help VERB says more.
`

// otherWords are words that other tools have for what is done here.
var otherWords = []struct{ words, meaning string }{
	{"revoke cancel invalidate", "to revoke: safeconduct revoke -state list.json PASSPORT.json"},
	{"suspend pause", "to suspend: safeconduct revoke -suspend -state list.json PASSPORT.json"},
	{"reinstate unsuspend resume restore unrevoke",
		"to end a suspension: safeconduct revoke -reinstate -state list.json PASSPORT.json"},
	{"publish", "to publish the list: safeconduct status publish -state list.json -key issuer.key -out lists"},
	{"init", "to start a list: safeconduct status init -state list.json -url URL"},
	{"genkey key gen generate new", "to make a key: safeconduct keygen -o FILE"},
	{"sign create grant", "to sign a passport: safeconduct issue"},
	{"check validate decide", "to decide: safeconduct verify"},
	{"cat view read decode",
		"to see what a file says: safeconduct inspect FILE; to show a passport to somebody: safeconduct present"},
	{"draw card picture qr", "to draw a passport: safeconduct show FILE"},
	{"whoami id identity", "to see whose key it is: safeconduct did key FILE"},
	{"resolve", "to see the document of a DID: safeconduct did resolve DID"},
	{"web", "to write the document of a did:web: safeconduct did web -key FILE DID"},
	{"trust diff", "for trust bundles: safeconduct bundle"},
	{"completions autocomplete", "to complete command lines: safeconduct completion SHELL"},
}

func meaning(of, word string) string {
	if of == "" || of == "status" {
		for _, o := range otherWords {
			if slices.Contains(strings.Fields(o.words), strings.ToLower(word)) {
				return o.meaning
			}
		}
	}
	return ""
}

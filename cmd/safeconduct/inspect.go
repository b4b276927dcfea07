package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) inspect() *cli.Verb {
	v := &cli.Verb{
		Name: "inspect", Summary: "show what a document says, UNVERIFIED",
		About: `Shows what a passport, a presentation (as a document or as a token), a status list or a DID document says. For a
trust bundle: safeconduct bundle inspect. FILE is - for standard input.

Nothing is verified: anybody can write anything into a file. To decide on it, use safeconduct verify.`,
		Args: []string{"FILE"}, NoArgs: "the file to inspect is needed; - for standard input",
		Flags:   []cli.Flag{a.clock()},
		Example: "safeconduct inspect passport.json",
	}
	v.Run = func(_ context.Context, files []string) error {
		raw, err := a.read(files[0], view.MaxBytes())
		if err != nil {
			return err
		}
		if bytes.Contains(raw, []byte("PRIVATE KEY-----")) {
			return cli.Wrong("%s is a private key, which is not shown", files[0]).
				Hint("safeconduct did key " + files[0] + " prints its identity")
		}
		r := view.Reader{Formats: []credential.Format{vcjwt.Format()}, Now: a.now()}
		doc, err := r.Read(raw)
		if err != nil {
			return notShown(err)
		}
		a.warn("UNVERIFIED: inspect shows what the file says, and checks nothing; use safeconduct verify to decide")
		if a.json {
			return a.text.JSON(doc)
		}
		a.unverified(doc.What, doc.Page)
		return nil
	}
	return v
}

// notShown is why a file is not one that can be shown.
func notShown(err error) error {
	f := asFailure(err)
	if f.Exit == exitIO { // the file was read
		f.Exit = exitDenied
	}
	if errors.Is(err, view.ErrBundle) {
		return f.Hint("safeconduct bundle inspect shows it")
	}
	if _, syntax := err.(*strictjson.Error); !syntax {
		f.Hint("no tool that follows the specification takes this file")
	}
	return f
}

// unverified prints a page that says before and after that nothing was checked.
func (a *app) unverified(title string, p view.Page) {
	if title != "" {
		a.text.Line("%s", title)
	}
	a.text.Page(p)
	a.text.Line("(all of this is UNVERIFIED)")
}

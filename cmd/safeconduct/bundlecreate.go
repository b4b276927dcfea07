package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify/bundle"
)

func (a *app) bundleCreate(ctx context.Context, f *flags, args []string) error {
	f.clock()
	key, as, out := f.String("key", "", ""), f.String("as", "", ""), f.String("o", "", "")
	docs, lists := f.String("did-docs", "", ""), f.String("lists", "", "")
	credentials, trust, scope, formats := f.list("credential"), f.list("trust"), f.trustScope(), f.formats()
	var c bundle.Contents
	f.StringVar(&c.ID, "id", "", "")
	f.Int64Var(&c.Sequence, "sequence", 0, "")
	to, life := f.list("to"), f.Duration("for", 24*time.Hour, "")
	var fetched time.Time
	f.Func("fetched", "", func(s string) (err error) {
		fetched, err = datetime.Parse(s)
		return err
	})
	if _, err := f.parse(args); err != nil {
		return err
	}
	if err := f.need("key", "id", "sequence"); err != nil {
		return err
	}
	if *life <= 0 {
		return f.usage("-for is %s, want a time that is to come", *life)
	}
	c.Audience, c.Created = *to, a.now().UTC().Truncate(time.Second)
	c.ValidUntil = c.Created.Add(*life)
	anchors, err := f.anchors(*trust, scope)
	if err != nil {
		return err
	}
	for _, anchor := range anchors {
		c.Anchors = append(c.Anchors, bundle.Anchor{Anchor: anchor})
	}
	if err := a.collect(&c, *docs, *lists, *credentials, *formats, fetched); err != nil {
		return err
	}
	signer, err := a.signer(*key, *as)
	if err != nil {
		return err
	}
	raw, err := bundle.Create(ctx, signer, c, bundle.CreateOptions{Formats: *formats})
	if err != nil {
		return (&failure{exit: exitCode(err), err: err}).hint("no bundle was made")
	}
	return a.deliverBundle(*out, raw)
}

// collect reads the documents that go into a bundle.
func (a *app) collect(c *bundle.Contents, docs, lists string, credentials []string, formats []credential.Format, fetched time.Time) error {
	item := func(raw []byte, source string) bundle.Item {
		return bundle.Item{Content: raw, Source: source, FetchedAt: fetched}
	}
	if docs != "" {
		err := a.each(docs, "*.json", limits.Default().DIDDocumentBytes, func(raw []byte) error {
			doc, err := did.ParseDocument(raw)
			if err == nil {
				c.DIDDocuments = append(c.DIDDocuments, item(raw, doc.ID().String()))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if lists != "" {
		err := a.each(lists, "*.list", inspectBytes(), func(raw []byte) error {
			list, err := credential.Parser{StatusList: true, Formats: formats}.Credential(raw)
			if err == nil {
				c.StatusLists = append(c.StatusLists, item(raw, list.Unverified().ID))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, name := range credentials {
		raw, err := a.document(name)
		if err != nil {
			return err
		}
		s, err := credential.Parse(raw, formats...)
		if err != nil {
			return (&failure{exit: exitCode(err), err: err}).hint(name + " must be a consent credential")
		}
		c.Credentials = append(c.Credentials, item(raw, s.Unverified().ID))
	}
	return nil
}

// each reads the files of a folder whose names fit, in their order.
func (a *app) each(dir, pattern string, most int, take func(raw []byte) error) error {
	if err := isDir(dir); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(globEscape(dir), pattern))
	if err != nil {
		return ioFailure(err, "cannot read %s", dir)
	}
	if most := limits.Default().BundleEntries; len(names) > most {
		return ioFailure(nil, "%s has %d files, at most %d go into a bundle", dir, len(names), most)
	}
	if len(names) == 0 {
		a.warn("%s has no file %s", dir, pattern)
	}
	for _, name := range names {
		raw, err := a.read(name, most)
		if err != nil {
			return err
		}
		if err := take(raw); err != nil {
			return &failure{exit: exitDenied, err: err, hints: []string{name + " cannot go into a bundle"}}
		}
	}
	return nil
}

// deliverBundle writes the bundle and says what it is.
func (a *app) deliverBundle(out string, raw []byte) error {
	info, err := bundle.Inspect(raw) // made by this very command, a moment ago
	if err != nil {
		return err
	}
	j := newBundleJSON("bundle-created", info)
	j.Verified, j.Warning = true, ""
	if a.json && (out == "" || out == "-") {
		j.Bundle = raw
		return a.answer(j)
	}
	a.note("edition %d, %d entries, valid until %s", info.Sequence, len(info.Entries), j.Until)
	if err := a.write(out, append(raw, '\n')); err != nil || !a.json {
		return err
	}
	return a.answer(j)
}

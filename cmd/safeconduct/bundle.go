package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) bundle() *cli.Verb {
	return &cli.Verb{
		Name: "bundle", Summary: "all that a verifier must know, as one signed file",
		About: `A trust bundle is one signed file with everything that a verifier must know of the world: whom to trust, their
DID documents, status lists, consents. It has an end, and a number, so that an older one is told. A machine without a
network decides with safeconduct verify -bundle.`,
		Parts: []*cli.Verb{a.bundleCreate(), a.bundleInspect(), a.bundleVerify(), a.bundleDiff()},
		Example: `safeconduct bundle create -key operator.key -id https://ops.example/trust \
  -sequence 1 -trust $ISSUER -lists lists -for 168h -o trust.bundle
safeconduct bundle verify -signer $OPERATOR trust.bundle
safeconduct verify -bundle trust.bundle -bundle-signer $OPERATOR …`,
	}
}

func (a *app) bundleCreate() *cli.Verb {
	var key signing
	var trusted trusted
	var docs, lists, out string
	var credentials []string
	var formats []credential.Format
	var fetched time.Time
	var c bundle.Contents
	life := 24 * time.Hour
	v := &cli.Verb{Name: "create", Summary: "put a bundle together from files, and sign it"}
	v.Flags = slices.Concat(key.flags("the private key of its signer", "its name in the signer's DID document"), []cli.Flag{
		flag("id", cli.Text("IRI", &c.ID).Must(), "the series that it is an edition of, always the same"),
		flag("sequence", cli.Number(&c.Sequence).Must(), "its number, higher than in every edition before"),
		flag("for", cli.Duration(&life, 1, 0), "how long it is good: 24h unless given, at most 720h"),
	}, trusted.flags("an issuer that its readers are to trust"), []cli.Flag{
		flag("did-docs", cli.Text("DIR", &docs), "the DID documents (*.json) that go into it"),
		flag("lists", cli.Text("DIR", &lists), "the status lists (*.list) that go into it"),
		flag("credential", cli.List("FILE", &credentials), "a consent credential"),
		flag("fetched", instantValue(&fetched), "when all these files were got; now unless given"),
		flag("to", cli.List("IRI", &c.Audience), "a verifier that it is for; for everybody unless given"),
		flag("format", formatsValue(&formats), "vc+jwt: lists and credentials may be tokens"),
		flag("o", cli.Text("FILE", &out), "where the bundle goes; standard output unless given"),
		a.clock(),
	})
	v.Run = func(ctx context.Context, _ []string) error {
		c.Created = a.now().UTC().Truncate(time.Second)
		c.ValidUntil = c.Created.Add(life)
		for _, anchor := range trusted.anchors() {
			c.Anchors = append(c.Anchors, bundle.Anchor{Anchor: anchor})
		}
		names := map[bundle.Kind][]string{}
		collect := func(kind bundle.Kind, into *[]bundle.Item) func(string, []byte) error {
			return func(name string, raw []byte) error {
				*into, names[kind] = append(*into, bundle.Item{Content: raw, FetchedAt: fetched}), append(names[kind], name)
				return nil
			}
		}
		b := limits.Default()
		if docs != "" {
			if err := a.folder(docs, ".json", b.BundleEntries, b.DIDs.DocumentBytes, collect(bundle.DIDDocuments, &c.DIDDocuments)); err != nil {
				return err
			}
		}
		if lists != "" {
			if err := a.folder(lists, ".list", b.BundleEntries, view.MaxBytes(), collect(bundle.StatusLists, &c.StatusLists)); err != nil {
				return err
			}
		}
		for _, name := range credentials {
			raw, err := a.document(name)
			if err != nil {
				return err
			}
			_ = collect(bundle.Credentials, &c.Credentials)(name, raw)
		}
		signer, err := a.signer(key)
		if err != nil {
			return err
		}
		raw, err := bundle.Create(ctx, signer, c, bundle.CreateOptions{Formats: formats})
		if err != nil {
			return asFailure(err).Hint(cannotGo(err, names) + "no bundle was made; -for says how long it is good")
		}
		info, err := bundle.Inspect(raw) // made by this very command, a moment ago
		if err != nil {
			return err
		}
		answer := view.Bundle(info, true)
		if toStdout(out) {
			answer = append(answer, member("bundle", json.RawMessage(raw)))
		}
		a.note("edition %d, %d entries, valid until %s", info.Sequence, len(info.Entries), instant(info.ValidUntil))
		a.warnOfEnd(info)
		return a.handOver(out, raw, "bundle-created", answer, func() {})
	}
	return v
}

// cannotGo names the file that an error of bundle.Create is about.
func cannotGo(err error, names map[bundle.Kind][]string) string {
	var e *credential.Error
	if errors.As(err, &e) {
		for kind, list := range names {
			for i, name := range list {
				if strings.HasPrefix(e.Path+"/", "/"+string(kind)+"/"+strconv.Itoa(i)+"/") {
					return name + " cannot go into a bundle; "
				}
			}
		}
	}
	return ""
}

const bundleNeeded = "the bundle is needed; - for standard input"

func (a *app) bundleInspect() *cli.Verb {
	v := &cli.Verb{
		Name: "inspect", Summary: "show what a bundle says of itself, UNVERIFIED", Args: []string{"FILE"}, NoArgs: bundleNeeded,
	}
	v.Run = func(_ context.Context, files []string) error {
		raw, err := a.read(files[0], limits.Default().BundleBytes)
		if err != nil {
			return err
		}
		info, err := bundle.Inspect(raw)
		if err != nil {
			return asFailure(err).Hint(hintForBundle(err))
		}
		a.warn("UNVERIFIED: inspect shows what the bundle says, and checks nothing; use safeconduct bundle verify")
		says := view.Bundle(info, false)
		return a.answer("bundle-inspected", says, func() { a.unverified("", says) })
	}
	return v
}

// bundleReader is the command line of what believes bundles: verify and diff.
type bundleReader struct {
	*app
	*cli.Verb
	docs documents
	o    bundle.Options
}

func (a *app) bundleReader(v *cli.Verb, more ...cli.Flag) *bundleReader {
	r := &bundleReader{app: a, Verb: v}
	r.Flags = slices.Concat([]cli.Flag{
		flag("signer", didList(&r.o.Signers), "who signs it; a bundle says whom to trust, so nothing in it can say who may sign it"),
		flag("id", cli.Text("IRI", &r.o.ID), "the series that is wanted; any of the signer's unless given"),
		flag("format", formatsValue(&r.o.Formats), "vc+jwt: lists and credentials may be tokens"),
	}, r.docs.flags(), more, []cli.Flag{a.clock()})
	return r
}

func (r *bundleReader) prepare() (err error) {
	if len(r.o.Signers) == 0 {
		return r.Missing("signer").Hint("a bundle says whom to trust, so nothing in it can say who may sign it")
	}
	r.o.Resolver, err = r.resolver(r.docs)
	return err
}

func (a *app) bundleVerify() *cli.Verb {
	r := a.bundleReader(&cli.Verb{
		Name: "verify", Summary: "say whether a bundle is believed, and what is in it", Args: []string{"FILE"}, NoArgs: bundleNeeded,
	})
	r.Flags = append(r.Flags,
		flag("audience", cli.Text("ID", &r.o.Audience), "the name of the verifier that it is for"),
		flag("sequence", cli.Number(&r.o.MinSequence), "the lowest edition that is taken"))
	r.Run = func(ctx context.Context, files []string) error {
		if err := r.prepare(); err != nil {
			return err
		}
		b, err := a.openBundle(ctx, files[0], r.o, a.now())
		if err != nil {
			return err
		}
		info := b.Info()
		a.warnOfEnd(&info)
		says := view.Bundle(&info, true)
		return a.answer("bundle-verified", says, func() {
			a.text.Line("BELIEVED, until %s", instant(info.ValidUntil))
			a.text.Page(says)
		})
	}
	return r.Verb
}

func (a *app) bundleDiff() *cli.Verb {
	r := a.bundleReader(&cli.Verb{
		Name: "diff", Summary: "say what a bundle has that an older one has not",
		About: "Both must be by the signer. The old one may be over.",
		Args:  []string{"OLD", "NEW"}, NoArgs: "two bundles are needed: the old one and the new one",
	})
	r.Run = func(ctx context.Context, files []string) error {
		if err := r.prepare(); err != nil {
			return err
		}
		old, err := a.openBundle(ctx, files[0], r.o, time.Time{}) // which may be over
		if err != nil {
			return err
		}
		was := old.Info()
		r.o.ID = was.ID // another series is no edition of this one
		next, err := a.openBundle(ctx, files[1], r.o, a.now())
		if err != nil {
			return err
		}
		is := next.Info()
		if is.Sequence <= was.Sequence {
			a.warn("edition %d is not newer than edition %d: whoever holds the latter refuses the former", is.Sequence, was.Sequence)
		}
		diff, changes := bundle.Diff(old, next), []view.Page{}
		for _, c := range diff {
			changes = append(changes, view.Page{
				member("kind", string(c.Kind)), member("id", c.ID), member("what", c.What), member("detail", c.Detail),
			})
		}
		page := view.Page{member("old", was.Sequence), member("new", is.Sequence), member("changes", changes)}
		return a.answer("bundle-diff", page, func() {
			for _, c := range diff {
				a.text.Line("%s", c)
			}
			if len(diff) == 0 {
				a.text.Line("they say the same")
			}
		})
	}
	return r.Verb
}

// openBundle reads a bundle and believes it as of an instant, or says why not. The zero instant is that at which the
// bundle was made.
func (a *app) openBundle(ctx context.Context, name string, o bundle.Options, at time.Time) (*bundle.Bundle, error) {
	raw, err := a.read(name, limits.Default().BundleBytes)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		if info, err := bundle.Inspect(raw); err == nil { // else Open says it again
			at = info.Created
		}
	}
	o.Now = func() time.Time { return at }
	b, err := bundle.Open(ctx, raw, o)
	if err != nil {
		return nil, asFailure(err).Hint(name + " is not believed: " + hintForBundle(err))
	}
	return b, nil
}

func (a *app) warnOfEnd(i *bundle.Info) {
	for _, e := range i.Missing() {
		a.warn("missing: %s %s was of use only until %s; whatever needs it could not be found out", e.Kind, e.ID, instant(e.UseBy))
	}
	if e := i.EndsFirst(); e != nil {
		a.warn("of no use for long: %s %s ends at %s, before the bundle; the next edition must be there by then (-for %s would say so)",
			e.Kind, e.ID, instant(e.UseBy), e.UseBy.Sub(i.Created))
	}
}

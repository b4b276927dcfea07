package main

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/verify/bundle"
)

const bundleUsage = `usage: safeconduct bundle create  -key FILE -id IRI -sequence N -trust DID [flags]
       safeconduct bundle inspect FILE
       safeconduct bundle verify  -signer DID [flags] FILE
       safeconduct bundle diff    -signer DID [flags] OLD NEW

A trust bundle is one signed file with everything that a verifier must know of
the world: whom to trust, their DID documents, status lists, consents. It has
an end, and a number, so that an older one is told. A machine without a
network decides with safeconduct verify -bundle.

create    puts a bundle together from files, and signs it
  -key FILE        the private key of its signer; -as URL names it, as for issue
  -id IRI          the series that it is an edition of, always the same
  -sequence N      its number, higher than in every edition before
  -for DURATION    how long it is good: 24h unless given, at most 720h
  -trust DID       an issuer that its readers are to trust; may be given several
                   times
` + scopeUsage + `  -did-docs DIR    the DID documents (*.json) that go into it
  -lists DIR       the status lists (*.list) that go into it
  -credential FILE a consent credential; may be given several times
  -fetched INSTANT when all these files were got; now unless given
  -to IRI          a verifier that it is for; may be given several times; for
                   everybody unless given
  -format vc+jwt   lists and credentials may be tokens
  -o FILE          where the bundle goes; standard output unless given
inspect   shows what a bundle says of itself, UNVERIFIED
verify    says whether the bundle is believed, and what is in it
diff      says what NEW has that OLD has not; both must be by the signer. OLD
          may be over
  -signer DID      who signs it; may be given several times
  -did-docs DIR, -web   where the document of a signer is found that is no
                   did:key: a folder that was handed over, the web
  -id IRI          the series that is wanted; any of the signer's unless given
  -audience ID     the name of the verifier that it is for (verify)
  -sequence N      the lowest edition that is taken (verify)
  -format vc+jwt   as for create

  -now INSTANT     what time to take it for: 2026-11-21T09:00:00Z
  -json            print the answer as JSON

Example:
  safeconduct bundle create -key operator.key -id https://ops.example/trust \
    -sequence 1 -trust $ISSUER -lists lists -for 168h -o trust.bundle
  safeconduct bundle verify -signer $OPERATOR trust.bundle
  safeconduct verify -bundle trust.bundle -bundle-signer $OPERATOR …
`

func (a *app) bundle(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageFailure("bundle: what is to be done?").hint("safeconduct help bundle")
	}
	f := a.flags("bundle " + args[0])
	switch args[0] {
	case "create":
		return a.bundleCreate(ctx, f, args[1:])
	case "inspect":
		return a.bundleInspect(f, args[1:])
	case "verify":
		return a.bundleVerify(ctx, f, args[1:])
	case "diff":
		return a.bundleDiff(ctx, f, args[1:])
	case "-h", "-help", "--help", "help":
		a.text.text(bundleUsage)
		return nil
	}
	return unknown("bundle", args[0])
}

func (a *app) bundleInspect(f *flags, args []string) error {
	files, err := f.parse(args, "FILE")
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return f.usage("the bundle is needed; - for standard input")
	}
	raw, err := a.read(files[0], bundleBytes())
	if err != nil {
		return err
	}
	info, err := bundle.Inspect(raw)
	if err != nil {
		return (&failure{exit: exitCode(err), err: err}).hint(hintForBundle(err))
	}
	a.warn("UNVERIFIED: inspect shows what the bundle says, and checks nothing; use safeconduct bundle verify")
	j := newBundleJSON("bundle-inspected", info)
	if a.json {
		return a.answer(j)
	}
	a.text.line(unverified)
	a.text.bundle(&j)
	a.text.line("(all of this is UNVERIFIED)")
	return nil
}

// readerFlags are those of verify and diff.
type readerFlags struct {
	signers  *[]string
	docs, id string
	web      bool
	formats  *[]credential.Format
}

func (f *flags) reader() *readerFlags {
	r := &readerFlags{signers: f.list("signer"), formats: f.formats()}
	f.clock()
	f.StringVar(&r.docs, "did-docs", "", "")
	f.StringVar(&r.id, "id", "", "")
	f.BoolVar(&r.web, "web", false, "")
	return r
}

func (r *readerFlags) options(f *flags) (bundle.Options, error) {
	if err := f.need("signer"); err != nil {
		return bundle.Options{}, asFailure(err).hint("a bundle says whom to trust, so nothing in it can say who may sign it")
	}
	o, err := f.bundleOptions(*r.signers, r.docs, r.web)
	o.ID, o.Formats = r.id, *r.formats
	return o, err
}

func (a *app) bundleVerify(ctx context.Context, f *flags, args []string) error {
	r := f.reader()
	audience, lowest := f.String("audience", "", ""), f.Int64("sequence", 0, "")
	files, err := f.parse(args, "FILE")
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return f.usage("the bundle is needed; - for standard input")
	}
	o, err := r.options(f)
	if err != nil {
		return err
	}
	o.Audience, o.MinSequence = *audience, *lowest
	b, err := a.openBundle(ctx, files[0], o)
	if err != nil {
		return err
	}
	info := b.Info()
	j := newBundleJSON("bundle-verified", &info)
	j.Verified, j.Warning = true, ""
	if a.json {
		return a.answer(j)
	}
	a.text.line("BELIEVED, until %s", j.Until)
	a.text.bundle(&j)
	return nil
}

func (a *app) bundleDiff(ctx context.Context, f *flags, args []string) error {
	r := f.reader()
	files, err := f.parse(args, "OLD", "NEW")
	if err != nil {
		return err
	}
	if len(files) < 2 {
		return f.usage("two bundles are needed: the old one and the new one")
	}
	o, err := r.options(f)
	if err != nil {
		return err
	}
	old, err := a.openOld(ctx, files[0], o)
	if err != nil {
		return err
	}
	o.ID = old.Info().ID // another series is no edition of this one
	next, err := a.openBundle(ctx, files[1], o)
	if err != nil {
		return err
	}
	if next.Info().Sequence <= old.Info().Sequence {
		a.warn("edition %d is not newer than edition %d: whoever holds the latter refuses the former", next.Info().Sequence, old.Info().Sequence)
	}
	changes := bundle.Diff(old, next)
	if a.json {
		return a.answer(newBundleDiffJSON(old, next, changes))
	}
	for _, c := range changes {
		a.text.line("%s", c)
	}
	if len(changes) == 0 {
		a.text.line("they say the same")
	}
	return nil
}

// openOld believes a bundle as of the instant at which it was made.
func (a *app) openOld(ctx context.Context, name string, o bundle.Options) (*bundle.Bundle, error) {
	raw, err := a.read(name, bundleBytes())
	if err != nil {
		return nil, err
	}
	if info, err := bundle.Inspect(raw); err == nil { // else Open says it again
		o.Now = func() time.Time { return info.Created }
	}
	return a.believe(ctx, name, raw, o)
}

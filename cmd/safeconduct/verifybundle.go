package main

import (
	"context"
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
)

// fromBundle: everything that is believed stands in a trust bundle. Nothing
// stands beside it, for what is beside it would not end when the bundle does.
func (f *verifierFlags) fromBundle(ctx context.Context, c *verify.Config) error {
	if err := f.need("bundle", "bundle-signer"); err != nil {
		return err
	}
	for _, name := range []string{"trust", "trust-action", "trust-ceiling", "trust-region", "trust-assurance", "lists"} {
		if f.given(name) {
			return f.usage("-%s and -bundle exclude each other: a bundle holds anchors and lists of its own", name).
				hint("safeconduct bundle inspect shows what is in it")
		}
	}
	o, err := f.bundleOptions(*f.signers, f.docs, f.web)
	if err != nil {
		return err
	}
	o.Audience, o.MinSequence, o.Now, o.Skew, o.Formats = f.act.audience, f.sequence, c.Now, c.Skew, c.Formats
	b, err := f.app.openBundle(ctx, f.bundle, o)
	if err != nil {
		// Nothing was found out about the passport, whatever is wrong with the
		// bundle: that is no denial.
		if w := asFailure(err); w != nil && w.exit == exitDenied {
			w.exit = exitUndetermined
		}
		return err
	}
	c.Anchors, c.Resolver, c.Status, c.Siblings = b.Anchors(), b, b, b
	return nil
}

// bundleOptions says whose bundles are believed.
func (f *flags) bundleOptions(signers []string, docs string, web bool) (o bundle.Options, err error) {
	for _, text := range signers {
		id, err := did.Parse(text)
		if err != nil {
			return o, f.usage("the signer of a bundle: %w", err)
		}
		o.Signers = append(o.Signers, id)
	}
	o.Resolver, err = f.app.resolver(docs, web)
	return o, err
}

// bundleBytes is the size of the largest bundle that is read.
func bundleBytes() int { return limits.Default().BundleBytes }

// openBundle reads a bundle and believes it, or says why not. A nil o.Now is
// the clock of the command.
func (a *app) openBundle(ctx context.Context, name string, o bundle.Options) (*bundle.Bundle, error) {
	raw, err := a.read(name, bundleBytes())
	if err != nil {
		return nil, err
	}
	return a.believe(ctx, name, raw, o)
}

func (a *app) believe(ctx context.Context, name string, raw []byte, o bundle.Options) (*bundle.Bundle, error) {
	if o.Now == nil {
		at := a.now()
		o.Now = func() time.Time { return at }
	}
	b, err := bundle.Open(ctx, raw, o)
	if err != nil {
		w := &failure{exit: exitCode(err), err: err}
		w.hint(name + " is not believed: " + hintForBundle(err))
		return nil, w
	}
	return b, nil
}

// hintForBundle says what to do about a bundle that is not believed.
func hintForBundle(err error) string {
	var e *credential.Error
	if !errors.As(err, &e) {
		return "its signer's key could not be found out"
	}
	switch e.Code {
	case verify.TimeExpired, verify.StatusRolledBack:
		return "get a newer edition from its signer"
	case verify.TimeNotYetValid:
		return "it is of a time to come; is the clock right?"
	case verify.AnchorUntrustedIssuer:
		return "it must be signed by whom you were told, by other means than the file"
	case verify.ProofUnresolvable:
		return "-did-docs names a folder with the document of its signer, which was handed over by other means"
	case verify.ProofAudienceMismatch:
		return "it is for other verifiers than this -audience"
	case verify.EnvelopeMalformed, verify.EnvelopeUnsupported, verify.EnvelopeContext:
		return "it must be a file that safeconduct bundle create has written"
	}
	return "get it again from its signer"
}

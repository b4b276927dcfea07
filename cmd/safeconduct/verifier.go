package main

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// trustUsage and judgeUsage are the parts of the usage texts of what decides:
// verify and explain.
const trustUsage = `What is believed: either
  -trust DID       an issuer whose passports count; may be given several times
` + scopeUsage + `  -lists DIR       the folder of status lists, as safeconduct status publish
                   writes it; without it no passport can be checked for
                   revocation, and the answer is "undetermined"
  -did-docs DIR    a folder of DID documents (*.json), for issuers and agents
                   other than did:key and did:jwk
  -web             fetch the documents of did:web over HTTPS. Status lists are
                   not fetched: get them with a tool of your choice into -lists
or a trust bundle, which holds all of that
  -bundle FILE         as safeconduct bundle create writes it
  -bundle-signer DID   who signs it; may be given several times. -did-docs and
                       -web then find the keys of signers, and nothing else
  -bundle-sequence N   the lowest edition that is taken; an older one would
                       bring back what was revoked
What is about to happen, and what it needs
  -owner IRI       whose resource it is: the passport must be of that person
  -min-assurance LEVEL   how well the person must be known: L0 unless given
`

const judgeUsage = `How it is judged
  -format vc+jwt            accept tokens (vc+jwt, vp+jwt), too
  -skew DURATION            how far clocks may differ: 0 unless given, at most 5m
  -max-status-age DURATION  the oldest status list: 24h unless given, at most 168h
  -insecure-bare            accept a passport without a presentation, which
                            serves whoever holds it
`

// verifierFlags is the command line of what decides.
type verifierFlags struct {
	*flags
	trust, signers      *[]string
	lists, docs, bundle string
	web, bare           bool
	sequence            int64
	scope               *scope
	formats             *[]credential.Format
	skew, statusAge     time.Duration
	at                  time.Time // of -at; zero: not given
	act                 *act
	owner               string         // of -owner
	assurance           passport.Level // of -min-assurance
	finish              func() error
	file                string
}

func (a *app) verifierFlags(verb string) *verifierFlags {
	f := &verifierFlags{flags: a.flags(verb)}
	f.clock()
	f.trust, f.signers = f.list("trust"), f.list("bundle-signer")
	f.scope = f.trustScope()
	f.StringVar(&f.lists, "lists", "", "")
	f.StringVar(&f.docs, "did-docs", "", "")
	f.StringVar(&f.bundle, "bundle", "", "")
	f.Int64Var(&f.sequence, "bundle-sequence", 0, "")
	f.BoolVar(&f.web, "web", false, "")
	f.BoolVar(&f.bare, "insecure-bare", false, "")
	f.DurationVar(&f.skew, "skew", 0, "")
	f.DurationVar(&f.statusAge, "max-status-age", 0, "")
	f.formats = f.flags.formats()
	f.StringVar(&f.owner, "owner", "", "")
	f.Func("min-assurance", "", func(s string) error { return setLevel(&f.assurance, s) })
	f.act, f.finish = f.flags.act()
	return f
}

// past adds -at, which Audit judges by.
func (f *verifierFlags) past() {
	f.Func("at", "", func(s string) (err error) {
		f.at, err = datetime.Parse(s)
		return err
	})
}

// verifier reads the command line and makes the verifier that it describes.
func (f *verifierFlags) verifier(ctx context.Context, args []string) (*verify.Verifier, error) {
	files, err := f.parse(args, "FILE")
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, f.usage("the file to %s is needed; - for standard input", f.verb)
	}
	f.file = files[0]
	if err := f.finish(); err != nil {
		return nil, err
	}
	at := f.app.now() // one instant for the whole decision
	if !f.at.IsZero() {
		if f.at.After(at) {
			return nil, f.usage("-at is %s, which is still to come: want an instant in the past", datetime.Format(f.at))
		}
		at = f.at
	}
	c := verify.Config{
		Ledger: ledger.NewMemory(ledger.Options{}),
		Now:    func() time.Time { return at }, Skew: f.skew,
		Formats: *f.formats, InsecureAllowBarePassports: f.bare,
	}
	c.Bounds.StatusAge = f.statusAge
	if f.bundle != "" || len(*f.signers) > 0 {
		err = f.fromBundle(ctx, &c)
	} else {
		err = f.fromFiles(&c)
	}
	if err != nil {
		return nil, err
	}
	v, err := verify.New(c)
	if err != nil {
		return nil, f.usage("%w", err)
	}
	return v, nil
}

// fromFiles: each thing that is believed is named on the command line.
func (f *verifierFlags) fromFiles(c *verify.Config) (err error) {
	if err := f.need("trust"); err != nil {
		return asFailure(err).hint("-bundle and -bundle-signer name a trust bundle instead")
	}
	if f.given("bundle-sequence") {
		return f.usage("-bundle-sequence is of a -bundle, which is not given")
	}
	if c.Anchors, err = f.anchors(*f.trust, f.scope); err != nil {
		return err
	}
	if c.Resolver, err = f.app.resolver(f.docs, f.web); err != nil {
		return err
	}
	if f.lists == "" {
		return nil
	}
	c.Status = statuslist.Dir(f.lists)
	return isDir(f.lists)
}

// request is what is really about to happen.
func (f *verifierFlags) request() verify.Request {
	q := f.act
	return verify.Request{
		Audience: q.audience, Nonce: q.nonce, Act: q.Act, BodyDigest: q.bodyDigest,
		ResourceOwner: f.owner, MinAssurance: f.assurance,
	}
}

package main

import (
	"context"
	"encoding/json"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
)

const delegateUsage = `usage: safeconduct delegate -key FILE -passport FILE -agent DID [flags] > child.json

The holder of a passport gives a part of it to another agent. No issuer is
asked: the holder signs, and can only narrow. What is not granted again is not
passed on. The new passport is shown together with those above it.

Who
  -key FILE         the private key of the holder, the agent of the last
                    -passport; - for standard input
  -as URL           its name in the holder's DID document; without: its did:key
  -passport FILE *  the holder's passport; of a delegated one the whole chain,
                    the root first: give the flag several times
  -agent DID        whom the new passport is for
  -principal IRI    -organization IRI   as the root of the chain says, or left out
  -name TEXT        of the agent, for people; never decided on

` + grantUsage + `  -inherit-grants   state every grant of the passport above for which no flag
                    and no template says less
How long, and how to take it back
  -for DURATION     24h unless given; ends with the passport above at the latest
  -from INSTANT     now unless given
` + placeUsage + `  These lists are the holder's own. Without one, the new passport is taken
  back by revoking one above it.

  -template FILE    the members of credentialSubject, as a JSON object; flags
                    replace what it says; - for standard input
` + secureUsage + `  -o FILE           where the new passport goes; standard output unless given
  -now INSTANT      what time to take it for: 2026-11-21T09:00:00Z
  -json             print id, validity and what was narrowed around the passport

Example:
  safeconduct delegate -key agent.key -passport passport.json -agent did:key:z6Mk… \
    -inherit-grants -max "5.00 USD" > child.json
  safeconduct present -key helper.key -passport passport.json -passport child.json …
`

func (a *app) delegate(ctx context.Context, args []string) error {
	f := a.grantFlags("delegate")
	files, inherit := f.list("passport"), f.Bool("inherit-grants", false, "")
	if _, err := f.parse(args); err != nil {
		return err
	}
	if err := f.need("key", "passport"); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	p, err := f.passport()
	if err != nil {
		return err
	}
	chain, err := a.chain(*files)
	if err != nil {
		return err
	}
	if err := rootFirst(*files, chain); err != nil {
		return err
	}
	leaf, err := passport.ReadUnverified(chain[len(chain)-1])
	if err != nil {
		return f.refused(err)
	}
	if *inherit {
		p.Authority = p.Authority.InheritGrants(&leaf.Authority)
	}
	signer, err := a.signer(f.key, f.as)
	if err != nil {
		return err
	}
	if err := f.entries(p); err != nil {
		return err
	}
	// As for issue: what can be refused is refused before a place is taken.
	if _, err := passport.Delegate(ctx, chain, signer, f.rehearsal(p), f.options()); err != nil {
		return f.refused(err)
	}
	if err := f.allocate(p); err != nil {
		return err
	}
	longer, err := passport.Delegate(ctx, chain, signer, p, f.options())
	if err != nil {
		return f.refused(err)
	}
	narrows, err := narrowing(longer)
	if err != nil {
		return err
	}
	return f.deliverLink(longer[len(longer)-1], leaf, narrows)
}

// narrowing says what the last link of a chain takes away from those above it.
func narrowing(chain passport.Chain) ([]passport.Change, error) {
	var d passport.Descent
	last := len(chain) - 1
	for _, s := range chain[:last] {
		p, err := passport.ReadUnverified(s)
		if err == nil {
			err = d.Next(p, s.Digest)
		}
		if err != nil {
			return nil, err
		}
	}
	p, err := passport.ReadUnverified(chain[last])
	if err != nil {
		return nil, err
	}
	return d.Effective().Diff(&p.Authority), nil
}

// deliverLink writes the new passport and says how it differs from its parent.
func (f *grantFlags) deliverLink(signed *credential.Signed, parent *passport.Passport, narrows []passport.Change) error {
	p, err := passport.ReadUnverified(signed) // by this very command, a moment ago
	if err != nil {
		return err
	}
	f.warnOfNothing(p, "or -inherit-grants")
	return f.handOver(signed, struct {
		header
		Passport   passportJSON    `json:"passport"`
		Parent     string          `json:"parent"`
		Narrows    []changeJSON    `json:"narrows"`
		Digest     string          `json:"digest"`
		Credential json.RawMessage `json:"credential"`
	}{kind("delegated"), newPassportJSON(p), parent.ID, newChangesJSON(narrows), signed.Digest(), jsonText(signed.Bytes())}, func() {
		f.noteUntil(p)
		f.app.note("link %d, below %s", p.DelegationDepth, parent.ID)
		f.noteStatus(p)
		for _, c := range narrows {
			f.app.note("narrows %s: %s -> %s", c.Facet, c.Before, c.After)
		}
		if len(narrows) == 0 {
			f.app.note("narrows nothing: the new passport allows what the one above it allows")
		}
	})
}

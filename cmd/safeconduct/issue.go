package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

const issueUsage = `usage: safeconduct issue -key FILE -agent DID [flags] > passport.json

Signs a passport for an agent. What is not granted is refused.

Who
  -key FILE         the issuer's private key; - for standard input
  -as URL           its name in the issuer's DID document, such as
                    did:web:issuer.example#key-1; without: its did:key
  -agent DID        whom the passport is for
  -principal IRI    the accountable person: mailto:ada@example.org
  -organization IRI the accountable organisation
  -name TEXT        of the agent, for people; never decided on

` + grantUsage + `
How long, and how to take it back
  -for DURATION     24h unless given, at most 720h
  -from INSTANT     now unless given
` + placeUsage + `
  -template FILE    the members of credentialSubject, as a JSON object; flags
                    replace what it says; - for standard input
` + secureUsage + `  -o FILE           where the passport goes; standard output unless given
  -now INSTANT      what time to take it for: 2026-11-21T09:00:00Z
  -json             print id, validity and status places around the passport

Example:
  safeconduct status init -state list.json -url https://issuer.example/status/1
  safeconduct issue -key issuer.key -agent did:key:z6Mk… -allow payments.charge \
    -category compute -max "50.00 USD" -status-list list.json > passport.json
`

func (a *app) issue(ctx context.Context, args []string) error {
	f := a.grantFlags("issue")
	if _, err := f.parse(args); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	p, err := f.passport()
	if err != nil {
		return err
	}
	signer, err := a.signer(f.key, f.as)
	if err != nil {
		return err
	}
	if len(*f.statusLists)+len(*f.status)+len(*f.suspension) == 0 {
		return f.usage("-status-list or -status is needed: a passport that cannot be taken back is not issued").
			hint("safeconduct status init -state list.json -url https://issuer.example/status/1 starts a list")
	}
	// Everything that can be refused is refused before a place on a list is
	// taken, which cannot be given back.
	if err := f.entries(p); err != nil {
		return err
	}
	o := f.options()
	if _, err := passport.Issue(ctx, signer, f.rehearsal(p), o); err != nil {
		return f.refused(err)
	}
	if err := f.allocate(p); err != nil {
		return err
	}
	signed, err := passport.Issue(ctx, signer, p, o)
	if err != nil {
		return f.refused(err)
	}
	return f.deliver(signed)
}

// refused explains an error of passport.Issue or passport.Delegate.
func (f *grantFlags) refused(err error) error {
	hints := []string{"nothing was issued"}
	switch {
	case errors.Is(err, verify.DelegationTooDeep):
		hints = append(hints, "issue -max-depth says how deep a passport may be delegated")
	case errors.Is(err, verify.DelegationWidened):
		hints = append(hints, "a link can only narrow: ask for less, or leave the flag out and give -inherit-grants")
	case errors.Is(err, verify.ProofHolderMismatch):
		hints = append(hints, "-key must be that of the agent of the last -passport")
	}
	return &failure{exit: exitCode(err), err: err, hints: hints}
}

// warnOfNothing tells of a passport that no act can pass.
func (f *grantFlags) warnOfNothing(p *passport.Passport, or string) {
	for _, c := range p.Authority.Capabilities {
		if !slices.ContainsFunc(p.Authority.DeniedActions, func(d string) bool { return passport.ActionCovers(d, c.Action) }) {
			return
		}
	}
	if len(p.Authority.Capabilities) > 0 {
		f.app.warn("this passport allows nothing: -deny takes back every action of -allow")
		return
	}
	f.app.warn("this passport allows nothing: name actions with -allow (%s)", or)
}

// deliver writes the passport and says what it is.
func (f *grantFlags) deliver(signed *credential.Signed) error {
	p, err := passport.ReadUnverified(signed) // by this very command, a moment ago
	if err != nil {
		return err
	}
	f.warnOfNothing(p, "or a -template")
	return f.handOver(signed, struct {
		header
		Passport   passportJSON    `json:"passport"`
		Digest     string          `json:"digest"`
		Credential json.RawMessage `json:"credential"`
	}{kind("issued"), newPassportJSON(p), signed.Digest(), jsonText(signed.Bytes())}, func() {
		f.noteUntil(p)
		f.noteStatus(p)
	})
}

// handOver writes the passport to where -o says and, with -json, the answer,
// else the notes.
func (f *grantFlags) handOver(signed *credential.Signed, answer any, notes func()) error {
	text := append(signed.Bytes(), '\n')
	if !f.app.json {
		notes()
		return f.app.write(f.out, text)
	}
	if f.out != "" && f.out != "-" {
		if err := f.app.write(f.out, text); err != nil {
			return err
		}
	}
	return f.app.answer(answer)
}

func (f *grantFlags) noteUntil(p *passport.Passport) {
	f.app.note("%s, valid until %s", p.ID, datetime.Format(p.ValidUntil))
}

func (f *grantFlags) noteStatus(p *passport.Passport) {
	for _, e := range p.Status {
		f.app.note("%s: %s#%d", e.Purpose, e.URL, e.Index)
	}
}

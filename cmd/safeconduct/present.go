package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
)

const presentUsage = `usage: safeconduct present -key FILE -passport FILE -audience ID -action NAME [flags]

Makes the presentation that an agent shows: its passport, and what it is about
to do, signed by the agent for one audience. It serves once.

  -key FILE        the agent's private key; - for standard input
  -as URL          its name in the agent's DID document; without: its did:key
  -passport FILE   the passport; - for standard input; of a delegated one, the
                   whole chain, the root first: give the flag several times
  -consent FILE    a consent credential that the passport names; may be given
                   several times
` + actUsage + `  -for DURATION    how long it may be shown: 5m unless given
` + secureUsage + `  -o FILE          where it goes; standard output unless given
  -now INSTANT     what time to take it for: 2026-11-21T09:00:00Z
  -json            print the intent around the presentation

Example:
  safeconduct present -key agent.key -passport passport.json \
    -audience did:web:shop.example -action payments.charge \
    -amount "12.50 USD" -category compute > shown.json
`

func (a *app) present(ctx context.Context, args []string) error {
	f := a.flags("present")
	f.clock()
	key, as, out := f.String("key", "", ""), f.String("as", "", ""), f.String("o", "", "")
	files, consents := f.list("passport"), f.list("consent")
	life := f.Duration("for", 5*time.Minute, "")
	how, secured := f.securing()
	q, finish := f.act()
	if _, err := f.parse(args); err != nil {
		return err
	}
	if err := f.need("key", "passport"); err != nil {
		return err
	}
	if err := finish(); err != nil {
		return err
	}
	if *life <= 0 {
		return f.usage("-for is %s, want a time that is to come", *life)
	}
	if err := secured(); err != nil {
		return err
	}
	signer, err := a.signer(*key, *as)
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
	siblings, err := a.chain(*consents)
	if err != nil {
		return err
	}
	at := a.now()
	intent := passport.Intent{
		Act: q.Act, BodyDigest: q.bodyDigest,
		IssuedAt: at.UTC().Truncate(time.Second),
	}
	intent.ExpiresAt = intent.IssuedAt.Add(*life)
	shown, err := passport.Present(ctx, signer, chain, intent, q.audience, passport.PresentOptions{
		Now: func() time.Time { return at }, Challenge: q.nonce, Siblings: siblings, Suite: how.suite, Format: how.format,
	})
	if err != nil {
		return err
	}
	a.foresee(chain, q, at)
	raw := append(shown.Bytes(), '\n')
	if !a.json {
		return a.write(*out, raw)
	}
	if *out != "" && *out != "-" {
		if err := a.write(*out, raw); err != nil {
			return err
		}
	}
	signed, err := passport.ReadIntentUnverified(shown.Unverified().Member("intent"))
	if err != nil {
		return err
	}
	return a.answer(struct {
		header
		Audience     string          `json:"audience"`
		Intent       intentJSON      `json:"intent"`
		Presentation json.RawMessage `json:"presentation"`
	}{kind("presented"), q.audience, newIntentJSON(signed), jsonText(shown.Bytes())})
}

// rootFirst refuses a chain that begins in its middle: nobody would believe
// it, and the agent in the middle is not one to be trusted for it.
func rootFirst(files []string, chain passport.Chain) error {
	first, err := passport.ReadUnverified(chain[0])
	if err != nil || !first.Delegated() {
		return nil // what is no passport is refused elsewhere
	}
	return &failure{exit: exitDenied, err: fmt.Errorf("%s is link %d of a chain; name the passports above it first, root first", files[0], first.DelegationDepth),
		hints: []string{"-passport root.json -passport " + files[0] + ": each link with a flag of its own"}}
}

// foresee says what a verifier will refuse, as far as the passport itself
// tells. It is the verifier who decides; the agent only saves the way.
func (a *app) foresee(chain passport.Chain, q *act, at time.Time) {
	var stated []*passport.Authority
	for _, signed := range chain {
		p, err := passport.ReadUnverified(signed)
		if err != nil {
			return
		}
		if !at.Before(p.ValidUntil) {
			a.note("the passport ended at %s, and will be refused", datetime.Format(p.ValidUntil))
		}
		stated = append(stated, &p.Authority)
	}
	for _, e := range passport.Permits(stated, &q.Act, q.audience, at) {
		a.note("this will be refused: %s", e)
	}
}

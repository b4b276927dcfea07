package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/view"
)

// act is what an agent is about to do, as present signs it and verify asks for it: the same flags on both sides.
type act struct {
	passport.Act
	audience, body, nonce string
	bodyDigest            string // after read
}

func (q *act) flags() []cli.Flag {
	return []cli.Flag{
		{Help: "What is about to happen"},
		flag("audience", cli.Text("ID", &q.audience).Must(), "who is asked to act, as both sides name it"),
		flag("action", checked(cli.Text("NAME", &q.Action), passport.CheckAction).Must(), "what is to be done: payments.charge"),
		flag("amount", moneyValue(&q.Amount), `what it costs: "12.50 USD"`),
		flag("category", cli.Text("NAME", &q.Category), "of a payment: compute"),
		flag("rail", cli.Text("NAME", &q.Rail), "of a payment: card"),
		flag("payee", cli.Text("TEXT", &q.Payee), "who is paid"),
		flag("resource", cli.Text("TEXT", &q.Resource), "what it is done to"),
		flag("region", checked(cli.Text("CODE", &q.Region), passport.CheckRegion), "where: DE, US-CA"),
		flag("params", objectValue(&q.Attributes), `further attributes, as an object: '{"files": 3}'`),
		flag("body", cli.Text("FILE", &q.body), "a message body that the act is bound to, by its digest"),
		flag("nonce", cli.Text("TEXT", &q.nonce), "the challenge that the verifier handed out before"),
	}
}

// maxBody is the largest message body that is read to be digested: what a process of a command may hold, not a rule of
// the protocol.
const maxBody = 64 << 20

// read reads what the flags name.
func (q *act) read(a *app) error {
	if q.body == "" {
		return nil
	}
	raw, err := a.bytes(q.body, maxBody)
	q.bodyDigest = passport.Digest(raw)
	return err
}

// securing is how a document is signed: by a proof of one of two suites, or in an envelope.
type securing struct {
	suite  string
	format credential.Format // nil: a proof
}

func (s *securing) flags() []cli.Flag {
	return []cli.Flag{
		flag("suite", cli.Choice("NAME", &s.suite, credential.SuiteJCS, credential.SuiteRDFC),
			"how it is signed: eddsa-jcs-2022 unless given, or eddsa-rdfc-2022"),
		flag("format", formatValue(&s.format),
			"vc+jwt: as a token (vc+jwt, vp+jwt) instead of a document with a proof; only verifiers that accept the format take it"),
	}
}

func (s *securing) check(v *cli.Verb) error {
	if s.suite != "" && s.format != nil {
		return v.Wrong("-suite is of a proof, and a token of -format has none: give one of them")
	}
	return nil
}

func (a *app) present() *cli.Verb {
	var key signing
	var how securing
	var q act
	var files, consents []string
	life, out := 5*time.Minute, ""
	v := &cli.Verb{
		Name: "present", Summary: "show a passport with a signed intent",
		About: `Makes the presentation that an agent shows: its passport, and what it is about to do, signed by the agent for
one audience. It serves once.`,
		Flags: slices.Concat(key.flags("the agent's private key", "its name in the agent's DID document"), []cli.Flag{
			flag("passport", cli.List("FILE", &files).Must(), "the passport; - for standard input; of a delegated one, the whole chain, the root first"),
			flag("consent", cli.List("FILE", &consents), "a consent credential that the passport names"),
		}, q.flags(), []cli.Flag{
			{Help: "How it is shown"},
			flag("for", cli.Duration(&life, 1, 0), "how long it may be shown: 5m unless given"),
		}, how.flags(), []cli.Flag{flag("o", cli.Text("FILE", &out), "where it goes; standard output unless given"), a.clock()}),
		Example: `safeconduct present -key agent.key -passport passport.json \
  -audience did:web:shop.example -action payments.charge \
  -amount "12.50 USD" -category compute > shown.json`,
	}
	v.Run = func(ctx context.Context, _ []string) error {
		if err := how.check(v); err != nil {
			return err
		}
		if err := q.read(a); err != nil {
			return err
		}
		signer, err := a.signer(key)
		if err != nil {
			return err
		}
		chain, err := a.wholeChain(files)
		if err != nil {
			return err
		}
		siblings, err := a.chain(consents)
		if err != nil {
			return err
		}
		at := a.now()
		intent := passport.Intent{Act: q.Act, BodyDigest: q.bodyDigest, IssuedAt: at.UTC().Truncate(time.Second)}
		intent.ExpiresAt = intent.IssuedAt.Add(life)
		shown, err := passport.Present(ctx, signer, chain, intent, q.audience, passport.PresentOptions{
			Now: func() time.Time { return at }, Challenge: q.nonce, Siblings: siblings, Suite: how.suite, Format: how.format,
		})
		var e *credential.Error
		if errors.As(err, &e) && e.Code == verify.EnvelopeMalformed && strings.HasPrefix(e.Path, "/intent/") {
			return v.Wrong("%w", err) // an intent is made of flags alone
		}
		if err != nil {
			return err
		}
		if most := limits.Default().IntentLifetime; life > most {
			a.note("a verifier takes what may be shown for %s at most, unless it was told otherwise", most)
		}
		a.foresee(chain, &q, at)
		signed, err := passport.ReadIntentUnverified(shown.Unverified().Member("intent"))
		if err != nil {
			return err
		}
		return a.handOver(out, shown.Bytes(), "presented", view.Page{
			member("audience", q.audience), member("intent", signed), member("presentation", jsonText(shown.Bytes())),
		}, func() {})
	}
	return v
}

// foresee says what a verifier will refuse, as far as the passport itself tells. It is the verifier who decides; the
// agent only saves the way.
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

package main

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
)

const verifyUsage = `usage: safeconduct verify -trust DID -lists DIR -audience ID -action NAME [flags] FILE

Decides whether what is shown in FILE (- for standard input) allows the act
that the flags describe. The flags say what is really about to happen; they are
never taken from what is shown.

  -trust DID       an issuer whose passports count; may be given several times
  -lists DIR       the folder of status lists, as safeconduct status publish
                   writes it; without it no passport can be checked for
                   revocation, and the answer is "undetermined"
  -did-docs DIR    a folder of DID documents (*.json), for issuers and agents
                   other than did:key and did:jwk
  -web             fetch the documents of did:web over HTTPS. Status lists are
                   not fetched: get them with a tool of your choice into -lists
` + actUsage + `  -skew DURATION            how far clocks may differ: 0 unless given, at most 5m
  -max-status-age DURATION  the oldest status list: 24h unless given, at most 168h
  -insecure-bare            accept a passport without a presentation, which
                            serves whoever holds it
  -now INSTANT     what time to take it for: 2026-11-21T09:00:00Z
  -json            print the whole decision as JSON

Exit code: 0 allowed, 1 denied, 3 undetermined (refused, too), 2 usage, 4 I/O.
Only "allowed" is printed on standard output; a refusal goes to standard error
(with -json, both go to standard output).

A command has no memory. That a presentation is shown a second time, and what
was spent before of a budget or a rate, is judged within this one run, and so
never noticed. A service embeds package verify with a ledger; with the command,
hand out a -nonce of your own for each act, and accept each once.

Example:
  safeconduct verify -trust did:key:z6Mk… -lists lists -audience did:web:shop.example \
    -action payments.charge -amount "12.50 USD" -category compute shown.json
`

func (a *app) verify(ctx context.Context, args []string) error {
	f := a.flags("verify")
	f.clock()
	trust := f.list("trust")
	lists, docs := f.String("lists", "", ""), f.String("did-docs", "", "")
	web, bare := f.Bool("web", false, ""), f.Bool("insecure-bare", false, "")
	c := verify.Config{Ledger: verify.NewMemoryLedger(verify.MemoryLedgerOptions{})}
	f.DurationVar(&c.Skew, "skew", 0, "")
	f.DurationVar(&c.Bounds.StatusAge, "max-status-age", 0, "")
	q, finish := f.act()
	files, err := f.parse(args, "FILE")
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return f.usage("the file to verify is needed; - for standard input")
	}
	if err := f.need("trust"); err != nil {
		return err
	}
	if err := finish(); err != nil {
		return err
	}
	for _, s := range *trust {
		issuer, err := did.Parse(s)
		if err != nil {
			return f.usage("-trust: %w", err)
		}
		c.Anchors = append(c.Anchors, verify.Anchor{Issuer: issuer})
	}
	if c.Resolver, err = a.resolver(*docs, *web); err != nil {
		return err
	}
	if *lists != "" {
		if err := isDir(*lists); err != nil {
			return err
		}
		c.Status = statuslist.Dir(*lists)
	}
	at := a.now() // one instant for the whole decision
	c.Now, c.InsecureAllowBarePassports = func() time.Time { return at }, *bare
	v, err := verify.New(c)
	if err != nil {
		return f.usage("%w", err)
	}
	raw, err := a.read(files[0], documentBytes())
	if err != nil {
		return err
	}
	d, err := v.Verify(ctx, raw, verify.Request{
		Audience: q.audience, Nonce: q.nonce, Action: q.action, Resource: q.resource, Amount: q.amount,
		Payee: q.payee, Category: q.category, Rail: q.rail, Region: q.region, Attributes: q.params, BodyDigest: q.bodyDigest,
	})
	if d.Code() == verify.RequestInvalid {
		return f.usage("%w", err)
	}
	return a.tell(d, err)
}

// tell prints a decision. err is that of Verify: nil if and only if allowed.
func (a *app) tell(d *verify.Decision, err error) error {
	if a.json {
		if err := a.answer(newDecisionJSON(d)); err != nil {
			return err
		}
	} else {
		to := a.text
		if err != nil {
			to = a.err
		}
		to.decision(d)
		if a.nowGiven {
			to.line("As of %s, which -now says.", datetime.Format(d.At))
		}
	}
	if err == nil {
		a.note("a command has no memory: replays, budgets and rates were judged within this run only; shown again, this is allowed again")
		return nil
	}
	exit := exitDenied
	if d.Verdict == verify.Undetermined {
		exit = exitUndetermined
	}
	return &failure{exit: exit, err: err, silent: true, keepOutput: a.json}
}

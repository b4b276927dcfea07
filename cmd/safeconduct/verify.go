package main

import (
	"context"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/verify"
)

const verifyUsage = `usage: safeconduct verify -trust DID -lists DIR -audience ID -action NAME [flags] FILE
       safeconduct verify -bundle FILE -bundle-signer DID -audience ID -action NAME … FILE

Decides whether what is shown in FILE (- for standard input) allows the act
that the flags describe. The flags say what is really about to happen; they are
never taken from what is shown.

` + trustUsage + actUsage + judgeUsage + `  -now INSTANT     what time to take it for: 2026-11-21T09:00:00Z
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
	f := a.verifierFlags("verify")
	v, err := f.verifier(ctx, args)
	if err != nil {
		return err
	}
	raw, err := a.document(f.file)
	if err != nil {
		return err
	}
	d, err := v.Verify(ctx, raw, f.request())
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

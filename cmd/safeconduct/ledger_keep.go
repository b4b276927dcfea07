package main

import (
	"context"
	"errors"
	"strings"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) ledgerDecisions() *cli.Verb {
	var q store.Query
	var agent did.DID
	var verdict, code string
	s := a.onStore("decisions", "list what was decided, the newest first", "",
		flag("agent", didValue(&agent), "of this agent"),
		flag("passport", checked(cli.Text("ID", &q.Passport), passportID), "with the passport of this id"),
		flag("verdict", cli.Choice("WORD", &verdict, "allow", "deny", "undetermined"),
			"that ended so: allow, deny or undetermined"),
		flag("code", cli.Text("CODE", &code), "with this among the reasons: ledger.replay"),
		flag("from", instantValue(&q.From), "from this instant on"),
		flag("until", instantValue(&q.Until), "before this instant"),
		flag("limit", cli.Number(&q.Limit), "how many at most: 50 unless given, at most 200"),
		flag("after", cli.Text("TEXT", &q.After), "go on where the list before ended, which says how"))
	return s.does(func(ctx context.Context, file ledgerFile, _ []string) error {
		if !agent.IsZero() {
			q.Agent = agent.String()
		}
		q.Code = verify.Code(code)
		for _, v := range []verify.Verdict{verify.Allow, verify.Deny, verify.Undetermined} {
			if v.String() == verdict {
				q.Verdicts = []verify.Verdict{v}
			}
		}
		found, err := file.Decisions(ctx, q)
		if errors.Is(err, store.ErrNotNext) {
			return s.Wrong("-after %q: want what a list of this store and -namespace ended with", q.After)
		}
		if err != nil {
			return err
		}
		pages := []view.Page{}
		for i := range found.Decisions {
			r := &found.Decisions[i]
			p := view.Record(r)
			if r.Verdict == verify.Allow {
				if e, err := file.Ledger().Entry(ctx, r.Decision); err == nil { // else it was forgotten meanwhile
					p = view.Entry(&e)
				}
			}
			pages = append(pages, p)
		}
		if found.Next != "" {
			a.note("there are more: -after %s", found.Next)
		}
		return a.tellPages("ledger-decisions", "decisions", pages, "nothing that fits", member("next", found.Next))
	})
}

// passportID refuses what is not the id of a passport, such as its file.
func passportID(s string) error {
	if !strings.HasPrefix(s, passport.PassportURN) {
		return errors.New("want the id of a passport, " + passport.PassportURN + "…, and not its file")
	}
	return nil
}

func (a *app) ledgerCheck() *cli.Verb {
	s := a.onStore("check", "look whether the store is whole",
		"Reads all of the store and looks whether every row fits to the others. It changes nothing, and stops nobody.")
	return s.does(func(ctx context.Context, file ledgerFile, _ []string) error {
		err := file.Check(ctx)
		if errors.Is(err, store.ErrDamaged) {
			return (&failure{Exit: exitDenied, Err: err}).Hint("keep the file for a look, and begin with a backup")
		}
		if err != nil {
			return err
		}
		return a.say("ledger-checked", view.Page{member("whole", true)}, "%s is whole", s.memory.file)
	})
}

func (a *app) ledgerPrune() *cli.Verb {
	s := a.onStore("prune", "forget what has ended",
		"Forgets what has ended, in small steps beside the work. A store that is in use forgets by itself.")
	keep := flag("keep", cli.Duration(&s.memory.options.KeepDecisions, 1, 0),
		"how long records of decisions are kept: 2160h (90 days) unless given, as the service does")
	s.Flags = append(s.Flags, keep)
	return s.does(func(ctx context.Context, store ledgerFile, _ []string) error {
		if err := store.Prune(ctx); err != nil {
			return err
		}
		return a.say("ledger-pruned", nil, "%s has forgotten what ended", s.memory.file)
	})
}

func (a *app) ledgerBackup() *cli.Verb {
	var out string
	s := a.onStore("backup", "copy the store while it is in use",
		`Writes a copy of the store as it is at one moment into a new file. Whoever opens a copy later must know that it has
forgotten what happened since: safeconduct ledger restored, or a service that opens it with AfterRestore once.`,
		flag("o", cli.Text("FILE", &out).Must(), "the new file"))
	return s.does(func(ctx context.Context, store ledgerFile, _ []string) error {
		if out == "-" {
			return s.Wrong("-o is the name of a file: a copy does not go to standard output")
		}
		if err := store.Backup(ctx, out); err != nil {
			return ioFailure(err, "cannot write the copy")
		}
		return a.say("ledger-copied", view.Page{member("file", out)}, "%s has a copy", out)
	})
}

func (a *app) ledgerRestored() *cli.Verb {
	s := a.onStore("restored", "say that the store is a copy of an earlier time",
		`Says, once and before anybody decides by it, that the file is a copy: it does not know what was used since it was
made. Presentations of before that may have been used meanwhile are refused from now on, for all who use the file.
Tells for which time acts and amounts must be reconciled.`)
	s.memory.options.AfterRestore = true
	return s.does(func(_ context.Context, file ledgerFile, _ []string) error {
		gap, _ := file.Gap()
		from := instant(gap.From)
		p := view.Page{
			member("from", from), member("until", instant(gap.Until)), member("replaysUntil", instant(gap.ReplaysUntil)),
		}
		if from == "" {
			from = "the beginning"
		}
		return a.say("ledger-restored", p, "%s knows nothing of what happened from %s to %s", s.memory.file, from,
			instant(gap.Until))
	})
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) ledger() *cli.Verb {
	return &cli.Verb{
		Name: "ledger", Summary: "what was spent, decided, and never settled",
		About: `Looks into the store of a verifier (package store/sqlite, or verify -store): what was used of the budgets of a
passport, what was decided, and which acts nobody has settled.`,
		Parts: []*cli.Verb{
			a.ledgerUsage(), a.ledgerUnresolved(), a.ledgerSettle(), a.ledgerDecisions(),
			a.ledgerCheck(), a.ledgerPrune(), a.ledgerBackup(), a.ledgerRestored(),
		},
		Example: `safeconduct ledger usage -store shop.db -passport passport.json
safeconduct ledger unresolved -store shop.db
safeconduct ledger settle -store shop.db -by ada \
  -reason "bank statement" 01K… not-done`,
	}
}

// onStore is a verb that works on the store in the file of -store.
type onStore struct {
	*app
	*cli.Verb
	memory memory
}

func (a *app) onStore(name, summary, about string, flags ...cli.Flag) *onStore {
	s := &onStore{app: a, Verb: &cli.Verb{Name: name, Summary: summary, About: about}}
	own := s.memory.flags("the file of the store")
	own[0].Value = own[0].Value.Must()
	s.Flags = slices.Concat(own, flags, []cli.Flag{a.clock()})
	return s
}

// does is what the verb does with the store.
func (s *onStore) does(do func(ctx context.Context, store ledgerFile, args []string) error) *cli.Verb {
	s.Run = func(ctx context.Context, args []string) error {
		store, err := s.openStore(ctx, &s.memory, false)
		if err != nil {
			return err
		}
		return ledgerFailure(do(ctx, store, args))
	}
	return s.Verb
}

const byHint = "-by says who knows better, and -reason why; both are recorded"

// ledgerFailure tells what the ledger refuses from what it cannot do.
func ledgerFailure(err error) error {
	f := &failure{Exit: exitDenied, Err: err}
	switch {
	case errors.Is(err, verify.ErrSettled):
		return f.Hint(byHint)
	case errors.Is(err, verify.ErrUnknownDecision), errors.Is(err, verify.ErrNotReserved):
		return f
	}
	return err
}

func (a *app) ledgerUsage() *cli.Verb {
	var files []string
	s := a.onStore("usage", "say what is used of the budgets of a passport",
		"Says what is used of each budget and rate of a chain of passports, as the files state it; they are not verified.",
		flag("passport", cli.List("FILE", &files).Must(),
			"the passport; - for standard input; of a delegated one, the whole chain, the root first"))
	return s.does(func(ctx context.Context, store ledgerFile, _ []string) error {
		signed, err := a.wholeChain(files)
		if err != nil {
			return err
		}
		var chain []*passport.Passport
		for _, s := range signed {
			p, err := passport.ReadUnverified(s)
			if err != nil {
				return asFailure(err)
			}
			chain = append(chain, p)
		}
		v, err := verify.New(verify.Config{ // which decides nothing
			Anchors: []verify.Anchor{{Issuer: chain[0].Issuer}}, Resolver: did.KeyMethods(), Ledger: store.Ledger(),
			Now: a.now,
		})
		if err != nil {
			return err
		}
		budgets, err := v.Budgets(ctx, chain)
		if err != nil {
			return err
		}
		return a.tellPages("ledger-usage", "budgets", view.Budgets(budgets),
			"no budget and no rate: only single acts are limited")
	})
}

func (a *app) ledgerUnresolved() *cli.Verb {
	var after string
	var open bool
	limit := 100
	s := a.onStore("unresolved", "list acts that nobody has settled",
		`Lists acts that were allowed and that nobody has settled by their deadline. They count as spent until somebody finds
out what became of them, and says so: safeconduct ledger settle.`,
		flag("open", cli.Switch(&open), "list acts, too, whose deadline has not passed yet"),
		flag("limit", cli.Number(&limit), "how many at most: 100 unless given"),
		flag("after", decisionValue(&after), "go on behind this decision, the last one of the list before"))
	return s.does(func(ctx context.Context, store ledgerFile, _ []string) error {
		at := a.now()
		after := strings.TrimPrefix(after, decisionURN)
		if open {
			at = at.Add(longestHold)
		}
		list, err := store.Ledger().Unresolved(ctx, at, after, limit)
		if err != nil {
			return err
		}
		none := "nothing is unresolved, and nothing is open"
		if len(list) == 0 && !open {
			waiting, err := store.Ledger().Unresolved(ctx, at.Add(longestHold), after, limit)
			if err != nil {
				return err
			}
			if len(waiting) > 0 {
				none = "no act is past its deadline; some are still open: -open lists them"
			}
		}
		pages := []view.Page{}
		for _, u := range list {
			u.Record.Decision = u.Decision
			if u.Record.At.IsZero() {
				u.Record.At = u.At
			}
			deadline := view.Row{Name: "holdBy", Label: "deadline", Value: instant(u.HoldBy)}
			pages = append(pages, append(view.Record(&u.Record), deadline))
		}
		return a.tellPages("ledger-unresolved", "acts", pages, none)
	})
}

// longestHold is more than any act may stay open; see verify.Config.HoldFor.
const longestHold = 2 * time.Hour

// tellPages prints a list of pages, or that there are none.
func (a *app) tellPages(kind, name string, pages []view.Page, none string, more ...view.Row) error {
	list := view.Row{Name: name, Label: name, Value: pages}
	return a.answer(kind, append(view.Page{list}, more...), func() {
		a.text.Page(view.Page{list})
		if len(pages) == 0 {
			a.text.Line("%s", none)
		}
	})
}

// outcomes are what may have become of an act.
var outcomes = map[string]verify.ActOutcome{
	"done": verify.Done, "not-done": verify.NotDone, "unknown": verify.OutcomeUnknown,
}

func (a *app) ledgerSettle() *cli.Verb {
	var x verify.Settlement
	s := a.onStore("settle", "say what became of an act",
		`Says what became of an act that was allowed: done, not-done (what it had reserved is free again) or unknown (it
counts as spent, and stays on the list of unresolved acts). DECISION is the id that verify has told.`,
		flag("amount", moneyValue(&x.Amount),
			"of done: what it came to in all, if it was less than what was asked for"),
		flag("by", cli.Text("NAME", &x.By),
			"who says so; needed to correct what was settled before and, unless the act was simply done, after the deadline"),
		flag("reason", cli.Text("TEXT", &x.Reason), "for the record"))
	s.Args = []string{"DECISION", "OUTCOME"}
	s.NoArgs = "the decision is needed, and its outcome: done, not-done or unknown"
	return s.does(func(ctx context.Context, store ledgerFile, args []string) error {
		outcome, ok := outcomes[args[1]]
		if !ok {
			return s.Wrong("there is no outcome %q, want done, not-done or unknown", args[1])
		}
		if outcome != verify.Done && !x.Amount.IsZero() {
			return s.Wrong("-amount is of an act that was done")
		}
		id, err := decisionID(args[0])
		if err != nil {
			return s.Wrong("%w", err)
		}
		x.Decision, x.Outcome, x.At = id, outcome, a.now()
		if err := store.Ledger().Settle(ctx, x); err != nil {
			if e, eerr := store.Ledger().Entry(ctx, x.Decision); eerr == nil && e.State == verify.HoldUnresolved && x.By == "" {
				return denied("the deadline of %s has passed, and it counts as spent: %w", x.Decision, err).Hint(byHint)
			}
			return err
		}
		return a.say("ledger-settled", view.Page{
			member("decision", x.Decision), member("outcome", outcome.String()), member("amount", amountText(x.Amount)),
			member("by", x.By), member("reason", x.Reason),
		}, "%s is settled: %s", x.Decision, strings.TrimSpace(outcome.String()+" "+amountText(x.Amount)))
	})
}

// decisionID reads the id of a decision, as verify tells it or as a receipt has it. Nothing else names a decision: a
// ledger would say of the id of an intent that it does not know the decision, as if it had been forgotten.
func decisionID(text string) (string, error) {
	id := strings.TrimPrefix(text, decisionURN)
	if u, err := ulid.ParseStrict(id); err != nil || u.String() != id {
		return "", fmt.Errorf("%.60q is not the id of a decision: want 26 letters and digits such as 01K…, as verify "+
			"has told it, or %s01K…, as a receipt has it; an intent, a passport and a presentation have other ids",
			text, decisionURN)
	}
	return id, nil
}

const decisionURN = "urn:safeconduct:decision:"

// decisionValue reads the id of a decision.
func decisionValue(into *string) cli.Value {
	return checked(cli.Text("ID", into), func(s string) error {
		_, err := decisionID(s)
		return err
	})
}

func amountText(m passport.Money) string {
	if m.IsZero() {
		return ""
	}
	return m.String()
}

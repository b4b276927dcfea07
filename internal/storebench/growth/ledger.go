package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// newLedger is a ledger all of whose uses are in one window of one budget: there is no worse case. There is an act
// every 200 seconds, so that the smallest store, too, has forgotten what is remembered for a day, and forgets on.
func newLedger(ctx context.Context, s store.Store) (*subject, error) {
	const every, window = 200 * time.Second, 10 * 365 * 24 * time.Hour
	l, acts := s.Ledger(), storebench.NewActs(1, window)
	acts.Rarely(every)
	r := acts.Reservation()
	return &subject{
		fill: func(n int) error { return acts.Until(l, n) },
		asked: []ask{
			{name: "an act: Reserve and Settle", callers: 1, long: 20 * time.Millisecond,
				do: func() error { return acts.Do(ctx, l) }},
			{name: "an act, of 16 at a time", callers: 16, long: 20 * time.Millisecond,
				do: func() error { return acts.Do(ctx, l) }},
			{name: "Peek", callers: 1, long: 100 * time.Millisecond, do: func() error {
				err := l.Peek(ctx, r)
				if errors.Is(err, verify.LedgerUnavailable) { // it has ended
					r = acts.Reservation()
					err = l.Peek(ctx, r)
				}
				return err
			}},
			{name: "a refusal: the budget is spent", callers: 1, long: 20 * time.Millisecond, do: func() error {
				full := acts.Reservation()
				full.Charges[1].Limit = full.Charges[1].Use
				if _, err := l.Reserve(ctx, full); !errors.Is(err, verify.LedgerBudgetExceeded) {
					return fmt.Errorf("want a refusal, got %w", err)
				}
				return nil
			}},
			{name: "Usage of two budgets", callers: 1, long: 100 * time.Millisecond, do: func() error {
				_, err := l.Usage(ctx, r.Charges, r.At)
				return err
			}},
			{name: "Unresolved, a page", callers: 1, long: 100 * time.Millisecond, do: func() error {
				_, err := l.Unresolved(ctx, r.At, "", 0)
				return err
			}},
			{name: "Decisions, a page", callers: 1, long: 100 * time.Millisecond, do: func() error {
				_, err := s.Decisions(ctx, store.Query{})
				return err
			}},
		},
		whole: []ask{{name: "Check", callers: 1, long: 0, do: func() error { return s.Check(ctx) }}},
	}, nil
}

package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// Open opens the same database again and again, so that Close must be called.
type Open func(t testing.TB, o store.Options) store.Store

// Test tests what the stores do beside their ledgers. fresh gives an empty database
// for each test, and Alter changes it behind the store's back.
func Test(t *testing.T, fresh func(t testing.TB) (open Open, alter func(statement string))) {
	for name, test := range map[string]func(t *testing.T, open Open, alter func(string)){
		"decisions": decisions, "history": history, "refusals": refusals, "texts": texts, "check": checks,
		"restored": restored, "gone": gone, "namespaces": namespaces, "prune": prunes, "closing": closing,
		"renewed": renewed, "past": past, "ahead": ahead,
	} {
		t.Run(name, func(t *testing.T) {
			open, alter := fresh(t)
			test(t, open, alter)
		})
	}
}

func use(t testing.TB, open Open, o store.Options, do func(s store.Store)) {
	t.Helper()
	o.MaxClockDrift = -1
	s := open(t, o)
	defer func() { require.NoError(t, s.Close()) }()
	do(s)
}

func record(i int, edits ...func(*verify.Record)) verify.Record {
	at := Noon.Add(time.Duration(i/2) * time.Minute) // two of each instant
	r := verify.Record{
		Decision: decision(fmt.Sprint(i), at), At: at, Verdict: verify.Allow, Passport: fmt.Sprint("urn:example:", i%3),
		Agent: agent(fmt.Sprint("agent", i%2)).String(), Proven: true,
	}
	if i%5 == 0 {
		r.Verdict, r.Codes = verify.Deny, []verify.Code{verify.LedgerBudgetExceeded, verify.AuthorityActionNotAllowed}
	}
	for _, edit := range edits {
		edit(&r)
	}
	return r
}

// Check finds what does not fit, whatever it is.
func checks(t *testing.T, open Open, alter func(string)) {
	work := func(s store.Store, name string) {
		for i := range 12 {
			r := Act(fmt.Sprint(name, i), Noon.Add(time.Duration(i)*time.Minute), 3, 1<<30)
			_, err := s.Ledger().Reserve(ctx, r)
			require.NoError(t, err)
			if outcome := verify.ActOutcome(i % 4); outcome <= verify.NotDone {
				require.NoError(t, s.Ledger().Settle(ctx, verify.Settlement{
					Decision: r.Record.Decision, Outcome: outcome, At: r.At,
				}))
			}
		}
		repeat := Act(name+"3", Noon.Add(3*time.Minute), 3, 1<<30)
		repeat.Replay.Challenge, repeat.AcceptRepeat = name+"again", true
		repeat.Record.Decision = decision(name+"again", Noon)
		held, err := s.Ledger().Reserve(ctx, repeat)
		require.NoError(t, err)
		require.True(t, held.Repeated)
	}
	use(t, open, store.Options{}, func(s store.Store) {
		work(s, "a")
		require.NoError(t, s.Check(ctx))
	})
	for _, damage := range []string{
		"UPDATE agents SET nonces = nonces + 1", "UPDATE agents SET acts = acts - 1", "DELETE FROM agents",
		"UPDATE places SET acts = acts + 1", "UPDATE places SET accounts = accounts - 1", "DELETE FROM places",
		"DELETE FROM nonces WHERE nonce = (SELECT nonce FROM nonces ORDER BY nonce LIMIT 1)",
		"DELETE FROM holds WHERE hold = (SELECT hold FROM holds ORDER BY hold LIMIT 1)",
		"UPDATE uses SET q0 = q0 + 1 WHERE hold = (SELECT hold FROM uses ORDER BY hold LIMIT 1)",
		"DELETE FROM uses WHERE hold = (SELECT hold FROM holds WHERE state = 1 ORDER BY hold LIMIT 1)",
		"UPDATE accounts SET sum = total WHERE sum <> total", "DELETE FROM accounts",
		"UPDATE intents SET hold = intent",
		"UPDATE holds SET state = 3 WHERE state = 1",
	} {
		t.Run(damage, func(t *testing.T) {
			alter("CREATE TABLE kept AS SELECT 1 AS one") // the test may be run again
			alter("DROP TABLE kept")
			for _, table := range []string{
				"agents", "places", "nonces", "holds", "uses", "accounts", "intents", "records", "attempts",
			} {
				alter("DELETE FROM " + table)
			}
			use(t, open, store.Options{}, func(s store.Store) {
				work(s, "b")
				// Time goes on, so that sums are not totals.
				_, err := s.Ledger().Reserve(ctx, Act("later", Noon.Add(65*time.Minute), 3, 1<<30))
				require.NoError(t, err)
				require.NoError(t, s.Check(ctx))
			})
			alter(damage)
			use(t, open, store.Options{}, func(s store.Store) {
				require.ErrorIs(t, s.Check(ctx), store.ErrDamaged)
			})
		})
	}
}

// STO-08: a copy that is told that it is one refuses what may have been used before it
// was restored, and nothing else, and says from when on a new presentation is taken.
func restored(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		_, err := s.Ledger().Reserve(ctx, Act("before", Noon, 1, 100))
		require.NoError(t, err)
		_, is := s.Gap()
		require.False(t, is)
		_, err = s.Ledger().Reserve(ctx, made("issued long ago", Noon, Noon.Add(-time.Hour)))
		require.NoError(t, err, "there is no gap")
	})
	now := Noon.Add(time.Hour + 300*time.Millisecond)
	restore := store.Options{AfterRestore: true, Now: func() time.Time { return now }}
	gap := store.Gap{From: Noon, Until: now, ReplaysUntil: now.Add(75 * time.Minute)}
	later := Noon.Add(time.Hour + 2*time.Second)
	try := func(s store.Store, when string) {
		t.Helper()
		got, is := s.Gap()
		require.True(t, is, when)
		require.Equal(t, gap, got, when)
		for name, c := range map[string]struct {
			issued time.Time
			skew   time.Duration
			refuse bool
		}{
			"made in the gap":                     {issued: Noon.Add(time.Minute), refuse: true},
			"made in the second of the restore":   {issued: now.Truncate(time.Second), refuse: true},
			"made at the instant of the restore":  {issued: now, refuse: true},
			"made since":                          {issued: now.Add(1)},
			"made since, usable before by a skew": {issued: now.Add(2 * time.Second), skew: time.Second, refuse: true},
			"made since, by more than two skews":  {issued: now.Add(2*time.Second + 1), skew: time.Second},
			"it does not say when":                {refuse: true},
		} {
			r := made(name+when, later, c.issued)
			r.Skew = c.skew
			for _, ask := range []func() error{
				func() error { return s.Ledger().Peek(ctx, r) },
				func() error { _, err := s.Ledger().Reserve(ctx, r); return err },
			} {
				err := ask()
				if !c.refuse {
					require.NoError(t, err, "%s, %s", name, when)
					continue
				}
				require.ErrorIs(t, err, verify.LedgerUnavailable, "%s, %s", name, when)
				var e *passport.Error
				require.ErrorAs(t, err, &e)
				want := now.Truncate(time.Second).Add(time.Second + 2*c.skew)
				require.Equal(t, want, e.Until, name)
				again := made(name+when+"again", e.Until, e.Until) // what it says is so
				again.Skew = c.skew
				require.NoError(t, s.Ledger().Peek(ctx, again))
			}
		}
		ends := made("as late as none that was made before", later, time.Time{})
		ends.ReplayUntil = now.Add(75*time.Minute + 1)
		require.NoError(t, s.Ledger().Peek(ctx, ends))
	}
	use(t, open, restore, func(s store.Store) { try(s, "told") })
	use(t, open, store.Options{}, func(s store.Store) { try(s, "remembered") })
	now = later.Add(time.Minute)
	gap.Until, gap.ReplaysUntil = now, now.Add(75*time.Minute)
	use(t, open, restore, func(s store.Store) {
		try(s, "told again: the first gap is still there")
	})
	use(t, open, store.Options{Namespace: "another"}, func(s store.Store) {
		_, is := s.Gap()
		require.False(t, is)
	})
	now = now.Add(100 * day)
	use(t, open, restore, func(s store.Store) {
		gap, _ := s.Gap()
		require.Equal(t, later, gap.From, "nobody reconciles the old one any more")
	})
}

// made is an act with a presentation that was made at some instant.
func made(name string, at, issued time.Time) *verify.Reservation {
	r := Act(name, at, 1, 1000)
	r.Issued = issued
	return r
}

// STO-16: who has gone when the answer came does nothing, so nothing is held for him. The
// presentation stays used.
func gone(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		var wg sync.WaitGroup
		const n = 64
		left := make([]error, n)
		acts := make([]*verify.Reservation, n)
		for i := range n {
			acts[i] = Act(fmt.Sprint("gone", i), Noon, 1, 1<<30)
			c, cancel := context.WithCancel(ctx)
			wg.Go(func() { _, left[i] = s.Ledger().Reserve(c, acts[i]) })
			wg.Go(cancel)
		}
		wg.Wait()
		require.NoError(t, s.Ledger().Record(ctx, record(1))) // what is behind has been done, too
		require.NoError(t, s.Ledger().Record(ctx, record(2)))
		held := int64(0)
		for i, r := range acts {
			e, err := s.Ledger().Entry(ctx, r.Record.Decision)
			switch {
			case left[i] == nil:
				held++
				require.NoError(t, err)
				require.Equal(t, verify.HoldOpen, e.State)
			case err == nil:
				require.Equal(t, verify.HoldGivenBack, e.State)
			default:
				require.ErrorIs(t, err, verify.ErrUnknownDecision)
			}
		}
		counts(t, s, eur(held))
		require.NoError(t, s.Check(ctx))
	})
}

// Two services in one database know nothing of each other.
func namespaces(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{Namespace: "shop"}, func(shop store.Store) {
		use(t, open, store.Options{Namespace: "kiosk"}, func(kiosk store.Store) {
			for _, s := range []store.Store{shop, kiosk} {
				_, err := s.Ledger().Reserve(ctx, Act("one", Noon, 60, 100))
				require.NoError(t, err)
				require.NoError(t, s.Ledger().Record(ctx, record(1)))
				counts(t, s, eur(60))
			}
			key := verify.MarkKey{Kind: verify.ListMark, Issuer: did.MustParse("did:web:issuer.example"), Name: "list"}
			require.NoError(t, shop.Marks().SaveMark(ctx, verify.Mark{MarkKey: key, AsOf: Noon}))
			m, err := kiosk.Marks().LoadMark(ctx, key)
			require.NoError(t, err)
			require.Equal(t, verify.Mark{MarkKey: key}, m)
			// What one forgets does not lock out the other.
			f := shop.Ledger().(verify.Forgetter)
			require.NoError(t, f.Forget(ctx, Noon.Add(1000*day)))
			_, err = shop.Ledger().Reserve(ctx, Act("late", Noon, 1, 100))
			require.ErrorIs(t, err, verify.LedgerUnavailable)
			_, err = kiosk.Ledger().Reserve(ctx, Act("late", Noon, 1, 100))
			require.NoError(t, err)
			p, err := kiosk.Decisions(ctx, store.Query{Limit: 1})
			require.NoError(t, err)
			_, err = shop.Decisions(ctx, store.Query{After: p.Next})
			require.Error(t, err, "a cursor of another namespace")
		})
	})
}

// After Prune nothing is left of what has ended, and the rest fits.
func prunes(t *testing.T, open Open, _ func(string)) {
	now := Noon
	use(t, open, store.Options{Now: func() time.Time { return now }}, func(s store.Store) {
		for i := range 700 { // more than one step
			r := Act(fmt.Sprint(i), Noon.Add(time.Duration(i)*time.Second), 1, 1<<30)
			_, err := s.Ledger().Reserve(ctx, r)
			require.NoError(t, err)
			if i%2 == 0 {
				require.NoError(t, s.Ledger().Settle(ctx, verify.Settlement{
					Decision: r.Record.Decision, Outcome: verify.Done, At: r.At,
				}))
			}
		}
		for _, later := range []time.Duration{time.Hour, 2 * day, 200 * day, 2000 * day} {
			now = Noon.Add(later)
			require.NoError(t, s.Prune(ctx))
			require.NoError(t, s.Check(ctx))
		}
		list, err := s.Ledger().(verify.Reconciler).Unresolved(ctx, now, "", 0)
		require.NoError(t, err)
		require.Empty(t, list)
		counts(t, s, verify.Quantity{})
	})
}

// STO-16: whoever is answered well was heard, and the others are told.
func closing(t *testing.T, open Open, _ func(string)) {
	s := open(t, store.Options{MaxClockDrift: -1})
	var wg sync.WaitGroup
	answers := make([]error, 64)
	for i := range answers {
		wg.Go(func() { answers[i] = s.Ledger().Record(ctx, record(i)) })
	}
	require.NoError(t, s.Close())
	wg.Wait()
	require.NoError(t, s.Close(), "closing again")
	use(t, open, store.Options{}, func(s store.Store) {
		for i, err := range answers {
			_, missing := s.Ledger().Entry(ctx, record(i).Decision)
			if err != nil {
				unavailable(t, err)
			}
			require.Equal(t, err == nil, missing == nil)
		}
	})
}

// A hold that outlives its account changes nothing in the next one of that name.
func renewed(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		l := s.Ledger()
		reserve := func(name string, at time.Time) string {
			r := Act(name, at, 10, 100)
			for i := range r.Charges {
				r.Charges[i].Until = at.Add(time.Minute)
			}
			held, err := l.Reserve(ctx, r)
			require.NoError(t, err)
			return held.Decision
		}
		old := reserve("old", Noon)
		later := Noon.Add(30 * time.Minute) // the window reaches back to the old use
		require.NoError(t, l.Forget(ctx, later))
		reserve("new", later)
		for _, outcome := range []verify.ActOutcome{verify.NotDone, verify.Done} {
			require.NoError(t, l.Settle(ctx, verify.Settlement{Decision: old, Outcome: outcome, At: later, By: "operator"}))
			hour, life, err := spent(l, later)
			require.NoError(t, err)
			require.Equal(t, []verify.Quantity{eur(10), eur(10)}, []verify.Quantity{hour, life})
			require.NoError(t, s.Check(ctx))
		}
	})
}

// Uses that no window reaches are forgotten, and a window that reaches them after all is
// refused: it may have lost some.
func past(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		at := func(i int) time.Time { return Noon.Add(time.Duration(i) * time.Minute) }
		for i := range 200 {
			_, err := s.Ledger().Reserve(ctx, Act(fmt.Sprint(i), at(i), 1, 1<<30))
			require.NoError(t, err)
		}
		r := Act("in the past", at(70), 1, 1<<30)
		r.Replay, r.Idempotency, r.Content = verify.ReplayKey{}, verify.IdempotencyKey{}, ""
		_, err := s.Ledger().Reserve(ctx, r)
		require.ErrorIs(t, err, verify.LedgerUnavailable)
		require.ErrorContains(t, err, "window")
		require.NoError(t, s.Check(ctx))
	})
}

// Calls with a wrong instant, however many, make a store forget nothing that others
// need: it forgets by its own clock, and by the earliest of what it was told.
func ahead(t *testing.T, open Open, _ func(string)) {
	for name, wrong := range map[string]int{"one of them": 1, "all of them": 200} {
		o := store.Options{Namespace: name, Now: func() time.Time { return Noon.Add(time.Minute) }}
		use(t, open, o, func(s store.Store) {
			for i := range 200 {
				at := Noon
				if i >= 200-wrong || i == 63 {
					at = Noon.Add(365 * day)
				}
				_, err := s.Ledger().Reserve(ctx, Act(fmt.Sprint(i), at, 1, 1<<30))
				require.NoError(t, err)
			}
			_, err := s.Ledger().Reserve(ctx, Act("right", Noon.Add(time.Minute), 1, 1<<30))
			require.NoError(t, err)
		})
	}
}

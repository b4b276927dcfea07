package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// Open opens the same database again and again, so that Close must be called.
type Open func(o store.Options) (store.Store, error)

// must opens a database that is good.
func (open Open) must(t testing.TB, o store.Options) store.Store {
	t.Helper()
	s, err := open(o)
	require.NoError(t, err)
	return s
}

// Test tests what the stores do beside their ledgers. fresh gives an empty database
// for each test, and Alter changes it behind the store's back.
func Test(t *testing.T, fresh func(t testing.TB) (open Open, alter func(statement string))) {
	for name, test := range map[string]func(t *testing.T, open Open, alter func(string)){
		"decisions": decisions, "history": history, "refusals": refusals, "texts": texts, "check": checks,
		"accounts": accounts, "strangers": strangers, "marks": marks, "unknown namespace": unknownNamespace,
		"limits move": limitsMove, "overflow": overflow, "beyond": beyond, "midnight": midnight,
		"unrecorded": unrecorded, "ranges": ranges, "hostile": hostile,
		"restored": restored, "gone": gone, "namespaces": namespaces, "prune": prunes, "closing": closing,
		"renewed": renewed, "prolonged": prolonged, "past": past, "ahead": ahead,
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
	s := open.must(t, o)
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
		use(t, open, store.Options{Namespace: "kiosk", CreateNamespace: true}, func(kiosk store.Store) {
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

// A namespace that is not there is a slip of the hand: by a new one nothing was spent. It
// is made by name, or where there is none.
func unknownNamespace(t *testing.T, open Open, _ func(string)) {
	add := func(name string) {
		use(t, open, store.Options{Namespace: name, CreateNamespace: true}, func(s store.Store) {
			_, err := s.Ledger().Reserve(ctx, Act("one", Noon, 60, 100))
			require.NoError(t, err)
		})
	}
	use(t, open, store.Options{Namespace: "shop"}, func(store.Store) {}) // the first one
	use(t, open, store.Options{Namespace: "shop"}, func(store.Store) {})
	for _, name := range []string{"shopp", "Shop", "", "shop "} {
		_, err := open(store.Options{Namespace: name})
		require.ErrorIs(t, err, store.ErrNoNamespace, "%q", name)
		require.ErrorContains(t, err, fmt.Sprintf("%q; it has %q", name, "shop"))
	}
	add("kiosk")
	add("")
	for i := range 20 {
		add(fmt.Sprint("many", i))
	}
	_, err := open(store.Options{Namespace: "another"})
	require.ErrorContains(t, err, `it has "", "kiosk", "many0"`)
	require.ErrorContains(t, err, "…")
	for _, name := range []string{"", "kiosk", "shop"} {
		use(t, open, store.Options{Namespace: name}, func(store.Store) {})
	}
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

// Marks of lists that bear on nothing any more are forgotten, with what was seen revoked.
func marks(t *testing.T, open Open, _ func(string)) {
	now := Noon
	use(t, open, store.Options{Now: func() time.Time { return now }}, func(s store.Store) {
		key := func(i int) verify.MarkKey {
			return verify.MarkKey{
				Kind: verify.ListMark, Issuer: did.MustParse("did:web:issuer.example"), Name: fmt.Sprint(i),
			}
		}
		save := func(i, entry int, until time.Time) {
			require.NoError(t, s.Marks().SaveMark(ctx, verify.Mark{
				MarkKey: key(i), AsOf: Noon, KeepUntil: until, Revoked: []verify.RevokedEntry{{Index: entry, Size: 1}},
			}))
		}
		revoked := func(i int) []verify.RevokedEntry {
			m, err := s.Marks().LoadMark(ctx, key(i))
			require.NoError(t, err)
			require.Equal(t, m.Revoked == nil, m.AsOf.IsZero(), "half of it")
			return m.Revoked
		}
		save(0, 7, time.Time{}) // for good
		save(1, 7, Noon.Add(2*time.Hour))
		for i := 2; i < 400; i++ { // more than one step
			save(i, 7, Noon.Add(time.Minute))
		}
		now = Noon.Add(time.Hour)
		require.NoError(t, s.Prune(ctx))
		for i := range 400 {
			require.Equal(t, i < 2, revoked(i) != nil, "mark %d", i)
		}
		save(2, 8, time.Time{})
		require.Equal(t, []verify.RevokedEntry{{Index: 8, Size: 1}}, revoked(2))
	})
}

// STO-16: whoever is answered well was heard, and the others are told.
func closing(t *testing.T, open Open, _ func(string)) {
	s := open.must(t, store.Options{MaxClockDrift: -1})
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
		for i := range 600 {
			_, err := s.Ledger().Reserve(ctx, Act(fmt.Sprint(i), at(i), 1, 1<<30))
			require.NoError(t, err)
			if i == 300 { // what is in the tables is forgotten, and so much surely is
				_, err := s.Ledger().Usage(ctx, nil, at(i))
				require.NoError(t, err)
			}
		}
		r := Act("in the past", at(70), 1, 1<<30)
		r.Replay, r.Idempotency, r.Content = verify.ReplayKey{}, verify.IdempotencyKey{}, ""
		_, err := s.Ledger().Reserve(ctx, r)
		require.ErrorIs(t, err, verify.LedgerUnavailable)
		require.ErrorContains(t, err, "window")
		require.NoError(t, s.Check(ctx))
	})
}

// An account is kept as long as the latest passport that charges it says, not the first.
func prolonged(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		l := s.Ledger()
		reserve := func(name string, at time.Time, units int64, until time.Time) error {
			r := Act(name, at, units, 100)
			for i := range r.Charges {
				r.Charges[i].Until = until
			}
			_, err := l.Reserve(ctx, r)
			return err
		}
		require.NoError(t, reserve("first", Noon, 60, Noon.Add(10*day)))
		require.NoError(t, reserve("second", Noon.Add(time.Minute), 10, Noon.Add(30*day)))
		require.NoError(t, l.Forget(ctx, Noon.Add(20*day)))
		require.ErrorIs(t, reserve("third", Noon.Add(21*day), 50, Noon.Add(30*day)), verify.LedgerBudgetExceeded)
		require.NoError(t, reserve("fourth", Noon.Add(21*day), 30, Noon.Add(30*day)))
		require.NoError(t, s.Check(ctx))
	})
}

// Calls with a wrong instant, however many, make a store forget nothing that others
// need: it forgets by its own clock, and by the earliest of what it was told.
func ahead(t *testing.T, open Open, _ func(string)) {
	for name, wrong := range map[string]int{"one of them": 1, "all of them": 200} {
		o := store.Options{
			Namespace: name, CreateNamespace: true, Now: func() time.Time { return Noon.Add(time.Minute) },
		}
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

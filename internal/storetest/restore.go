package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

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
	use(t, open, store.Options{Namespace: "another", CreateNamespace: true}, func(s store.Store) {
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

package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// Check finds what does not fit, whatever it is.
func checks(t *testing.T, open Open, alter func(string)) {
	sequential.Long(t)
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
		"UPDATE accounts SET total = base", "UPDATE accounts SET base = total", "UPDATE accounts SET born = born + 1",
		"UPDATE intents SET hold = intent",
		"UPDATE holds SET state = 3 WHERE state = 1", "UPDATE holds SET root = place",
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

// STO-12: a check names every account that does not fit, of a lifetime or a window, and
// every one that is missing, however few are left.
func accounts(t *testing.T, open Open, alter func(string)) {
	now := Noon
	clock := func() time.Time { return now }
	act := func(i int) *verify.Reservation {
		r := Act(fmt.Sprint("act", i), now, 3, 1<<30)
		r.Chain = []string{fmt.Sprint("root ", i), fmt.Sprint("leaf ", i)}
		r.Charges[0].Account, r.Charges[1].Account, r.Charges[2].Account = r.Chain[0], r.Chain[0], r.Chain[1]
		return r
	}
	named := func(err error, says string) int {
		names := map[string]bool{}
		for line := range strings.Lines(fmt.Sprint(err)) {
			if _, rest, ok := strings.Cut(line, "account "); ok && strings.Contains(rest, says) {
				names[rest[:32]] = true
			}
		}
		return len(names)
	}
	const n = 40
	use(t, open, store.Options{Now: clock}, func(s store.Store) {
		for i := range n {
			for _, outcome := range []verify.ActOutcome{verify.Done, verify.NotDone, verify.OutcomeUnknown} {
				r := act(i)
				name := fmt.Sprint(i, outcome)
				r.Record.Decision, r.Replay.Challenge, r.Idempotency.Intent = decision(name, now), name, name
				_, err := s.Ledger().Reserve(ctx, r)
				require.NoError(t, err)
				require.NoError(t, s.Ledger().Settle(ctx, verify.Settlement{
					Decision: r.Record.Decision, Outcome: outcome, At: now,
				}))
			}
		}
		require.NoError(t, s.Check(ctx))
	})
	check := func(says string, accounts int) {
		t.Helper()
		use(t, open, store.Options{Now: clock}, func(s store.Store) {
			err := s.Check(ctx)
			require.ErrorIs(t, err, store.ErrDamaged)
			require.Equal(t, accounts, named(err, says), "%v", err)
		})
	}
	alter("CREATE TABLE aside AS SELECT * FROM accounts")
	for _, c := range []struct {
		damage, says string
		accounts     int
	}{
		{"UPDATE accounts SET total = base", "its total is", 3 * n},
		{"DELETE FROM accounts", "is missing", 3 * n},
		{"DELETE FROM accounts WHERE account = (SELECT account FROM aside ORDER BY account LIMIT 1)", "is missing", 1},
		{"DELETE FROM accounts WHERE account NOT IN (SELECT account FROM uses)", "is missing", n}, // of lifetimes
	} {
		alter(c.damage)
		check(c.says, c.accounts)
		alter("DELETE FROM accounts")
		alter("INSERT INTO accounts SELECT * FROM aside")
	}
	alter("DROP TABLE aside")
	now = now.Add(200 * day) // what was held is forgotten, and not that it was spent
	use(t, open, store.Options{Now: clock}, func(s store.Store) {
		require.NoError(t, s.Prune(ctx))
		require.NoError(t, s.Check(ctx))
	})
	alter("UPDATE accounts SET base = sum") // no window is of a lifetime
	check("its total is", n)
}

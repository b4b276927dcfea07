package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// LostHistory lets a server lose what it had acknowledged while a store knows of it, and others write as much
// again: by the numbers nothing has changed. Behind a pooler the store's connection goes on. It does not judge by
// what it knew.
func LostHistory(t *testing.T, engine func(name string) *sqlstore.Engine, exec func(name, statement string)) {
	for _, more := range []int{0, 1} { // others have written as much, or more
		name := fmt.Sprint("more ", more)
		t.Run(name, func(t *testing.T) {
			e := engine(name)
			s, others := open(t, e), open(t, e)
			limit := int64(1 << 30)
			reserve := func(s store.Store, act string) error {
				r := Act(act, Noon, 10, limit)
				_, err := s.Ledger().Reserve(ctx, r)
				return err
			}
			require.NoError(t, reserve(s, "kept"))
			require.NoError(t, s.Check(ctx)) // who reads brings it into the tables
			exec(name, "CREATE TABLE heads_before AS SELECT * FROM redo_heads")
			require.NoError(t, reserve(s, "lost"))
			// The server is another one now, which has not heard of it.
			exec(name, "DELETE FROM redo; DELETE FROM redo_heads; INSERT INTO redo_heads SELECT * FROM heads_before")
			require.NoError(t, others.Close())
			others = open(t, e)
			for i := range 1 + more {
				require.NoError(t, reserve(others, fmt.Sprint("other ", i)))
			}
			require.ErrorIs(t, reserve(s, "other 0"), verify.LedgerReplay)
			limit = 30
			left := 1 - more // of three acts, without the lost one
			for i := range 2 {
				if err := reserve(s, fmt.Sprint("new ", i)); i < left {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, verify.LedgerBudgetExceeded)
				}
			}
			require.NoError(t, s.Check(ctx))
		})
	}
}

// ForgottenStays gives a use back and forgets its account, in one transaction: what that has written and removed again
// does not come back behind it.
func ForgottenStays(t *testing.T, e *sqlstore.Engine) {
	g := &gate{}
	s := open(t, g.wrap(e))
	l := s.Ledger()
	r := Act("short", Noon, 10, 100)
	for i := range r.Charges {
		r.Charges[i].Until = Noon.Add(time.Hour)
	}
	_, err := l.Reserve(ctx, r)
	require.NoError(t, err)
	require.NoError(t, errors.Join(g.together(s,
		func() error {
			return l.Settle(ctx, verify.Settlement{
				Decision: r.Record.Decision, Outcome: verify.NotDone, At: Noon, By: "operator",
			})
		},
		func() error { return l.(verify.Forgetter).Forget(ctx, Noon.Add(2*time.Hour)) },
	)...))
	for range 2 { // the first one brings everything into the tables
		require.NoError(t, s.Check(ctx))
	}
}

// BornAgain lets another store forget a budget that a store knows, and begin it anew. The store takes nothing of the
// first one for the second.
func BornAgain(t *testing.T, engine func() *sqlstore.Engine) {
	s, other := open(t, engine()), open(t, engine())
	reserve := func(s store.Store, name string, after, until time.Duration) {
		r := Act(name, Noon.Add(after), 10, 100)
		for i := range r.Charges {
			r.Charges[i].Until = Noon.Add(until)
		}
		_, err := s.Ledger().Reserve(ctx, r)
		require.NoError(t, err)
	}
	reserve(s, "first", 0, time.Hour)
	require.NoError(t, other.Ledger().(verify.Forgetter).Forget(ctx, Noon.Add(61*time.Minute)))
	reserve(other, "born again", 62*time.Minute, 10*time.Hour)
	reserve(s, "second", 121*time.Minute, 10*time.Hour) // a window that has left the first, and not that one
	require.NoError(t, s.Check(ctx))
}

// BornAgainAtOnce lets another store forget a budget that a store knows and begin it anew in one transaction, because
// an agent has met a cap. The store takes nothing of the first one for the second.
func BornAgainAtOnce(t *testing.T, engine func() *sqlstore.Engine) {
	s, other := open(t, engine()), open(t, engine())
	reserve := func(s store.Store, name string, after, until time.Duration, nonces int) error {
		r := Act(name, Noon.Add(after), 10, 25)
		r.Caps.Nonces = nonces
		for i := range r.Charges {
			r.Charges[i].Until = Noon.Add(until)
		}
		r.Charges = r.Charges[:2]
		_, err := s.Ledger().Reserve(ctx, r)
		return err
	}
	require.NoError(t, reserve(s, "first", 0, time.Hour, 100))
	require.NoError(t, reserve(other, "born again", 62*time.Minute, 10*time.Hour, 1))
	require.NoError(t, reserve(s, "second", 121*time.Minute, 10*time.Hour, 100))
	require.ErrorIs(t, reserve(s, "third", 121*time.Minute, 10*time.Hour, 100), verify.LedgerBudgetExceeded)
	require.NoError(t, s.Check(ctx))
}

// Corrections lets another store say that an act was done after all, which a store knows as given back. The store
// counts it from then on.
func Corrections(t *testing.T, engine func() *sqlstore.Engine) {
	s, other := open(t, engine()), open(t, engine())
	r := Act("corrected", Noon, 10, 100)
	_, err := s.Ledger().Reserve(ctx, r)
	require.NoError(t, err)
	said := verify.Settlement{Decision: r.Record.Decision, Outcome: verify.NotDone, At: Noon}
	require.NoError(t, s.Ledger().Settle(ctx, said))
	said.Outcome, said.By = verify.Done, "operator"
	require.NoError(t, other.Ledger().Settle(ctx, said))
	_, err = s.Ledger().Reserve(ctx, Act("all of it", Noon, 100, 100))
	require.ErrorIs(t, err, verify.LedgerBudgetExceeded)
	_, err = s.Ledger().Reserve(ctx, Act("what is left", Noon, 90, 100))
	require.NoError(t, err)
	require.NoError(t, s.Check(ctx))
}

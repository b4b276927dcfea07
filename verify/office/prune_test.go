package office_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// lines are the numbers that the history of the budget has, and what they say.
func (p *place) lines() (numbers []int64, kinds []string) {
	for after := int64(0); ; {
		list, err := p.Budgets.History(ctx, registry.Root(), registry.BudgetQuery{
			Grant: p.grant.ID, After: after, Limit: 200,
		})
		require.NoError(p, err)
		for _, e := range list {
			numbers, kinds, after = append(numbers, e.Number), append(kinds, e.Kind), e.Number
		}
		if len(list) < 200 {
			return numbers, kinds
		}
	}
}

// spends reserves and settles acts, each of another day.
func (p *place) spends(pass *registry.Passport, n int, every time.Duration) (last *verify.Decision) {
	for range n {
		d, err := p.pays(pass, "0.10")
		require.NoError(p, err)
		require.NoError(p, d.Commit(ctx))
		last = d
		p.clock.Advance(every)
	}
	return last
}

// G8: what was spent longer ago than Config.KeepHistory is forgotten, one by one; what is left of the budget is not.
// What nobody has settled counts as done.
func TestG8HistoryIsPruned(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() store.Store) {
		p := newPlace(t, open)
		pass := p.issue()
		old := p.spends(pass, 5, time.Minute)
		opened, err := p.pays(pass, "1.00")
		require.NoError(t, err)
		by := registry.Debit{Grant: p.grant.ID, Amount: usd("2.00"), ID: "by hand"}
		_, err = p.Budgets.Debit(ctx, p.org.Admin(), by)
		require.NoError(t, err)
		p.clock.Advance(20 * 24 * time.Hour)
		require.NoError(t, p.Budgets.Prune(ctx))
		numbers, _ := p.lines()
		require.EqualValues(t, 1, numbers[0], "it is not long ago")
		pass = p.issue()
		recent := p.spends(pass, 2, time.Minute)
		require.Equal(t, [3]string{"3.70", "1.00", "96.30"}, p.balance(p.grant.ID))
		p.clock.Advance(72 * 24 * time.Hour) // of the first it is 92 days ago

		require.NoError(t, p.Budgets.Prune(ctx))
		require.NoError(t, p.Budgets.Prune(ctx), "again")
		require.Equal(t, [3]string{"3.70", "0.00", "96.30"}, p.balance(p.grant.ID))
		numbers, kinds := p.lines()
		require.Equal(t, []string{"debited", "taken", "settled", "taken", "settled", "settled"}, kinds)
		require.EqualValues(t, 13, numbers[0])
		// Nothing is settled that the office has forgotten; what it has not is.
		for _, d := range []*verify.Decision{old, opened} {
			require.NoError(t, p.Store().Update(ctx, func(tx registry.Tx) error {
				return p.Budgets.Settle(tx, registry.Settled{Decision: d.ID, NotDone: true})
			}))
		}
		require.Equal(t, [3]string{"3.70", "0.00", "96.30"}, p.balance(p.grant.ID))
		require.NoError(t, p.Store().Update(ctx, func(tx registry.Tx) error {
			return p.Budgets.Settle(tx, registry.Settled{Decision: recent.ID, NotDone: true})
		}))
		require.Equal(t, [3]string{"3.60", "0.00", "96.40"}, p.balance(p.grant.ID))
		_, err = p.Budgets.Debit(ctx, p.org.Admin(), by)
		require.NoError(t, err)
		require.Equal(t, [3]string{"3.60", "0.00", "96.40"}, p.balance(p.grant.ID), "it is debited once, however late")
		require.NoError(t, p.db.Check(ctx))
	})
}

// G8: a ledger in use forgets by itself, so a history does not grow with all that was ever spent; and an act asks no
// more of the store where much was.
func TestG8HistoryDoesNotGrow(t *testing.T) {
	p := newPlace(t, onFile(t))
	g, err := p.Grants.Create(ctx, p.org.Admin(), registry.NewGrant{
		Agent: p.who.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:*"},
		ExpiresAt: p.clock.Now().Add(10 * 365 * 24 * time.Hour), Budget: passport.MustMoney("10000.00", "USD"),
	})
	require.NoError(t, err)
	p.grant = g
	acts := func(n int) (most int) { // one each day
		for range n {
			pass := p.issue()
			before := p.db.Stats().Statements
			p.spends(pass, 1, 24*time.Hour)
			most = max(most, int(p.db.Stats().Statements-before))
			numbers, _ := p.lines()
			require.Less(t, len(numbers), 2*(92+32)+8)
		}
		return most
	}
	acts(130)
	first, _ := p.lines()
	require.Greater(t, first[0], int64(1), "it has forgotten")
	few := acts(32)
	next, _ := p.lines()
	require.Greater(t, next[0], first[0])
	require.LessOrEqual(t, acts(64), few+few/10)
}

// G8: Run prunes, too.
func TestG8RunPrunes(t *testing.T) {
	p := newPlace(t, onFile(t))
	p.spends(p.issue(), 3, time.Minute)
	p.clock.Advance(100 * 24 * time.Hour)
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- p.Registry.Run(run, registry.RunOptions{To: p.lists, Failed: func(err error) { t.Error(err) }})
	}()
	require.Eventually(t, func() bool {
		numbers, _ := p.lines()
		return len(numbers) > 0 && numbers[0] > 1
	}, time.Minute, 5*time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

// G8: a clock that was ahead for a while does not make the office keep for ever what is spent afterwards.
func TestG8HistoryIsPrunedBehindAClockThatWasAhead(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() store.Store) {
		p := newPlace(t, open)
		const ahead = 400 * 24 * time.Hour
		p.clock.Advance(ahead)
		require.NoError(t, p.Budgets.Prune(ctx))
		p.clock.Advance(-ahead)
		p.spends(p.issue(), 5, time.Minute)
		require.NoError(t, p.Budgets.Prune(ctx), "as Run does it again and again")
		p.clock.Advance(92 * 24 * time.Hour)
		require.NoError(t, p.Budgets.Prune(ctx))
		numbers, _ := p.lines()
		require.EqualValues(t, 11, numbers[0], "what was spent 92 days ago is forgotten, but for the newest line")
	})
}

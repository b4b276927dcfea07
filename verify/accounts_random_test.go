package verify_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// naiveBudgets are lists of all that was ever spent, by account and limit.
type naiveBudgets map[string][]naiveUse

type naiveUse struct {
	at      time.Time
	dollars int
}

// left returns what a window of that length has left.
func (b naiveBudgets) left(key string, limit int, now time.Time, window time.Duration) int {
	for _, u := range b[key] {
		if window == 0 || now.Sub(u.at) < window {
			limit -= u.dollars
		}
	}
	return limit
}

// S13: whoever renews passports, under whatever grant, and delegates them, the
// verdicts are those of lists of all that was ever spent: of (issuer, grantId,
// agent) where the root states a grant, else of the passport; a lifetime is
// always the passport's.
func TestS13BudgetsAgainstANaiveLedger(t *testing.T) {
	steps := 4_000
	if testing.Short() {
		steps = 400
	}
	rng := rand.New(rand.NewPCG(2026, 13))
	r := newRenewals(t)
	agents := []*did.KeyPair{verifytest.Key("one"), verifytest.Key("two")}
	child := verifytest.Key("child")
	windows := map[passport.Period]time.Duration{passport.PerDay: 24 * time.Hour, passport.PerWeek: 168 * time.Hour, passport.PerLifetime: 0}
	budgets, published := naiveBudgets{}, r.Clock.Now()
	type issued struct {
		chain  passport.Chain
		links  []*passport.Passport
		holder did.Signer
	}
	var live []issued
	renew := func() issued {
		agent := agents[rng.IntN(2)]
		root := r.Passport(func(p *passport.Passport) {
			p.Agent, p.GrantID, p.Authority.MaxDelegationDepth = agent.DID(), []string{"", "g1", "g2"}[rng.IntN(3)], 1
			p.ValidUntil = p.ValidFrom.Add(time.Duration(20+rng.IntN(100)) * time.Hour)
			for _, per := range []passport.Period{passport.PerDay, passport.PerWeek, passport.PerLifetime} {
				if rng.IntN(2) == 0 {
					amount := passport.MustMoney(fmt.Sprint(30+10*rng.IntN(4)), "USD")
					p.Authority.SpendLimits = append(p.Authority.SpendLimits, passport.SpendLimit{Money: amount, Per: per})
				}
			}
		})
		signed := r.Issue(root)
		root, err := passport.ReadUnverified(signed)
		require.NoError(t, err)
		one := issued{chain: passport.Chain{signed}, links: []*passport.Passport{root}, holder: agent}
		if rng.IntN(3) == 0 {
			link := &passport.Passport{Agent: child.DID(), GrantID: root.GrantID, ValidUntil: root.ValidUntil,
				Authority: (passport.Authority{}).InheritGrants(&root.Authority)}
			chain, err := passport.Delegate(ctx, one.chain, agent, link, passport.IssueOptions{Now: r.Clock.Now})
			require.NoError(t, err)
			p, err := passport.ReadUnverified(chain[1])
			require.NoError(t, err)
			one = issued{chain, append(one.links, p), child}
		}
		return one
	}
	outcomes := map[string]int{}
	for i := range steps {
		r.Clock.Advance(time.Duration(rng.IntN(180)) * time.Minute)
		now := r.Clock.Now()
		if now.Sub(published) > 12*time.Hour {
			r.Lists.Publish()
			published = now
		}
		if len(live) == 0 || rng.IntN(10) == 0 {
			live = append(live, renew())
		}
		for len(live) > 0 && !now.Before(live[0].links[0].ValidUntil) {
			live = live[1:]
		}
		if len(live) == 0 {
			continue
		}
		x := live[rng.IntN(len(live))]
		if !now.Before(x.links[0].ValidUntil) {
			continue
		}
		dollars := rng.IntN(20)
		fits, charged := true, map[string]bool{}
		for _, p := range x.links {
			for _, l := range p.Authority.SpendLimits {
				account := p.ID
				if p.GrantID != "" && p.DelegationDepth == 0 && l.Per != passport.PerLifetime {
					account = p.GrantID + " " + p.Agent.String()
				}
				key := account + " " + string(l.Per)
				var limit int
				_, err := fmt.Sscan(l.Money.Amount(), &limit)
				require.NoError(t, err)
				charged[key] = true
				fits = fits && (dollars == 0 || budgets.left(key, limit, now, windows[l.Per]) >= dollars)
			}
		}
		err := r.pays(x.holder, x.chain, fmt.Sprint(dollars))
		if fits {
			require.NoError(t, err, "step %d, %d USD", i, dollars)
			for key := range charged {
				budgets[key] = append(budgets[key], naiveUse{now, dollars})
			}
		} else {
			require.ErrorIs(t, err, verify.LedgerBudgetExceeded, "step %d, %d USD", i, dollars)
		}
		outcomes[fmt.Sprint("fits ", fits, ", grant ", x.links[0].GrantID != "", ", links ", len(x.links))]++
	}
	require.Len(t, outcomes, 8, "%v", outcomes)
}

package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// renewals are daily passports of one world, and what they may still spend.
type renewals struct {
	t *testing.T
	*verifytest.World
	v *verify.Verifier
}

func newRenewals(t *testing.T, edits ...func(*verify.Config)) *renewals {
	w := verifytest.NewWorld(t)
	return &renewals{t, w, w.Verifier(edits...)}
}

// pass issues a passport of today with one spend limit.
func (r *renewals) pass(l passport.SpendLimit, edits ...func(*passport.Passport)) *credential.Signed {
	return r.Issue(r.Passport(append([]func(*passport.Passport){func(p *passport.Passport) {
		p.GrantID = "grant-1"
		p.Authority.SpendLimits = []passport.SpendLimit{l}
	}}, edits...)...))
}

// pays has the holder of a chain pay, and returns what the verifier says.
func (r *renewals) pays(holder did.Signer, chain passport.Chain, amount string) error {
	raw := r.PresentChain(holder, chain, r.Intent(func(in *passport.Intent) { in.Amount = passport.MustMoney(amount, "USD") }))
	d, err := r.v.Verify(ctx, raw, r.Request(func(q *verify.Request) { q.Amount = passport.MustMoney(amount, "USD") }))
	if err == nil {
		require.NoError(r.t, d.Commit(ctx))
	}
	return err
}

func per(p passport.Period, edits ...func(*passport.SpendLimit)) passport.SpendLimit {
	l := passport.SpendLimit{Money: passport.MustMoney("50", "USD"), Per: p}
	for _, edit := range edits {
		edit(&l)
	}
	return l
}

// S13: where a grant is stated, a renewed passport of the same agent goes on
// with the budget of the one before. "50 USD a month" with a passport a day is
// 50 USD a month.
func TestS13RenewedPassportsShareABudget(t *testing.T) {
	for _, c := range []struct {
		name    string
		limit   passport.SpendLimit
		days    int // between renewals
		renewed func(*passport.Passport)
		shared  bool
	}{
		{"a month", per(passport.PerMonth), 1, nil, true},
		{"a month, 29 days later", per(passport.PerMonth), 29, nil, true},
		{"a month, 30 days later", per(passport.PerMonth), 30, nil, false},
		{"a calendar month", per(passport.PerMonth, func(l *passport.SpendLimit) { l.TimeZone = "Europe/Berlin" }), 1, nil, true},
		{"the next calendar month", per(passport.PerMonth, func(l *passport.SpendLimit) { l.TimeZone = "Europe/Berlin" }), 10, nil, false},
		{"a week", per(passport.PerWeek), 1, nil, true},
		{"a day, within it", per(passport.PerDay), 0, nil, true},
		{"for an action", per(passport.PerMonth, func(l *passport.SpendLimit) { l.Action = "payments.charge" }), 1, nil, true},
		{"another name for people", per(passport.PerMonth), 1, func(p *passport.Passport) { p.Name = "other" }, true},
		{"another end", per(passport.PerMonth), 1, func(p *passport.Passport) { p.ValidUntil = p.ValidUntil.Add(48 * time.Hour) }, true},
		{"a lifetime is that of the passport", per(passport.PerLifetime), 0, nil, false},
		{"a lifetime, once the first has ended", per(passport.PerLifetime), 1, nil, false},
		{"another grant", per(passport.PerMonth), 1, func(p *passport.Passport) { p.GrantID = "grant-2" }, false},
		{"no grant", per(passport.PerMonth), 1, func(p *passport.Passport) { p.GrantID = "" }, false},
		{"another key of the limit", per(passport.PerMonth), 1,
			func(p *passport.Passport) { p.Authority.SpendLimits[0].Action = "payments.*" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRenewals(t)
			first := r.pass(c.limit)
			require.NoError(t, r.pays(r.Agent, passport.Chain{first}, "40"))
			require.ErrorIs(t, r.pays(r.Agent, passport.Chain{first}, "20"), verify.LedgerBudgetExceeded)
			r.Clock.Advance(time.Duration(c.days) * 24 * time.Hour)
			r.Lists.Publish()
			edit := c.renewed
			if edit == nil {
				edit = func(*passport.Passport) {}
			}
			second := r.pass(c.limit, edit)
			if c.shared {
				require.ErrorIs(t, r.pays(r.Agent, passport.Chain{second}, "20"), verify.LedgerBudgetExceeded)
				require.NoError(t, r.pays(r.Agent, passport.Chain{second}, "10"), "what is left may be spent")
			} else {
				require.NoError(t, r.pays(r.Agent, passport.Chain{second}, "50"))
			}
		})
	}
}

// S13: without a grant, and below the root, budgets are those of one passport.
func TestS13WhoseBudgetItIs(t *testing.T) {
	t.Run("no grant at all", func(t *testing.T) {
		r := newRenewals(t)
		none := func(p *passport.Passport) { p.GrantID = "" }
		require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth), none)}, "50"))
		require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth), none)}, "50"))
	})
	t.Run("another agent under the grant", func(t *testing.T) {
		r := newRenewals(t)
		other := verifytest.Key("other agent")
		require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth))}, "50"))
		require.NoError(t, r.pays(other, passport.Chain{r.pass(per(passport.PerMonth), func(p *passport.Passport) { p.Agent = other.DID() })}, "50"))
	})
	t.Run("another issuer's grant of that name", func(t *testing.T) {
		second := verifytest.Key("second issuer")
		r := newRenewals(t, func(c *verify.Config) { c.Anchors = append(c.Anchors, verify.Anchor{Issuer: second.DID()}) })
		require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth))}, "50"))
		const url = "https://second.example/status"
		r.Lists.Open(url, statuslist.Revocation, second)
		p := r.Passport(func(p *passport.Passport) {
			p.GrantID, p.Status = "grant-1", []statuslist.Entry{r.Lists.Entry(url, "")}
			p.Authority.SpendLimits = []passport.SpendLimit{per(passport.PerMonth)}
		})
		signed, err := passport.Issue(ctx, second, p, passport.IssueOptions{Now: r.Clock.Now})
		require.NoError(t, err)
		require.NoError(t, r.pays(r.Agent, passport.Chain{signed}, "50"))
	})
	t.Run("a delegated link that states the grant", func(t *testing.T) {
		r := newRenewals(t)
		hundred := passport.SpendLimit{Money: passport.MustMoney("100", "USD"), Per: passport.PerMonth}
		root := r.pass(hundred, func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 1 })
		p, err := passport.ReadUnverified(root)
		require.NoError(t, err)
		child := func() passport.Chain {
			a := passport.Authority{SpendLimits: []passport.SpendLimit{per(passport.PerMonth)}, MaxTransaction: p.Authority.MaxTransaction}
			chain, err := passport.Delegate(ctx, passport.Chain{root}, r.Agent,
				&passport.Passport{Agent: verifytest.Key("child").DID(), GrantID: "grant-1",
					Authority: a.InheritGrants(&p.Authority)}, passport.IssueOptions{Now: r.Clock.Now})
			require.NoError(t, err)
			return chain
		}
		require.NoError(t, r.pays(verifytest.Key("child"), child(), "50"))
		require.NoError(t, r.pays(verifytest.Key("child"), child(), "50"), "a new passport of a delegate has a budget of its own")
		require.ErrorIs(t, r.pays(verifytest.Key("child"), child(), "1"), verify.LedgerBudgetExceeded, "within that of the root")
	})
	t.Run("rates go on, too", func(t *testing.T) {
		for name, rate := range map[string]func(*passport.Passport){
			"of limits": func(p *passport.Passport) {
				p.Authority.Limits = []passport.Limit{passport.RateOf("requests", 24*time.Hour, 1)}
			},
			"of a capability": func(p *passport.Passport) {
				p.Authority.Capabilities = []passport.Capability{{Action: "payments.charge",
					Params: []passport.Param{{Name: "max_per_day", Kind: passport.ParamRate, Int: 1}}}}
			},
		} {
			r := newRenewals(t)
			require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth), rate)}, "1"), name)
			require.ErrorIs(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth), rate)}, "1"), verify.LedgerRateExceeded, name)
		}
	})
	t.Run("a limit that was raised", func(t *testing.T) {
		r := newRenewals(t)
		require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth))}, "50"))
		more := per(passport.PerMonth, func(l *passport.SpendLimit) { l.Money = passport.MustMoney("70", "USD") })
		require.ErrorIs(t, r.pays(r.Agent, passport.Chain{r.pass(more)}, "21"), verify.LedgerBudgetExceeded)
		require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(more)}, "20"))
	})
	t.Run("a name made to look like another's account", func(t *testing.T) {
		r := newRenewals(t)
		first := r.pass(per(passport.PerMonth), func(p *passport.Passport) { p.GrantID = "" })
		require.NoError(t, r.pays(r.Agent, passport.Chain{first}, "50"))
		id := first.Unverified().ID
		require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth), func(p *passport.Passport) { p.GrantID = id })}, "50"))
	})
}

// S13: what is used of a budget is told of a renewed passport, too, and of its
// lifetime nothing.
func TestS13BudgetsOfARenewedPassport(t *testing.T) {
	r := newRenewals(t)
	both := func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{per(passport.PerMonth), per(passport.PerLifetime)}
	}
	require.NoError(t, r.pays(r.Agent, passport.Chain{r.pass(per(passport.PerMonth), both)}, "40"))
	renewed, err := passport.ReadUnverified(r.pass(per(passport.PerMonth), both))
	require.NoError(t, err)
	budgets, err := r.v.Budgets(ctx, []*passport.Passport{renewed})
	require.NoError(t, err)
	require.Len(t, budgets, 2)
	require.Equal(t, "40.00 USD", budgets[0].Text(budgets[0].Total()))
	require.Equal(t, "0.00 USD", budgets[1].Text(budgets[1].Total()))
}

// S13: a link that the chain's anchor has issued, as the agent of its own root, has the budget of
// its agent under the grant, too; a passport that its holder renews has another one each time.
func TestS13LinksOfTheAnchor(t *testing.T) {
	limit := []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
	for name, c := range map[string]struct {
		grant string
		by    func(w *verifytest.World) *did.KeyPair
		goes  bool // on with the same budget
	}{
		"the anchor, under a grant": {"grnt_1", func(w *verifytest.World) *did.KeyPair { return w.Issuer }, true},
		"the anchor, without one":   {"", func(w *verifytest.World) *did.KeyPair { return w.Issuer }, false},
		"an agent, under a grant":   {"grnt_1", func(*verifytest.World) *did.KeyPair { return verifytest.Key("between") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			v, by := w.Verifier(), c.by(w)
			link := func() passport.Chain {
				root := w.Issue(w.Passport(func(p *passport.Passport) {
					p.Agent, p.GrantID, p.Authority.MaxDelegationDepth = by.DID(), c.grant, 1
				}))
				above := readPassport(t, root)
				chain, err := passport.Delegate(ctx, passport.Chain{root}, by, &passport.Passport{
					Agent: w.Agent.DID(), GrantID: c.grant,
					Authority: (&passport.Authority{SpendLimits: limit}).InheritGrants(&above.Authority),
				}, passport.IssueOptions{Now: w.Clock.Now})
				require.NoError(t, err)
				return chain
			}
			first := link()
			d, err := v.Verify(ctx, w.PresentChain(w.Agent, first, w.Intent()), w.Request())
			verifytest.AssertAllowed(t, err)
			next := link()
			_, err = v.Verify(ctx, w.PresentChain(w.Agent, next, w.Intent()), w.Request())
			if !c.goes {
				verifytest.AssertAllowed(t, err)
				return
			}
			verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
			list, err := v.Budgets(ctx, d.Chain)
			require.NoError(t, err)
			renewed, err := v.Budgets(ctx, []*passport.Passport{readPassport(t, next[0]), readPassport(t, next[1])})
			require.NoError(t, err)
			for i := range list { // what is told of both is of one budget
				if list[i].Link == 1 && !list[i].Rate {
					require.Equal(t, list[i].Spent, renewed[i].Spent)
					require.Equal(t, list[i].Held, renewed[i].Held)
					require.NotZero(t, list[i].Held)
				}
			}
		})
	}
}

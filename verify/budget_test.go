package verify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Holes that a review of the whole found before the first release. Each test
// is the attack.

// The capability that permits an act is the one whose rate is charged.
func TestRateIsChargedWhereTheActPasses(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.Capabilities = []passport.Capability{
			{Action: "data.*"},
			{Action: "data.export", Params: []passport.Param{{Name: "pii", Kind: passport.ParamBool, Bool: true},
				{Name: "max_per_day", Kind: passport.ParamRate, Int: 1}}},
		}
	}))
	n := 0
	for range 5 {
		a := object(`{"pii":true}`)
		raw := w.Present(pass, passport.Intent{Act: passport.Act{Action: "data.export", Attributes: a}})
		_, err := v.Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: "data.export", Attributes: a}})
		if err == nil {
			n++
		}
	}
	require.Equal(t, 1, n, "allowed per day")
}

// A delegate that gives its own link the id of another passport opens an
// account of its own.
func TestDelegateCannotResetABudget(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	life := passport.SpendLimit{Money: passport.MustMoney("50", "USD"), Per: passport.PerLifetime}
	P := w.Passport(func(p *passport.Passport) { p.Authority.SpendLimits = []passport.SpendLimit{life} })
	signedP := w.Issue(P)
	q := w.Passport(func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 1 })
	Q := w.Issue(q)
	idP := signedP.Unverified().ID
	total := 0
	for range 3 {
		c := &passport.Passport{ID: idP, Agent: verifytest.Key("sock").DID(), ValidFrom: w.Clock.Now(), ValidUntil: w.Clock.Now().Add(time.Minute),
			Authority: passport.Authority{SpendLimits: []passport.SpendLimit{life}}.InheritGrants(&q.Authority)}
		chain, err := passport.Delegate(ctx, passport.Chain{Q}, w.Agent, c, passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
		zero := passport.MustMoney("0.00", "USD")
		_, err = v.Verify(ctx, w.PresentChain(verifytest.Key("sock"), chain,
			w.Intent(func(in *passport.Intent) { in.Amount = zero })), w.Request(func(q *verify.Request) { q.Amount = zero }))
		require.NoError(t, err)
		if _, err = spend(w, v, signedP, "50"); err == nil {
			total += 50
		}
		w.Clock.Advance(61 * time.Second)
	}
	require.Equal(t, 50, total, "spent of a lifetime budget of 50 USD")
}

// Likewise it uses up nobody else's.
func TestStrangerCannotDrainABudget(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	victim := spender(w, perDay("50"))
	mallory := verifytest.Key("mallory")
	q := w.Passport(func(p *passport.Passport) {
		p.Agent = mallory.DID()
		p.Authority.MaxDelegationDepth = 1
		p.Authority.SpendLimits = []passport.SpendLimit{perDay("1000")}
	})
	Q := w.Issue(q)
	c := &passport.Passport{ID: victim.Unverified().ID, Agent: verifytest.Key("sock").DID(),
		Authority: passport.Authority{SpendLimits: []passport.SpendLimit{perDay("50")}, MaxTransaction: q.Authority.MaxTransaction}.InheritGrants(&q.Authority)}
	chain, err := passport.Delegate(ctx, passport.Chain{Q}, mallory, c, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	m := passport.MustMoney("50", "USD")
	_, err = v.Verify(ctx, w.PresentChain(verifytest.Key("sock"), chain,
		w.Intent(func(in *passport.Intent) { in.Amount = m })), w.Request(func(q *verify.Request) { q.Amount = m }))
	require.NoError(t, err)
	_, err = spend(w, v, victim, "1")
	require.NoError(t, err, "the victim has spent nothing")
}

// RES-05: what lies below one root opens a bounded number of accounts, and
// another root is not held up.
func TestAccountsOfARootAreBounded(t *testing.T) {
	f := newFamily(t, nil)
	v := f.Verifier(func(c *verify.Config) { c.Bounds.RootAccounts = 4 * 130 })
	act := func() error {
		chain := f.delegate(t, passport.Chain{f.signed}, func(p *passport.Passport) {
			for i := range 60 {
				p.Authority.Limits = append(p.Authority.Limits, passport.RateOf(fmt.Sprint("c", i), time.Minute, 9))
			}
			p.Authority.Limits = append(p.Authority.Limits, passport.RateOf("requests", time.Minute, 9))
		})
		usage := map[string]int64{}
		for i := range 60 {
			usage[fmt.Sprint("c", i)] = 1
		}
		_, err := v.Verify(ctx, f.PresentChain(f.agents[1], chain, f.Intent()), f.Request(func(q *verify.Request) { q.Usage = usage }))
		return err
	}
	for range 8 { // each with a delegated passport of its own, which may have a quarter
		require.NoError(t, act())
	}
	verifytest.AssertDenied(t, act(), verify.LedgerRateExceeded)
	_, err := spend(f.World, v, spender(f.World, perDay("50")), "1")
	require.NoError(t, err)
}

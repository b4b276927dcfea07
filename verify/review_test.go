package verify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/eprospera"
	"github.com/safeconduct/safeconduct/statuslist"
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
			{Action: "data.export", Params: []passport.Param{{Name: "pii", Kind: passport.ParamBool, Bool: true}, {Name: "max_per_day", Kind: passport.ParamRate, Int: 1}}},
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
		_, err = v.Verify(ctx, w.PresentChain(verifytest.Key("sock"), chain, w.Intent(func(in *passport.Intent) { in.Amount = zero })), w.Request(func(q *verify.Request) { q.Amount = zero }))
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
	c := &passport.Passport{ID: victim.Unverified().ID, Agent: verifytest.Key("sock").DID(), Authority: passport.Authority{SpendLimits: []passport.SpendLimit{perDay("50")}, MaxTransaction: q.Authority.MaxTransaction}.InheritGrants(&q.Authority)}
	chain, err := passport.Delegate(ctx, passport.Chain{Q}, mallory, c, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	m := passport.MustMoney("50", "USD")
	_, err = v.Verify(ctx, w.PresentChain(verifytest.Key("sock"), chain, w.Intent(func(in *passport.Intent) { in.Amount = m })), w.Request(func(q *verify.Request) { q.Amount = m }))
	require.NoError(t, err)
	_, err = spend(w, v, victim, "1")
	require.NoError(t, err, "the victim has spent nothing")
}

// What the root lacks, a delegate cannot bring.
func TestDelegateCannotSupplyTheConsent(t *testing.T) {
	w := newWilling(t, nil)
	root := w.Passport(func(p *passport.Passport) {
		p.HumanPrincipal = w.person.DID().String()
		p.Authority = passport.Authority{MaxDelegationDepth: 1, Capabilities: []passport.Capability{{Action: eprospera.ApplicationCreate}}}
	})
	plain := w.Issue(root)
	_, err := w.Verifier(scoped).Verify(ctx, w.show(t, plain, eprospera.ApplicationCreate, w.will), create())
	verifytest.AssertDenied(t, err, verify.ConsentMissing)
	consent, err := passport.ConsentTo(w.will)
	require.NoError(t, err)
	sock := verifytest.Key("sock")
	chain, err := passport.Delegate(ctx, passport.Chain{plain}, w.Agent, &passport.Passport{Agent: sock.DID(), Consent: consent, Authority: passport.Authority{}.InheritGrants(&root.Authority)}, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	_, err = w.Verifier(scoped).Verify(ctx, w.PresentChain(sock, chain, passport.Intent{Act: passport.Act{Action: eprospera.ApplicationCreate}}, func(o *passport.PresentOptions) { o.Siblings = []*credential.Signed{w.will} }), create())
	require.Error(t, err, "the child may do what its parent may not")
}

// The leniency for withdrawn Manifestations is not one for agreements.
func TestWithdrawnAcceptanceLiftsNothing(t *testing.T) {
	w := newWilling(t, nil)
	e, err := w.bits.Entry(statuslist.Bitstring, 3, "")
	require.NoError(t, err)
	acc, err := passport.IssueAcceptance(ctx, w.person, passport.Acceptance{Agreement: "https://x.example/a", Version: "1", Kind: "terms", TextDigest: passport.Digest(nil), Status: []statuslist.Entry{e}}, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	w.Clock.Advance(time.Minute)
	require.NoError(t, w.bits.Set(3, 1))
	w.publish(t)
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.HumanPrincipal = w.person.DID().String()
		p.Authority = passport.Authority{Capabilities: []passport.Capability{{Action: eprospera.EntityRead}}}
	}))
	for _, drop := range []bool{false, true} {
		v := w.Verifier(scoped, func(c *verify.Config) {
			c.ConsentRevocationDropsWrites = drop
			c.Policy = []verify.Rule{{ID: "terms", Check: func(verify.Facts) error { return &verify.Obligation{Kind: verify.SignAgreement, Detail: "terms"} }}}
		})
		_, err = v.Verify(ctx, w.show(t, pass, eprospera.EntityRead, acc), read())
		require.Error(t, err, "a withdrawn acceptance lifts nothing")
	}
}

// An act that was done is remembered from then on, not from an earlier try.
func TestIntentIsRememberedFromItsLastUse(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := w.Issue(w.Passport(func(p *passport.Passport) { p.ValidUntil = p.ValidFrom.Add(100 * time.Hour) }))
	id := passport.IntentURN + "01KAJ0000000000000000000AA"
	try := func() (*verify.Decision, error) {
		return v.Verify(ctx, w.Present(pass, w.Intent(func(in *passport.Intent) { in.ID = id })), w.Request())
	}
	d, err := try()
	require.NoError(t, err)
	require.NoError(t, d.Release(ctx))
	w.Clock.Advance(23*time.Hour + 59*time.Minute)
	w.Lists.Publish()
	d, err = try()
	require.NoError(t, err)
	require.NoError(t, d.Commit(ctx))
	w.Clock.Advance(2 * time.Minute)
	w.Lists.Publish()
	_, err = try()
	require.Error(t, err, "the same act was done two minutes ago")
}

// What was released is never said to be committed.
func TestReleasedStaysReleased(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	d, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.NoError(t, err)
	require.NoError(t, d.Release(ctx))
	require.ErrorIs(t, d.Commit(ctx), verify.ErrSettled)
	w.Clock.Advance(25 * time.Hour)
	require.ErrorIs(t, d.Commit(ctx), verify.ErrSettled)
}

type badLedger struct {
	verify.Ledger
	err error
}

func (b badLedger) Reserve(context.Context, *verify.Reservation) (verify.Held, error) {
	return verify.Held{}, b.err
}

type many struct{ errs []error }

func (m many) Error() string   { return fmt.Sprint("many: ", m.errs) }
func (m many) Unwrap() []error { return m.errs }

// An error of a ledger refuses, whatever it is made of, and its code is found.
func TestLedgerErrorsNeverAllow(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport())
	for name, c := range map[string]struct {
		err  error
		want verify.Code
	}{
		"empty":        {many{}, verify.LedgerUnavailable},
		"nil inside":   {many{[]error{nil}}, verify.LedgerUnavailable},
		"bare code":    {verify.LedgerReplay, verify.LedgerReplay},
		"wrapped code": {fmt.Errorf("db: %w", verify.LedgerReplay), verify.LedgerReplay},
		"two causes":   {fmt.Errorf("%w: %w", errors.New("db"), verify.LedgerReplay), verify.LedgerReplay},
		"bad index":    {&verify.ChargeError{Index: 99}, verify.LedgerUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			v := w.Verifier(func(cfg *verify.Config) {
				cfg.Ledger = badLedger{verify.NewMemoryLedger(verify.MemoryLedgerOptions{}), c.err}
			})
			d, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
			verifytest.AssertDenied(t, err, c.want)
			requireConsistent(t, d, err)
		})
	}
}

// A delegate writes its own description; the links above it must be for the
// act, too.
func TestDelegateCannotDescribeDriftAway(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) {
		p.Name = "flight booker"
		p.Role = "travel"
		p.Authority.Capabilities = []passport.Capability{{Action: "flight.book"}, {Action: "acme.*"}}
	})
	drift := func(c *verify.Config) { c.Drift = verify.KeywordDrift{} }
	act := "acme.password"
	raw := f.PresentChain(f.agents[0], passport.Chain{f.signed}, passport.Intent{Act: passport.Act{Action: act}})
	_, err := f.Verifier(drift).Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: act}})
	verifytest.AssertDenied(t, err, verify.AuthorityIntentDrift)
	chain := f.delegate(t, passport.Chain{f.signed}, func(p *passport.Passport) { p.Role = "password admin" })
	raw = f.PresentChain(f.agents[1], chain, passport.Intent{Act: passport.Act{Action: act}})
	_, err = f.Verifier(drift).Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: act}})
	require.Error(t, err, "drift")
}

// Only the list that was asked for moves the mark of what is newest.
func TestOtherListsDoNotMoveTheMark(t *testing.T) {
	w := verifytest.NewWorld(t)
	bits, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/other", Purpose: statuslist.Revocation})
	require.NoError(t, err)
	pass := w.Issue(w.Passport())
	url := pass.Unverified().Status[0].Get("statusListCredential").Str()
	good := w.Lists.Get(url)
	v := w.Verifier()
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err)
	w.Clock.Advance(time.Minute)
	other, _, err := bits.Publish(ctx, w.Issuer, statuslist.PublishOptions{Now: w.Clock.Now()})
	require.NoError(t, err)
	w.Lists.Put(url, other.Bytes()) // the host hands out another list once
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.StatusInvalid)
	w.Lists.Put(url, good)
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err, "the newest list ever published at that URL")
}

// A token longer than any string may be stands in a presentation.
func TestLargeTokensCanBePresented(t *testing.T) {
	w := verifytest.NewWorld(t)
	p := w.Passport(func(p *passport.Passport) { p.Description = strings.Repeat("x", 15000) })
	s, err := passport.Issue(ctx, w.Issuer, p, passport.IssueOptions{Now: w.Clock.Now, Format: vcjwt.Format()})
	require.NoError(t, err)
	_, err = passport.Present(ctx, w.Agent, passport.Chain{s}, w.Intent(), verifytest.Audience, passport.PresentOptions{Now: w.Clock.Now})
	require.NoError(t, err)
}

// RES-05: what lies below one root opens a bounded number of accounts, and
// another root is not held up.
func TestAccountsOfARootAreBounded(t *testing.T) {
	f := newFamily(t, nil)
	ledger := verify.NewMemoryLedger(verify.MemoryLedgerOptions{Accounts: 130})
	v := f.Verifier(func(c *verify.Config) { c.Ledger = ledger })
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
	require.NoError(t, act())
	require.NoError(t, act())
	verifytest.AssertDenied(t, act(), verify.LedgerRateExceeded)
	_, err := spend(f.World, v, spender(f.World, perDay("50")), "1")
	require.NoError(t, err)
}

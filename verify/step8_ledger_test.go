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
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// LiveNonces: one more than allowed is refused for that agent, another agent
// works (INT-11).
func TestINT11LiveNonces(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(func(c *verify.Config) { c.Bounds.LiveNonces = 3 })
	pass := w.Issue(w.Passport())
	for range 3 {
		_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
		require.NoError(t, err)
	}
	_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.LedgerRateExceeded)
	other := verifytest.Key("another agent")
	theirs := w.Issue(w.Passport(func(p *passport.Passport) { p.Agent = other.DID() }))
	_, err = v.Verify(ctx, w.PresentChain(other, passport.Chain{theirs}, w.Intent()), w.Request())
	require.NoError(t, err)
	w.Clock.Advance(5*time.Minute + 1)
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err, "ended intents make room")
}

// B1: the acts that a ledger remembers are bounded for each agent (AgentActs) and
// below each root (RootActs), however short their intents live.
func TestB1RememberedActsAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		cap    func(b *verify.Bounds)
		settle func(d *verify.Decision) error
	}{
		"AgentActs":           {func(b *verify.Bounds) { b.AgentActs = 3 }, nil},
		"RootActs":            {func(b *verify.Bounds) { b.RootActs = 3 }, nil},
		"AgentActs, done":     {func(b *verify.Bounds) { b.AgentActs = 3 }, func(d *verify.Decision) error { return d.Commit(ctx) }},
		"AgentActs, not done": {func(b *verify.Bounds) { b.AgentActs = 3 }, func(d *verify.Decision) error { return d.Release(ctx) }},
		"RootActs, not done":  {func(b *verify.Bounds) { b.RootActs = 3 }, func(d *verify.Decision) error { return d.Release(ctx) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			v := w.Verifier(func(cfg *verify.Config) { c.cap(&cfg.Bounds) })
			pass := w.Issue(w.Passport())
			act := func(agent *did.KeyPair, pass *credential.Signed) error {
				short := func(in *passport.Intent) { in.ExpiresAt = w.Clock.Now().Add(time.Second) }
				d, err := v.Verify(ctx, w.PresentChain(agent, passport.Chain{pass}, w.Intent(short)), w.Request())
				if err == nil && c.settle != nil {
					err = c.settle(d)
				}
				return err
			}
			for range 3 {
				require.NoError(t, act(w.Agent, pass))
				w.Clock.Advance(2 * time.Second)
			}
			verifytest.AssertDenied(t, act(w.Agent, pass), verify.LedgerRateExceeded)
			other := verifytest.Key("another agent")
			require.NoError(t, act(other, w.Issue(w.Passport(func(p *passport.Passport) { p.Agent = other.DID() }))))
		})
	}
}

// S18: what is judged is what was handed over, whatever the caller, or a rule that
// got the same, does with it meanwhile.
func TestS18WhatWasHandedOver(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.Limits = []passport.Limit{passport.RateOf("rows", time.Hour, 100)}
	}))
	usage, discharges := map[string]int64{"rows": 101}, []string{"nothing"}
	var ids []string
	for name, meddle := range map[string]func(f verify.Facts){
		"the caller": func(verify.Facts) { usage["rows"], discharges[0] = 1, "ask_human" },
		"a rule": func(f verify.Facts) {
			f.Request.Usage["rows"], f.Request.Discharges[0] = 1, "ask_human"
			f.Intent.ID, f.Intent.ExpiresAt = "another", f.At.Add(100*time.Hour)
			for _, p := range f.Chain {
				p.HumanPrincipal, p.Attestation.ModelDigest = "did:web:another.example", "another"
				p.Authority.Capabilities[0].Action, p.Authority.Limits[0].Int = "another.action", 1000
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			usage["rows"], discharges[0] = 101, "nothing"
			var oblige error
			memory := ledger.NewMemory(ledger.Options{})
			v := w.Verifier(func(c *verify.Config) {
				c.Ledger = memory
				c.Policy = []verify.Rule{
					{ID: "meddles", Check: func(f verify.Facts) error { meddle(f); return nil }},
					{ID: "obliges", Check: func(verify.Facts) error { return oblige }},
				}
			})
			ask := w.Request(func(q *verify.Request) { q.Usage, q.Discharges = usage, discharges })
			_, err := v.Verify(ctx, w.Present(pass, w.Intent()), ask)
			verifytest.AssertDenied(t, err, verify.LedgerRateExceeded)
			usage["rows"], discharges[0], oblige = 1, "nothing", &verify.Obligation{Kind: "ask_human"}
			_, err = v.Verify(ctx, w.Present(pass, w.Intent()), ask)
			verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
			for _, r := range memory.Records() {
				ids = append(ids, r.Intent)
			}
		})
	}
	require.NotContains(t, ids, "another")
}

// S18: each rule has facts of its own, and what the host is given is what was
// proven, remembered or not, whatever rules have done with theirs.
func TestS18RulesReachNobody(t *testing.T) {
	for _, remembered := range []int{0, 16} {
		w := verifytest.NewWorld(t)
		family := w.Family()
		chain := family.Chain(1)
		var second verify.Facts
		v := w.Verifier(func(c *verify.Config) {
			c.ProvenDocuments = remembered
			c.Policy = []verify.Rule{
				{ID: "meddles", Check: func(f verify.Facts) error {
					for _, p := range f.Chain {
						p.Name, p.Authority.Capabilities[0].Action = "another", "another.action"
						p.Authority.Categories[0], p.Status = "another", nil
					}
					f.Intent.Action, f.Chain[0] = "another.action", nil
					return nil
				}},
				{ID: "looks", Check: func(f verify.Facts) error { second = f; return nil }},
			}
		})
		for range 2 {
			d, err := v.Verify(ctx, family.Present(chain, w.Intent()), w.Request())
			require.NoError(t, err)
			for _, got := range [][]*passport.Passport{second.Chain, d.Chain} {
				require.Len(t, got, 2)
				for i, p := range got {
					want, err := passport.ReadUnverified(chain[i])
					require.NoError(t, err)
					require.Equal(t, want, p, "link %d", i)
				}
			}
			require.Equal(t, "payments.charge", second.Intent.Action)
			require.Equal(t, "payments.charge", d.Intent.Action)
			second.Chain[0].Name = "another" // what it keeps is its own, too
			require.NotEqual(t, "another", d.Chain[0].Name)
		}
	}
}

// F6, F10: a budget that has not enough left says what open acts hold of it, and
// from when on there is enough: when the window begins anew, or when enough has
// left a window that rolls.
func TestBudgetsSayWhen(t *testing.T) {
	for name, c := range map[string]struct {
		limit  passport.SpendLimit
		amount string
		until  time.Duration // from 09:40 UTC on; zero: never
	}{
		"rolling, the first must leave": {perDay("100"), "30.00", 24*time.Hour - 20*time.Minute},
		"rolling, both must leave":      {perDay("100"), "60.00", 24*time.Hour - 10*time.Minute},
		"rolling, more than the limit":  {perDay("100"), "100.01", 0},
		"calendar": {passport.SpendLimit{Money: passport.MustMoney("100", "USD"),
			Per: passport.PerDay, TimeZone: "Europe/Berlin"}, "30.00", 13*time.Hour + 20*time.Minute},
		"calendar, a month": {passport.SpendLimit{Money: passport.MustMoney("100", "USD"),
			Per: passport.PerMonth, TimeZone: "UTC"}, "30.00", (9*24+14)*time.Hour + 20*time.Minute},
		"calendar, more than the limit": {passport.SpendLimit{Money: passport.MustMoney("100", "USD"),
			Per: passport.PerDay, TimeZone: "UTC"}, "100.01", 0},
		"a lifetime": {passport.SpendLimit{Money: passport.MustMoney("100", "USD"),
			Per: passport.PerLifetime}, "30.00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			w.Clock.Set(time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC))
			w.Lists.Publish()
			v := w.Verifier()
			pass := w.Issue(w.Passport(func(p *passport.Passport) {
				p.Authority.SpendLimits, p.Authority.MaxTransaction = []passport.SpendLimit{c.limit},
					passport.MustMoney("1000", "USD")
				p.ValidUntil = p.ValidFrom.Add(600 * time.Hour)
			}))
			d, err := spend(w, v, pass, "40.00")
			require.NoError(t, err)
			require.NoError(t, d.Commit(ctx))
			w.Clock.Advance(10 * time.Minute)
			_, err = spend(w, v, pass, "50.00")
			require.NoError(t, err)
			w.Clock.Advance(4 * time.Minute)
			d, _ = spend(w, v, pass, c.amount)
			require.Equal(t, verify.LedgerBudgetExceeded, d.Code(), "%v", d.Violations)
			require.Equal(t, "90.00 USD used, of which 50.00 USD held by an open act, "+c.amount+" USD asked for",
				d.Violations[0].Actual)
			w.Clock.Advance(6 * time.Minute)
			d, _ = spend(w, v, pass, c.amount)
			require.Equal(t, "90.00 USD used, "+c.amount+" USD asked for", d.Violations[0].Actual)
			until := d.Violations[0].Until
			if c.until == 0 {
				require.Zero(t, until)
				return
			}
			require.Equal(t, w.Clock.Now().Add(c.until), until.UTC())
			w.Clock.Set(until.Add(-1))
			w.Lists.Publish()
			d, _ = spend(w, v, pass, c.amount)
			require.Equal(t, verify.LedgerBudgetExceeded, d.Code(), "%v", d.Violations)
			w.Clock.Set(until)
			_, err = spend(w, v, pass, c.amount)
			require.NoError(t, err)
		})
	}
}

// INT-01: one challenge serves once, whatever the intent; and per audience.
func TestStep8OneChallengeServesOnce(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := w.Issue(w.Passport())
	challenge := strings.Repeat("c", 16)
	same := func(o *passport.PresentOptions) { o.Challenge = challenge }
	_, err := v.Verify(ctx, w.Present(pass, w.Intent(), same),
		w.Request(func(q *verify.Request) { q.Nonce = challenge }))
	require.NoError(t, err)
	_, err = v.Verify(ctx, w.Present(pass, w.Intent(), same),
		w.Request(func(q *verify.Request) { q.Nonce = challenge }))
	verifytest.AssertDenied(t, err, verify.LedgerReplay)
}

func TestStep8Replay(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	raw := w.Present(w.Issue(w.Passport()), w.Intent())

	// A refused attempt uses nothing up (INT-15).
	bad := w.Request(func(q *verify.Request) { q.Action = "payments.refund" })
	_, err := v.Verify(ctx, raw, bad)
	require.Error(t, err)

	_, err = v.Verify(ctx, raw, w.Request())
	require.NoError(t, err)
	_, err = v.Verify(ctx, raw, w.Request()) // INT-01
	verifytest.AssertDenied(t, err, verify.LedgerReplay)
	_, err = v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.NoError(t, err, "another presentation is another matter")
}

// INT-03: a clock set back does not bring a forgotten nonce back to life.
func TestStep8INT03ClockSetBack(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := w.Issue(w.Passport())
	raw := w.Present(pass, w.Intent())
	_, err := v.Verify(ctx, raw, w.Request())
	require.NoError(t, err)
	w.Clock.Advance(time.Hour)
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request()) // the first is forgotten now
	require.NoError(t, err)
	w.Clock.Advance(-time.Hour)
	_, err = v.Verify(ctx, raw, w.Request())
	require.True(t, errors.Is(err, verify.LedgerReplay) || errors.Is(err, verify.LedgerUnavailable), err)
}

func TestStep8LedgerDown(t *testing.T) {
	d, err := fault{config: func(_ *verifytest.World, c *verify.Config) { c.Ledger = broken{} }}.decide(t) // INT-16
	verifytest.AssertDenied(t, err, verify.LedgerUnavailable)
	require.Equal(t, verify.Undetermined, d.Verdict)
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

func (m many) Error() string { return fmt.Sprint("many: ", m.errs) }

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
				cfg.Ledger = badLedger{ledger.NewMemory(ledger.Options{}), c.err}
			})
			d, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
			verifytest.AssertDenied(t, err, c.want)
			requireConsistent(t, d, err)
		})
	}
}

// STO-08: a ledger is told when a presentation was made, and how far clocks may be apart,
// so that a restored one need not refuse what is new.
func TestReservationSaysWhenItWasMade(t *testing.T) {
	w := verifytest.NewWorld(t)
	var got *verify.Reservation
	v := w.Verifier(func(c *verify.Config) {
		c.Skew = time.Minute
		c.Ledger = spyLedger{c.Ledger, func(r *verify.Reservation) { got = r }}
	})
	made := w.Clock.Now().Add(-30 * time.Second)
	in := w.Intent(func(in *passport.Intent) { in.IssuedAt = made })
	_, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), in), w.Request())
	require.NoError(t, err)
	require.Equal(t, made, got.Issued)
	require.Equal(t, time.Minute, got.Skew)
}

// spyLedger shows what is reserved.
type spyLedger struct {
	verify.Ledger
	see func(*verify.Reservation)
}

func (l spyLedger) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	l.see(r)
	return l.Ledger.Reserve(ctx, r)
}

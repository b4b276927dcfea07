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
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// An act that was done for less gives back the rest; more, or another asset, is
// refused and leaves the hold as it was.
func TestCommitFor(t *testing.T) {
	w := verifytest.NewWorld(t)
	memory := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = memory })
	pass := spender(w, perDay("60.00"))
	d, err := spend(w, v, pass, "50.00")
	require.NoError(t, err)
	require.ErrorIs(t, d.CommitFor(ctx, passport.MustMoney("50.01", "USD")), verify.ErrNotReserved)
	require.ErrorIs(t, d.CommitFor(ctx, passport.MustMoney("1.00", "EUR")), verify.ErrNotReserved)
	require.ErrorIs(t, d.CommitFor(ctx, passport.Money{}), verify.ErrNotReserved)
	require.NoError(t, d.CommitFor(ctx, passport.MustMoney("20.00", "USD")))
	require.NoError(t, d.CommitFor(ctx, passport.MustMoney("20", "USD")), "the same again")
	require.ErrorIs(t, d.Commit(ctx), verify.ErrSettled)
	require.ErrorIs(t, d.Release(ctx), verify.ErrSettled)
	_, err = spend(w, v, pass, "40.01")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	d, err = spend(w, v, pass, "40.00")
	require.NoError(t, err)

	// The host has crashed; who finds the id in its records settles it, and later an
	// operator refunds it.
	require.NoError(t, memory.Settle(ctx, verify.Settlement{Decision: d.ID, Outcome: verify.Done, At: w.Clock.Now()}))
	w.Clock.Advance(time.Hour)
	refund := verify.Settlement{Decision: d.ID, Outcome: verify.Done, Amount: passport.MustMoney("30.00", "USD"),
		At: w.Clock.Now()}
	require.ErrorIs(t, memory.Settle(ctx, refund), verify.ErrSettled)
	refund.By = "operator"
	require.NoError(t, memory.Settle(ctx, refund))
	e, err := memory.Entry(ctx, d.ID)
	require.NoError(t, err)
	require.Equal(t, verify.HoldSpent, e.State)
	require.Equal(t, verify.AmountOf(refund.Amount), e.Done)
	require.Equal(t, "operator", e.Attempts[0].By)
	_, err = spend(w, v, pass, "10.00")
	require.NoError(t, err)
}

// A decision that reserved nothing has nothing to settle.
func TestNothingToSettle(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := spender(w, perDay("10.00"))
	refused, err := spend(w, v, pass, "11.00")
	require.Error(t, err)
	for _, d := range []*verify.Decision{refused, {}} {
		require.NoError(t, d.Commit(ctx))
		require.NoError(t, d.Release(ctx))
		require.NoError(t, d.CommitFor(ctx, passport.MustMoney("1.00", "USD")))
	}
}

// B5: one call by a clock that is an hour ahead blames nobody for a replay,
// whatever it is. What looks at the clock of no act locks nobody out; an act makes
// what may have been forgotten undetermined, until the others have caught up.
func TestB5OneCallByAClockThatIsAhead(t *testing.T) {
	type calls struct {
		w       *verifytest.World
		v       *verify.Verifier
		pass    *credential.Signed
		allowed *verify.Decision
	}
	for name, ahead := range map[string]func(c calls) error{
		"commit": func(c calls) error { return c.allowed.Commit(ctx) },
		"commit for less": func(c calls) error { // by that clock, its deadline has passed
			err := c.allowed.CommitFor(ctx, passport.MustMoney("1", "USD"))
			if !errors.Is(err, verify.ErrSettled) {
				return fmt.Errorf("want ErrSettled, not %w", err)
			}
			return nil
		},
		"a refused act": func(c calls) error {
			_, err := spend(c.w, c.v, c.pass, "50.00")
			if !errors.Is(err, verify.LedgerBudgetExceeded) {
				return fmt.Errorf("want ledger.budget_exceeded, not %w", err)
			}
			return nil
		},
		"an allowed act": func(c calls) error { _, err := spend(c.w, c.v, c.pass, "1.00"); return err },
		"a dry run": func(c calls) error {
			if r := c.v.Explain(ctx, c.w.Present(c.pass, c.w.Intent()), c.w.Request()); r.WouldBe != verify.Allow {
				return fmt.Errorf("it would be %s", r.WouldBe)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			v := w.Verifier()
			pass := spender(w, perDay("55.00"))
			d, err := spend(w, v, pass, "10.00")
			require.NoError(t, err)
			old := w.Present(pass, w.Intent())
			w.Clock.Advance(time.Hour)
			require.NoError(t, ahead(calls{w, v, pass, d}))
			w.Clock.Advance(-time.Hour)
			_, err = spend(w, v, pass, "10.00")
			if strings.HasSuffix(name, " act") { // the ledger has forgotten, and cannot tell
				require.ErrorContains(t, err, "was a clock ahead")
				verifytest.AssertDenied(t, err, verify.LedgerUnavailable)
				w.Clock.Advance(time.Hour)
				_, err = spend(w, v, pass, "10.00")
				require.NoError(t, err)
				return
			}
			require.NoError(t, err)
			_, err = v.Verify(ctx, old, w.Request())
			require.NoError(t, err)
		})
	}
}

// What a ledger may have forgotten is undetermined, with what the operator should
// look at.
func TestB5WhatMayBeForgotten(t *testing.T) {
	w := verifytest.NewWorld(t)
	memory := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = memory })
	pass := w.Issue(w.Passport())
	raw := w.Present(pass, w.Intent())
	_, err := v.Verify(ctx, raw, w.Request())
	require.NoError(t, err)
	require.NoError(t, memory.Forget(ctx, w.Clock.Now().Add(time.Hour)))
	d, err := v.Verify(ctx, raw, w.Request())
	verifytest.AssertDenied(t, err, verify.LedgerUnavailable)
	require.Equal(t, verify.Undetermined, d.Verdict)
	require.Contains(t, d.Violations[0].Hint, "clock ahead")
}

type known map[did.DID]int

func (k known) Trust(agent did.DID) (int, bool) { n, ok := k[agent]; return n, ok }

// A record tells what was asked, by whom, what came out and how long it took; what
// was not proven is only claimed.
func TestRecords(t *testing.T) {
	w := verifytest.NewWorld(t)
	memory := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) {
		c.Ledger = memory
		c.Policy = []verify.Rule{policy.Trust{Source: known{w.Agent.DID(): 612}, Least: 500}.Rule()}
		now := c.Now
		c.Now = func() time.Time { w.Clock.Advance(time.Millisecond); return now() }
	})
	pass := w.Issue(w.Passport())
	id := pass.Unverified().ID
	in := w.Intent(func(in *passport.Intent) { in.Resource = "https://shop.example/orders/1" })
	ask := w.Request(func(q *verify.Request) { q.Resource = in.Resource })
	shown := w.Present(pass, in)
	d, err := v.Verify(ctx, shown, ask)
	require.NoError(t, err)
	want := verify.Record{
		Decision: d.ID, At: d.At, Verdict: verify.Allow, Passport: id, Agent: w.Agent.DID().String(),
		Root:   w.Issuer.DID().String() + " " + id,
		Intent: d.Intent.ID, Audience: verifytest.Audience, Action: "payments.charge", Resource: in.Resource,
		Amount: ask.Amount,
		Proven: true, Took: 7 * time.Millisecond, Scored: true, Score: 612,
	}
	got := memory.Records()[0]
	require.Equal(t, want, got)

	d, err = v.Verify(ctx, shown, ask)
	require.Error(t, err)
	want.Decision, want.At, want.Verdict, want.Codes, want.Took = d.ID, d.At, verify.Deny,
		[]verify.Code{verify.LedgerReplay}, 8*time.Millisecond
	require.Equal(t, want, memory.Records()[1])

	forged := []byte(strings.Replace(string(shown), `"50.00"`, `"90.00"`, 1))
	d, err = v.Verify(ctx, forged, ask)
	verifytest.AssertDenied(t, err, verify.ProofInvalid)
	got = memory.Records()[2]
	require.Equal(t, id, got.Passport)
	require.False(t, got.Proven)
	require.False(t, got.Scored)
	require.Equal(t, d.ID, got.Decision)
}

type mute struct{ verify.Ledger }

func (mute) Record(context.Context, verify.Record) error { return errGone }

// A refusal that cannot be recorded is told, and stays what it is.
func TestUnrecorded(t *testing.T) {
	w := verifytest.NewWorld(t)
	var told []verify.Record
	config := func(c *verify.Config) {
		c.Ledger = mute{c.Ledger}
		c.Unrecorded = func(r verify.Record, err error) {
			require.ErrorIs(t, err, errGone)
			told = append(told, r)
		}
	}
	v := w.Verifier(config)
	pass := w.Issue(w.Passport())
	_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err)
	require.Empty(t, told)
	d, err := v.Verify(ctx, w.Present(pass, w.Intent()),
		w.Request(func(q *verify.Request) { q.Action = "payments.refund" }))
	require.Error(t, err)
	require.False(t, errors.Is(err, errGone))
	require.Len(t, told, 1)
	require.Equal(t, d.ID, told[0].Decision)
	require.Equal(t, codes(d), told[0].Codes)
	v.Explain(ctx, w.Present(pass, w.Intent()), verify.Request{})
	require.Len(t, told, 1, "a dry run records nothing")
	_, err = w.Verifier(config, func(c *verify.Config) { c.Unrecorded = nil }).Verify(ctx, nil, w.Request())
	verifytest.AssertDenied(t, err, verify.EnvelopeMissing)
}

// A refusal is recorded also where who asked has gone meanwhile: an agent that hangs up in time would leave no trace of
// what it tried. A deadline of the caller's holds.
func TestRefusalsOfWhoHangsUpAreRecorded(t *testing.T) {
	type key struct{}
	w := verifytest.NewWorld(t)
	far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, deadline := range []bool{false, true} {
		t.Run(fmt.Sprint("with a deadline ", deadline), func(t *testing.T) {
			ctx, hangUp := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
			defer hangUp()
			if deadline {
				var stop context.CancelFunc
				ctx, stop = context.WithDeadline(ctx, far)
				defer stop()
			}
			var told []error
			l := &recording{}
			v := w.Verifier(func(cfg *verify.Config) {
				l.Ledger, cfg.Ledger = cfg.Ledger, l
				cfg.Unrecorded = func(_ verify.Record, err error) { told = append(told, err) }
				cfg.Policy = []verify.Rule{{ID: "too late", Check: func(verify.Facts) error { hangUp(); return errGone }}}
			})
			_, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
			verifytest.AssertDenied(t, err, verify.PolicyDenied)
			require.Error(t, ctx.Err())
			require.Empty(t, told)
			require.NotNil(t, l.ctx)
			require.Equal(t, "value", l.ctx.Value(key{}))
			ends, has := l.ctx.Deadline()
			require.Equal(t, deadline, has)
			require.True(t, !has || ends.Equal(far))
		})
	}
	ctx, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer stop()
	l := &recording{}
	v := w.Verifier(func(cfg *verify.Config) { l.Ledger, cfg.Ledger = cfg.Ledger, l })
	_, err := v.Verify(ctx, nil, w.Request())
	verifytest.AssertDenied(t, err, verify.EnvelopeMissing)
	require.ErrorIs(t, l.err, context.DeadlineExceeded)
}

// recording is a ledger that does not record for a context that is over.
type recording struct {
	verify.Ledger
	ctx context.Context
	err error
}

func (l *recording) Record(ctx context.Context, r verify.Record) error {
	l.ctx, l.err = ctx, ctx.Err()
	return l.err
}

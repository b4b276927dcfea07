package verify_test

import (
	"fmt"
	"math/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func spender(w *verifytest.World, limits ...passport.SpendLimit) *credential.Signed {
	return w.Issue(w.Passport(func(p *passport.Passport) { p.Authority.SpendLimits = limits }))
}

func perDay(amount string) passport.SpendLimit {
	return passport.SpendLimit{Money: passport.MustMoney(amount, "USD"), Per: passport.PerDay}
}

func spend(w *verifytest.World, v *verify.Verifier, pass *credential.Signed, amount string) (*verify.Decision, error) {
	m := passport.MustMoney(amount, "USD")
	return v.Verify(ctx, w.Present(pass, w.Intent(func(in *passport.Intent) { in.Amount = m })), w.Request(func(q *verify.Request) { q.Amount = m }))
}

// INT-02: one nonce presented 64 times at once is accepted exactly once.
func TestStep8INT02OneNonce(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(remembering)
	pass := w.Issue(w.Passport())
	for range rounds(t) {
		raw := w.Present(pass, w.Intent())
		var allowed atomic.Int64
		together(64, func(int) {
			if _, err := v.Verify(ctx, raw, w.Request()); err == nil {
				allowed.Add(1)
			}
		})
		require.EqualValues(t, 1, allowed.Load())
		w.Clock.Advance(time.Second)
	}
}

// rounds is how often a race is run.
func rounds(t *testing.T) int {
	if testing.Short() {
		return 10
	}
	return 500
}

func together(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			f(i)
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// MON-08: 64 spends of 10 against a limit of 100 stop at exactly 100, at the
// ledger and through the whole pipeline.
func TestStep8MON08NeverBeyondTheLimit(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for round := range rounds(t) {
		m := ledger.NewMemory(ledger.Options{})
		var ok atomic.Int64
		together(64, func(i int) {
			_, err := m.Reserve(ctx, &verify.Reservation{
				At: at, HoldBy: at.Add(time.Minute), Chain: []string{"p"}, Caps: verify.Caps{Nonces: 1000, Acts: 1000, RootActs: 1000, RootAccounts: 1000},
				Replay: verify.ReplayKey{Audience: "a", Challenge: fmt.Sprint(round, i)}, ReplayUntil: at.Add(time.Minute),
				Record: verify.Record{Decision: fmt.Sprint(round, i)},
				Charges: []verify.Charge{{Account: "p", Name: "day", Since: at.Add(-24 * time.Hour),
					Use: verify.Count(10), Limit: verify.Count(100), Until: at.Add(time.Hour)}},
			})
			if err == nil {
				ok.Add(1)
			}
		})
		require.EqualValues(t, 10, ok.Load())
	}
	w := verifytest.NewWorld(t)
	pass := spender(w, perDay("100"))
	raws := make([][]byte, 64)
	ten := passport.MustMoney("10", "USD")
	for i := range raws {
		raws[i] = w.Present(pass, w.Intent(func(in *passport.Intent) { in.Amount = ten }))
	}
	renew := &renewed{}
	v := w.Verifier(remembering, func(c *verify.Config) { c.Ledger = renew })
	for range rounds(t) {
		renew.Ledger = ledger.NewMemory(ledger.Options{})
		var ok atomic.Int64
		together(64, func(i int) {
			if _, err := v.Verify(ctx, raws[i], w.Request(func(q *verify.Request) { q.Amount = ten })); err == nil {
				ok.Add(1)
			}
		})
		require.EqualValues(t, 10, ok.Load())
	}
}

// renewed is a ledger that may be changed between two decisions.
type renewed struct{ verify.Ledger }

// Two children spend at once and never more than their parent has.
func TestStep8ChildrenDrawOnTheParent(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) { p.Authority.SpendLimits = []passport.SpendLimit{perDay("100")} })
	v := f.Verifier()
	var chains []passport.Chain
	for i := range 2 {
		child := f.child(1, nil)
		child.Agent = f.agents[1+i].DID()
		c, err := passport.Delegate(ctx, passport.Chain{f.signed}, f.agents[0], child, passport.IssueOptions{Now: f.Clock.Now})
		require.NoError(t, err)
		chains = append(chains, c)
	}
	ten := passport.MustMoney("10", "USD")
	raws := make([][]byte, 40)
	for i := range raws {
		raws[i] = f.PresentChain(f.agents[1+i%2], chains[i%2], f.Intent(func(in *passport.Intent) { in.Amount = ten }))
	}
	var ok atomic.Int64
	together(len(raws), func(i int) {
		if _, err := v.Verify(ctx, raws[i], f.Request(func(q *verify.Request) { q.Amount = ten })); err == nil {
			ok.Add(1)
		}
	})
	require.EqualValues(t, 10, ok.Load())
}

func TestStep8Budgets(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := spender(w, perDay("100.00"))
	_, err := spend(w, v, pass, "50.00")
	require.NoError(t, err)
	_, err = spend(w, v, pass, "50.00") // exactly the limit
	require.NoError(t, err)
	d, err := spend(w, v, pass, "0.01")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	require.Equal(t, "100.00 USD per day", d.Violations[0].Limit)
	require.Equal(t, "/verifiableCredential/0/credentialSubject/spendLimits/0", d.Violations[0].Path)

	// Rolling: free again 24 hours after, not a moment before.
	w.Clock.Advance(22*time.Hour + 59*time.Minute)
	w.Lists.Publish()
	again := spender(w, perDay("100.00"))
	_, err = spend(w, v, again, "50.00") // a new passport id starts new windows
	require.NoError(t, err)
}

func TestStep8MON11RollingWindow(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := spender(w, passport.SpendLimit{Money: passport.MustMoney("50.00", "USD"), Per: passport.PerHour})
	_, err := spend(w, v, pass, "50.00")
	require.NoError(t, err)
	w.Clock.Advance(time.Hour - 1)
	_, err = spend(w, v, pass, "0.01")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	w.Clock.Advance(1)
	_, err = spend(w, v, pass, "50.00")
	require.NoError(t, err)
}

func TestStep8MON11CalendarWindow(t *testing.T) {
	w := verifytest.NewWorld(t)
	w.Clock.Set(time.Date(2026, 11, 21, 22, 59, 0, 0, time.UTC)) // 23:59 in Berlin
	w.Lists.Publish()
	v := w.Verifier()
	pass := spender(w, passport.SpendLimit{Money: passport.MustMoney("50.00", "USD"), Per: passport.PerDay, TimeZone: "Europe/Berlin"})
	_, err := spend(w, v, pass, "50.00")
	require.NoError(t, err)
	_, err = spend(w, v, pass, "0.01")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	w.Clock.Advance(time.Minute) // midnight there
	_, err = spend(w, v, pass, "50.00")
	require.NoError(t, err)
}

func TestStep8HoldsAndIdempotency(t *testing.T) {
	w := verifytest.NewWorld(t)
	ledger := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = ledger })
	pass := spender(w, perDay("60.00"))
	d, err := spend(w, v, pass, "50.00")
	require.NoError(t, err)

	// Released, the budget is free again; MON-15: twice gives back once.
	require.NoError(t, d.Release(ctx))
	require.NoError(t, d.Release(ctx))
	require.ErrorIs(t, d.Commit(ctx), verify.ErrSettled)
	d, err = spend(w, v, pass, "50.00")
	require.NoError(t, err)
	require.NoError(t, d.Commit(ctx))
	require.NoError(t, d.Commit(ctx))
	_, err = spend(w, v, pass, "50.00")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	require.Error(t, d.Release(ctx), "what was committed stays spent")
	_, err = spend(w, v, pass, "50.00")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)

	// MON-16: an orphan counts as spent after its deadline, and is flagged.
	d, err = spend(w, v, pass, "10.00")
	require.NoError(t, err)
	unresolved := func() []verify.Unresolved {
		list, err := ledger.Unresolved(ctx, w.Clock.Now(), "", 0)
		require.NoError(t, err)
		return list
	}
	require.Empty(t, unresolved())
	w.Clock.Advance(5 * time.Minute)
	require.Len(t, unresolved(), 1)
	require.Equal(t, d.ID, unresolved()[0].Decision)
	require.Equal(t, "10.00 USD", unresolved()[0].Record.Amount.String())
	require.ErrorIs(t, d.Release(ctx), verify.ErrSettled)
	_, err = spend(w, v, pass, "0.01")
	verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
}

// INT-14: one act asked for again under one intent id.
func TestStep8INT14Repeats(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := spender(w, perDay("100.00"))
	in := w.Intent(func(in *passport.Intent) { in.ID = passport.IntentURN + "01KAJ0000000000000000000AA" })
	first, err := v.Verify(ctx, w.Present(pass, in), w.Request())
	require.NoError(t, err)

	_, err = v.Verify(ctx, w.Present(pass, in), w.Request())
	verifytest.AssertDenied(t, err, verify.LedgerRepeated) // F9

	repeat := w.Request(func(q *verify.Request) { q.AcceptRepeat = true })
	w.Clock.Advance(time.Minute)
	again, err := v.Verify(ctx, w.Present(pass, in), repeat)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.Equal(t, first.ID, again.Of)
	require.NoError(t, again.Release(ctx), "there is nothing to give back")

	other := in
	other.Amount = passport.MustMoney("12.51", "USD")
	_, err = v.Verify(ctx, w.Present(pass, other), w.Request(func(q *verify.Request) { q.Amount = other.Amount }))
	verifytest.AssertDenied(t, err, verify.LedgerConflict)

	// Released, the same act may be done after all, once.
	require.NoError(t, first.Release(ctx))
	done, err := v.Verify(ctx, w.Present(pass, in), repeat)
	require.NoError(t, err)
	require.False(t, done.Repeated)
}

func TestStep8Rates(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority.Limits = []passport.Limit{passport.RateOf("requests", time.Minute, 2), passport.RateOf("rows", time.Hour, 100)}
		p.Authority.Capabilities = append(p.Authority.Capabilities,
			passport.Capability{Action: "mail.send", Params: []passport.Param{{Name: "max_per_minute", Kind: passport.ParamRate, Int: 1}}})
	}))
	act := func(action string, rows int64) error {
		raw := w.Present(pass, passport.Intent{Act: passport.Act{Action: action}})
		_, err := v.Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: action}, Usage: map[string]int64{"rows": rows}})
		return err
	}
	require.NoError(t, act("data.read", 60))
	verifytest.AssertDenied(t, act("data.read", 41), verify.LedgerRateExceeded)
	require.NoError(t, act("data.read", 40))
	verifytest.AssertDenied(t, act("data.read", 0), verify.LedgerRateExceeded) // two requests in this minute
	w.Clock.Advance(time.Minute)
	require.NoError(t, act("mail.send", 0))
	verifytest.AssertDenied(t, act("mail.send", 0), verify.LedgerRateExceeded)
	require.NoError(t, act("data.read", 0))
}

// MON-17: refused attempts cost nothing and are recorded.
func TestStep8MON17Records(t *testing.T) {
	w := verifytest.NewWorld(t)
	ledger := ledger.NewMemory(ledger.Options{Records: 3})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = ledger })
	pass := spender(w, perDay("20.00"))
	for range 3 {
		_, err := spend(w, v, pass, "20.01")
		verifytest.AssertDenied(t, err, verify.LedgerBudgetExceeded)
	}
	_, err := spend(w, v, pass, "20.00")
	require.NoError(t, err)
	records := ledger.Records()
	require.Len(t, records, 3)
	require.Equal(t, verify.Allow, records[2].Verdict)
	require.Equal(t, []verify.Code{verify.LedgerBudgetExceeded}, records[1].Codes)
	require.Equal(t, "payments.charge", records[2].Action)
	require.NotEmpty(t, records[2].Passport)
}

// The tally against a naive one: random spends, releases, waits.
func TestTallyAgainstNaive(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	type event struct {
		at  time.Time
		n   int64
		out bool
	}
	for range 200 {
		m := ledger.NewMemory(ledger.Options{})
		now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
		var events []*event
		holds := map[string]*event{}
		for step := range 200 {
			switch rng.Intn(4) {
			case 0:
				now = now.Add(time.Duration(rng.Intn(3600)) * time.Second)
			case 1:
				for id, e := range holds {
					require.NoError(t, m.Settle(ctx, verify.Settlement{Decision: id, Outcome: verify.NotDone, At: now}))
					e.out = true
					delete(holds, id)
					break
				}
			default:
				n := rng.Int63n(50)
				since := now.Add(-6*time.Hour + 1)
				used := int64(0)
				for _, e := range events {
					if !e.out && !e.at.Before(since) {
						used += e.n
					}
				}
				held, err := m.Reserve(ctx, &verify.Reservation{At: now, HoldBy: now.Add(1000 * time.Hour),
					Chain: []string{"a"}, Caps: verify.Caps{Acts: 1000, RootActs: 1000, RootAccounts: 1},
					Record: verify.Record{Decision: fmt.Sprint(step)},
					Charges: []verify.Charge{{Account: "a", Name: "n", Since: since, Use: verify.Count(n),
						Limit: verify.Count(100), Until: now.Add(2000 * time.Hour)}}})
				require.Equal(t, used+n <= 100, err == nil, "step %d: %d used, %d asked", step, used, n)
				if err == nil {
					e := &event{now, n, false}
					events = append(events, e)
					holds[held.Decision] = e
				}
			}
		}
	}
}

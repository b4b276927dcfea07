package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// gate lets transactions of an engine begin only while it is open.
type gate struct {
	mu     sync.Mutex
	closed chan struct{} // nil: it is open
	waits  chan struct{} // closed when a transaction waits at it
	first  sync.Once     // of those who wait
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed, g.waits, g.first = make(chan struct{}), make(chan struct{}), sync.Once{}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.closed)
	g.closed = nil
}

func (g *gate) wrap(e *sqlstore.Engine) *sqlstore.Engine {
	return writing(e, func(c sqlstore.Conn) sqlstore.Conn { return &gated{c, g, e.Redo} })
}

type gated struct {
	sqlstore.Conn
	g     *gate
	alone bool // the writer begins with statements alone; what else begins may be the drainer, whom nobody waits for
}

func (g *gate) pass() {
	g.mu.Lock()
	closed := g.closed
	if closed != nil {
		g.first.Do(func() { close(g.waits) })
	}
	g.mu.Unlock()
	if closed != nil {
		<-closed
	}
}

func (c *gated) Begin(ctx context.Context, write bool) error {
	if !c.alone {
		c.g.pass()
	}
	return c.Conn.Begin(ctx, write)
}

func (c *gated) Alone(ctx context.Context) error {
	c.g.pass()
	return c.Conn.Alone(ctx)
}

// together has calls be done in one batch, in their order, and returns what each got: the writer takes a record before,
// and waits at the gate until all of them wait for it.
func (g *gate) together(s store.Store, calls ...func() error) []error {
	g.close()
	errs := make([]error, len(calls)+1)
	var wg sync.WaitGroup
	wg.Go(func() { errs[len(calls)] = s.Ledger().Record(ctx, record(1)) })
	<-g.waits
	for i, call := range calls {
		wg.Go(func() { errs[i] = call() })
		for s.Stats().Waiting <= i {
			runtime.Gosched()
		}
	}
	g.open()
	wg.Wait()
	return errs
}

// Batches lets many calls wait and then be done in one transaction: each gets the answer
// that the ledger in memory gives, which does one after another.
func Batches(t *testing.T, e *sqlstore.Engine) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	g := &gate{}
	s := open(t, g.wrap(e))
	durable, memory := s.Ledger(), ledger.NewMemory(ledger.Options{})
	random := &random{rng: rng}
	allowed, refused := 0, 0
	for range 12 {
		var calls []func(l verify.Ledger) error
		var ofDurable []func() error
		for range 40 {
			call := random.call()
			calls = append(calls, call)
			ofDurable = append(ofDurable, func() error { return call(durable) })
		}
		before := s.Stats().Transactions
		got := g.together(s, ofDurable...)
		require.NoError(t, got[len(calls)])
		require.LessOrEqual(t, s.Stats().Transactions-before, int64(4), "they were not done together")
		for i, call := range calls {
			want := call(memory)
			require.Equal(t, kind(want), kind(got[i]), "call %d: %v, want %v", i, got[i], want)
			if want == nil {
				allowed++
			} else {
				refused++
			}
		}
		same(t, s, memory, random.now())
		require.NoError(t, s.Check(ctx))
	}
	require.Greater(t, min(allowed, refused), 50)
}

// random makes calls at random, one every half a minute, more or less.
type random struct {
	rng       *rand.Rand
	n         int
	decisions []string
}

func (x *random) now() time.Time { return Noon.Add(time.Duration(x.n) * 30 * time.Second) }

func (x *random) call() func(l verify.Ledger) error {
	x.n++
	rng, n, decisions := x.rng, x.n, x.decisions
	at := x.now().Add(-time.Duration(rng.IntN(60)) * time.Second)
	if len(decisions) > 0 && rng.IntN(3) == 0 {
		set := verify.Settlement{
			Decision: decisions[rng.IntN(len(decisions))], Outcome: verify.ActOutcome(rng.IntN(3)), At: at,
		}
		if rng.IntN(3) == 0 {
			set.By = "operator"
		}
		if len(decisions) > 120 && rng.IntN(2) == 0 { // of an act that leaves the windows by now
			set.Decision, set.By = decisions[len(decisions)-60-rng.IntN(60)], "operator"
		}
		if rng.IntN(3) == 0 {
			set.Amount = passport.MustMoney(fmt.Sprintf("%d.50", rng.IntN(20)), "EUR")
		}
		return func(l verify.Ledger) error { return l.Settle(ctx, set) }
	}
	r := Act(fmt.Sprint("act ", n), at, int64(1+rng.IntN(20)), 150)
	r.Charges[2].Limit = eur(100_000)
	r.ReplayUntil, r.KnownUntil = Noon.Add(10*day), Noon.Add(10*day)
	if rng.IntN(6) == 0 {
		r.Replay.Challenge = fmt.Sprint("act ", 1+rng.IntN(n))
	}
	if rng.IntN(6) == 0 {
		earlier := fmt.Sprint("act ", 1+rng.IntN(n))
		r.Idempotency.Intent, r.Content = "urn:example:"+earlier, earlier
		r.AcceptRepeat = rng.IntN(2) == 0
	}
	if rng.IntN(20) == 0 && len(decisions) > 0 {
		r.Record.Decision = decisions[rng.IntN(len(decisions))]
	}
	x.decisions = append(decisions, r.Record.Decision)
	return func(l verify.Ledger) error {
		held, err := l.Reserve(ctx, r)
		if err == nil && held.Repeated {
			return fmt.Errorf("repeated %s at %s", held.Decision, held.At)
		}
		return err
	}
}

// same fails unless a ledger has used what the one in memory has.
func same(t *testing.T, s store.Store, memory verify.UsageReader, at time.Time) {
	t.Helper()
	hour, life, err := spent(s.Ledger(), at)
	require.NoError(t, err)
	wantHour, wantLife, err := spent(memory, at)
	require.NoError(t, err)
	require.Equal(t, wantHour, hour)
	require.Equal(t, wantLife, life)
}

// kind is what an error says to a caller: of a charge that does not fit, also what is
// used, with what the batch has taken so far, and when it will fit.
func kind(err error) string {
	var full *verify.ChargeError
	if errors.As(err, &full) {
		return fmt.Sprintf("%s, since %s, until %s", full, full.Oldest.UTC(), full.After.UTC())
	}
	for _, target := range []error{
		verify.LedgerReplay, verify.LedgerConflict, verify.LedgerRepeated, verify.LedgerBudgetExceeded,
		verify.LedgerRateExceeded, verify.LedgerUnavailable, verify.ErrSettled, verify.ErrUnknownDecision,
		verify.ErrNotReserved,
	} {
		if errors.Is(err, target) {
			return target.Error()
		}
	}
	return fmt.Sprint(err)
}

// Gone lets a caller go away while his reservation is under way: the writer has taken it, and
// has not begun. It is made, and given back; its presentation stays used. STO-16.
func Gone(t *testing.T, e *sqlstore.Engine) {
	g := &gate{}
	s := open(t, g.wrap(e))
	r := Act("gone", Noon, 10, 100)
	c, cancel := context.WithCancel(ctx)
	g.close()
	var wg sync.WaitGroup
	var err error
	wg.Go(func() { _, err = s.Ledger().Reserve(c, r) })
	<-g.waits
	cancel()
	wg.Wait()
	require.ErrorIs(t, err, context.Canceled)
	g.open()
	for i := range 2 { // what was under way is done, and then what follows from it
		require.NoError(t, s.Ledger().Record(ctx, record(i)))
	}
	entry, err := s.Ledger().Entry(ctx, r.Record.Decision)
	require.NoError(t, err)
	require.Equal(t, verify.HoldGivenBack, entry.State)
	counts(t, s, verify.Quantity{})
	r.Record.Decision += "2"
	_, err = s.Ledger().Reserve(ctx, r)
	require.ErrorIs(t, err, verify.LedgerReplay)
	require.NoError(t, s.Check(ctx))
}

// Order lets a call that needs a transaction wait before one that could do without, in one batch: the second is judged
// by what the first has left. What is forgotten first refuses what may have been forgotten with it.
func Order(t *testing.T, e *sqlstore.Engine) {
	g := &gate{}
	s := open(t, g.wrap(e))
	l := s.Ledger()
	before := Act("before", Noon, 1, 100)
	before.ReplayUntil = Noon.Add(30 * time.Minute)
	_, err := l.Reserve(ctx, before)
	require.NoError(t, err)
	errs := g.together(s,
		func() error { return l.(verify.Forgetter).Forget(ctx, Noon.Add(time.Hour)) },
		func() error { _, err := l.Reserve(ctx, Act("late", Noon, 1, 100)); return err },
	)
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], verify.LedgerUnavailable)
	require.NoError(t, s.Check(ctx))
}

// SlowClock has an act of a verifier whose clock is behind be done in one batch with refusals of others that ask for
// what their windows have left: what the window of the slow one still counts is not forgotten.
func SlowClock(t *testing.T, e *sqlstore.Engine) {
	g := &gate{}
	s := open(t, g.wrap(e))
	for i := range 200 { // what the windows are about to leave
		at := Noon.Add(-time.Hour + time.Duration(i-100)*time.Second)
		_, err := s.Ledger().Reserve(ctx, Act(fmt.Sprint("act ", i), at, 1, 1000))
		require.NoError(t, err)
	}
	reserve := func(name string, at time.Time, limit int64) func() error {
		return func() error { _, err := s.Ledger().Reserve(ctx, Act(name, at, 1, limit)); return err }
	}
	require.NoError(t, reserve("first", Noon.Add(110*time.Second), 1000)()) // the sum is that of its window
	var calls []func() error
	for i := range 100 { // one of sixteen, or of 64, asks
		calls = append(calls, reserve(fmt.Sprint("fast ", i), Noon.Add(110*time.Second), 0))
	}
	errs := g.together(s, append(calls, reserve("slow", Noon.Add(-95*time.Second), 1000))...)
	require.ErrorIs(t, errs[0], verify.LedgerBudgetExceeded)
	require.NoError(t, errs[100])
	require.NoError(t, s.Check(ctx))
}

package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

var (
	errMet    = errors.New("storetest: two transactions met")
	errNoRoom = errors.New("storetest: no room")
)

// unlucky lets some COMMITs of an engine fail once it is armed, which surely commit nothing:
// some may be tried again at once.
type unlucky struct {
	armed atomic.Bool
	mu    sync.Mutex
	rng   *rand.Rand
}

func (u *unlucky) wrap(e *sqlstore.Engine) *sqlstore.Engine {
	wrapped := writing(e, func(c sqlstore.Conn) sqlstore.Conn { return &unluckyConn{Conn: c, u: u} })
	wrapped.Again = func(err error) bool { return errors.Is(err, errMet) || e.Again(err) }
	wrapped.Sure = func(err error) bool { return errors.Is(err, errNoRoom) || e.Sure(err) }
	return wrapped
}

type unluckyConn struct {
	sqlstore.Conn
	u     *unlucky
	alone bool // a Flush commits
}

func (c *unluckyConn) Begin(ctx context.Context, write bool) error {
	c.alone = false
	return c.Conn.Begin(ctx, write)
}

func (c *unluckyConn) Alone(ctx context.Context) error {
	c.alone = true
	return c.Conn.Alone(ctx)
}

func (c *unluckyConn) Flush(ctx context.Context) error {
	if c.alone {
		if err := c.u.fail(); err != nil {
			return err
		}
	}
	return c.Conn.Flush(ctx)
}

func (c *unluckyConn) Commit(ctx context.Context) error {
	if err := c.u.fail(); err != nil {
		return err
	}
	return c.Conn.Commit(ctx)
}

func (u *unlucky) fail() error {
	if !u.armed.Load() {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch u.rng.IntN(20) {
	case 0:
		return errMet
	case 1:
		return errNoRoom
	}
	return nil
}

// Turns lets three stores on one database, as three processes have them, call at random, a few
// times each: each gets the answer that one ledger in memory gives, whatever it
// remembers of what it has read before, whatever is in the tables by then, and whatever
// became of transactions before.
func Turns(t *testing.T, engine func() *sqlstore.Engine) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var stores []*sqlstore.Store
	u := &unlucky{rng: rand.New(rand.NewPCG(seed, 1))}
	for _, drain := range []int{0, 1, 3} {
		e := u.wrap(engine())
		e.Drain = drain
		stores = append(stores, open(t, e))
	}
	u.armed.Store(true)
	memory, random := ledger.NewMemory(ledger.Options{}), &random{rng: rng}
	turns := 100
	if testing.Short() || !engine().Disk {
		turns = 30
	}
	for i := range turns {
		s := stores[i%len(stores)]
		calls := 1 + rng.IntN(4)
		switch {
		case i == 0:
			calls = 250 // a window is half as long
		case rng.IntN(20) == 0:
			calls = 150
		}
		for range calls {
			call := random.call()
			got := call(s.Ledger())
			if errors.Is(got, errNoRoom) {
				continue // nothing is done
			}
			want := call(memory)
			require.Equal(t, kind(want), kind(got), "call %d: %v, want %v", random.n, got, want)
		}
		if i+1 < turns && rng.IntN(3) > 0 { // what is written behind the answers stays behind for a while
			continue
		}
		u.armed.Store(false) // who reads may wait for it
		same(t, s, memory, random.now())
		u.armed.Store(true)
	}
	u.armed.Store(false)
	require.NoError(t, stores[0].Check(ctx))
}

// ForgetTwice forgets an account and, in the same transaction, something else. What was
// forgotten first is still known to have been forgotten: its budget does not begin anew.
func ForgetTwice(t *testing.T, e *sqlstore.Engine) {
	g := &gate{}
	s := open(t, g.wrap(e))
	l := s.Ledger()
	ends := Noon.Add(time.Hour)
	act := func(name string, until, replayUntil time.Time) *verify.Reservation {
		r := Act(name, Noon, 1, 100)
		r.Charges[2].Name, r.Charges[2].Until, r.ReplayUntil = name, until, replayUntil
		return r
	}
	before, long := Noon.Add(10*time.Minute), Noon.Add(10*day)
	for _, r := range []*verify.Reservation{
		act("before", before, before), act("short", ends, ends), act("long", long, ends.Add(2*time.Hour)),
	} {
		_, err := l.Reserve(ctx, r)
		require.NoError(t, err)
	}
	require.NoError(t, l.(verify.Forgetter).Forget(ctx, before.Add(1))) // so there is a mark
	forget := func(until time.Time) func() error {
		return func() error { return l.(verify.Forgetter).Forget(ctx, until) }
	}
	require.NoError(t, errors.Join(g.together(s, forget(ends.Add(time.Hour)), forget(ends.Add(3*time.Hour)))...))
	r := act("again", ends, long)
	r.Charges[2].Name = "short"
	_, err := l.Reserve(ctx, r)
	require.ErrorIs(t, err, verify.LedgerUnavailable)
	require.NoError(t, s.Check(ctx))
}

// Held reserves out of several budgets, below two roots, and asks what is held of each.
func Held(t *testing.T, e *sqlstore.Engine) {
	s := open(t, e)
	l := s.Ledger()
	for i, units := range []int64{3, 5, 7, 11} {
		r := Act(fmt.Sprint("held ", i), Noon, units, 100)
		if i == 3 { // another one's
			r.Chain = []string{"did:example:other urn:example:passport:root"}
			r.Charges = r.Charges[2:]
			r.Charges[0].Account = r.Chain[0]
		}
		_, err := l.Reserve(ctx, r)
		require.NoError(t, err)
		if i == 1 {
			done := verify.Settlement{Decision: r.Record.Decision, Outcome: verify.Done, At: Noon}
			require.NoError(t, l.Settle(ctx, done))
		}
	}
	asked := Act("asked", Noon, 1, 100).Charges
	for at, want := range map[time.Time][]verify.Used{
		Noon: {
			{Open: 2, Held: verify.Count(2), Spent: verify.Count(1), Oldest: Noon},
			{Open: 2, Held: eur(10), Spent: eur(5), Oldest: Noon}, {Open: 2, Held: eur(10), Spent: eur(5)},
		},
		Noon.Add(5 * time.Minute): { // nothing is held any longer
			{Spent: verify.Count(3), Oldest: Noon}, {Spent: eur(15), Oldest: Noon}, {Spent: eur(15)},
		},
	} {
		used, err := l.Usage(ctx, asked, at)
		require.NoError(t, err)
		require.Equal(t, want, used, at)
	}
}

// Released gives back a use that the store has at hand, because a window is about to leave
// it, in a transaction that asks for no window. Later windows lose nothing by it.
func Released(t *testing.T, e *sqlstore.Engine) {
	s := open(t, e)
	l := s.Ledger()
	reserve := func(name string, after time.Duration, units int64) *verify.Reservation {
		r := Act(name, Noon.Add(after), units, 100)
		_, err := l.Reserve(ctx, r)
		require.NoError(t, err)
		return r
	}
	first := reserve("first", 0, 10)
	reserve("second", time.Minute, 20)
	require.NoError(t, l.Settle(ctx, verify.Settlement{
		Decision: first.Record.Decision, Outcome: verify.NotDone, At: Noon.Add(time.Minute),
	}))
	last := reserve("last", time.Hour+30*time.Second, 40)
	hour, _, err := spent(l, last.At)
	require.NoError(t, err)
	require.Equal(t, eur(60), hour)
	require.NoError(t, s.Check(ctx))
}

// TidyBeside lets a presentation that another store has taken come in one batch with what is forgotten from time to
// time, which reads rows of its own: it is found out all the same.
func TidyBeside(t *testing.T, engine func() *sqlstore.Engine) {
	e := engine()
	e.Drain = 1 // it tidies with each act
	other, s := open(t, engine()), open(t, e)
	taken := func(name string) *verify.Reservation {
		r := Act("taken", Noon, 1, 1000)
		r.Record.Decision, r.Idempotency.Intent, r.ReplayUntil = name, name, Noon.Add(100*day)
		return r
	}
	_, err := other.Ledger().Reserve(ctx, taken("first"))
	require.NoError(t, err)
	_, err = other.Ledger().Entry(ctx, "first") // so it is in the tables
	require.NoError(t, err)
	for i := range 20 {
		at := Noon.Add(time.Duration(i) * time.Hour) // the presentation before has ended
		_, err := s.Ledger().Reserve(ctx, Act(fmt.Sprint("act ", i), at, 1, 1000))
		require.NoError(t, err)
		_, err = s.Totals(ctx) // what has ended is found
		require.NoError(t, err)
		_, err = s.Ledger().Reserve(ctx, taken(fmt.Sprint("again ", i)))
		require.ErrorIs(t, err, verify.LedgerReplay, i)
	}
	require.NoError(t, s.Check(ctx))
}

// Undone lets a store judge an act as a new one that another store has taken meanwhile, and learn better: it is a
// repetition, and leaves nothing behind that a window would lose once more when it moves on. Nor does it miss what the
// other one has spent.
func Undone(t *testing.T, engine func() *sqlstore.Engine) {
	s, other := open(t, engine()), open(t, engine())
	reserve := func(s store.Store, name string, after time.Duration, units int64) {
		_, err := s.Ledger().Reserve(ctx, Act(name, Noon.Add(after), units, 100))
		require.NoError(t, err)
	}
	reserve(s, "first", 0, 10)
	reserve(other, "another", time.Minute, 60)
	again := Act("another", Noon.Add(2*time.Minute), 60, 100)
	again.Replay.Challenge, again.AcceptRepeat, again.Record.Decision = "again", true, "again"
	held, err := s.Ledger().Reserve(ctx, again)
	require.NoError(t, err)
	require.True(t, held.Repeated)
	for i, want := range []int64{61, 2, 3, 4} { // the window leaves one after the other
		at := time.Hour + time.Duration(i)*time.Minute
		r := Act(fmt.Sprint("later ", i), Noon.Add(at), 1, 100)
		r.Charges = r.Charges[:2]
		_, err := s.Ledger().Reserve(ctx, r)
		require.NoError(t, err)
		hour, _, err := spent(s.Ledger(), r.At)
		require.NoError(t, err)
		require.Equal(t, eur(want), hour)
		require.NoError(t, s.Check(ctx))
	}
}

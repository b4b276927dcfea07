package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

var errFault = errors.New("storetest: a fault that was planted")

// Fault is an engine whose statement number At fails, counted from 1 on, COMMIT
// included. Zero: none does.
type Fault struct {
	mu   sync.Mutex
	At   int
	Done bool // the statement is done, and then its answer is lost, with the connection
	n    int
}

// arm makes the statement number at from now on fail.
func (f *Fault) arm(at int, done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.At, f.Done, f.n = at, done, 0
}

// count returns how many statements there were since.
func (f *Fault) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

func (f *Fault) hits() (before, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	hit := f.n == f.At
	return hit && !f.Done, hit && f.Done
}

// Wrap makes the engine's writing connection fail.
func (f *Fault) Wrap(e *sqlstore.Engine) *sqlstore.Engine {
	return writing(e, func(c sqlstore.Conn) sqlstore.Conn { return &faulty{c, f, e.Disk, false} })
}

type faulty struct {
	sqlstore.Conn
	f    *Fault
	disk bool // the connection is not lost: there is none
	lost bool
}

func (c *faulty) do(do func() error) error {
	before, after := c.f.hits()
	if before {
		c.lost = !c.disk
		return errFault
	}
	if err := do(); err != nil {
		return err
	}
	if after {
		c.lost = !c.disk
		return errFault
	}
	return nil
}

func (c *faulty) Begin(ctx context.Context, write bool) error {
	return c.do(func() error { return c.Conn.Begin(ctx, write) })
}

func (c *faulty) Alone(ctx context.Context) error {
	return c.do(func() error { return c.Conn.Alone(ctx) })
}

func (c *faulty) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	return c.do(func() error { return c.Conn.Send(ctx, query, args, row) })
}

func (c *faulty) Flush(ctx context.Context) error {
	return c.do(func() error { return c.Conn.Flush(ctx) })
}

func (c *faulty) Commit(ctx context.Context) error {
	return c.do(func() error { return c.Conn.Commit(ctx) })
}

func (c *faulty) Rollback() error {
	if c.lost {
		return errFault
	}
	return c.Conn.Rollback()
}

// open starts a store that lives as long as the test.
func open(t testing.TB, e *sqlstore.Engine) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// Faults fails each statement of a reservation and of a settlement in turn, COMMIT
// included, before it is done and after it, and looks at what is there then: all or
// nothing, and all of it where it was acknowledged. STO-02, MON-15.
//
// engine returns the engine of one and the same database.
func Faults(t *testing.T, engine func() *sqlstore.Engine) {
	good := open(t, engine())
	var total verify.Quantity // of what counts
	for _, done := range []bool{false, true} {
		for k := 1; ; k++ {
			name := fmt.Sprintf("fault %d %v", k, done)
			f := &Fault{}
			s, err := sqlstore.New(ctx, f.Wrap(engine()), store.Options{MaxClockDrift: -1})
			require.NoError(t, err)

			r := Act("reserve "+name, Noon, 10, 1<<30)
			f.arm(k, done)
			held, err := s.Ledger().Reserve(ctx, r)
			reserved := f.count() >= k
			f.arm(0, false)
			there := wholly(t, good, r, total)
			if err == nil {
				require.True(t, there, "%s: acknowledged, and not there", name)
				require.Equal(t, verify.Held{Decision: r.Record.Decision, At: r.At}, held)
			} else {
				unavailable(t, err)
			}
			if there {
				total = total.Add(eur(10))
			}
			require.NoError(t, s.Close())

			// A good one to settle, by a store that fails.
			settled := false
			for _, outcome := range []verify.ActOutcome{verify.NotDone, verify.Done} {
				r = Act(fmt.Sprint("settle ", outcome, " ", name), Noon, 10, 1<<30)
				_, err = good.Ledger().Reserve(ctx, r)
				require.NoError(t, err)
				total = total.Add(eur(10))
				s, err = sqlstore.New(ctx, f.Wrap(engine()), store.Options{MaxClockDrift: -1})
				require.NoError(t, err)
				f.arm(k, done)
				err = s.Ledger().Settle(ctx, verify.Settlement{Decision: r.Record.Decision, Outcome: outcome, At: Noon, By: "test"})
				settled = settled || f.count() >= k
				f.arm(0, false)
				e, failed := good.Ledger().Entry(ctx, r.Record.Decision)
				require.NoError(t, failed)
				if err == nil {
					require.NotEqual(t, verify.HoldOpen, e.State, "%s: acknowledged, and not settled", name)
				} else {
					unavailable(t, err)
				}
				require.Len(t, e.Attempts, map[bool]int{true: 0, false: 1}[e.State == verify.HoldOpen], "%s", name)
				if e.State == verify.HoldGivenBack {
					total = total.Sub(eur(10))
				}
				counts(t, good, total)
				require.NoError(t, s.Close())
			}
			if !reserved && !settled {
				require.Greater(t, k, 10, "hardly a statement was counted")
				t.Logf("%d statements", k-1)
				break // there are fewer statements
			}
		}
	}
	require.NoError(t, good.Check(ctx))
}

func unavailable(t testing.TB, err error) {
	t.Helper()
	var e *passport.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, verify.LedgerUnavailable)
}

// wholly reports whether a reservation is there, and fails if it is there in part.
func wholly(t testing.TB, s store.Store, r *verify.Reservation, before verify.Quantity) bool {
	t.Helper()
	l := s.Ledger()
	e, err := l.Entry(ctx, r.Record.Decision)
	if err != nil {
		require.ErrorIs(t, err, verify.ErrUnknownDecision)
	}
	there := err == nil
	other := *r
	other.Record.Decision += "2"
	other.Idempotency.Intent += "2"
	require.Equal(t, there, errors.Is(l.Peek(ctx, &other), verify.LedgerReplay), "the replay key")
	other.Replay.Challenge += "2"
	require.NoError(t, l.Peek(ctx, &other))
	other.Idempotency = r.Idempotency
	require.Equal(t, there, errors.Is(l.Peek(ctx, &other), verify.LedgerRepeated), "the intent")
	if there {
		require.Equal(t, verify.HoldOpen, e.State)
		require.Equal(t, r.Record.Action, e.Action, "the record")
		before = before.Add(verify.AmountOf(r.Record.Amount))
	}
	counts(t, s, before)
	require.NoError(t, s.Check(ctx))
	return there
}

func counts(t testing.TB, s store.Store, want verify.Quantity) {
	t.Helper()
	hour, life, err := spent(s.Ledger(), Noon)
	require.NoError(t, err)
	require.Equal(t, want, hour, "of the hour")
	require.Equal(t, want, life, "of the lifetime")
}

// Migrations fails each statement of opening an empty database in turn, before it is done
// and after it, as a process that is killed there would leave it. Opened again, the
// database is whole. Of many statements every few are enough. STO-11.
func Migrations(t *testing.T, every int, fresh func(t testing.TB, name string) func() *sqlstore.Engine) {
	if testing.Short() {
		every *= 8
	}
	for _, done := range []bool{false, true} {
		for k := 1; ; k += every {
			name := fmt.Sprintf("fault %d %v", k, done)
			engine := fresh(t, name)
			f := &Fault{}
			f.arm(k, done)
			s, err := sqlstore.New(ctx, f.Wrap(engine()), store.Options{MaxClockDrift: -1})
			hit := f.count() >= k
			f.arm(0, false)
			if err == nil {
				require.NoError(t, s.Close())
			}
			s, err = sqlstore.New(ctx, engine(), store.Options{MaxClockDrift: -1})
			require.NoError(t, err, name)
			_, err = s.Ledger().Reserve(ctx, Act("after", Noon, 1, 100))
			require.NoError(t, err, name)
			require.NoError(t, s.Registry().View(ctx, func(tx registry.Tx) error {
				_, err := tx.Get("nothing", "is there")
				return err
			}), name)
			require.NoError(t, s.Check(ctx), name)
			require.NoError(t, s.Close())
			if !hit {
				require.Greater(t, k, 50, "hardly a statement was counted")
				t.Logf("fewer than %d statements", k)
				break
			}
		}
	}
}

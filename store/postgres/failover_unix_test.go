//go:build unix

package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/verify"
)

// The primary of a synchronous standby is killed under load and the standby promoted:
// the store goes on by itself, and nothing that was acknowledged is lost, even if the
// standby was cut off before: then nothing is acknowledged any more. STO-01.
func TestDurableFailover(t *testing.T) {
	for _, c := range []struct {
		name string
		kill func(*testpostgres.Cluster, testing.TB)
		cut  bool
	}{
		{"SIGKILL, standby cut off", (*testpostgres.Cluster).Kill, true},
		{"SIGKILL", (*testpostgres.Cluster).Kill, false},
		{"SIGQUIT", (*testpostgres.Cluster).Quit, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && !c.cut {
				t.Skip("one of them is enough")
			}
			primary := testpostgres.NewCluster(t)
			standby := primary.Standby(t)
			dsn := fmt.Sprintf("postgres://postgres@127.0.0.1:%d,127.0.0.1:%d/postgres?target_session_attrs=read-write",
				primary.Port, standby.Port)
			s, err := postgres.Open(ctx, dsn, anyClock)
			require.NoError(t, err)

			l := &load{ledger: s.Ledger(), stop: make(chan struct{})}
			l.start()
			l.until(t, 100)
			if c.cut {
				standby.Unfollow(t)
				require.Eventually(t, func() bool {
					return primary.SQL(t, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") != "0"
				}, time.Minute, time.Millisecond, "a COMMIT waits for the standby")
			}
			c.kill(primary, t)
			standby.Promote(t)
			l.until(t, l.count()+100)
			close(l.stop)
			l.workers.Wait()
			require.NoError(t, s.Close())

			s, err = postgres.Open(ctx, standby.DSN(), anyClock)
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			l.compare(t, s)
			require.NoError(t, s.Check(ctx))
		})
	}
}

// load is callers who act until they are stopped, and what they were told.
type load struct {
	ledger  verify.Ledger
	stop    chan struct{}
	workers sync.WaitGroup

	mu   sync.Mutex
	told []told
	n    int // acknowledgements
}

type told struct {
	act      *verify.Reservation
	reserved bool // acknowledged
	settled  verify.HoldState
}

const callers = 8

func (l *load) start() {
	for w := range callers {
		l.workers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-l.stop:
					return
				default:
					l.act(w, i)
				}
			}
		})
	}
}

func (l *load) act(w, i int) {
	at := storetest.Noon.Add(time.Duration(i*callers+w) * time.Microsecond)
	a := told{act: storetest.Act(fmt.Sprint(w, " ", i), at, 1, 1<<40)}
	if _, err := l.ledger.Reserve(ctx, a.act); err == nil {
		a.reserved = true
		said := verify.Settlement{Decision: a.act.Record.Decision, Outcome: verify.ActOutcome(i % 3), At: at}
		if err := l.ledger.Settle(ctx, said); err == nil {
			a.settled = []verify.HoldState{verify.HoldUnresolved, verify.HoldSpent, verify.HoldGivenBack}[i%3]
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told = append(l.told, a); a.reserved {
		l.n++
	}
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

func (l *load) until(t testing.TB, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return l.count() >= n }, time.Minute, time.Millisecond, "%d acknowledged", n)
}

// compare compares what was told with what is there.
func (l *load) compare(t testing.TB, s *postgres.Store) {
	t.Helper()
	used := verify.Quantity{}
	for _, a := range l.told {
		e, err := s.Ledger().Entry(ctx, a.act.Record.Decision)
		if !a.reserved {
			if err == nil && e.State != verify.HoldGivenBack {
				used = used.Add(a.act.Charges[1].Use) // it counts as spent
			}
			continue
		}
		require.NoError(t, err, "what was acknowledged is lost")
		if a.settled != verify.NoHold {
			require.Equal(t, a.settled, e.State, "a settlement that was acknowledged")
		}
		if e.State != verify.HoldGivenBack {
			used = used.Add(a.act.Charges[1].Use)
		}
		again := *a.act
		again.Record.Decision += "2"
		require.ErrorIs(t, s.Ledger().Peek(ctx, &again), verify.LedgerReplay, "a presentation that was used")
	}
	at := storetest.Noon.Add(time.Minute)
	list, err := s.Ledger().Usage(ctx, []verify.Charge{{Account: storetest.Root, Name: "hour", Since: at.Add(-time.Hour)}}, at)
	require.NoError(t, err)
	require.Equal(t, used, list[0].Total(), "what is spent and held")
	t.Logf("%d of %d acts were acknowledged", l.n, len(l.told))
}

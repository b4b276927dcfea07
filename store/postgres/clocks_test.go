package postgres

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// Of two verifiers one has a clock that is behind: uses that the windows of the other have left are not forgotten while
// the sum is that of an earlier window, which still counts them.
func TestClocksApart(t *testing.T) {
	ctx := context.Background()
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	h := hold(e, "MAX(at)", func(r sqlstore.Row) bool { return r[1] != nil })
	e.Drain = 8
	s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1})
	require.NoError(t, err)
	l, n := s.Ledger(), 0
	act := func(at time.Time) error {
		n++
		_, err := l.Reserve(ctx, storetest.Act("act "+strconv.Itoa(n), at, 1, 1<<30))
		return err
	}
	fast, slow := storetest.Noon.Add(110*time.Second), storetest.Noon.Add(-95*time.Second)
	for i := range 200 { // what the windows of both are about to leave
		require.NoError(t, act(storetest.Noon.Add(-time.Hour+time.Duration(i-100)*time.Second)))
	}
	h.armed.Store(true)
	for waiting := true; waiting; {
		select {
		case <-h.found:
			waiting = false
		default:
			require.NoError(t, act(fast))
		}
	}
	require.NoError(t, act(slow)) // the sum is that of its window now
	close(h.seen)
	for range 32 { // what was found is forgotten, or is not
		require.NoError(t, l.Record(ctx, verify.Record{Decision: "refused", At: slow, Proven: true}))
	}
	require.NoError(t, s.Check(ctx))
	require.NoError(t, s.Close())
}

// What has ended is forgotten as fast as it comes, whatever comes between: refusals are transactions, of which nobody
// remembers what they have left.
func TestForgettingKeepsUp(t *testing.T) {
	const acts = 2048
	ctx := context.Background()
	for name, of := range map[string]struct{ callers, refused int }{
		"one caller": {1, 10}, "sixteen": {16, 10}, "sixteen, and few refusals": {16, 100},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := testpostgres.Schema(t, t.Name())
			e, err := engineOf(dsn, Options{})
			require.NoError(t, err)
			s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1})
			require.NoError(t, err)
			var next atomic.Int64
			var wg sync.WaitGroup
			for range of.callers {
				wg.Go(func() {
					for i := next.Add(1); i <= acts; i = next.Add(1) {
						limit := int64(1 << 30)
						if i%int64(of.refused) == 0 {
							limit = 0
						}
						r := storetest.Act("act "+strconv.Itoa(int(i)), storetest.Noon.Add(time.Duration(i)*time.Second), 1, limit)
						_, _ = s.Ledger().Reserve(ctx, r)
					}
				})
			}
			wg.Wait()
			require.NoError(t, s.Check(ctx))
			require.NoError(t, s.Close())
			c, err := pgx.Connect(ctx, dsn)
			require.NoError(t, err)
			var nonces int
			require.NoError(t, c.QueryRow(ctx, "SELECT COUNT(*) FROM nonces").Scan(&nonces))
			require.Less(t, nonces, acts*3/4, "they are good for five minutes, and there is an act in a second")
			require.NoError(t, c.Close(ctx))
		})
	}
}

//go:build unix

package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/verify"
)

// A settlement that no standby has yet, because the connection that wrote it was cut while it waited for one, is not
// confirmed by another process before a standby has it. STO-17.
func TestConfirmedIsDurable(t *testing.T) {
	c := testpostgres.NewCluster(t)
	var stores []*postgres.Store
	for range 2 {
		s, err := postgres.Open(ctx, c.DSN(), anyClock)
		require.NoError(t, err)
		stores = append(stores, s)
	}
	r := storetest.Act("act", storetest.Noon, 1, 100)
	_, err := stores[0].Ledger().Reserve(ctx, r)
	require.NoError(t, err)
	standby := func(names string) {
		c.SQL(t, "ALTER SYSTEM SET synchronous_standby_names = '"+names+"'")
		c.SQL(t, "SELECT pg_reload_conf()")
	}
	waiting := func(n string) {
		t.Helper()
		require.Eventually(t, func() bool {
			return c.SQL(t, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == n
		}, time.Minute, time.Millisecond)
	}
	standby("nobody")
	require.Eventually(t, func() bool { // the server knows by now
		conn, err := pgx.Connect(ctx, c.DSN())
		require.NoError(t, err)
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
		_, err = conn.Exec(short, "DROP TABLE IF EXISTS probe; CREATE TABLE probe ()")
		_ = conn.Close(ctx)
		return err != nil
	}, time.Minute, time.Millisecond)
	waiting("0")
	var wg sync.WaitGroup
	errs := make([]error, 2)
	answered := make(chan struct{})
	settle := func(i int) {
		errs[i] = stores[i].Ledger().Settle(ctx, verify.Settlement{
			Decision: r.Record.Decision, Outcome: verify.NotDone, At: storetest.Noon,
		})
	}
	wg.Go(func() { settle(0) })
	waiting("1")
	c.SQL(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
	waiting("1") // it finds out what became of it
	wg.Go(func() { settle(1); close(answered) })
	early := false
	require.Eventually(t, func() bool {
		select {
		case <-answered:
			early = true
		default:
		}
		return early || c.SQL(t, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' OR "+
			"wait_event_type = 'Lock'") == "2"
	}, time.Minute, time.Millisecond)
	standby("")
	wg.Wait()
	require.False(t, early, "no standby has what was confirmed")
	for i, s := range stores {
		require.NoError(t, errs[i])
		require.NoError(t, s.Close())
	}
}

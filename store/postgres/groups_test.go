package postgres

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

func ledgersOf(t *testing.T, n int) (list []store.Ledger) {
	dsn := testpostgres.Schema(t, t.Name())
	for range n {
		s, err := Open(context.Background(), dsn, Options{Options: store.Options{MaxClockDrift: -1}})
		require.NoError(t, err)
		t.Cleanup(func() { _ = s.Close() })
		list = append(list, s.Ledger())
	}
	return list
}

// What another process has corrected is not confirmed as it was, also by an answer that changes nothing.
func TestSettledElsewhere(t *testing.T) {
	ctx, l := context.Background(), ledgersOf(t, 2)
	memory := ledger.NewMemory(ledger.Options{})
	r := storetest.Act("act", storetest.Noon, 1, 100)
	done := verify.Settlement{Decision: r.Record.Decision, Outcome: verify.Done, At: storetest.Noon}
	corrected := done
	corrected.Outcome, corrected.By = verify.NotDone, "operator"
	var errs []error
	for _, of := range [][2]verify.Ledger{{memory, memory}, {l[0], l[1]}} {
		_, err := of[0].Reserve(ctx, r)
		require.NoError(t, err)
		require.NoError(t, of[0].Settle(ctx, done))
		require.NoError(t, of[1].Settle(ctx, corrected))
		errs = append(errs, of[0].Settle(ctx, done))
	}
	require.ErrorIs(t, errs[0], verify.ErrSettled)
	require.ErrorIs(t, errs[1], verify.ErrSettled)
}

// The first record of a decision stays, also when the drainer writes both at once.
func TestFirstRecordStays(t *testing.T) {
	ctx, l := context.Background(), ledgersOf(t, 1)
	r := storetest.Act("act", storetest.Noon, 1, 100).Record
	r.Action = "first"
	require.NoError(t, l[0].Record(ctx, r))
	r.Action = "second"
	require.NoError(t, l[0].Record(ctx, r))
	e, err := l[0].Entry(ctx, r.Decision)
	require.NoError(t, err)
	require.Equal(t, "first", e.Record.Action)
}

// A presentation that was forgotten, and came again, is not forgotten by what the tables still say of it.
func TestForgottenAndBack(t *testing.T) {
	ctx, l := context.Background(), ledgersOf(t, 1)[0]
	reserve := func(name, challenge string, after, life time.Duration, most int) error {
		r := storetest.Act(name, storetest.Noon.Add(after), 1, 100)
		r.Replay.Challenge, r.ReplayUntil, r.Caps.Nonces = challenge, storetest.Noon.Add(life), most
		_, err := l.Reserve(ctx, r)
		return err
	}
	require.NoError(t, reserve("1", "x", 0, 5*time.Minute, 100))
	_, err := l.Usage(ctx, nil, storetest.Noon) // so it is in the tables
	require.NoError(t, err)
	require.NoError(t, reserve("2", "y", 0, 10*time.Hour, 100))
	require.NoError(t, reserve("3", "z", time.Hour, 10*time.Hour, 2), "x is forgotten for it")
	require.NoError(t, reserve("4", "x", time.Hour+1, 10*time.Hour, 100))
	err = reserve("5", "w", time.Hour+2, 10*time.Hour, 3)
	require.ErrorIs(t, reserve("6", "x", time.Hour+3, 10*time.Hour, 100), verify.LedgerReplay)
	require.ErrorContains(t, err, "presentations")
	require.NoError(t, reserve("7", "v", time.Hour+4, 9*time.Hour, 100))
}

// A role may ask for strings of bytes in another form than is read where they come as text, and for another meaning of
// NULL in an array.
func TestFormOfBytes(t *testing.T) {
	ctx, dsn := context.Background(), testpostgres.Schema(t, t.Name())
	s, err := Open(ctx, dsn+"&default_query_exec_mode=exec&bytea_output=escape&array_nulls=off", Options{
		Options: store.Options{MaxClockDrift: -1},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	r := storetest.Act("act", storetest.Noon, 1, 100)
	_, err = s.Ledger().Reserve(ctx, r)
	require.NoError(t, err)
	e, err := s.Ledger().Entry(ctx, r.Record.Decision)
	require.NoError(t, err)
	require.Equal(t, verify.HoldOpen, e.State)
	require.NoError(t, s.Check(ctx))
}

// Where a role asks for another isolation, groups that meet are judged again, and no connection is given up for it.
func TestGroupsMeet(t *testing.T) {
	ctx, dsn := context.Background(), testpostgres.Schema(t, t.Name())
	var connects atomic.Int64
	var stores []*sqlstore.Store
	for range 2 {
		e, err := engineOf(dsn+"&default_transaction_isolation=serializable", Options{})
		require.NoError(t, err)
		connect := e.Connect
		e.Connect = func(ctx context.Context, write bool) (sqlstore.Conn, error) {
			connects.Add(1)
			return connect(ctx, write)
		}
		s, err := sqlstore.New(ctx, e, store.Options{MaxClockDrift: -1})
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		stores = append(stores, s)
	}
	var wg sync.WaitGroup
	for i, s := range stores {
		wg.Go(func() {
			for n := range 100 {
				_, err := s.Ledger().Reserve(ctx, storetest.Act(fmt.Sprint(i, n), storetest.Noon, 1, 1<<30))
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, connects.Load(), int64(4), "a writer and a drainer each")
}

package postgres_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/registrytest"
)

func TestRegistryStore(t *testing.T) {
	testpostgres.DSN(t)
	registrytest.TestStore(t, func(t testing.TB) registry.Store {
		s := open(t, place(t, t.Name()))
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s.Registry()
	})
}

// Each store that is opened has a row by which it finds out what became of a COMMIT.
// Those of stores that are gone are removed, and no others.
func TestUpdatesAreBounded(t *testing.T) {
	dsn := place(t, t.Name())
	rows := func() (n int) {
		conn, err := pgx.Connect(ctx, dsn)
		require.NoError(t, err)
		require.NoError(t, conn.QueryRow(ctx, "SELECT COUNT(*) FROM updates").Scan(&n))
		require.NoError(t, conn.Close(ctx))
		return n
	}
	update := func(i int) {
		s := open(t, dsn)
		require.NoError(t, s.Registry().Update(ctx, func(tx registry.Tx) error {
			return tx.Put(registry.Doc{Kind: "thing", ID: fmt.Sprint(i), Body: []byte("{}")})
		}))
		require.NoError(t, s.Close())
	}
	for i := range 10 {
		update(i)
	}
	require.Equal(t, 10, rows(), "a COMMIT of just now may be looked for")
	const hour = "CAST(3600 AS BIGINT) * 1000000000"
	testpostgres.Exec(t, dsn, "UPDATE updates SET at = at - "+hour)
	update(10)
	require.Equal(t, 1, rows())
	s := open(t, dsn)
	testpostgres.Exec(t, dsn, "UPDATE updates SET at = at - "+hour)
	require.NoError(t, s.Prune(ctx))
	require.NoError(t, s.Close())
	require.Zero(t, rows())
}

// P11, STO-12: what a transaction has read as the newest entry of a stream, what it appends comes right behind: where
// another process appends meanwhile, the transaction is made again.
func TestAppendFollowsLast(t *testing.T) {
	dsn := place(t, t.Name())
	a := open(t, dsn)
	const another = "INSERT INTO entries (space, stream, number, body) SELECT space, 'log', 1, 'of another' FROM spaces"
	runs, behind := 0, []int64{}
	require.NoError(t, a.Registry().Update(ctx, func(tx registry.Tx) error {
		last, err := tx.Last("log")
		if err != nil {
			return err
		}
		if runs++; runs == 1 {
			testpostgres.Exec(t, dsn, another) // as a reservation of another process appends to what it debits
		}
		number, err := tx.Append("log", fmt.Append(nil, "behind ", last.Number))
		behind = append(behind, number-last.Number)
		return err
	}))
	require.Equal(t, []int64{1, 1}, behind)
	require.NoError(t, a.Registry().View(ctx, func(tx registry.Tx) error {
		list, err := tx.Read("log", 0, 10)
		if err == nil && (len(list) != 2 || string(list[1].Body) != "behind 1") {
			err = fmt.Errorf("the entries are %q", list)
		}
		return err
	}))
	require.NoError(t, a.Close())
}

// Two processes that change the same documents, each in an order of its own, wait for one another and do not deadlock:
// a server needs a second to find that out, and one of them begins anew.
func TestUpdatesDoNotDeadlock(t *testing.T) {
	dsn := place(t, t.Name())
	a, b := open(t, dsn), open(t, dsn)
	put := func(s registry.Store, between func(), ids ...string) error {
		return s.Update(ctx, func(tx registry.Tx) error {
			for i, id := range ids {
				d, err := tx.Get("thing", id)
				if err != nil {
					return err
				}
				d.Body = []byte("{}")
				if err := tx.Put(d); err != nil {
					return err
				}
				if i == 0 {
					between()
				}
			}
			return nil
		})
	}
	require.NoError(t, put(a.Registry(), func() {}, "x", "y"))
	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	var other sync.WaitGroup
	var begin sync.Once
	var locked atomic.Bool // the other one has locked its first
	require.NoError(t, put(a.Registry(), func() {
		begin.Do(func() {
			other.Go(func() { assert.NoError(t, put(b.Registry(), func() { locked.Store(true) }, "y", "x")) })
		})
		for waits := false; !waits && !locked.Load(); {
			const blocked = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE CARDINALITY(pg_blocking_pids(pid)) > 0)"
			assert.NoError(t, conn.QueryRow(ctx, blocked).Scan(&waits))
		}
	}, "x", "y"))
	other.Wait()
	require.Zero(t, a.Stats().Retried+b.Stats().Retried)
	require.NoError(t, conn.Close(ctx))
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())
}

package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

// anyClock is for tests that keep their own time.
var anyClock = postgres.Options{Options: store.Options{MaxClockDrift: -1}}

func open(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(ctx, dsn, anyClock)
	require.NoError(t, err)
	return s
}

// place is a schema of an own name.
func place(t testing.TB, name string) string {
	sum := sha256.Sum256([]byte(name))
	return testpostgres.Schema(t, fmt.Sprintf("%x", sum[:8]))
}

func TestLedger(t *testing.T) {
	testpostgres.DSN(t)
	verifytest.TestLedger(t, func(t testing.TB) verify.Ledger {
		s := open(t, place(t, t.Name()))
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s.Ledger()
	})
}

// handle is a ledger with the store that it closes.
type handle struct {
	store.Ledger
	store *postgres.Store
}

func (h handle) Close() error { return h.store.Close() }

func TestDurableLedger(t *testing.T) {
	testpostgres.DSN(t)
	verifytest.TestDurableLedger(t, func(t testing.TB, folder string) verifytest.DurableLedger {
		s := open(t, place(t, folder))
		return handle{s.Ledger(), s}
	})
}

// S15; the ledger's half of A5: what was seen revoked stays so.
func TestMarkStore(t *testing.T) {
	testpostgres.DSN(t)
	verifytest.TestMarkStore(t, func(t testing.TB) func() verify.MarkStore {
		dsn := place(t, t.Name())
		return func() verify.MarkStore {
			s := open(t, dsn)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			return s.Marks()
		}
	})
}

// Ten may begin at once on a database that has no tables yet.
func TestTenStartAtOnce(t *testing.T) {
	dsn := place(t, t.Name())
	var wg sync.WaitGroup
	failed := make([]error, 10)
	for i := range failed {
		wg.Go(func() {
			s, err := postgres.Open(ctx, dsn, anyClock)
			if failed[i] = err; err == nil {
				failed[i] = s.Close()
			}
		})
	}
	wg.Wait()
	for _, err := range failed {
		require.NoError(t, err)
	}
}

// A7, A8.
func TestStore(t *testing.T) {
	testpostgres.DSN(t)
	storetest.Test(t, func(t testing.TB) (storetest.Open, func(string)) {
		dsn := place(t, t.Name())
		return func(o store.Options) (store.Store, error) {
			return postgres.Open(ctx, dsn, postgres.Options{Options: o})
		}, func(statement string) { testpostgres.Exec(t, dsn, statement) }
	})
}

// A9, P15, MON-08, MON-10: 32 connections write.
func TestTwoProcesses(t *testing.T) {
	const dsn = "SAFECONDUCT_TEST_PLACE"
	if os.Getenv(dsn) == "" {
		t.Setenv(dsn, place(t, t.Name()))
	}
	storetest.Race(t, 16, func(o store.Options) (store.Store, error) {
		return postgres.Open(ctx, os.Getenv(dsn), postgres.Options{Options: o})
	})
}

// A server that would forget what it acknowledged is refused.
func TestSettingsAreChecked(t *testing.T) {
	dsn := place(t, t.Name())
	for _, weak := range []string{"off", "local", "remote_write"} {
		_, err := postgres.Open(ctx, dsn+"&synchronous_commit="+weak, anyClock)
		require.ErrorContains(t, err, "synchronous_commit is "+weak)
	}
	for _, o := range []postgres.Options{anyClock, {InsecureNoSync: true}} {
		setting := map[bool]string{true: "off", false: "remote_apply"}[o.InsecureNoSync]
		s, err := postgres.Open(ctx, dsn+"&synchronous_commit="+setting, o)
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
}

// A database that cannot hold every text is refused; one that looks at no text holds them all.
func TestEncodings(t *testing.T) {
	for encoding, fits := range map[string]bool{"LATIN1": false, "EUC_JP": false, "SQL_ASCII": true, "UTF8": true} {
		dsn := encoded(t, encoding)
		if fits {
			keepsText(t, dsn, "日本 \xff \x00 ü \u20ac")
			continue
		}
		_, err := postgres.Open(ctx, dsn, anyClock)
		require.ErrorContains(t, err, "the encoding of the database is "+encoding+", want UTF8")
	}
}

// Whatever encoding a role or a database asks for, texts come and go as they are.
func TestClientEncoding(t *testing.T) {
	dsn := encoded(t, "UTF8")
	testpostgres.Exec(t, dsn, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET client_encoding = %L', "+
		"current_database(), 'WIN1252'); END $$")
	keepsText(t, dsn, "Łódź")
}

// encoded makes a database of that encoding.
func encoded(t testing.TB, encoding string) (dsn string) {
	server := testpostgres.DSN(t)
	name := strings.ToLower(t.Name() + "_" + encoding)
	drop := "DROP DATABASE IF EXISTS " + name
	testpostgres.Exec(t, server, drop)
	testpostgres.Exec(t, server, "CREATE DATABASE "+name+" TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' "+
		"ENCODING '"+encoding+"'")
	t.Cleanup(func() { testpostgres.Exec(t, server, drop) })
	u, err := url.Parse(server)
	require.NoError(t, err)
	u.Path = "/" + name
	return u.String()
}

// keepsText writes a text, and reads it from the tables.
func keepsText(t testing.TB, dsn, said string) {
	t.Helper()
	s, err := postgres.Open(ctx, dsn, anyClock)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	r := storetest.Act("texts", storetest.Noon, 1, 100)
	r.Record.Action = said
	_, err = s.Ledger().Reserve(ctx, r)
	require.NoError(t, err)
	e, err := s.Ledger().Entry(ctx, r.Record.Decision)
	require.NoError(t, err)
	require.Equal(t, said, e.Record.Action)
	require.NoError(t, s.Check(ctx))
}

// STO-11.
func TestNewerVersion(t *testing.T) {
	dsn := place(t, t.Name())
	require.NoError(t, open(t, dsn).Close())
	testpostgres.Exec(t, dsn, "INSERT INTO versions (version) VALUES (1000)")
	_, err := postgres.Open(ctx, dsn, anyClock)
	require.ErrorIs(t, err, store.ErrNewer)
}

// A verifier whose clock is wrong is refused, and moves nothing that others need.
func TestClockDrift(t *testing.T) {
	dsn := place(t, t.Name())
	s, err := postgres.Open(ctx, dsn, postgres.Options{})
	require.NoError(t, err)
	defer s.Close()
	var drifted *passport.Error
	const year = 365 * 24 * time.Hour
	for _, at := range []time.Time{storetest.Noon.Add(-10 * year), storetest.Noon.Add(100 * year)} {
		_, err = s.Ledger().Reserve(ctx, storetest.Act("wrong", at, 1, 100))
		require.ErrorIs(t, err, verify.LedgerUnavailable)
		require.ErrorAs(t, err, &drifted)
		require.Equal(t, "2m0s", drifted.Limit)
	}
	_, err = s.Ledger().Reserve(ctx, storetest.Act("right", testpostgres.Now(t, dsn), 1, 100))
	require.NoError(t, err)
}

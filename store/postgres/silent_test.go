package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// silence stands between a store and its server. While it is on, what either says goes
// nowhere, and no connection ends.
type silence struct {
	net.Listener
	on atomic.Bool
}

// silent returns a proxy of the server of a connection string, and what connects to it.
func silent(t *testing.T, dsn string) (*silence, string) {
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	s := &silence{Listener: l}
	go func(server string) {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go s.copy(up, client)
			go s.copy(client, up)
		}
	}(u.Host)
	u.Host = l.Addr().String()
	return s, u.String()
}

func (s *silence) copy(to io.WriteCloser, from io.ReadCloser) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if s.on.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// STO-17: a server that does not answer hangs nobody. A caller hears of it when his context
// ends, or when the store has waited long enough, by a writer or by every reader of the
// pool; and goes on when the server does.
func TestServerThatDoesNotAnswer(t *testing.T) {
	silence, dsn := silent(t, testpostgres.Schema(t, t.Name()))
	e, err := engineOf(dsn, Options{Readers: 2})
	require.NoError(t, err)
	e.Patience = time.Second
	s, err := sqlstore.New(t.Context(), e, store.Options{MaxClockDrift: -1})
	require.NoError(t, err)
	ledger := s.Ledger()
	act := func(i int) *verify.Reservation {
		return storetest.Act(fmt.Sprint("silent ", i), storetest.Noon, 1, 100)
	}
	reserve := func(ctx context.Context, i int) error {
		_, err := ledger.Reserve(ctx, act(i))
		return err
	}
	calls := []struct {
		name string
		do   func(ctx context.Context, i int) error
	}{
		{"Reserve", reserve},
		{"Settle", func(ctx context.Context, _ int) error {
			r := act(0)
			return ledger.Settle(ctx, verify.Settlement{Decision: r.Record.Decision, Outcome: verify.Done, At: r.At})
		}},
		{"Record", func(ctx context.Context, i int) error { return ledger.Record(ctx, act(i).Record) }},
		{"Peek", func(ctx context.Context, i int) error { return ledger.Peek(ctx, act(i)) }},
		{"Usage", func(ctx context.Context, i int) error {
			_, err := ledger.Usage(ctx, act(i).Charges, storetest.Noon)
			return err
		}},
		{"LoadMark", func(ctx context.Context, _ int) error {
			_, err := s.Marks().LoadMark(ctx, verify.MarkKey{Name: "list"})
			return err
		}},
	}
	require.NoError(t, retry(func() error { return reserve(t.Context(), 0) }))

	silence.on.Store(true)
	const many = 4 // more than may read at a time
	type answer struct {
		name string
		err  error
	}
	answers := make(chan answer, 2*many*len(calls))
	gone, cancel := context.WithCancel(t.Context())
	for _, c := range calls {
		for i := range many {
			go func() { answers <- answer{c.name, c.do(context.WithoutCancel(t.Context()), 100+i)} }()
			go func() {
				err := c.do(gone, 200+i)
				if err == nil {
					err = errors.New("answered")
				} else if gone.Err() != nil {
					err = verify.LedgerUnavailable // it went away, and it came back
				}
				answers <- answer{c.name, err}
			}()
		}
	}
	cancel()
	bound := time.After(30 * time.Second) // far beyond what it takes
	for range cap(answers) {
		select {
		case a := <-answers:
			require.ErrorIs(t, a.err, verify.LedgerUnavailable, a.name)
		case <-bound:
			require.Fail(t, "somebody hangs")
		}
	}
	silence.on.Store(false)

	// It has heard nothing and done nothing, and serves again.
	require.NoError(t, retry(func() error { return reserve(t.Context(), 1) }))
	var used []verify.Used
	require.NoError(t, retry(func() (err error) {
		used, err = ledger.Usage(t.Context(), act(0).Charges, storetest.Noon)
		return err
	}))
	require.Equal(t, verify.Count(2), used[0].Total())

	silence.on.Store(true)
	go func() { _ = reserve(context.Background(), 400) }()
	_ = s.Close() // it ends; a connection that is cut off is not closed well
}

// retry does what a machine may be too busy for, a few times.
func retry(do func() error) (err error) {
	for range 20 {
		if err = do(); !errors.Is(err, verify.LedgerUnavailable) {
			return err
		}
	}
	return err
}

// A transaction that waits for the lock of another one ends on the server, too, and so
// gives back its own locks: the bounds are set in each.
func TestServerBoundsTransactions(t *testing.T) {
	e, err := engineOf(testpostgres.Schema(t, t.Name()), Options{})
	require.NoError(t, err)
	c, err := e.Connect(t.Context(), true)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	require.NoError(t, c.Begin(t.Context(), true))
	for _, name := range []string{"statement_timeout", "idle_in_transaction_session_timeout"} {
		var got string
		require.NoError(t, c.Send(t.Context(), "SELECT current_setting($1)", []any{name}, func(r sqlstore.Row) error {
			got = r.Text(0)
			return nil
		}))
		require.NoError(t, c.Flush(t.Context()))
		require.Equal(t, "1min", got, name)
	}
	require.NoError(t, c.Rollback())
}

package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

var errStuck = errors.New("storetest: the drainer does not get on")

// stuck lets nothing of what is written behind the answers get into the tables while it is on, but by the writer, and
// counts how often he has to.
type stuck struct {
	on     atomic.Bool
	writer atomic.Int64
}

func (s *stuck) wrap(e *sqlstore.Engine) *sqlstore.Engine {
	wrapped := writing(e, func(c sqlstore.Conn) sqlstore.Conn { return &stuckConn{Conn: c, s: s} })
	wrapped.Drain = 2
	return wrapped
}

type stuckConn struct {
	sqlstore.Conn
	s      *stuck
	writer bool // nobody else asks for the number
}

func (c *stuckConn) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	c.writer = c.writer || strings.Contains(query, "redo_heads")
	if c.s.on.Load() && strings.HasPrefix(query, "DELETE FROM redo ") {
		if !c.writer {
			return errStuck
		}
		c.s.writer.Add(1)
	}
	return c.Conn.Send(ctx, query, args, row)
}

// Backlog lets nothing get into the tables for a while. Acts are judged as before, by what is known, and the writer
// brings the tables up to date himself before that is too much. Who reads is told that the store does not answer.
func Backlog(t *testing.T, e *sqlstore.Engine) {
	k := &stuck{}
	s, memory := open(t, k.wrap(e)), ledger.NewMemory(ledger.Options{})
	k.on.Store(true)
	const most = 200 // so many times 5 fit
	for i := range most + 10 {
		r := Act(fmt.Sprint("act ", i), Noon, 5, 5*most)
		again := Act(fmt.Sprint("act ", i-i%2), Noon, 5, 5*most) // it is known, but for a few
		again.Replay.Challenge, again.AcceptRepeat, again.Record.Decision = fmt.Sprint("again ", i), true, fmt.Sprint("again ", i)
		for _, r := range []*verify.Reservation{r, again} {
			first, want := memory.Reserve(ctx, r)
			held, got := s.Ledger().Reserve(ctx, r)
			require.Equal(t, kind(want), kind(got), i)
			require.Equal(t, first.Decision, held.Decision, i)
		}
		if i == most/2 {
			_, err := s.Ledger().Entry(ctx, r.Record.Decision)
			require.ErrorIs(t, err, verify.LedgerUnavailable)
		}
		if i == most-1 { // each refusal behind it is the writer's, too
			require.Greater(t, k.writer.Load(), int64(2*most/(16*2)/2), "he brings the tables up to date")
			require.Less(t, k.writer.Load(), int64(most/2), "most is judged by what is known")
		}
	}
	k.on.Store(false)
	same(t, s, memory, Noon)
	require.NoError(t, s.Check(ctx))
}

// Closed writes what is behind into the tables when it is closed, or leaves it where it was written first, if that
// cannot be done.
func Closed(t *testing.T, e *sqlstore.Engine) {
	k := &stuck{}
	memory := ledger.NewMemory(ledger.Options{})
	for i, left := range []int64{0, 3, 0} {
		s := open(t, e)
		if k.on.Store(left > 0); left > 0 {
			s = open(t, k.wrap(e))
		}
		for n := range 3 {
			r := Act(fmt.Sprint("act ", i, n), Noon, 5, 100)
			for _, l := range []verify.Ledger{s.Ledger(), memory} {
				_, err := l.Reserve(ctx, r)
				require.NoError(t, err)
			}
		}
		require.NoError(t, s.Close())
		c, err := e.Connect(ctx, false)
		require.NoError(t, err)
		require.NoError(t, c.Begin(ctx, false))
		groups := int64(-1)
		require.NoError(t, c.Send(ctx, "SELECT COUNT(*) FROM redo", nil, func(r sqlstore.Row) error {
			groups = r.Int(0)
			return nil
		}))
		require.NoError(t, errors.Join(c.Flush(ctx), c.Rollback(), c.Close()))
		require.Equal(t, left, groups)
	}
	s := open(t, e)
	same(t, s, memory, Noon)
	require.NoError(t, s.Check(ctx))
}

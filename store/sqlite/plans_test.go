package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// heard notes the queries of connections.
type heard struct {
	mu      sync.Mutex
	queries map[string]bool
}

type hearing struct {
	sqlstore.Conn
	h *heard
}

func (c hearing) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	c.h.mu.Lock()
	c.h.queries[query] = true
	c.h.mu.Unlock()
	return c.Conn.Send(ctx, query, args, row)
}

func (h *heard) wrap(e *sqlstore.Engine) *sqlstore.Engine {
	wrapped := *e
	wrapped.Connect = func(ctx context.Context, write bool) (sqlstore.Conn, error) {
		c, err := e.Connect(ctx, write)
		return hearing{c, h}, err
	}
	return &wrapped
}

// Whatever is asked of a ledger that is in use finds its rows by an index, and what is
// held by the index of what is open: else it would cost as much as the window is
// full, of a refusal as of a picture. Goal 13b.
func TestQueriesUseIndexes(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "ledger.db"), context.Background()
	h := &heard{queries: map[string]bool{}}
	s, err := sqlstore.New(ctx, h.wrap(engineOf(path, Options{InsecureNoSync: true})), store.Options{})
	require.NoError(t, err)
	clear(h.queries) // those of making it
	l := s.Ledger()
	for i := range 12 {
		r := storetest.Act(fmt.Sprint(i), storetest.Noon.Add(time.Duration(i)*time.Second), 10, 100)
		_, err := l.Reserve(ctx, r)
		if i < 10 {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, verify.LedgerBudgetExceeded)
		}
		_, err = l.Usage(ctx, r.Charges, r.At)
		require.NoError(t, err)
		if i < 10 {
			require.NoError(t, l.Settle(ctx, verify.Settlement{Decision: r.Record.Decision, Outcome: verify.Done, At: r.At, By: "me"}))
		}
		_, err = l.Unresolved(ctx, r.At, "", 10)
		require.NoError(t, err)
		_, err = s.Decisions(ctx, store.Query{Agent: r.Record.Agent})
		require.NoError(t, err)
	}
	require.NoError(t, l.Forget(ctx, storetest.Noon.Add(365*24*time.Hour)))
	require.NoError(t, s.Close())

	c, err := dial(path)
	require.NoError(t, err)
	defer c.Close()
	held := 0
	for query := range h.queries {
		verb, _, _ := strings.Cut(query, " ")
		if verb != "SELECT" && verb != "UPDATE" && verb != "DELETE" {
			continue
		}
		args := make([]any, strings.Count(query, "?"))
		var plan []string
		require.NoError(t, c.Send(ctx, "EXPLAIN QUERY PLAN "+query, args, func(r sqlstore.Row) error {
			plan = append(plan, r.Text(3))
			return nil
		}))
		for _, step := range plan {
			require.False(t, strings.HasPrefix(step, "SCAN") && !strings.HasPrefix(step, "SCAN CONSTANT"), "%s\n%s", query, plan)
		}
		if strings.Contains(query, "hold_by > ?") {
			held++
			require.Contains(t, strings.Join(plan, "\n"), "holds_open (root=? AND hold_by>?)", query)
		}
	}
	require.NotZero(t, held)
}

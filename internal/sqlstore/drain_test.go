package sqlstore

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// backwards is a connection to a server that tells the groups that it has deleted in any order, as one may.
type backwards struct {
	Conn
	groups []Row
	wrote  map[string][]any
}

func (b *backwards) Send(_ context.Context, query string, args []any, row func(Row) error) error {
	if !strings.HasPrefix(query, "DELETE FROM redo ") {
		b.wrote[query] = args
		return nil
	}
	for _, r := range b.groups {
		if err := row(r); err != nil {
			return err
		}
	}
	return nil
}

func (b *backwards) Flush(context.Context) error { return nil }

// Of what several groups say of one row the latest counts, in whatever order a server tells them.
func TestDrainInOrder(t *testing.T) {
	c := &backwards{wrote: map[string][]any{}}
	e := &Engine{Redo: true, Arrays: true, Bytes: "BYTEA"}
	s := &Store{engine: e}
	work := func() *work {
		return newWork(s, &tx{Conn: c, engine: e, queries: map[string]string{}, sent: new(atomic.Int64)})
	}
	for _, acts := range []int64{3, 1, 2} {
		w := work()
		w.agents[digestOf("agent")] = &row[agent]{now: agent{acts: int(acts)}, was: &agent{}, changed: true}
		c.groups = append(c.groups, Row{acts, acts - 1, newRedo(w, &redo{})}) // the third says three acts
	}
	require.NoError(t, work().drain(3, nil))
	require.Len(t, c.wrote, 1)
	for query, args := range c.wrote {
		require.Contains(t, query, "INSERT INTO agents")
		require.Equal(t, []int64{3}, args[1])
	}
}

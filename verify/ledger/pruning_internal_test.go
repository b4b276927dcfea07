package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

// things returns how many things the ledger remembers.
func (m *Memory) things() (n int) {
	for i := range shards {
		s, p := &m.agents[i], &m.accounts[i]
		n += s.nonces.used + int(s.holds.top) - len(s.holds.free) + p.tallies.used
	}
	return n
}

// passed returns how many uses lie between two beginnings of a window: as many as
// are looked at when the sum goes from one to the other.
func (t *tally) passed(from, to instant) (n int) {
	for p := t.uses.position(from); t.uses.at(p) != nil && t.uses.at(p).at < to; p = t.uses.after(p) {
		n++
	}
	return n
}

// B3: what has ended is walked over and forgotten once, a little with each call,
// and a refused request does its part: none makes the next one walk again. What
// is counted is work, not time.
func TestB3PruningIsAmortised(t *testing.T) {
	const acts = 4_000
	over := func(i int, at time.Time, charge int) *verify.Reservation {
		r := reservation(i, at)
		r.AcceptRepeat, r.Idempotency.Intent = false, fmt.Sprint("refused ", i)
		r.Charges[charge].Use = verify.Quantity{Hi: 1 << 41}
		return r
	}
	filled := func(lives time.Duration) (m *Memory, at time.Time) { // accounts that last so long

		m, at = NewMemory(Options{}), epoch
		for i := range acts {
			at = at.Add(10 * time.Millisecond)
			r := reservation(i, at)
			r.Idempotency.Intent = fmt.Sprint(i)
			for k := range r.Charges {
				r.Charges[k].Until = at.Add(lives)
			}
			_, err := m.Reserve(ctx, r)
			require.NoError(t, err)
			require.NoError(t, m.Settle(ctx, verify.Settlement{Decision: r.Record.Decision, Outcome: verify.Done, At: at}))
		}
		return m, at
	}
	t.Run("windows", func(t *testing.T) {
		m, at := filled(100 * time.Hour)
		at = at.Add(25 * time.Hour) // all uses have left the day
		var k keys
		r := over(acts, at, 0)
		k.of(&m.secret, r)
		t1, _ := m.accounts[k.charge(0).shard()].tallies.find(&k.charge(0).digest)
		require.NotNil(t, t1)
		walked, most := 0, 0
		for i := range 200 {
			at = at.Add(time.Second)
			r := over(acts+105*i, at, 0) // on the same account
			before, held := t1.since, 0
			for range t1.uses.runs {
				held++
			}
			_, err := m.Reserve(ctx, r)
			require.ErrorIs(t, err, verify.LedgerBudgetExceeded)
			require.Equal(t, instantOf(r.Charges[0].Since), t1.since, "the next request goes on from here")
			n := t1.passed(before, t1.since)
			walked, most = walked+n, max(most, n)
			if i > 0 {
				require.Zero(t, n, "request %d walks over what an earlier one has", i)
			}
			require.LessOrEqual(t, held-len(t1.uses.runs), 1)
		}
		require.LessOrEqual(t, walked, acts, "each use is passed once")
		require.Equal(t, walked, most)
	})
	for name, wait := range map[string]time.Duration{
		"nonces":   10 * time.Minute,
		"accounts": 2 * time.Hour,
		"holds":    50 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			m, at := filled(time.Minute)
			at = at.Add(wait)
			had, forgotten := m.things(), 0
			for i := range acts {
				r := over(acts+i, at, 2)
				_, err := m.Reserve(ctx, r)
				require.ErrorIs(t, err, verify.LedgerRateExceeded)
				left := m.things()
				// Its own parts, and now and then a little of another one.
				require.LessOrEqual(t, had-left, 5*atOnce+3*2*8*atOnce, "one call forgets a bounded number of things")
				forgotten += had - left
				had = left
			}
			require.Greater(t, forgotten, acts/2, "and refused requests do it, too")
			before := m.things()
			_, err := m.Reserve(ctx, over(3*acts, at, 2))
			require.ErrorIs(t, err, verify.LedgerRateExceeded)
			require.LessOrEqual(t, before-m.things(), 5*atOnce+3*2*8*atOnce)
		})
	}
	t.Run("at a cap", func(t *testing.T) {
		// Where a cap is met, all that has ended goes at once, and only once.
		m, at := filled(time.Minute)
		at = at.Add(50 * time.Hour)
		for i := range 3 {
			r := over(acts+i, at, 2)
			r.Caps.Nonces = 0
			had := m.things()
			_, err := m.Reserve(ctx, r)
			require.ErrorIs(t, err, verify.LedgerRateExceeded)
			if i > 0 {
				require.Equal(t, had, m.things(), "nothing is left to forget")
			}
			require.Zero(t, m.things())
		}
	})
}

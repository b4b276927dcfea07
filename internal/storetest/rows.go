package storetest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// overdrawn returns the charges that a reservation would overdraw, by their names.
func overdrawn(t testing.TB, s store.Store, r *verify.Reservation) (list []string) {
	t.Helper()
	_, err := s.Ledger().Reserve(ctx, r)
	if err == nil {
		return nil
	}
	var walk func(err error)
	walk = func(err error) {
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range many.Unwrap() {
				walk(e)
			}
			return
		}
		var e *verify.ChargeError
		require.ErrorAs(t, err, &e)
		list = append(list, r.Charges[e.Index].Name)
	}
	walk(err)
	return list
}

// MON-06, MON-14, MON-18: exactly the limit fits, and one more does not; a limit that is
// lowered below what is spent refuses, and raised again lets through; of several limits
// each that is too tight is named.
func limitsMove(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		act := func(name string, units, hour, life int64) *verify.Reservation {
			r := Act(name, Noon, units, hour)
			r.Charges[2].Limit = eur(life)
			return r
		}
		require.Empty(t, overdrawn(t, s, act("most", 60, 60, 60)))
		require.Equal(t, []string{"hour", "life"}, overdrawn(t, s, act("one more", 1, 60, 60)))
		require.Equal(t, []string{"hour"}, overdrawn(t, s, act("the window is tighter", 1, 60, 100)))
		require.Equal(t, []string{"life"}, overdrawn(t, s, act("the lifetime is tighter", 1, 100, 60)))
		require.Equal(t, []string{"hour"}, overdrawn(t, s, act("lowered", 1, 10, 100)))
		require.Equal(t, []string{"hour", "life"}, overdrawn(t, s, act("nothing", 1, 0, 0)))
		counts(t, s, eur(60))
		require.Empty(t, overdrawn(t, s, act("raised", 40, 100, 100)))
		counts(t, s, eur(100))
		require.NoError(t, s.Check(ctx))
	})
}

// MON-07: sums neither wrap nor round, however large.
func overflow(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		most := verify.Quantity{Hi: math.MaxUint64, Lo: math.MaxUint64 - 1}
		act := func(name string, use verify.Quantity) *verify.Reservation {
			r := Act(name, Noon, 1, 1)
			for i := range r.Charges[1:] {
				r.Charges[1+i].Use, r.Charges[1+i].Limit = use, most
			}
			return r
		}
		half := verify.Quantity{Hi: 1 << 63}
		less := verify.Quantity{Hi: 1<<63 - 1, Lo: math.MaxUint64 - 2} // with half: most, but for 1
		require.Empty(t, overdrawn(t, s, act("half", half)))
		for _, use := range []verify.Quantity{half, most, {Hi: math.MaxUint64, Lo: math.MaxUint64}} {
			require.Equal(t, []string{"hour", "life"}, overdrawn(t, s, act(fmt.Sprint("over", use), use)))
		}
		require.Empty(t, overdrawn(t, s, act("less", less)))
		require.Empty(t, overdrawn(t, s, act("the last one", verify.Count(1))))
		require.Equal(t, []string{"hour", "life"}, overdrawn(t, s, act("one more", verify.Count(1))))
		counts(t, s, most)
		require.NoError(t, s.Check(ctx))
	})
}

// What there ever was of a window, and what is corrected upwards, may be more than fits into
// a quantity: it counts as more than any limit, and nothing is damaged by it. MON-07.
func beyond(t *testing.T, open Open, _ func(string)) {
	half := verify.Quantity{Hi: 1 << 63}
	act := func(name string, at time.Time) *verify.Reservation {
		r := Act(name, at, 1, 1)
		r.Charges = r.Charges[1:2] // the hour
		r.Charges[0].Use, r.Charges[0].Limit = half, half
		return r
	}
	settle := func(s store.Store, r *verify.Reservation, o verify.ActOutcome) {
		require.NoError(t, s.Ledger().Settle(ctx, verify.Settlement{
			Decision: r.Record.Decision, Outcome: o, At: r.At, By: "somebody",
		}))
	}
	hour := func(s store.Store, at time.Time, want verify.Quantity) {
		used, err := s.Ledger().Usage(ctx, act("any", at).Charges, at)
		require.NoError(t, err)
		require.Equal(t, want, used[0].Total())
		require.NoError(t, s.Check(ctx))
	}
	use(t, open, store.Options{}, func(s store.Store) {
		var acts []*verify.Reservation
		for i := range 3 {
			r := act(fmt.Sprint("hour", i), Noon.Add(time.Duration(i)*time.Hour))
			require.Empty(t, overdrawn(t, s, r))
			acts = append(acts, r)
		}
		hour(s, acts[2].At, half)
		settle(s, acts[0], verify.NotDone)
		hour(s, acts[2].At, half)
	})
	use(t, open, store.Options{Namespace: "corrected", CreateNamespace: true}, func(s store.Store) {
		var acts []*verify.Reservation
		for i := range 3 {
			r := act(fmt.Sprint("act", i), Noon)
			require.Empty(t, overdrawn(t, s, r))
			settle(s, r, verify.NotDone)
			acts = append(acts, r)
		}
		for _, r := range acts {
			settle(s, r, verify.Done)
		}
		hour(s, Noon, verify.Quantity{Hi: math.MaxUint64, Lo: math.MaxUint64})
		require.Equal(t, []string{"hour"}, overdrawn(t, s, act("one more", Noon)))
		settle(s, acts[0], verify.NotDone)
		settle(s, acts[1], verify.NotDone)
		hour(s, Noon, half)
		require.Equal(t, []string{"hour"}, overdrawn(t, s, act("one more", Noon)))
		settle(s, acts[2], verify.NotDone)
		require.Empty(t, overdrawn(t, s, act("one more", Noon)))
	})
}

// MON-16: an act that is reserved before midnight and settled after counts once, on the
// day of its reservation, and so does one that nobody settles.
func midnight(t *testing.T, open Open, _ func(string)) {
	before := Noon.Add(12*time.Hour - time.Second)
	after := before.Add(2 * time.Second)
	day := func(name string, at time.Time, from time.Time) *verify.Reservation {
		r := Act(name, at, 10, 15)
		r.Charges[1].Since, r.Charges[2].Limit = from, eur(1000)
		r.HoldBy = at.Add(time.Minute)
		return r
	}
	first, second := Noon.Add(-12*time.Hour), Noon.Add(12*time.Hour) // midnights
	for name, settle := range map[string]bool{"settled": true, "orphan": false} {
		use(t, open, store.Options{Namespace: name, CreateNamespace: true}, func(s store.Store) {
			r := day("late", before, first)
			require.Empty(t, overdrawn(t, s, r))
			if settle {
				require.NoError(t, s.Ledger().Settle(ctx, verify.Settlement{
					Decision: r.Record.Decision, Outcome: verify.Done, At: after,
				}))
			}
			require.Empty(t, overdrawn(t, s, day("early", after, second)), "it is of the day before")
			require.Equal(t, []string{"hour"}, overdrawn(t, s, day("the day before", before.Add(1), first)))
			require.Equal(t, []string{"hour"}, overdrawn(t, s, day("the day after", after.Add(1), second)))
			require.NoError(t, s.Check(ctx))
		})
	}
}

// STO-14: where a decision cannot be recorded nobody is let through, and it is not said
// that the agent is to blame.
func unrecorded(t *testing.T, open Open, _ func(string)) {
	w := verifytest.NewWorld(t)
	s := open.must(t, store.Options{MaxClockDrift: -1})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = s.Ledger() })
	pass := w.Issue(w.Passport())
	_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	d, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.ErrorIs(t, err, verify.LedgerUnavailable)
	require.Equal(t, verify.Undetermined, d.Verdict)
}

// noise is a text that cannot be written shorter.
func noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b) // it does not fail
	for i := range b {
		b[i] = 'a' + b[i]%26
	}
	return string(b)
}

// STO-18: whatever ids are, they are values of statements, and each is another one.
func hostile(t *testing.T, open Open, alter func(string)) {
	odd := []string{
		"'", `"`, "''; DROP TABLE holds; --", "$1", "?", "?1", ":a", "@a", "\x00", "a\x00b", "%", "_", `\`, `\'`, "/*lock*/",
		"", " ", strings.Repeat("x", 10_000), strings.Repeat("'", 10_000), "\xff", "ſ", "S",
		noise(10_000), noise(9_000) + "\x00",
	}
	use(t, open, store.Options{}, func(s store.Store) {
		l := s.Ledger()
		for i, id := range odd {
			act := func(again string) *verify.Reservation {
				r := Act(id, Noon, 1, int64(len(odd)))
				r.Record.Decision = id + again
				r.Record.Passport, r.Record.Root, r.Record.Audience, r.Record.Intent = id, id, id, id
				r.Record.Agent, r.Record.Action, r.Record.Resource = id, id, id
				r.Replay.Audience, r.Idempotency.Audience, r.Idempotency.Intent = id, id, id
				r.Chain = []string{"root " + id, "leaf " + id}
				r.Charges[0].Account, r.Charges[1].Account, r.Charges[2].Account = r.Chain[0], r.Chain[0], r.Chain[1]
				r.Charges[0].Name, r.Charges[1].Name = id+"acts", id+"hour"
				return r
			}
			if id != "" {
				_, err := l.Reserve(ctx, act(""))
				require.NoError(t, err, "%.20q", id)
			} else {
				_, err := l.Reserve(ctx, act("empty"))
				require.NoError(t, err)
			}
			_, err := l.Reserve(ctx, act("again"))
			require.ErrorIs(t, err, verify.LedgerReplay, "%.20q", id)
			r := act(map[bool]string{true: "empty"}[id == ""])
			e, err := l.Entry(ctx, r.Record.Decision)
			require.NoError(t, err)
			require.Equal(t, id, e.Passport)
			require.NoError(t, l.Settle(ctx, verify.Settlement{
				Decision: r.Record.Decision, Outcome: verify.NotDone, At: Noon, By: id, Reason: id,
			}))
			p, err := s.Decisions(ctx, store.Query{Passport: id, Limit: 200})
			require.NoError(t, err)
			if id != "" { // which asks for all
				require.Len(t, p.Decisions, 1, "%.20q", id)
			}
			all, err := s.Decisions(ctx, store.Query{Limit: 200})
			require.NoError(t, err)
			require.Len(t, all.Decisions, i+1)
		}
		_, err := l.Entry(ctx, "' OR '1'='1")
		require.True(t, errors.Is(err, verify.ErrUnknownDecision))
		require.NoError(t, s.Check(ctx))
	})
	for _, name := range odd {
		use(t, open, store.Options{Namespace: name, CreateNamespace: true}, func(s store.Store) {
			total, err := s.Totals(ctx)
			require.NoError(t, err)
			require.Equal(t, map[bool]int64{true: int64(len(odd))}[name == ""], total.Decisions, "%.20q", name)
		})
	}
}

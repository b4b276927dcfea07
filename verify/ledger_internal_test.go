package verify

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// The queue of what is to be forgotten agrees with a map that is searched.
func TestExpiringAgreesWithASearch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var e expiring[int, string]
	model, now := map[int]time.Time{}, epoch
	for i := range 20_000 {
		until := now.Add(time.Duration(rnd.IntN(500)) * time.Second)
		switch k := rnd.IntN(300); {
		case e.get(k) == nil:
			require.NotContains(t, model, k)
			e.add(k, until).value = fmt.Sprint(k)
			model[k] = until
		case until.After(model[k]) && i%3 == 0:
			e.get(k).until, model[k] = until, until
		}
		now = now.Add(time.Duration(rnd.IntN(5)) * time.Second)
		for x := e.pop(now); x != nil; x = e.pop(now) {
			require.Equal(t, fmt.Sprint(x.key), x.value)
			require.True(t, model[x.key].Before(now))
			delete(model, x.key)
		}
		for k, until := range model {
			require.False(t, until.Before(now), k)
		}
		require.Len(t, e.queue, len(model))
	}
}

// A queue numbers what it holds, and needs no more room than it ever held.
func TestFIFOAgreesWithASlice(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var f fifo[int]
	var all []int
	popped, longest := 0, 0
	for range 20_000 {
		if len(f.live()) > 0 && rnd.IntN(101) < 50 {
			f.pop()
			popped++
		} else {
			all = append(all, rnd.Int())
			require.Equal(t, len(all), f.push(all[len(all)-1]))
		}
		longest = max(longest, len(f.live()))
		require.Equal(t, len(all)-popped, len(f.live()))
		for _, n := range []int{0, popped, popped + 1, len(all), len(all) + 1, rnd.IntN(len(all) + 1)} {
			if n <= popped || n > len(all) {
				require.Nil(t, f.get(n), n)
			} else {
				require.Equal(t, all[n-1], *f.get(n))
			}
		}
	}
	require.Less(t, cap(f.items), 4*longest)
}

func TestCompoundKeysAreApart(t *testing.T) {
	parts := []string{"", "a", "aa", "1", "1 1", " ", "0 ", "0 1 "}
	seen := map[string]string{}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				k := compound(a, b, c)
				require.Empty(t, seen[k], "%q %q %q", a, b, c)
				seen[k] = fmt.Sprintf("%q %q %q", a, b, c)
			}
		}
	}
}

// The strings of a reservation are parts of the document that was presented. A
// ledger that kept one would keep all of it, for a day.
func TestMemoryLedgerKeepsNoDocument(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 256 MiB in turns")
	}
	const size = 1 << 20
	heap := func() uint64 {
		var s runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	m := NewMemoryLedger(MemoryLedgerOptions{})
	before := heap()
	for i := range 256 {
		// One document for each string, so that each is tried.
		part := func(s string) string {
			document := s + strings.Repeat("x", size)
			return document[:len(s)]
		}
		agent := did.MustParse(part("did:example:agent"))
		r := &Reservation{
			At: epoch, LiveNonces: 1000, HoldBy: epoch.Add(time.Minute), Root: part("root"),
			Replay: ReplayKey{agent, part("audience"), part(fmt.Sprint(i))}, ReplayUntil: epoch.Add(time.Minute),
			Idempotency: IdempotencyKey{agent, part("audience"), part(fmt.Sprint(i))},
			Charges:     []Charge{{Account: part(fmt.Sprint("account", i)), Name: part("name"), Since: epoch.Add(-time.Hour), Use: Count(1), Limit: Count(1), Until: epoch.Add(time.Hour)}},
			Record:      Record{Passport: part("passport"), Agent: part("agent")},
		}
		_, err := m.Reserve(t.Context(), r)
		require.NoError(t, err)
	}
	require.Less(t, heap(), before+32*size)
	require.Len(t, m.Records(), 256)
}

// A hold is found by the one spelling of its id.
func TestHoldHasOneID(t *testing.T) {
	m := NewMemoryLedger(MemoryLedgerOptions{})
	held, err := m.Reserve(t.Context(), &Reservation{At: epoch, HoldBy: epoch.Add(time.Minute)})
	require.NoError(t, err)
	require.Equal(t, "hold-1", held.Hold)
	for _, id := range []string{"", "1", "hold-", "hold-0", "hold-01", "hold-+1", "hold--1", "hold-1 ", "hold-2", "HOLD-1", "hold-hold-1", "hold-99999999999999999999"} {
		require.ErrorIs(t, m.Commit(t.Context(), id, epoch), ErrSettled, id)
	}
	require.NoError(t, m.Commit(t.Context(), "hold-1", epoch))
}

// A hold with a far deadline keeps those after it in memory, and no longer
// known.
func TestHoldsAreForgottenEachInItsTime(t *testing.T) {
	m := NewMemoryLedger(MemoryLedgerOptions{RememberIntents: time.Hour})
	intent := IdempotencyKey{Intent: "the second"}
	for i, deadline := range []time.Duration{1000 * time.Hour, time.Hour} {
		r := &Reservation{At: epoch, HoldBy: epoch.Add(deadline), Content: "a", Record: Record{Decision: fmt.Sprint("decision ", i+1)}}
		if i == 1 {
			r.Idempotency = intent
		}
		_, err := m.Reserve(t.Context(), r)
		require.NoError(t, err)
	}
	again := &Reservation{At: epoch, HoldBy: epoch, Idempotency: intent, Content: "b"}
	require.ErrorIs(t, m.Peek(t.Context(), again), LedgerConflict)

	require.Equal(t, []string{"decision 2"}, m.Unresolved(epoch.Add(2*time.Hour)))
	require.NoError(t, m.Peek(t.Context(), again), "its intent was remembered for an hour")
	require.NoError(t, m.Commit(t.Context(), "hold-2", epoch))

	require.Empty(t, m.Unresolved(epoch.Add(2*time.Hour+1)), "the hold itself for an hour after its deadline")
	require.ErrorIs(t, m.Commit(t.Context(), "hold-2", epoch), ErrSettled)
	require.NoError(t, m.Commit(t.Context(), "hold-1", epoch))

	require.Empty(t, m.Unresolved(epoch.Add(1002*time.Hour)))
	require.Empty(t, m.holds.live())
	require.Empty(t, m.intents)
}

// Nothing is kept by the monotonic clock, by which "later" may be earlier.
func TestWallClock(t *testing.T) {
	m := NewMemoryLedger(MemoryLedgerOptions{})
	m.advance(time.Now())
	require.NotContains(t, m.now.String(), "m=")
	r := newRun(&Verifier{}, decision, time.Now(), &Request{})
	require.NotContains(t, r.now.String(), "m=")
}

// A record keeps no text of its caller's, also where one of two is empty.
func TestRecordsAreCopies(t *testing.T) {
	text := strings.Repeat("x", 8)
	for _, r := range []Record{{Passport: text}, {Agent: text}, {Passport: text, Agent: text}} {
		m := NewMemoryLedger(MemoryLedgerOptions{})
		m.record(r)
		kept := m.Records()[0]
		require.Equal(t, r, kept)
		for _, s := range []string{kept.Passport, kept.Agent} {
			require.True(t, s == "" || unsafe.StringData(s) != unsafe.StringData(text), "the same memory")
		}
	}
}

// After a clock that was ahead, what may have been forgotten is refused: a
// budget does not begin anew because the passport that it is of once seemed to
// have ended.
func TestBudgetsAfterAClockThatWasAhead(t *testing.T) {
	m := NewMemoryLedger(MemoryLedgerOptions{})
	act := func() error {
		_, err := m.Reserve(t.Context(), &Reservation{At: epoch, HoldBy: epoch.Add(time.Minute), Root: "r", Charges: []Charge{{
			Account: "a", Name: "n", Use: Count(10), Limit: Count(25), Until: epoch.Add(time.Hour),
		}}})
		return err
	}
	require.NoError(t, act())
	require.NoError(t, act())
	require.ErrorIs(t, act(), LedgerBudgetExceeded)
	require.Error(t, m.Commit(t.Context(), "hold-1", epoch.Add(1000*time.Hour)), "the hold was forgotten")
	for range 3 {
		err := act()
		require.ErrorIs(t, err, LedgerUnavailable)
		require.ErrorContains(t, err, "clock was ahead")
	}
}

package verifytest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// race is how many try at once.
const race = 64

var replayRules = []rule[verify.Ledger]{
	{"replay", "a presentation serves once: the same (agent, audience, challenge) again is ledger.replay, whatever else is asked",
		func(tb testing.TB, l verify.Ledger) {
			mustReserve(tb, l, reservation("one"))
			refuses(tb, l, reservation("one"), verify.LedgerReplay)
			refuses(tb, l, reservation("one", intent("urn:example:intent:other", "other content")), verify.LedgerReplay)
			refuses(tb, l, reservation("one", func(r *verify.Reservation) { r.AcceptRepeat = true }), verify.LedgerReplay)
			refuses(tb, l, reservation("one", at(noon.Add(5*time.Minute-1))), verify.LedgerReplay)
		}},
	{"replay of another party", "the key is all three of agent, audience and challenge; two agents may by chance have one challenge",
		func(tb testing.TB, l verify.Ledger) {
			mustReserve(tb, l, reservation("one"))
			mustReserve(tb, l, reservation("one", by("other")))
			mustReserve(tb, l, reservation("one", func(r *verify.Reservation) {
				r.Replay.Audience = "did:web:other.example"
				r.Idempotency.Audience = r.Replay.Audience
			}))
			mustReserve(tb, l, reservation("two"))
		}},
	{"replay after release", "Release gives back budgets, never the nonce", func(tb testing.TB, l verify.Ledger) {
		h := mustReserve(tb, l, reservation("one"))
		if err := release(l, h, noon); err != nil {
			tb.Fatalf("Release = %v, want no error", err)
		}
		refuses(tb, l, reservation("one"), verify.LedgerReplay)
	}},
	{"replay race", "of 64 that show one presentation at once, exactly one is let in", func(tb testing.TB, l verify.Ledger) {
		for round := range 8 {
			var in, other atomic.Int64
			together(race, func(int) {
				_, err := l.Reserve(ctx, reservation(fmt.Sprint("round ", round)))
				switch {
				case err == nil:
					in.Add(1)
				case !hasCode(err, verify.LedgerReplay):
					other.Add(1)
				}
			})
			if in.Load() != 1 || other.Load() != 0 {
				tb.Fatalf("%d of %d were let in and %d refused with another code than ledger.replay, want 1 and 0", in.Load(), race, other.Load())
			}
		}
	}},
	{"budget race", "64 that spend 10 each of 100 at once end at exactly 100: never more, and no room left unused", func(tb testing.TB, l verify.Ledger) {
		for round := range 8 {
			name := fmt.Sprint("round ", round)
			var in, other atomic.Int64
			together(race, func(i int) {
				_, err := l.Reserve(ctx, reservation(fmt.Sprint(name, " of ", i), uses(name, 10, 100)))
				switch {
				case err == nil:
					in.Add(1)
				case !hasCode(err, verify.LedgerBudgetExceeded):
					other.Add(1)
				}
			})
			if in.Load() != 10 || other.Load() != 0 {
				tb.Fatalf("%d spends of 10 went through and %d were refused with another code than ledger.budget_exceeded, want 10 and 0",
					in.Load(), other.Load())
			}
		}
	}},
	{"settle race", "the first of Commit and Release decides, even if they come at once: money is given back or spent, never both",
		func(tb testing.TB, l verify.Ledger) {
			h := mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
			var committed, released atomic.Int64
			together(race, func(i int) {
				if i%2 == 0 {
					if commit(l, h, noon) == nil {
						committed.Add(1)
					}
				} else if release(l, h, noon) == nil {
					released.Add(1)
				}
			})
			if committed.Load() > 0 == (released.Load() > 0) {
				tb.Fatalf("%d commits and %d releases of one hold succeeded, want only commits or only releases", committed.Load(), released.Load())
			}
			err := l.Peek(ctx, reservation("two", uses("money", 100, 100)))
			if free := err == nil; free != (released.Load() > 0) {
				tb.Errorf("after %d releases Peek = %v", released.Load(), err)
			}
		}},
	{"bare passports", "a zero replay key and a zero idempotency key are none: bare passports have only budgets", func(tb testing.TB, l verify.Ledger) {
		mustReserve(tb, l, reservation("one", bare, uses("money", 1, 2)))
		mustReserve(tb, l, reservation("two", bare, uses("money", 1, 2)))
		refuses(tb, l, reservation("three", bare, uses("money", 1, 2)), verify.LedgerBudgetExceeded)
	}},
	{"one decision", "the same decision again, as after an answer that was lost, takes nothing twice: it gets the answer of the first time, or an error",
		func(tb testing.TB, l verify.Ledger) {
			for _, r := range []*verify.Reservation{reservation("one", bare, uses("money", 10, 30)), reservation("two", uses("money", 10, 30))} {
				mustReserve(tb, l, r)
				if h, err := l.Reserve(ctx, r); err == nil && (h.Repeated || h.Decision != r.Record.Decision || !h.At.Equal(r.At)) {
					tb.Errorf("Reserve of the same decision = %+v, want the answer of the first time, or an error", h)
				}
			}
			mustReserve(tb, l, reservation("three", uses("money", 10, 30)))
		}},
}

var intentRules = []rule[verify.Ledger]{
	{"conflict", "an intent id names one act: other content under it is ledger.conflict, even if the first was released, or a retry could do something else",
		func(tb testing.TB, l verify.Ledger) {
			h := mustReserve(tb, l, reservation("one", intent("id", "buy bread")))
			refuses(tb, l, reservation("two", intent("id", "buy a car")), verify.LedgerConflict)
			refuses(tb, l, reservation("two", intent("id", "buy a car"), func(r *verify.Reservation) { r.AcceptRepeat = true }), verify.LedgerConflict)
			if err := release(l, h, noon); err != nil {
				tb.Fatalf("Release = %v, want no error", err)
			}
			refuses(tb, l, reservation("three", intent("id", "buy a car")), verify.LedgerConflict)
			mustReserve(tb, l, reservation("four", intent("id", "buy a car"), by("other")))
		}},
	{"repeat refused", "the same act under a new nonce is ledger.repeated while its hold is open and after Commit, or it would be done twice",
		func(tb testing.TB, l verify.Ledger) {
			h := mustReserve(tb, l, reservation("one", intent("id", "buy bread")))
			refuses(tb, l, reservation("two", intent("id", "buy bread")), verify.LedgerRepeated)
			if err := commit(l, h, noon); err != nil {
				tb.Fatalf("Commit = %v, want no error", err)
			}
			refuses(tb, l, reservation("three", intent("id", "buy bread")), verify.LedgerRepeated)
			refuses(tb, l, reservation("four", at(late), intent("id", "buy bread")), verify.LedgerRepeated)
		}},
	{"repeat accepted", "with AcceptRepeat the same act is told as Repeated, with the decision and instant of the first time, and spends nothing but its nonce",
		func(tb testing.TB, l verify.Ledger) {
			again := func(r *verify.Reservation) { r.AcceptRepeat = true }
			mustReserve(tb, l, reservation("one", intent("id", "buy bread"), uses("money", 60, 100)))
			r := reservation("two", intent("id", "buy bread"), uses("money", 60, 100), again, at(noon.Add(time.Minute)))
			h := mustReserve(tb, l, r)
			if !h.Repeated || h.Decision != decisionOf("one") || !h.At.Equal(noon) {
				tb.Errorf("Reserve = %+v, want Repeated with the decision and instant of the first", h)
			}
			refuses(tb, l, r, verify.LedgerReplay)
			mustReserve(tb, l, reservation("three", uses("money", 40, 100)))
			first := mustReserve(tb, l, reservation("four", again))
			if first.Repeated || first.Decision != decisionOf("four") {
				tb.Errorf("Reserve = %+v of a new act, want a hold that is not Repeated", first)
			}
		}},
	{"repeat after release", "an act that was released was not done: the same again is a new reservation, and spends", func(tb testing.TB, l verify.Ledger) {
		h := mustReserve(tb, l, reservation("one", intent("id", "buy bread"), uses("money", 60, 100)))
		if err := release(l, h, noon); err != nil {
			tb.Fatalf("Release = %v, want no error", err)
		}
		again := mustReserve(tb, l, reservation("two", intent("id", "buy bread"), uses("money", 60, 100),
			func(r *verify.Reservation) { r.AcceptRepeat = true }))
		if again.Repeated || again.Decision == h.Decision {
			tb.Errorf("Reserve = %+v, want a hold of its own", again)
		}
		refuses(tb, l, reservation("three", uses("money", 41, 100)), verify.LedgerBudgetExceeded)
		refuses(tb, l, reservation("four", intent("id", "buy bread")), verify.LedgerRepeated)
	}},
}

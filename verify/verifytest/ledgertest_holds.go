package verifytest

import (
	"errors"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

func settles(tb testing.TB, what string, err error) {
	tb.Helper()
	if err != nil {
		tb.Errorf("%s = %v, want no error", what, err)
	}
}

func settled(tb testing.TB, what string, err error) {
	tb.Helper()
	if !errors.Is(err, verify.ErrSettled) {
		tb.Errorf("%s = %v, want ErrSettled", what, err)
	}
}

var holdRules = []rule[verify.Ledger]{
	{"holds", "Held tells the decision and the instant of the reservation", func(tb testing.TB, l verify.Ledger) {
		for _, nonce := range []string{"one", "two", "three"} {
			h := mustReserve(tb, l, reservation(nonce))
			if h.Repeated || h.Decision != decisionOf(nonce) || !h.At.Equal(noon) {
				tb.Errorf("Reserve = %+v, want the decision and instant of the reservation", h)
			}
		}
	}},
	{"release", "Release gives back everything that was charged, once; a second Release changes nothing", func(tb testing.TB, l verify.Ledger) {
		mustReserve(tb, l, reservation("kept", uses("money", 50, 100), uses("rate", 1, 2, isRate)))
		h := mustReserve(tb, l, reservation("given back", uses("money", 50, 100), uses("rate", 1, 2, isRate)))
		refuses(tb, l, reservation("one", uses("money", 1, 100)), verify.LedgerBudgetExceeded)
		settles(tb, "Release", release(l, h, noon))
		settles(tb, "the second Release", release(l, h, noon))
		refuses(tb, l, reservation("two", uses("money", 51, 100)), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("three", uses("money", 50, 100), uses("rate", 1, 2, isRate)))
	}},
	{"release and commit", "what was released cannot be committed: Commit fails with ErrSettled and spends nothing", func(tb testing.TB, l verify.Ledger) {
		h := mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
		settles(tb, "Release", release(l, h, noon))
		settled(tb, "Commit after Release", commit(l, h, noon))
		mustReserve(tb, l, reservation("two", uses("money", 100, 100)))
	}},
	{"commit and release", "what was committed stays spent: Commit again is fine, Release fails with ErrSettled and gives nothing back",
		func(tb testing.TB, l verify.Ledger) {
			h := mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
			settles(tb, "Commit", commit(l, h, noon))
			settles(tb, "the second Commit", commit(l, h, noon))
			settled(tb, "Release after Commit", release(l, h, noon))
			refuses(tb, l, reservation("two", uses("money", 1, 100)), verify.LedgerBudgetExceeded)
		}},
	{"deadline", "a hold that nobody settled by its deadline counts as spent: Release comes too late, Commit says what is so",
		func(tb testing.TB, l verify.Ledger) {
			h := mustReserve(tb, l, reservation("one", intent("id", "buy bread"), uses("money", 60, 100)))
			early := mustReserve(tb, l, reservation("two", uses("money", 40, 100)))
			settles(tb, "Release just before the deadline", release(l, early, noon.Add(5*time.Minute-1)))
			late := noon.Add(5 * time.Minute)
			settled(tb, "Release at the deadline", release(l, h, late))
			settles(tb, "Commit after the deadline", commit(l, h, late))
			refuses(tb, l, reservation("three", at(late), uses("money", 41, 100)), verify.LedgerBudgetExceeded)
			refuses(tb, l, reservation("four", at(late), intent("id", "buy bread")), verify.LedgerRepeated)
		}},
	{"unknown hold", "a hold that was never given out cannot be settled; it belongs to another ledger, or was lost", func(tb testing.TB, l verify.Ledger) {
		mustReserve(tb, l, reservation("one"))
		unknown := verify.Held{Decision: decisionOf("no such")}
		if err := commit(l, unknown, noon); !errors.Is(err, verify.ErrUnknownDecision) {
			tb.Errorf("Done for an unknown decision = %v, want ErrUnknownDecision", err)
		}
		if err := release(l, unknown, noon); !errors.Is(err, verify.ErrUnknownDecision) {
			tb.Errorf("NotDone for an unknown decision = %v, want ErrUnknownDecision", err)
		}
	}},
}

var otherRules = []rule[verify.Ledger]{
	{"peek takes nothing", "Peek says what Reserve would say and leaves no trace, or a dry run would use up what it asks about",
		func(tb testing.TB, l verify.Ledger) {
			for range 3 {
				if err := l.Peek(ctx, reservation("one", uses("money", 100, 100))); err != nil {
					tb.Fatalf("Peek = %v, want no error", err)
				}
			}
			// A look into the future ends nothing either.
			settles(tb, "Peek", l.Peek(ctx, reservation("later", at(noon.Add(100*time.Hour)))))
			mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
			refuses(tb, l, reservation("one"), verify.LedgerReplay)
		}},
	{"records take nothing", "a refused decision is recorded and touches neither nonce nor budget", func(tb testing.TB, l verify.Ledger) {
		refused := reservation("one").Record
		refused.Verdict, refused.Codes = verify.Deny, []verify.Code{verify.ProofInvalid}
		for range 3 {
			settles(tb, "Record", l.Record(ctx, refused))
		}
		settles(tb, "Record of next to nothing", l.Record(ctx, verify.Record{Decision: "d", At: noon}))
		mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
	}},
	{"cancelled", "when the context is done, Reserve and Peek fail and nothing is taken: the caller will not act", func(tb testing.TB, l verify.Ledger) {
		if _, err := l.Reserve(cancelled(), reservation("one", uses("money", 100, 100))); err == nil {
			tb.Errorf("Reserve with a cancelled context = nil, want an error")
		}
		if l.Peek(cancelled(), reservation("one")) == nil {
			tb.Errorf("Peek with a cancelled context = nil, want an error")
		}
		mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
	}},
	{"the caller's memory", "a reservation belongs to the caller, who may use it again for something else as soon as Reserve has returned",
		func(tb testing.TB, l verify.Ledger) {
			r := reservation("one", uses("money", 100, 100))
			mustReserve(tb, l, r)
			r.Charges[0].Name, r.Charges[0].Use, r.Content, r.Idempotency.Intent = "other", verify.Count(0), "other", "other"
			refuses(tb, l, reservation("two", uses("money", 1, 100)), verify.LedgerBudgetExceeded)
			refuses(tb, l, reservation("three", intent("urn:example:intent:one", "other")), verify.LedgerConflict)
		}},
}

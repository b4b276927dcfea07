package verifytest

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// reads returns a ledger as one that can be read in some way, or skips the test.
func reads[T any](tb testing.TB, l verify.Ledger) T {
	tb.Helper()
	r, ok := l.(T)
	if !ok {
		tb.Skipf("the ledger is not a %v", reflect.TypeFor[T]())
	}
	return r
}

func entry(tb testing.TB, j verify.Journal, decision string) verify.Entry {
	tb.Helper()
	e, err := j.Entry(ctx, decision)
	if err != nil {
		tb.Fatalf("Entry(%s) = %v, want no error", decision, err)
	}
	return e
}

func wants[T any](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if !reflect.DeepEqual(got, want) {
		tb.Errorf("%s is\n%+v, want\n%+v", what, got, want)
	}
}

// recorded are the records of a test, with every member set.
func recorded(verdict verify.Verdict, codes ...verify.Code) func(*verify.Reservation) {
	return func(r *verify.Reservation) {
		r.Record = verify.Record{
			Verdict: verdict, Codes: codes, Passport: "urn:example:passport:root", Agent: r.Agent.String(), Root: rootAccount, Intent: r.Idempotency.Intent,
			Audience: Audience, Action: "payments.charge", Resource: "https://shop.example/orders/1\n'; --", Amount: usd("12.50"),
			Proven: true, Took: 1500 * time.Microsecond, Scored: true, Score: 612,
		}
	}
}

var readingRules = []rule[verify.Ledger]{
	{"a record is written", "every decision is recorded with all that was said of it, and a repetition as one", func(
		tb testing.TB, l verify.Ledger,
	) {
		j := reads[verify.Journal](tb, l)
		allowed := reservation("one", recorded(verify.Allow), pays("12.50", "100"))
		mustReserve(tb, l, allowed)
		e := entry(tb, j, allowed.Record.Decision)
		wants(tb, "the record of an allowed decision", e.Record, allowed.Record)
		wants(tb, "the state of its hold", e.State, verify.HoldOpen)
		wants(tb, "what it came to", e.Done, verify.AmountOf(usd("12.50")))

		refused := reservation("two", recorded(verify.Deny, verify.ProofInvalid, verify.LedgerReplay)).Record
		settles(tb, "Record", l.Record(ctx, refused))
		e = entry(tb, j, refused.Decision)
		wants(tb, "the record of a refusal", e.Record, refused)
		wants(tb, "the state of its hold", e.State, verify.NoHold)

		repeated := reservation("three", intent(allowed.Idempotency.Intent, allowed.Content), func(r *verify.Reservation) { r.AcceptRepeat = true })
		mustReserve(tb, l, repeated)
		repeated.Record.Codes = []verify.Code{verify.LedgerRepeated}
		e = entry(tb, j, repeated.Record.Decision)
		wants(tb, "the record of a repetition", e.Record, repeated.Record)
		wants(tb, "the state of its hold", e.State, verify.NoHold)

		taken := reservation("one", recorded(verify.Allow)) // refused by the ledger: the verifier records it
		taken.Record.Decision = decisionID("never recorded")
		refuses(tb, l, taken, verify.LedgerReplay)
		if _, err := j.Entry(ctx, taken.Record.Decision); !errors.Is(err, verify.ErrUnknownDecision) {
			tb.Errorf("Entry of a decision that was not recorded = %v, want ErrUnknownDecision", err)
		}
	}},
	{"settlements are recorded", "what became of an act, who said so by name, and what was refused because of its amount, can be read with its decision",
		func(tb testing.TB, l verify.Ledger) {
			j := reads[verify.Journal](tb, l)
			h := mustReserve(tb, l, reservation("one", pays("60.00", "100")))
			settles(tb, "Done", commit(l, h, noon))
			wants(tb, "the state after Done", entry(tb, j, h.Decision).State, verify.HoldSpent)
			tooMuch := says(h, verify.Done, noon.Add(time.Minute), forAmount(usd("60.01")))
			refusesAmount(tb, "too much", l.Settle(ctx, tooMuch))
			refund := says(h, verify.Done, noon.Add(2*time.Minute), forAmount(usd("20.00")), named)
			settles(tb, "a refund", l.Settle(ctx, refund))
			e := entry(tb, j, h.Decision)
			wants(tb, "the state after a refund", e.State, verify.HoldSpent)
			wants(tb, "what it came to", e.Done, verify.AmountOf(usd("20.00")))
			if len(e.Attempts) != 2 || e.Attempts[0].Refused == "" {
				tb.Fatalf("the attempts are %+v, want one that was refused and one by name", e.Attempts)
			}
			e.Attempts[0].Refused = ""
			wants(tb, "the attempts", e.Attempts, []verify.Settlement{tooMuch, refund})
			settles(tb, "NotDone by name", l.Settle(ctx, says(h, verify.NotDone, noon.Add(3*time.Minute), named)))
			e = entry(tb, j, h.Decision)
			wants(tb, "the state after NotDone", e.State, verify.HoldGivenBack)
			wants(tb, "what it came to", e.Done, verify.Quantity{})
		}},
	{"unresolved", "what nobody settled by its deadline is listed for the host to find out, in pages, and no longer when it is settled",
		func(tb testing.TB, l verify.Ledger) {
			rec := reads[verify.Reconciler](tb, l)
			var all []string
			for _, nonce := range []string{"one", "two", "three", "four", "five"} {
				all = append(all, mustReserve(tb, l, reservation(nonce, pays("12.50", "100"))).Decision)
			}
			slices.Sort(all)
			list := func(when time.Time, after string, limit int) (ids []string) {
				tb.Helper()
				page, err := rec.Unresolved(ctx, when, after, limit)
				if err != nil {
					tb.Fatalf("Unresolved = %v, want no error", err)
				}
				for _, u := range page {
					ids = append(ids, u.Decision)
					if !u.At.Equal(noon) || !u.HoldBy.Equal(late) || u.Record.Decision != u.Decision {
						tb.Errorf("Unresolved = %+v, want the decision at noon with its deadline and record", u)
					}
				}
				return ids
			}
			wants(tb, "the list before the deadline", list(late.Add(-1), "", 0), nil)
			wants(tb, "the list at the deadline", list(late, "", 0), all)
			wants(tb, "the first page of two", list(late, "", 2), all[:2])
			wants(tb, "the page after that", list(late, all[1], 2), all[2:4])
			wants(tb, "the last page", list(late, all[3], 2), all[4:])
			hold := func(i int) verify.Held { return verify.Held{Decision: all[i]} }
			settles(tb, "Done", commit(l, hold(0), late))
			settles(tb, "NotDone by name", l.Settle(ctx, says(hold(1), verify.NotDone, late, named)))
			settles(tb, "Done for less by name", l.Settle(ctx, says(hold(2), verify.Done, late, forAmount(usd("1.00")), named)))
			settles(tb, "still unknown, by name", l.Settle(ctx, says(hold(3), verify.OutcomeUnknown, late, named)))
			wants(tb, "the list after settling", list(late, "", 0), all[3:])
			early := mustReserve(tb, l, reservation("six", at(late)))
			settles(tb, "OutcomeUnknown", l.Settle(ctx, says(early, verify.OutcomeUnknown, late)))
			page, err := rec.Unresolved(ctx, late, "", 0)
			if err != nil || len(page) != 3 {
				tb.Errorf("Unresolved = %+v, %v, want one more that is unknown before its deadline", page, err)
			}
		}},
	{"usage", "what is spent and what is held of a budget in its window can be read, and reading takes nothing", func(tb testing.TB, l verify.Ledger) {
		r := reads[verify.UsageReader](tb, l)
		spent := mustReserve(tb, l, reservation("spent", at(noon.Add(time.Minute)), uses("money", 30, 100)))
		settles(tb, "Done", commit(l, spent, noon.Add(time.Minute)))
		given := mustReserve(tb, l, reservation("given back", uses("money", 7, 100)))
		settles(tb, "NotDone", release(l, given, noon))
		mustReserve(tb, l, reservation("held", at(noon.Add(2*time.Minute)), uses("money", 20, 100)))
		mustReserve(tb, l, reservation("held, too", at(noon.Add(3*time.Minute)), uses("money", 5, 100)))
		charges := func(when time.Time) []verify.Charge {
			c := verify.Charge{Account: rootAccount, Name: "money", Since: when.Add(-time.Hour + 1)}
			ever, other := c, c
			ever.Since, other.Name = time.Time{}, "other"
			return []verify.Charge{c, other, ever}[:2:2]
		}
		for range 2 {
			for when, want := range map[time.Time]verify.Used{
				noon.Add(4 * time.Minute):  {Spent: verify.Count(30), Held: verify.Count(25), Open: 2, Oldest: noon.Add(time.Minute)},
				noon.Add(7 * time.Minute):  {Spent: verify.Count(50), Held: verify.Count(5), Open: 1, Oldest: noon.Add(time.Minute)},
				noon.Add(61 * time.Minute): {Spent: verify.Count(25), Oldest: noon.Add(2 * time.Minute)},
			} {
				got, err := r.Usage(ctx, charges(when), when)
				if err != nil || len(got) != 2 {
					tb.Fatalf("Usage = %+v, %v, want one for each charge", got, err)
				}
				got[0].Oldest, got[1].Oldest = got[0].Oldest.UTC(), got[1].Oldest.UTC()
				wants(tb, "the usage at "+when.Format(time.TimeOnly), got[0], want)
				wants(tb, "the usage of what was never used", got[1], verify.Used{})
			}
		}
		refuses(tb, l, reservation("more", at(noon.Add(4*time.Minute)), uses("money", 46, 100)), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("most", at(noon.Add(4*time.Minute)), uses("money", 45, 100)))
	}},
}

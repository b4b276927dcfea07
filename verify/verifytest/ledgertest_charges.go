package verifytest

import (
	"errors"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

func isRate(c *verify.Charge) { c.Rate = true }

var chargeRules = []rule[verify.Ledger]{
	{"limit", "exactly the limit may be used, and not one unit more; using nothing is always possible within it", func(tb testing.TB, l verify.Ledger) {
		refuses(tb, l, reservation("much", uses("money", 101, 100)), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("most", uses("money", 60, 100)))
		mustReserve(tb, l, reservation("rest", uses("money", 40, 100)))
		refuses(tb, l, reservation("more", uses("money", 1, 100)), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("none", uses("money", 0, 100)))
		refuses(tb, l, reservation("zero", uses("nothing", 1, 0)), verify.LedgerBudgetExceeded)
	}},
	{"open holds count", "what is reserved counts before it is committed, or two could spend the same money", func(tb testing.TB, l verify.Ledger) {
		h := mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
		refuses(tb, l, reservation("two", uses("money", 1, 100)), verify.LedgerBudgetExceeded)
		if err := commit(l, h, noon); err != nil {
			tb.Fatalf("Commit = %v, want no error", err)
		}
		refuses(tb, l, reservation("three", uses("money", 1, 100)), verify.LedgerBudgetExceeded)
	}},
	{"rolling window", "uses from Since on count, that instant included; earlier ones do not", func(tb testing.TB, l verify.Ledger) {
		mustReserve(tb, l, reservation("one", uses("money", 60, 100)))
		mustReserve(tb, l, reservation("two", at(noon.Add(30*time.Minute)), uses("money", 40, 100)))
		since := func(t time.Time) func(*verify.Charge) { return func(c *verify.Charge) { c.Since = t } }
		later := at(noon.Add(time.Hour))
		refuses(tb, l, reservation("three", later, uses("money", 1, 100, since(noon))), verify.LedgerBudgetExceeded)
		refuses(tb, l, reservation("four", later, uses("money", 61, 100, since(noon.Add(1)))), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("five", later, uses("money", 60, 100, since(noon.Add(1)))))
	}},
	{"lifetime", "a zero Since counts every use there ever was", func(tb testing.TB, l verify.Ledger) {
		ever := func(c *verify.Charge) { c.Since = time.Time{} }
		mustReserve(tb, l, reservation("one", uses("money", 60, 100, ever)))
		mustReserve(tb, l, reservation("two", at(noon.Add(500*time.Hour)), uses("money", 40, 100, ever)))
		refuses(tb, l, reservation("three", at(noon.Add(900*time.Hour)), uses("money", 1, 100, ever)), verify.LedgerBudgetExceeded)
	}},
	{"accounts apart", "every limit of every passport is counted for itself", func(tb testing.TB, l verify.Ledger) {
		mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
		mustReserve(tb, l, reservation("two", uses("other money", 100, 100)))
		mustReserve(tb, l, reservation("three",
			uses("money", 100, 100, func(c *verify.Charge) { c.Account = "did:example:issuer urn:example:passport:other" })))
	}},
	{"children draw on the parent", "one reservation charges several accounts, and a full one stops it however much is left in the others",
		func(tb testing.TB, l verify.Ledger) {
			child := func(name string, n int64) func(*verify.Reservation) {
				return uses("money", n, 80, func(c *verify.Charge) { c.Account = "urn:example:passport:" + name })
			}
			mustReserve(tb, l, reservation("one", uses("money", 70, 100), child("first", 70)))
			refuses(tb, l, reservation("two", uses("money", 31, 100), child("second", 31)), verify.LedgerBudgetExceeded)
			mustReserve(tb, l, reservation("three", uses("money", 30, 100), child("second", 30)))
		}},
	{"all or nothing", "a reservation that is refused takes nothing: no other budget, no nonce, no intent", func(tb testing.TB, l verify.Ledger) {
		refuses(tb, l, reservation("one", uses("money", 10, 100), uses("rate", 2, 1, isRate)), verify.LedgerRateExceeded)
		mustReserve(tb, l, reservation("one", uses("money", 100, 100), uses("rate", 1, 1, isRate)))
	}},
	{"every reason", "each budget and rate that has not enough left is a *ChargeError of its own, with the place " +
		"of the charge, what is spent and held, and what must leave the window first; errors are joined", func(tb testing.TB, l verify.Ledger) {
		spent := mustReserve(tb, l, reservation("spent", uses("money", 30, 100)))
		settles(tb, "Done", commit(l, spent, noon))
		mustReserve(tb, l, reservation("held", at(noon.Add(time.Minute)), uses("money", 50, 100)))
		mustReserve(tb, l, reservation("held, too", at(noon.Add(2*time.Minute)), uses("money", 15, 100), uses("rate", 1, 1, isRate)))
		r := reservation("more", at(noon.Add(3*time.Minute)), uses("enough", 1, 1), uses("money", 36, 100), uses("rate", 2, 1, isRate))
		_, err := l.Reserve(ctx, r)
		got := reasons(err)
		if len(got) != 2 {
			tb.Fatalf("Reserve = %v, want two reasons", err)
		}
		for i, want := range []verify.ChargeError{
			{Index: 1, Used: verify.Used{Spent: verify.Count(30), Held: verify.Count(65), Open: 2, Oldest: noon}, After: noon.Add(time.Minute)},
			{Index: 2, Rate: true, Used: verify.Used{Held: verify.Count(1), Open: 1, Oldest: noon.Add(2 * time.Minute)}}, // more than the limit: never
		} {
			var e *verify.ChargeError
			if !errors.As(got[i], &e) {
				tb.Fatalf("reason %d is %T %v, want a *ChargeError", i, got[i], got[i])
			}
			is := *e
			is.Oldest, is.After = is.Oldest.UTC(), is.After.UTC()
			wants(tb, "the reason", is, want)
		}
		fits := noon.Add(time.Minute).Add(time.Hour) // when what was used last has left
		refuses(tb, l, reservation("too early", at(fits.Add(-1)), uses("money", 36, 100)), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("in time", at(fits), uses("money", 36, 100)))
	}},
	{"equal pairs", "two charges of one reservation on one limit are refused, or each might fit and both exceed " +
		"it; so is a charge of somebody who is not of the chain", func(tb testing.TB, l verify.Ledger) {
		refuses(tb, l, reservation("one", uses("money", 60, 100), uses("money", 60, 100)), verify.InternalError)
		refuses(tb, l, reservation("two", uses("money", 60, 100),
			func(r *verify.Reservation) { r.Charges[0].Account = "did:example:issuer urn:example:passport:stranger" }), verify.InternalError)
		mustReserve(tb, l, reservation("three", uses("money", 100, 100)))
	}},
	{"order of charges", "charges come root first, then by account, each by name, so that a store may lock in that " +
		"order: others are refused, or two calls might wait for each other", func(tb testing.TB, l verify.Ledger) {
		of := func(account string) func(*verify.Charge) { return func(c *verify.Charge) { c.Account = account } }
		three := []func(*verify.Reservation){
			uses("money", 1, 100), uses("money", 1, 100, of("urn:example:a")),
			uses("money", 1, 100, of("urn:example:b")), uses("rate", 1, 100, of("urn:example:b")),
		}
		for i := range 3 {
			r := reservation("turned", three...)
			r.Charges[i], r.Charges[i+1] = r.Charges[i+1], r.Charges[i]
			refuses(tb, l, r, verify.InternalError)
		}
		mustReserve(tb, l, reservation("turned", three...))
	}},
	{"large amounts", "quantities have 128 bits and never wrap: a sum that does not fit is more than any limit", func(tb testing.TB, l verify.Ledger) {
		huge := func(use, limit verify.Quantity) func(*verify.Charge) {
			return func(c *verify.Charge) { c.Use, c.Limit = use, limit }
		}
		half, most := verify.Quantity{Hi: 1 << 63}, verify.Quantity{Hi: ^uint64(0), Lo: ^uint64(0)}
		mustReserve(tb, l, reservation("one", uses("money", 0, 0, huge(verify.Quantity{Hi: 5, Lo: ^uint64(0)}, verify.Quantity{Hi: 6}))))
		refuses(tb, l, reservation("two", uses("money", 0, 0, huge(verify.Quantity{Lo: 2}, verify.Quantity{Hi: 6}))), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("three", uses("money", 0, 0, huge(verify.Quantity{Lo: 1}, verify.Quantity{Hi: 6}))))
		mustReserve(tb, l, reservation("four", uses("more", 0, 0, huge(half, half))))
		refuses(tb, l, reservation("five", uses("more", 0, 0, huge(half, half))), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("six", uses("most", 0, 0, huge(most, most))))
		refuses(tb, l, reservation("no room", uses("most", 0, 0, huge(verify.Quantity{Lo: 1}, most))),
			verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("nothing", uses("most", 0, 0, huge(verify.Quantity{}, most))))
		refuses(tb, l, reservation("seven", uses("most", 0, 0, huge(most, verify.Quantity{Hi: ^uint64(0), Lo: 1}))), verify.LedgerBudgetExceeded)
	}},
	{"order of reasons", "replay comes before conflict, conflict before too many nonces, these before budgets: the code tells what to do about it",
		func(tb testing.TB, l verify.Ledger) {
			mustReserve(tb, l, reservation("one", intent("id", "buy bread"), uses("money", 1, 1)))
			everything := []func(*verify.Reservation){intent("id", "buy a car"), uses("money", 1, 1), caps(func(c *verify.Caps) { c.Nonces = 1 })}
			refuses(tb, l, reservation("one", everything...), verify.LedgerReplay)
			refuses(tb, l, reservation("two", everything...), verify.LedgerConflict)
			refuses(tb, l, reservation("three", everything[1:]...), verify.LedgerRateExceeded)
			refuses(tb, l, reservation("four", everything[1]), verify.LedgerBudgetExceeded)
		}},
}

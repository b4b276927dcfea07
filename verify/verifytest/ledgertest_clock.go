package verifytest

import (
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

func since(t time.Time) func(*verify.Charge) { return func(c *verify.Charge) { c.Since = t } }

func until(t time.Time) func(*verify.Charge) { return func(c *verify.Charge) { c.Until = t } }

// clockRules are about clocks that differ, and what may be forgotten.
var clockRules = []rule[verify.Ledger]{
	{"replay with a clock that goes back", "a nonce that was forgotten, because its time was over, must not be " +
		"taken for a new one when a verifier's clock is set back", func(tb testing.TB, l verify.Ledger) {
		mustReserve(tb, l, reservation("one"))
		mustReserve(tb, l, reservation("later", at(noon.Add(time.Hour))))
		forget(tb, l, noon.Add(time.Hour))
		again := reservation("one", at(noon.Add(time.Minute)), intent("urn:example:intent:other", "other content"),
			func(r *verify.Reservation) { r.ReplayUntil = late })
		refusesWithOneOf(tb, l, again, verify.LedgerReplay, verify.LedgerUnavailable)
	}},
	{"account with a clock that goes back", "a budget does not begin anew because the passport that it is of seemed to have ended",
		func(tb testing.TB, l verify.Ledger) {
			ends := until(noon.Add(time.Hour))
			mustReserve(tb, l, reservation("one", uses("money", 100, 100, since(time.Time{}), ends)))
			goOn(tb, l, noon.Add(2*time.Hour))
			refusesWithOneOf(tb, l, reservation("two", at(noon.Add(1)),
				uses("money", 1, 100, since(time.Time{}), ends)), verify.LedgerBudgetExceeded, verify.LedgerUnavailable)
			refusesWithOneOf(tb, l, reservation("three", at(noon.Add(2*time.Hour)),
				uses("money", 1, 100, since(time.Time{}), ends)), verify.LedgerBudgetExceeded, verify.LedgerUnavailable)
		}},
	{"renewed passport with a clock that goes back", "a budget that was forgotten, because its passport " +
		"seemed to have ended, does not begin anew for a passport that was renewed meanwhile and ends later",
		func(tb testing.TB, l verify.Ledger) {
			ends := until(noon.Add(time.Hour))
			mustReserve(tb, l, reservation("one", uses("money", 100, 100, ends)))
			goOn(tb, l, noon.Add(2*time.Hour))
			later := until(noon.Add(10 * time.Hour))
			refusesWithOneOf(tb, l, reservation("two", at(noon.Add(time.Minute)), uses("money", 1, 100, later)),
				verify.LedgerBudgetExceeded, verify.LedgerUnavailable)
			mustReserve(tb, l, reservation("three", at(noon.Add(2*time.Hour)), by("other"),
				uses("money", 100, 100, later)))
		}},
	{"intent with a clock that goes back", "an act that was done is not done again because a clock that was " +
		"ahead has seen the end of what is known of it", func(tb testing.TB, l verify.Ledger) {
		known := func(r *verify.Reservation) { r.KnownUntil = noon.Add(time.Hour) }
		settles(tb, "Done", commit(l, mustReserve(tb, l, reservation("one", intent("id", "buy bread"), known)), noon))
		goOn(tb, l, noon.Add(72*time.Hour))
		again := func(r *verify.Reservation) { r.ReplayUntil = noon.Add(80 * time.Hour) }
		refusesWithOneOf(tb, l, reservation("two", at(noon.Add(time.Minute)), intent("id", "buy bread"), again),
			verify.LedgerRepeated, verify.LedgerUnavailable)
		mustReserve(tb, l, reservation("three", at(noon.Add(72*time.Hour)), intent("id", "buy bread"), again))
	}},
	{"window with a clock that goes back", "a window is not empty because a clock that was ahead has seen its end", func(tb testing.TB, l verify.Ledger) {
		mustReserve(tb, l, reservation("one", uses("money", 100, 100)))
		mustReserve(tb, l, reservation("ahead", at(noon.Add(10*time.Hour)), uses("money", 1, 100, since(noon.Add(9*time.Hour)))))
		forget(tb, l, noon.Add(10*time.Hour))
		refusesWithOneOf(tb, l, reservation("two", at(noon.Add(time.Minute)), uses("money", 1, 100)), verify.LedgerBudgetExceeded, verify.LedgerUnavailable)
	}},
	{"a clock that was ahead", "one call by a clock that is ahead does not lock the others out, least of all by blaming agents for a replay",
		func(tb testing.TB, l verify.Ledger) {
			mustReserve(tb, l, reservation("before", uses("money", 1, 100)))
			h := mustReserve(tb, l, reservation("ahead", at(noon.Add(time.Hour)), by("other"), uses("money", 1, 100, since(noon))))
			settles(tb, "Done by a clock that is ahead", commit(l, h, noon.Add(time.Hour)))
			forget(tb, l, noon.Add(time.Hour))
			mustReserve(tb, l, reservation("after", at(noon.Add(time.Second)), uses("money", 98, 100, since(noon.Add(-time.Hour)))))
		}},
	{"each by its own clock", "a use counts at the instant of its reservation, also when one with a later instant came first",
		func(tb testing.TB, l verify.Ledger) {
			mustReserve(tb, l, reservation("one", at(noon.Add(10*time.Second)), uses("money", 60, 100)))
			mustReserve(tb, l, reservation("two", at(noon.Add(5*time.Second)), uses("money", 40, 100)))
			then := at(noon.Add(time.Hour))
			refuses(tb, l, reservation("three", then, uses("money", 1, 100, since(noon.Add(5*time.Second)))), verify.LedgerBudgetExceeded)
			refuses(tb, l, reservation("four", then, uses("money", 41, 100, since(noon.Add(5*time.Second+1)))), verify.LedgerBudgetExceeded)
			mustReserve(tb, l, reservation("five", then, uses("money", 40, 100, since(noon.Add(5*time.Second+1)))))
		}},
	{"kept until", "an account is kept until the latest Until that was said of it", func(tb testing.TB, l verify.Ledger) {
		ever := since(time.Time{})
		mustReserve(tb, l, reservation("one", uses("money", 60, 100, ever, until(noon.Add(2*time.Hour)))))
		mustReserve(tb, l, reservation("two", uses("money", 39, 100, ever, until(noon.Add(time.Hour)))))
		goOn(tb, l, noon.Add(90*time.Minute))
		refuses(tb, l, reservation("three", at(noon.Add(90*time.Minute)), uses("money", 2, 100, ever)), verify.LedgerBudgetExceeded)
		mustReserve(tb, l, reservation("four", at(noon.Add(90*time.Minute)), uses("money", 1, 100, ever)))
	}},
	{"known until", "an idempotency key is known until KnownUntil, that instant included, and then as if it had never been used",
		func(tb testing.TB, l verify.Ledger) {
			hour := func(r *verify.Reservation) { r.KnownUntil = noon.Add(time.Hour) }
			h := mustReserve(tb, l, reservation("one", intent("id", "buy bread"), hour))
			settles(tb, "Done", commit(l, h, noon))
			refuses(tb, l, reservation("two", at(noon.Add(time.Hour)), intent("id", "buy bread")), verify.LedgerRepeated)
			refuses(tb, l, reservation("three", at(noon.Add(time.Hour)), intent("id", "buy a car")), verify.LedgerConflict)
			mustReserve(tb, l, reservation("four", at(noon.Add(time.Hour+1)), intent("id", "buy a car")))
		}},
}

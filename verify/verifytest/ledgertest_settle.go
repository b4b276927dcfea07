package verifytest

import (
	"errors"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// pays charges an amount in USD to a budget of the passport "root" of the last
// hour, and makes it the amount of the act.
func pays(amount, limit string) func(*verify.Reservation) {
	return func(r *verify.Reservation) {
		r.Record.Amount = usd(amount)
		uses("money", 0, 0, func(c *verify.Charge) {
			c.Use, c.Limit = verify.AmountOf(usd(amount)), verify.AmountOf(usd(limit))
		})(r)
	}
}

func usd(amount string) verify.Money { return passport.MustMoney(amount, "USD") }

// says makes the settlement of a hold.
func says(h verify.Held, outcome verify.ActOutcome, when time.Time, edits ...func(*verify.Settlement)) verify.Settlement {
	s := verify.Settlement{Decision: h.Decision, Outcome: outcome, At: when}
	for _, edit := range edits {
		edit(&s)
	}
	return s
}

func forAmount(m verify.Money) func(*verify.Settlement) {
	return func(s *verify.Settlement) { s.Amount = m }
}

// named is said by an operator.
func named(s *verify.Settlement) { s.By, s.Reason = "operator", "the bank says so" }

// leaves checks how much of the budget of pays is left at an instant: that much can
// be reserved, and not a cent more.
func leaves(tb testing.TB, l verify.Ledger, when time.Time, left string) {
	tb.Helper()
	try := func(m verify.Money) error {
		r := reservation("left "+left, at(when), pays("0", "100"))
		r.Record.Amount = m
		r.Charges[0].Use, r.Charges[0].Since = verify.AmountOf(m), when.Add(-time.Hour+1)
		return l.Peek(ctx, r)
	}
	if err := try(usd(left)); err != nil {
		tb.Errorf("at %s %s of 100.00 USD should be left: Peek = %v", when.Format(time.TimeOnly), left, err)
	}
	more, _ := usd(left).Add(usd("0.01"))
	if err := try(more); !hasCode(err, verify.LedgerBudgetExceeded) {
		tb.Errorf("at %s no more than %s of 100.00 USD should be left: Peek for a cent more = %v", when.Format(time.TimeOnly), left, err)
	}
}

func refusesAmount(tb testing.TB, what string, err error) {
	tb.Helper()
	if !errors.Is(err, verify.ErrNotReserved) {
		tb.Errorf("%s = %v, want ErrNotReserved", what, err)
	}
}

var (
	late = noon.Add(5 * time.Minute) // the deadline of a reservation at noon
	week = 7 * day
)

var settleRules = []rule[verify.Ledger]{
	{"done for less", "an act that was done for less gives back the rest of every budget, and nothing of a rate; the same again changes nothing",
		func(tb testing.TB, l verify.Ledger) {
			h := mustReserve(tb, l, reservation("one", pays("60.00", "100"), uses("rate", 1, 1, isRate)))
			less := says(h, verify.Done, noon, forAmount(usd("20.50")))
			settles(tb, "Done for 20.50", l.Settle(ctx, less))
			leaves(tb, l, noon, "79.50")
			settles(tb, "the same again", l.Settle(ctx, less))
			settled(tb, "Done for another amount", l.Settle(ctx, says(h, verify.Done, noon, forAmount(usd("20.49")))))
			settled(tb, "Done for all of it", commit(l, h, noon))
			leaves(tb, l, noon, "79.50")
			refuses(tb, l, reservation("two", uses("rate", 1, 1, isRate)), verify.LedgerRateExceeded)

			finer, err := passport.ParseAssetMoney("59.9995", "USD", 4)
			if err != nil {
				tb.Fatal(err)
			}
			cents := mustReserve(tb, l, reservation("four", pays("60.00", "100")))
			settles(tb, "Done for an amount with more decimals of the same currency", l.Settle(ctx, says(cents, verify.Done, noon, forAmount(finer))))
			settles(tb, "given back by name", l.Settle(ctx, says(cents, verify.NotDone, noon, named)))

			nothing := mustReserve(tb, l, reservation("three", pays("79.50", "100")))
			settles(tb, "Done for nothing", l.Settle(ctx, says(nothing, verify.Done, noon, forAmount(usd("0")))))
			leaves(tb, l, noon, "79.50")
			settled(tb, "NotDone after Done", release(l, nothing, noon))
		}},
	{"not reserved", "settling for more than was reserved, or in another asset, is ErrNotReserved and changes nothing", func(tb testing.TB, l verify.Ledger) {
		h := mustReserve(tb, l, reservation("one", pays("60.00", "100")))
		other, err := passport.ParseAssetMoney("1", "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", 6)
		if err != nil {
			tb.Fatal(err)
		}
		for what, m := range map[string]verify.Money{"a cent more": usd("60.01"), "euros": passport.MustMoney("1.00", "EUR"), "a token": other} {
			refusesAmount(tb, what, l.Settle(ctx, says(h, verify.Done, noon, forAmount(m))))
			refusesAmount(tb, what+", by name", l.Settle(ctx, says(h, verify.Done, noon, forAmount(m), named)))
		}
		leaves(tb, l, noon, "40.00")
		settles(tb, "Release after that", release(l, h, noon))
		none := mustReserve(tb, l, reservation("two"))
		refusesAmount(tb, "an amount of an act that had none", l.Settle(ctx, says(none, verify.Done, noon, forAmount(usd("0")))))
	}},
	{"by name after the deadline", "whoever learns better after the deadline says so by name: not done gives " +
		"back, done for less gives back the rest; without a name only what is so is confirmed", func(tb testing.TB, l verify.Ledger) {
		one := mustReserve(tb, l, reservation("one", intent("id", "buy bread"), pays("60.00", "100")))
		two := mustReserve(tb, l, reservation("two", pays("30.00", "100")))
		settled(tb, "NotDone without a name", release(l, one, late))
		settled(tb, "Done for less without a name", l.Settle(ctx, says(two, verify.Done, late, forAmount(usd("10.00")))))
		leaves(tb, l, late, "10.00")
		settles(tb, "NotDone by name", l.Settle(ctx, says(one, verify.NotDone, late, named)))
		leaves(tb, l, late, "70.00")
		settles(tb, "Done for less by name", l.Settle(ctx, says(two, verify.Done, late, forAmount(usd("10.00")), named)))
		leaves(tb, l, late, "90.00")
		settled(tb, "NotDone again without a name", release(l, two, late))
		mustReserve(tb, l, reservation("again", at(late), intent("id", "buy bread"), pays("1.00", "100"))) // it was not done
		refuses(tb, l, reservation("one"), verify.LedgerReplay)
	}},
	{"refund", "a refund is a settlement by name for what is left of the act, and gives back into the window of the act: never into a later one",
		func(tb testing.TB, l verify.Ledger) {
			one := mustReserve(tb, l, reservation("one", pays("60.00", "100")))
			settles(tb, "Done", commit(l, one, noon))
			settled(tb, "a refund without a name", l.Settle(ctx, says(one, verify.Done, noon, forAmount(usd("40.00")))))
			settles(tb, "a refund", l.Settle(ctx, says(one, verify.Done, noon.Add(time.Minute), forAmount(usd("40.00")), named)))
			leaves(tb, l, noon.Add(time.Minute), "60.00")

			later := noon.Add(50 * time.Minute)
			two := mustReserve(tb, l, reservation("two", at(later), pays("30.00", "100")))
			settles(tb, "Done", commit(l, two, later))
			leaves(tb, l, later, "30.00")
			past := noon.Add(70 * time.Minute) // the first act has left the window
			leaves(tb, l, past, "70.00")
			settles(tb, "a refund of all", l.Settle(ctx, says(one, verify.Done, past, forAmount(usd("0")), named)))
			leaves(tb, l, past, "70.00")
		}},
	{"correction upwards", "what was given back and was done after all counts again, by name, even if the budget " +
		"is then exceeded; never more than was reserved", func(tb testing.TB, l verify.Ledger) {
		one := mustReserve(tb, l, reservation("one", pays("60.00", "100"), uses("rate", 1, 2, isRate)))
		settles(tb, "NotDone", release(l, one, noon))
		two := mustReserve(tb, l, reservation("two", pays("60.00", "100"), uses("rate", 1, 2, isRate)))
		settled(tb, "Done without a name", commit(l, one, noon))
		settles(tb, "Done by name", l.Settle(ctx, says(one, verify.Done, noon, named)))
		refuses(tb, l, reservation("three", uses("rate", 1, 2, isRate)), verify.LedgerRateExceeded)
		refuses(tb, l, reservation("four", pays("0.01", "100")), verify.LedgerBudgetExceeded)
		settles(tb, "NotDone", release(l, two, noon))
		leaves(tb, l, noon, "40.00")
	}},
	{"unknown", "an outcome that could not be found out counts as spent: nothing is given back without a name, and what is known does not become unknown",
		func(tb testing.TB, l verify.Ledger) {
			h := mustReserve(tb, l, reservation("one", pays("60.00", "100")))
			unknown := says(h, verify.OutcomeUnknown, noon)
			settles(tb, "OutcomeUnknown", l.Settle(ctx, unknown))
			settled(tb, "NotDone after that", release(l, h, noon))
			leaves(tb, l, noon, "40.00")
			settles(tb, "still unknown, by name", l.Settle(ctx, says(h, verify.OutcomeUnknown, late, named)))
			settles(tb, "Done after all", commit(l, h, late))
			settled(tb, "OutcomeUnknown after Done", l.Settle(ctx, unknown))
			settled(tb, "the same by name", l.Settle(ctx, says(h, verify.OutcomeUnknown, late, named)))
			leaves(tb, l, late, "40.00")
		}},
	{"a day of a hold", "a hold can be settled and corrected for a day after its deadline, and one that nobody " +
		"settled for a week: a host that was down must be able to", func(tb testing.TB, l verify.Ledger) {
		brief := func(r *verify.Reservation) { r.KnownUntil = r.At.Add(time.Minute) }
		one := mustReserve(tb, l, reservation("one", brief, pays("60.00", "100")))
		settles(tb, "Done", commit(l, one, noon))
		two := mustReserve(tb, l, reservation("two", brief, uses("money of a lifetime", 1, 1, func(c *verify.Charge) { c.Since = time.Time{} })))
		goOn(tb, l, late.Add(day))
		settles(tb, "a refund on the last instant", l.Settle(ctx, says(one, verify.Done, late.Add(day), forAmount(usd("1.00")), named)))
		goOn(tb, l, late.Add(week))
		settles(tb, "NotDone, by name, after a week", l.Settle(ctx, says(two, verify.NotDone, late.Add(week), named)))
		mustReserve(tb, l, reservation("three", at(late.Add(week)), uses("money of a lifetime", 1, 1, func(c *verify.Charge) { c.Since = time.Time{} })))
	}},
}

// goOn lets time go on in a ledger, which may forget what has ended.
func goOn(tb testing.TB, l verify.Ledger, now time.Time) {
	tb.Helper()
	mustReserve(tb, l, reservation("a witness at "+now.Format(time.RFC3339Nano), by("witness"), at(now), func(r *verify.Reservation) {
		r.Chain = []string{"did:example:issuer urn:example:passport:witness"}
	}))
	forget(tb, l, now)
}

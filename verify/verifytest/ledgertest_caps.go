package verifytest

import (
	"fmt"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

func caps(edit func(*verify.Caps)) func(*verify.Reservation) {
	return func(r *verify.Reservation) { edit(&r.Caps) }
}

// through gives a reservation a chain: below the passport "root" those of these
// names, and as its agent the one of the last name.
func through(names ...string) func(*verify.Reservation) {
	return func(r *verify.Reservation) {
		for _, name := range names {
			r.Chain = append(r.Chain, accountOf(name))
			by(name)(r)
		}
	}
}

func accountOf(name string) string { return "did:example:" + name + " urn:example:passport:" + name }

// fill reserves with a chain until it is refused, and returns how often it was not.
func fill(tb testing.TB, l verify.Ledger, most int, next func(i int) *verify.Reservation) int {
	tb.Helper()
	for i := range most {
		if _, err := l.Reserve(ctx, next(i)); err != nil {
			if !hasCode(err, verify.LedgerRateExceeded) {
				tb.Fatalf("Reserve at a cap = %v, want ledger.rate_exceeded", err)
			}
			refuses(tb, l, next(i), verify.LedgerRateExceeded)
			return i
		}
	}
	return most
}

// opens is a reservation that opens the i-th account of the last passport of a
// chain.
func opens(i int, edits []func(*verify.Reservation), names ...string) *verify.Reservation {
	leaf := rootAccount
	if len(names) > 0 {
		leaf = accountOf(names[len(names)-1])
	}
	edits = append([]func(*verify.Reservation){through(names...)}, edits...)
	edits = append(edits, uses(fmt.Sprint("limit ", i), 1, 100, func(c *verify.Charge) { c.Account = leaf }))
	return reservation(fmt.Sprint(names, " ", i), edits...)
}

// capRules are about what a ledger is made to remember.
var capRules = []rule[verify.Ledger]{
	{"too many nonces", "an agent with Caps.Nonces unexpired presentations gets no more (ledger.rate_exceeded) " +
		"until one has ended; other agents are not held up", func(tb testing.TB, l verify.Ledger) {
		three := caps(func(c *verify.Caps) { c.Nonces = 3 })
		for i := range 3 {
			mustReserve(tb, l, reservation(fmt.Sprint(i), three))
		}
		refuses(tb, l, reservation("more", three), verify.LedgerRateExceeded)
		mustReserve(tb, l, reservation("other", three, by("other")))
		mustReserve(tb, l, reservation("later", three, at(noon.Add(5*time.Minute+1))))
	}},
	{"too many acts of an agent", "an agent with Caps.Acts remembered acts gets no more, however short its intents live; other agents are not held up",
		func(tb testing.TB, l verify.Ledger) {
			three := caps(func(c *verify.Caps) { c.Acts = 3 })
			brief := func(r *verify.Reservation) { r.ReplayUntil, r.HoldBy = r.At.Add(time.Second), r.At.Add(time.Second) }
			for i := range 3 {
				h := mustReserve(tb, l, reservation(fmt.Sprint(i), at(noon.Add(time.Duration(i)*time.Minute)), three, brief))
				settles(tb, "Done", commit(l, h, noon.Add(time.Duration(i)*time.Minute)))
			}
			refuses(tb, l, reservation("more", at(noon.Add(4*time.Hour)), three, brief), verify.LedgerRateExceeded)
			refuses(tb, l, reservation("bare", at(noon.Add(4*time.Hour)), three, bare), verify.LedgerRateExceeded)
			mustReserve(tb, l, reservation("other", at(noon.Add(4*time.Hour)), three, brief, by("other")))
			goOn(tb, l, noon.Add(3*day))
			mustReserve(tb, l, reservation("later", at(noon.Add(3*day)), three, brief))
		}},
	{"too many acts below a root", "chains from one root have at most Caps.RootActs remembered acts, whoever acts; other roots are not held up",
		func(tb testing.TB, l verify.Ledger) {
			three := caps(func(c *verify.Caps) { c.RootActs = 3 })
			for i := range 3 {
				mustReserve(tb, l, reservation(fmt.Sprint(i), three, by(fmt.Sprint("agent ", i))))
			}
			refuses(tb, l, reservation("more", three, by("another")), verify.LedgerRateExceeded)
			mustReserve(tb, l, reservation("other", three, func(r *verify.Reservation) { r.Chain[0] = "did:example:issuer urn:example:passport:other" }))
		}},
	{"repetitions count", "a repetition that is accepted counts below its root while its replay key lives, or repeating would fill the ledger",
		func(tb testing.TB, l verify.Ledger) {
			again := func(r *verify.Reservation) { r.AcceptRepeat, r.Caps.RootActs = true, 3 }
			mustReserve(tb, l, reservation("one", again, intent("id", "buy bread")))
			mustReserve(tb, l, reservation("two", again, intent("id", "buy bread")))
			mustReserve(tb, l, reservation("three", again, intent("id", "buy bread")))
			refuses(tb, l, reservation("four", again, intent("id", "buy bread")), verify.LedgerRateExceeded)
			mustReserve(tb, l, reservation("five", again, intent("id", "buy bread"), at(noon.Add(5*time.Minute+1))))
		}},
	{"a quarter of the acts", "nobody below a passport has more than a quarter of what it may have: up to three " +
		"delegates that fill theirs leave an honest one its own", func(tb testing.TB, l verify.Ledger) {
		sixteen := caps(func(c *verify.Caps) { c.RootActs = 16 })
		act := func(names ...string) func(i int) *verify.Reservation {
			return func(i int) *verify.Reservation {
				return reservation(fmt.Sprint(names, " ", i), through(names...), sixteen)
			}
		}
		for _, name := range []string{"hostile 1", "hostile 2", "hostile 3"} {
			if n := fill(tb, l, 17, act(name)); n != 4 {
				tb.Errorf("%s has %d of 16 acts, want a quarter", name, n)
			}
		}
		if n := fill(tb, l, 17, act("honest", "below")); n != 1 {
			tb.Errorf("a delegate of the honest one has %d of 16 acts, want a quarter of a quarter", n)
		}
		if n := fill(tb, l, 17, act("honest")); n != 3 {
			tb.Errorf("the honest one has %d more of 16 acts, want the rest of its quarter", n)
		}
		refuses(tb, l, reservation("the root's own", sixteen), verify.LedgerRateExceeded)
	}},
	{"too many accounts", "chains from one root have at most Caps.RootAccounts accounts, which they can go on to " +
		"use; other roots are not held up; what has ended makes room", func(tb testing.TB, l verify.Ledger) {
		three := []func(*verify.Reservation){caps(func(c *verify.Caps) { c.RootAccounts = 3 })}
		if n := fill(tb, l, 4, func(i int) *verify.Reservation { return opens(i, three) }); n != 3 {
			tb.Errorf("a root has %d accounts, want 3", n)
		}
		mustReserve(tb, l, reservation("an old one", three[0], uses("limit 1", 1, 100)))
		mustReserve(tb, l, reservation("other", three[0], func(r *verify.Reservation) { r.Chain = []string{accountOf("other root")} },
			uses("limit", 1, 100, func(c *verify.Charge) { c.Account = accountOf("other root") })))
		end := noon.Add(1000 * time.Hour)
		mustReserve(tb, l, reservation("after their end", three[0], at(end.Add(1)), uses("limit 9", 1, 100, until(end.Add(time.Hour)))))
	}},
	{"a quarter of the accounts", "what delegates open is shared out as acts are; an account counts for the passport that it is of, and those above",
		func(tb testing.TB, l verify.Ledger) {
			sixteen := []func(*verify.Reservation){caps(func(c *verify.Caps) { c.RootAccounts = 16 })}
			// An account of the root's is not the delegate's.
			mustReserve(tb, l, reservation("through the root", through("hostile 1"), sixteen[0], uses("limit of the root", 1, 100)))
			for _, name := range []string{"hostile 1", "hostile 2", "hostile 3"} {
				if n := fill(tb, l, 17, func(i int) *verify.Reservation { return opens(i, sixteen, name) }); n != 4 {
					tb.Errorf("%s has %d of 16 accounts, want a quarter", name, n)
				}
			}
			if n := fill(tb, l, 17, func(i int) *verify.Reservation { return opens(i, sixteen, "honest", "below") }); n != 1 {
				tb.Errorf("a delegate of the honest one has %d of 16 accounts, want a quarter of a quarter", n)
			}
			if n := fill(tb, l, 17, func(i int) *verify.Reservation { return opens(i, sixteen, "honest") }); n != 2 {
				tb.Errorf("the honest one has %d more of 16 accounts, want the rest of its quarter", n)
			}
		}},
}

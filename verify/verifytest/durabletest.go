package verifytest

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// DurableLedger is a [verify.Ledger] that outlives its process.
type DurableLedger interface {
	verify.Ledger
	Close() error
}

// TestDurableLedger tests that a ledger keeps what it has acknowledged: when it is
// closed and opened again, when it is open twice, and when its process is killed
// inside of Reserve. What any ledger must do is tested by [TestLedger]; run both.
//
// open opens the ledger of a place, and makes a new one where there is none. The
// place is the path of an empty folder, new for each rule and of an own name; a
// ledger on a server may take it for the name of a database. It is opened
// several times, by several processes, also while it is open. A failure to open
// it is told to t. The test closes what it has opened, except where its process
// is killed.
//
//	func TestMyDurableLedger(t *testing.T) {
//		verifytest.TestDurableLedger(t, func(t testing.TB, place string) verifytest.DurableLedger {
//			l, err := myledger.Open(filepath.Join(place, "ledger.db"))
//			if err != nil {
//				t.Fatal(err)
//			}
//			return l
//		})
//	}
//
// To be killed, the test starts its own program again, as go test would with
// -run for this test alone; the second process finds its place in an environment
// variable. So open must do the same in both, and what stands before the call of
// TestDurableLedger in the test runs in both. Each round kills after another
// number of acknowledged calls. The suite starts no clock and waits for nothing
// but that process.
func TestDurableLedger(t *testing.T, open func(t testing.TB, place string) DurableLedger) {
	if place := os.Getenv(victimsPlace); place != "" {
		victim(t, open(t, place))
		return
	}
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	for _, r := range durableRules {
		t.Run(r.name, func(t *testing.T) {
			r.run(t, &durable{open: open, place: t.TempDir(), test: parentOf(t.Name()), rounds: rounds})
		})
	}
}

// durable is a place where a ledger is, for a rule to open.
type durable struct {
	open   func(t testing.TB, place string) DurableLedger
	place  string
	test   string // the test that calls the victim, by its name
	rounds int    // of killing
}

// with opens the ledger, hands it over, and closes it.
func (d *durable) with(tb testing.TB, use func(l verify.Ledger)) {
	tb.Helper()
	l := d.open(tb, d.place)
	defer func() {
		if err := l.Close(); err != nil {
			tb.Errorf("Close = %v, want no error", err)
		}
	}()
	use(l)
}

func parentOf(name string) string { return name[:strings.LastIndexByte(name, '/')] }

// pattern is the -run of one test, subtests included.
func pattern(name string) string {
	var parts []string
	for _, part := range strings.Split(name, "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
	}
	return strings.Join(parts, "/")
}

// durableRules each begin with a new place.
var durableRules = []rule[*durable]{
	{"nonces", "a presentation that was used is used, also after a restart and after its act was given back", func(tb testing.TB, d *durable) {
		d.with(tb, func(l verify.Ledger) {
			mustReserve(tb, l, reservation("one"))
			settles(tb, "NotDone", release(l, mustReserve(tb, l, reservation("two")), noon))
		})
		d.with(tb, func(l verify.Ledger) {
			refuses(tb, l, reservation("one", intent("other", "other content")), verify.LedgerReplay)
			refuses(tb, l, reservation("two", intent("another", "other content")), verify.LedgerReplay)
			taken := reservation("not two")
			taken.Record.Decision = decisionOf("two")
			if h, err := l.Reserve(ctx, taken); !hasCode(err, verify.LedgerReplay) {
				tb.Errorf("Reserve of a decision that was reserved before = %+v, %v, want ledger.replay", h, err)
			}
			mustReserve(tb, l, reservation("three"))
		})
		d.with(tb, func(l verify.Ledger) {
			refuses(tb, l, reservation("three"), verify.LedgerReplay)
			alive := noon.Add(4 * time.Minute)
			forget(tb, l, alive)
			refuses(tb, l, reservation("one", at(alive), intent("other", "other content")), verify.LedgerReplay)
		})
	}},
	{"intents", "an act that was decided is known after a restart, with its content, its decision and what became of it", func(tb testing.TB, d *durable) {
		again := func(r *verify.Reservation) { r.AcceptRepeat = true }
		d.with(tb, func(l verify.Ledger) {
			mustReserve(tb, l, reservation("one", intent("id", "buy bread"), func(r *verify.Reservation) { r.At = r.At.Add(1) }))
			settles(tb, "NotDone", release(l, mustReserve(tb, l, reservation("two", intent("released", "buy bread"))), noon))
		})
		d.with(tb, func(l verify.Ledger) {
			refuses(tb, l, reservation("three", intent("id", "buy a car")), verify.LedgerConflict)
			refuses(tb, l, reservation("three", intent("id", "buy bread")), verify.LedgerRepeated)
			refuses(tb, l, reservation("three", intent("released", "buy a car")), verify.LedgerConflict)
			h := mustReserve(tb, l, reservation("four", intent("id", "buy bread"), again))
			if !h.Repeated || h.Decision != decisionOf("one") || !h.At.Equal(noon.Add(1)) {
				tb.Errorf("Reserve = %+v, want Repeated with the decision and the instant of the first", h)
			}
			if h = mustReserve(tb, l, reservation("five", intent("released", "buy bread"), again)); h.Repeated {
				tb.Errorf("Reserve = %+v of an act that was given back, want a reservation", h)
			}
		})
		d.with(tb, func(l verify.Ledger) {
			known := at(noon.Add(day))
			// The nonce of a repetition is used, too.
			refuses(tb, l, reservation("four", intent("other", "other content")), verify.LedgerReplay)
			refuses(tb, l, reservation("six", known, intent("id", "buy bread")), verify.LedgerRepeated)
			mustReserve(tb, l, reservation("six", at(noon.Add(day+1)), intent("id", "buy a car")))
		})
	}},
	{"uses", "what was spent is spent and what was given back is free, to the unit and to the nanosecond, however often the ledger is opened",
		func(tb testing.TB, d *durable) {
			ever := since(time.Time{})
			for i, when := range []string{"first", "second", "third"} {
				d.with(tb, func(l verify.Ledger) {
					if i > 0 {
						leaves(tb, l, noon, []string{"", "79.99", "59.98"}[i])
					}
					settles(tb, "Done", commit(l, mustReserve(tb, l, reservation("spent "+when, pays("10.00", "100"))), noon))
					settles(tb, "NotDone", release(l, mustReserve(tb, l, reservation("released "+when, pays("15.00", "100"))), noon))
					less := mustReserve(tb, l, reservation("less "+when, pays("20.01", "100")))
					settles(tb, "Done for less", l.Settle(ctx, says(less, verify.Done, noon, forAmount(usd("10.01")))))
					mustReserve(tb, l, reservation("exact "+when, uses("exact", 1, 3), uses("lifetime", 1, 3, since(time.Time{}), until(noon.Add(1000*day)))))
				})
			}
			d.with(tb, func(l verify.Ledger) {
				leaves(tb, l, noon, "39.97")
				refuses(tb, l, reservation("more", uses("exact", 1, 3)), verify.LedgerBudgetExceeded)
				refuses(tb, l, reservation("more", uses("lifetime", 1, 3, ever)), verify.LedgerBudgetExceeded)
				refuses(tb, l, reservation("more", at(noon.Add(time.Hour)), uses("exact", 1, 3, since(noon))), verify.LedgerBudgetExceeded)
				mustReserve(tb, l, reservation("all", at(noon.Add(time.Hour)), uses("exact", 3, 3, since(noon.Add(1)))))
			})
			d.with(tb, func(l verify.Ledger) {
				goOn(tb, l, noon.Add(3*time.Hour))
				lifetime := uses("lifetime", 1, 3, ever, until(noon.Add(1000*day)))
				refuses(tb, l, reservation("more", at(noon.Add(3*time.Hour)), lifetime), verify.LedgerBudgetExceeded)
			})
		}},
	{"holds", "what was reserved is held after a restart, and whoever knows the decision can settle it then; what nobody settled is listed",
		func(tb testing.TB, d *durable) {
			d.with(tb, func(l verify.Ledger) {
				for _, nonce := range []string{"done", "less", "not done", "lost"} {
					mustReserve(tb, l, reservation(nonce, pays("25.00", "100")))
				}
				unknown := mustReserve(tb, l, reservation("unknown", uses("other", 1, 9)))
				settles(tb, "OutcomeUnknown", l.Settle(ctx, says(unknown, verify.OutcomeUnknown, noon)))
			})
			hold := func(nonce string) verify.Held { return verify.Held{Decision: decisionOf(nonce)} }
			d.with(tb, func(l verify.Ledger) {
				if rec, ok := l.(verify.Reconciler); ok {
					list, err := rec.Unresolved(ctx, noon, "", 0)
					if err != nil || len(list) != 1 || list[0].Decision != decisionOf("unknown") {
						tb.Errorf("Unresolved = %+v, %v, want the decision of which it is not known", list, err)
					}
				}
				settles(tb, "Done after all", l.Settle(ctx, says(hold("unknown"), verify.Done, noon)))
				refuses(tb, l, reservation("more", pays("0.01", "100")), verify.LedgerBudgetExceeded)
				settles(tb, "Done", commit(l, hold("done"), noon))
				settles(tb, "Done for less", l.Settle(ctx, says(hold("less"), verify.Done, noon, forAmount(usd("5.00")))))
				settles(tb, "NotDone", release(l, hold("not done"), noon))
				leaves(tb, l, noon, "45.00")
			})
			d.with(tb, func(l verify.Ledger) {
				leaves(tb, l, noon, "45.00")
				settled(tb, "NotDone after Done", release(l, hold("done"), noon))
				settled(tb, "Done after NotDone", commit(l, hold("not done"), noon))
				settled(tb, "Done for another amount", l.Settle(ctx, says(hold("less"), verify.Done, noon, forAmount(usd("5.01")))))
				settled(tb, "NotDone after the deadline", release(l, hold("lost"), late))
				if rec, ok := l.(verify.Reconciler); ok {
					list, err := rec.Unresolved(ctx, late, "", 0)
					if err != nil || len(list) != 1 || list[0].Decision != decisionOf("lost") || !list[0].HoldBy.Equal(late) {
						tb.Errorf("Unresolved = %+v, %v, want the decision that nobody settled", list, err)
					}
				}
				settles(tb, "NotDone by name", l.Settle(ctx, says(hold("lost"), verify.NotDone, late, named)))
				settles(tb, "a refund", l.Settle(ctx, says(hold("done"), verify.Done, late, forAmount(usd("0")), named)))
			})
			d.with(tb, func(l verify.Ledger) {
				leaves(tb, l, noon, "95.00")
				if rec, ok := l.(verify.Reconciler); ok {
					if list, err := rec.Unresolved(ctx, late, "", 0); err != nil || len(list) != 0 {
						tb.Errorf("Unresolved = %+v, %v, want nothing: all is settled", list, err)
					}
				}
			})
		}},
	{"caps", "what a ledger counts for its caps it counts on after a restart, or a restart would be an attack", func(tb testing.TB, d *durable) {
		three := caps(func(c *verify.Caps) { c.Nonces = 3 })
		few := caps(func(c *verify.Caps) { c.Acts = 3 })
		narrow := caps(func(c *verify.Caps) { c.RootAccounts = 3 })
		shared := caps(func(c *verify.Caps) { c.RootActs = 12 }) // 3 for all through one delegate
		for i := range 3 {
			d.with(tb, func(l verify.Ledger) {
				mustReserve(tb, l, reservation(fmt.Sprint(i), three, few, narrow, uses(fmt.Sprint("limit ", i), 1, 9)))
				mustReserve(tb, l, reservation(fmt.Sprint("below ", i), through("child"), shared))
			})
		}
		d.with(tb, func(l verify.Ledger) {
			refuses(tb, l, reservation("more", three), verify.LedgerRateExceeded)
			refuses(tb, l, reservation("more", few), verify.LedgerRateExceeded)
			refuses(tb, l, reservation("more", narrow, uses("limit 3", 1, 9)), verify.LedgerRateExceeded)
			refuses(tb, l, reservation("more", caps(func(c *verify.Caps) { c.RootActs = 3 })), verify.LedgerRateExceeded)
			mustReserve(tb, l, reservation("one more", narrow, uses("limit 2", 1, 9)))
			refuses(tb, l, reservation("more below", through("child"), shared), verify.LedgerRateExceeded)
			mustReserve(tb, l, reservation("more below", through("sibling"), shared))
		})
	}},
	{"what was forgotten", "after a restart, too, a ledger refuses what it might have forgotten", func(tb testing.TB, d *durable) {
		ends := until(noon.Add(time.Hour))
		d.with(tb, func(l verify.Ledger) {
			mustReserve(tb, l, reservation("one", uses("money", 100, 100, since(time.Time{}), ends)))
			goOn(tb, l, noon.Add(3*time.Hour))
		})
		d.with(tb, func(l verify.Ledger) {
			refusesWithOneOf(tb, l, reservation("one", intent("other", "other content")), verify.LedgerReplay, verify.LedgerUnavailable)
			refusesWithOneOf(tb, l, reservation("two", uses("money", 1, 100, since(time.Time{}), ends)), verify.LedgerBudgetExceeded, verify.LedgerUnavailable)
		})
	}},
	{"records", "what was recorded can be read after a restart", func(tb testing.TB, d *durable) {
		r := reservation("one", recorded(verify.Allow), pays("12.50", "100"))
		refused := reservation("two", recorded(verify.Deny, verify.ProofInvalid)).Record
		refund := says(verify.Held{Decision: r.Record.Decision}, verify.Done, noon, forAmount(usd("1.00")), named)
		tooMuch := says(verify.Held{Decision: r.Record.Decision}, verify.Done, noon, forAmount(usd("12.51")))
		d.with(tb, func(l verify.Ledger) {
			reads[verify.Journal](tb, l)
			mustReserve(tb, l, r)
			settles(tb, "Record", l.Record(ctx, refused))
			settles(tb, "Done", l.Settle(ctx, refund))
			refusesAmount(tb, "too much", l.Settle(ctx, tooMuch))
		})
		d.with(tb, func(l verify.Ledger) {
			j := reads[verify.Journal](tb, l)
			e := entry(tb, j, r.Record.Decision)
			wants(tb, "the record of an allowed decision", e.Record, r.Record)
			if n := len(e.Attempts); n > 0 && e.Attempts[n-1].Refused != "" {
				tooMuch.Refused = e.Attempts[n-1].Refused
			}
			wants(tb, "its settlement by name, and what was refused", e.Attempts, []verify.Settlement{refund, tooMuch})
			wants(tb, "its state", e.State, verify.HoldSpent)
			wants(tb, "the record of a refusal", entry(tb, j, refused.Decision).Record, refused)
		})
	}},
	{"two handles", "two handles on one place are one ledger: a nonce serves once and a budget is spent once, whichever is asked, also at once", twoHandles},
	{"killed", "when its process is killed, everything that was acknowledged is there, and the call that was cut short took all or nothing", killed},
}

package verifytest

import (
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// brokenClocks do not ask what they might have forgotten.
var brokenClocks = map[string]func(*bent){
	"replay with a clock that goes back": changing(func(r *verify.Reservation) {
		if r.ReplayUntil.Before(noon.Add(time.Hour)) && r.At.After(noon) {
			r.ReplayUntil = noon.Add(2 * time.Hour)
		}
	}),
	// What was forgotten is new to whoever comes with the right clock.
	"account with a clock that goes back": everyCharge(func(r *verify.Reservation, c *verify.Charge) {
		if goneBack(r) {
			c.Until = c.Until.Add(day)
		}
		r.At = caughtUp(r)
	}),
	"renewed passport with a clock that goes back": changing(func(r *verify.Reservation) { r.At = caughtUp(r) }),
	"intent with a clock that goes back":           changing(func(r *verify.Reservation) { r.At = caughtUp(r) }),
	"window with a clock that goes back": everyCharge(func(r *verify.Reservation, c *verify.Charge) {
		if r.At.After(noon) && r.At.Before(noon.Add(time.Hour)) {
			c.Since = r.At
		}
	}),
	// The mark is moved by every call, and what ends before it is a replay.
	"a clock that was ahead": func(b *bent) {
		var mark time.Time
		b.settle = func(s verify.Settlement) error {
			if s.At.After(mark) {
				mark = s.At
			}
			return b.whole.Settle(ctx, s)
		}
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			if r.ReplayUntil.Before(mark) {
				return verify.Held{}, verify.LedgerReplay
			}
			return b.whole.Reserve(ctx, r)
		}
	},
	// Everything is booked at the latest instant.
	"each by its own clock": func(b *bent) {
		var latest time.Time
		b.change = func(r *verify.Reservation) {
			if r.At.After(latest) {
				latest = r.At
			}
			r.At = latest
		}
	},
	"kept until": func(b *bent) {
		seen := map[string]bool{}
		everyCharge(func(r *verify.Reservation, c *verify.Charge) {
			if c.Name = "one"; seen[c.Name] && r.At.Sub(noon) > time.Hour {
				c.Name = "forgotten"
			}
			seen[c.Name] = true
		})(b)
	},
	"known until": changing(func(r *verify.Reservation) { r.KnownUntil = r.KnownUntil.Add(-1) }),
}

// brokenSettlements settle otherwise than was said, or for another reason.
var brokenSettlements = map[string]func(*bent){
	"done for less": settling(func(s *verify.Settlement) { s.Amount = verify.Money{} }),
	"not reserved": func(b *bent) { // takes the most that it can
		b.settle = func(s verify.Settlement) error {
			err := b.whole.Settle(ctx, s)
			if errors.Is(err, verify.ErrNotReserved) {
				s.Amount = verify.Money{}
				err = b.whole.Settle(ctx, s)
			}
			return err
		}
	},
	"by name after the deadline": settling(func(s *verify.Settlement) { s.By = "somebody" }),
	"refund": func(b *bent) { // gives back at the instant of the refund
		done := map[string]bool{}
		b.settle = func(s verify.Settlement) error {
			if s.By != "" && done[s.Decision] && s.At.Sub(noon) > time.Hour {
				for _, h := range []string{"one", "two"} {
					_ = b.whole.Settle(ctx, verify.Settlement{Decision: decisionOf(h), Outcome: verify.NotDone,
						At: s.At, By: s.By})
				}
			}
			done[s.Decision] = true
			return b.whole.Settle(ctx, s)
		}
	},
	"correction upwards": func(b *bent) { // says yes and forgets it
		released := map[string]bool{}
		b.settle = func(s verify.Settlement) error {
			if s.Outcome == verify.NotDone {
				released[s.Decision] = true
			} else if released[s.Decision] && s.By != "" {
				return nil
			}
			return b.whole.Settle(ctx, s)
		}
	},
	"unknown": settling(func(s *verify.Settlement) {
		if s.Outcome == verify.OutcomeUnknown {
			s.Outcome = verify.NotDone
		}
	}),
	"a day of a hold": func(b *bent) {
		b.settle = func(s verify.Settlement) error {
			if s.At.After(late.Add(day - 1)) {
				return verify.ErrUnknownDecision
			}
			return b.whole.Settle(ctx, s)
		}
	},
}

func settling(f func(s *verify.Settlement)) func(*bent) {
	return func(b *bent) {
		b.settle = func(s verify.Settlement) error {
			f(&s)
			return b.whole.Settle(ctx, s)
		}
	}
}

// brokenCaps have no bound on something.
var brokenCaps = map[string]func(*bent){
	"too many nonces":           changing(func(r *verify.Reservation) { r.Caps.Nonces = 1 << 30 }),
	"too many acts of an agent": changing(func(r *verify.Reservation) { r.Caps.Acts = 1 << 30 }),
	"too many acts below a root": changing(func(r *verify.Reservation) {
		r.Caps.RootActs = 1 << 30
	}),
	"repetitions count": changing(func(r *verify.Reservation) {
		if r.AcceptRepeat {
			r.Caps.RootActs = 1 << 30
		}
	}),
	"a quarter of the acts":     changing(func(r *verify.Reservation) { r.Caps.RootActs <<= 2 * (len(r.Chain) - 1) }),
	"too many accounts":         changing(func(r *verify.Reservation) { r.Caps.RootAccounts = 1 << 30 }),
	"a quarter of the accounts": changing(func(r *verify.Reservation) { r.Caps.RootAccounts <<= 2 * (len(r.Chain) - 1) }),
}

// brokenReadings tell something else than what is.
var brokenReadings = map[string]func(*bent){
	"a record is written":      func(b *bent) { b.record = func(verify.Record) error { return nil } },
	"settlements are recorded": func(b *bent) { b.entry = func(e *verify.Entry) { e.Attempts = nil } },
	"unresolved": func(b *bent) {
		b.list = func(page []verify.Unresolved) []verify.Unresolved { return page[min(1, len(page)):] }
	},
	"usage": func(b *bent) {
		b.usage = func(u []verify.Used, _ time.Time) {
			for i := range u {
				u[i].Spent, u[i].Held, u[i].Open = u[i].Total(), verify.Quantity{}, 0
			}
		}
	},
}

// moreBroken break a rule in another way.
var moreBroken = []struct {
	rule, how string
	bend      func(*bent)
}{
	{"a record is written", "no record of what is allowed", func(b *bent) {
		b.entry = func(e *verify.Entry) {
			if e.Verdict == verify.Allow {
				e.Record = verify.Record{Decision: e.Decision}
			}
		}
	}},
	{"a record is written", "a repetition looks like another act", func(b *bent) {
		b.entry = func(e *verify.Entry) {
			if e.Verdict == verify.Allow {
				e.Codes = nil
			}
		}
	}},
	{"release", "forgets release of rates", func(b *bent) {
		b.change = func(r *verify.Reservation) {
			for i := range r.Charges {
				if c := &r.Charges[i]; c.Rate && r.Replay.Challenge != "given back" && r.Replay.Challenge != "kept" {
					c.Use = c.Use.Add(verify.Count(1))
				}
			}
		}
	}},
	{"release", "gives back twice", func(b *bent) {
		n := 0
		b.settle = func(s verify.Settlement) error {
			if n++; n > 1 {
				_ = b.whole.Settle(ctx, verify.Settlement{Decision: decisionOf("kept"), Outcome: verify.NotDone,
					At: noon})
			}
			return b.whole.Settle(ctx, s)
		}
	}},
	{"unresolved", "lists what is still open", func(b *bent) {
		b.list = func(page []verify.Unresolved) []verify.Unresolved {
			if len(page) == 0 {
				return []verify.Unresolved{{Decision: decisionOf("one"), At: noon, HoldBy: late,
					Record: verify.Record{Decision: decisionOf("one")}}}
			}
			return page
		}
	}},
	{"every reason", "tells no open holds from what is spent", func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			h, err := b.whole.Reserve(ctx, r)
			for _, e := range reasons(err) {
				if c, ok := e.(*verify.ChargeError); ok {
					c.Used = verify.Used{Spent: c.Total()}
				}
			}
			return h, err
		}
	}},
	{"every reason", "does not know when there will be enough", func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			h, err := b.whole.Reserve(ctx, r)
			for _, e := range reasons(err) {
				if c, ok := e.(*verify.ChargeError); ok {
					c.After = c.Oldest
				}
			}
			return h, err
		}
	}},
	{"one decision", "books an unknown decision twice", func(b *bent) {
		n := 0
		b.change = func(r *verify.Reservation) { n++; r.Record.Decision += fmt.Sprint(n) }
	}},
	{"repeat refused", "an act may be repeated after its deadline", func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			if r.At.After(noon) {
				r.Idempotency.Intent += " again"
			}
			return b.whole.Reserve(ctx, r)
		}
	}},
}

// goneBack reports whether a reservation comes soon after noon, where tests of clocks go
// back to, and caughtUp is when it would come of a clock that was ahead all the time.
func goneBack(r *verify.Reservation) bool {
	return r.At.After(noon) && r.At.Before(noon.Add(time.Hour))
}

func caughtUp(r *verify.Reservation) time.Time {
	if goneBack(r) {
		return r.At.Add(72 * time.Hour)
	}
	return r.At
}

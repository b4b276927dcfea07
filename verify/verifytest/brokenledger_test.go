package verifytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// whole is a ledger with everything that one can have.
type whole interface {
	verify.Ledger
	verify.Reconciler
	verify.UsageReader
	verify.Journal
	verify.Forgetter
}

// bent is a ledger that breaks a rule: what is not nil replaces a method, or
// changes what reaches it.
type bent struct {
	whole
	change  func(r *verify.Reservation) // of Reserve and Peek
	reserve func(r *verify.Reservation) (verify.Held, error)
	peek    func(r *verify.Reservation) error
	settle  func(s verify.Settlement) error
	record  func(r verify.Record) error
	entry   func(e *verify.Entry)
	list    func(page []verify.Unresolved) []verify.Unresolved
	usage   func(u []verify.Used, at time.Time)
	forget  bool // the context
}

func (b *bent) bend(r *verify.Reservation) *verify.Reservation {
	c := *r
	c.Charges = append([]verify.Charge(nil), r.Charges...)
	if b.change != nil {
		b.change(&c)
	}
	return &c
}

func (b *bent) context(ctx context.Context) context.Context {
	if b.forget {
		return context.Background()
	}
	return ctx
}

func (b *bent) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	if b.reserve != nil && ctx.Err() == nil {
		return b.reserve(r)
	}
	return b.whole.Reserve(b.context(ctx), b.bend(r))
}

func (b *bent) Peek(ctx context.Context, r *verify.Reservation) error {
	if b.peek != nil {
		return b.peek(r)
	}
	return b.whole.Peek(b.context(ctx), b.bend(r))
}

func (b *bent) Settle(ctx context.Context, s verify.Settlement) error {
	if b.settle != nil {
		return b.settle(s)
	}
	return b.whole.Settle(ctx, s)
}

func (b *bent) Record(ctx context.Context, r verify.Record) error {
	if b.record != nil {
		return b.record(r)
	}
	return b.whole.Record(ctx, r)
}

func (b *bent) Entry(ctx context.Context, decision string) (verify.Entry, error) {
	e, err := b.whole.Entry(ctx, decision)
	if b.entry != nil && err == nil {
		b.entry(&e)
	}
	return e, err
}

func (b *bent) Unresolved(ctx context.Context, at time.Time, after string, limit int) ([]verify.Unresolved, error) {
	page, err := b.whole.Unresolved(ctx, at, after, limit)
	if b.list != nil {
		page = b.list(page)
	}
	return page, err
}

func (b *bent) Usage(ctx context.Context, charges []verify.Charge, at time.Time) ([]verify.Used, error) {
	u, err := b.whole.Usage(ctx, charges, at)
	if b.usage != nil {
		b.usage(u, at)
	}
	return u, err
}

func changing(f func(r *verify.Reservation)) func(*bent) { return func(b *bent) { b.change = f } }

func everyCharge(f func(r *verify.Reservation, c *verify.Charge)) func(*bent) {
	return changing(func(r *verify.Reservation) {
		for i := range r.Charges {
			f(r, &r.Charges[i])
		}
	})
}

// plain is a reservation of charges alone.
func plain(at time.Time, decision string, charges ...verify.Charge) *verify.Reservation {
	r := reservation(decision, bare, func(r *verify.Reservation) {
		r.At, r.HoldBy, r.Charges = at, at.Add(time.Hour), charges
		for _, c := range charges {
			if c.Account != rootAccount {
				r.Chain = append(r.Chain, c.Account)
			}
		}
	})
	return r
}

// quiet settles and hides that it failed, for one outcome.
func quiet(b *bent, s verify.Settlement, of verify.ActOutcome) error {
	err := b.whole.Settle(ctx, s)
	if s.Outcome == of {
		return nil
	}
	return err
}

// brokenLedgers break one rule each: the one that they are named after.
var brokenLedgers = map[string]func(*bent){
	"replay": func(b *bent) {
		var n atomic.Int64
		b.change = func(r *verify.Reservation) { r.Replay.Challenge = fmt.Sprint(n.Add(1)) }
	},
	"replay of another party": changing(func(r *verify.Reservation) {
		r.Replay.Agent,
			r.Replay.Audience = Key("x").DID(), "x"
	}),
	"replay after release": func(b *bent) {
		releases := 0
		b.change = func(r *verify.Reservation) { r.Replay.Challenge += fmt.Sprint(releases) }
		b.settle = func(s verify.Settlement) error { releases++; return b.whole.Settle(ctx, s) }
	},
	"replay race": func(b *bent) {
		gate, n := &barrier{n: race}, atomic.Int64{}
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			err := b.whole.Peek(ctx, r)
			gate.wait() // everybody has looked, nobody has taken
			if err != nil {
				return verify.Held{}, err
			}
			c := *r
			c.Replay.Challenge += fmt.Sprint(n.Add(1))
			c.Idempotency.Intent += fmt.Sprint(n.Add(1))
			c.Record.Decision += fmt.Sprint(n.Add(1))
			return b.whole.Reserve(ctx, &c)
		}
	},
	"budget race": func(b *bent) {
		gate := &barrier{n: race}
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			err := b.whole.Peek(ctx, r)
			gate.wait()
			if err != nil {
				return verify.Held{}, err
			}
			c := *r
			c.Charges = nil
			return b.whole.Reserve(ctx, &c)
		}
	},
	"settle race": func(b *bent) {
		b.settle = func(s verify.Settlement) error { _ = b.whole.Settle(ctx, s); return nil }
	},
	"equal pairs": func(b *bent) { // each is judged for itself
		b.change = func(r *verify.Reservation) {
			for i := range r.Charges {
				if i > 0 && r.Charges[i].Name == r.Charges[i-1].Name {
					r.Charges[i].Name += " again"
				}
				r.Chain = append(r.Chain, r.Charges[i].Account)
			}
		}
	},
	"order of charges": func(b *bent) { // it takes any
		b.change = func(r *verify.Reservation) { sortCharges(r) }
	},
	"one decision": func(b *bent) { // which is booked again if its answer was lost
		n := 0
		b.change = func(r *verify.Reservation) {
			n++
			r.Record.Decision += fmt.Sprint(n)
			r.Replay.Challenge += fmt.Sprint(n)
			r.Idempotency.Intent += fmt.Sprint(n)
		}
	},
	"bare passports": changing(func(r *verify.Reservation) {
		if r.Replay == (verify.ReplayKey{}) {
			r.Replay.Challenge, r.ReplayUntil = "none", r.At.Add(time.Hour)
		}
	}),
	"conflict":        changing(func(r *verify.Reservation) { r.Content = "" }),
	"repeat refused":  changing(func(r *verify.Reservation) { r.AcceptRepeat = true }),
	"repeat accepted": changing(func(r *verify.Reservation) { r.AcceptRepeat = false }),
	"repeat after release": func(b *bent) {
		var released bool
		b.settle = func(s verify.Settlement) error { released = true; return b.whole.Settle(ctx, s) }
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			if released && r.Idempotency.Intent == "id" {
				return verify.Held{}, &passport.Error{Code: verify.LedgerRepeated}
			}
			return b.whole.Reserve(ctx, r)
		}
	},
	"limit": everyCharge(func(_ *verify.Reservation, c *verify.Charge) { c.Limit = c.Limit.Add(verify.Count(1)) }),
	"open holds count": func(b *bent) {
		open := map[string][]verify.Charge{}
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			if err := b.whole.Peek(ctx, r); err != nil {
				return verify.Held{}, err
			}
			c := *r
			c.Charges = nil
			h, err := b.whole.Reserve(ctx, &c)
			open[h.Decision] = r.Charges
			return h, err
		}
		b.settle = func(s verify.Settlement) error {
			_, _ = b.whole.Reserve(ctx, plain(s.At, s.Decision+" ", open[s.Decision]...))
			return b.whole.Settle(ctx, s)
		}
	},
	"rolling window": everyCharge(func(_ *verify.Reservation, c *verify.Charge) { c.Since = c.Since.Add(1) }),
	"lifetime": everyCharge(func(r *verify.Reservation, c *verify.Charge) {
		if c.Since.IsZero() {
			c.Since = r.At.Add(-24 * time.Hour)
		}
	}),
	"accounts apart": everyCharge(func(r *verify.Reservation, c *verify.Charge) { c.Account = r.Chain[0] }),
	"children draw on the parent": changing(func(r *verify.Reservation) {
		if n := len(r.Charges); n > 1 {
			r.Charges = r.Charges[n-1:]
		}
	}),
	"all or nothing": func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			var errs []error
			for _, c := range r.Charges {
				_, err := b.whole.Reserve(ctx, plain(r.At, r.Record.Decision+c.Name, c))
				errs = append(errs, err)
			}
			if err := errors.Join(errs...); err != nil {
				return verify.Held{}, err
			}
			c := *r
			c.Charges = nil
			return b.whole.Reserve(ctx, &c)
		}
	},
	"every reason": func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			h, err := b.whole.Reserve(ctx, r)
			if all := reasons(err); len(all) > 1 {
				err = all[0]
			}
			return h, err
		}
	},
	"large amounts": everyCharge(func(_ *verify.Reservation, c *verify.Charge) { c.Use.Hi, c.Limit.Hi = 0, 0 }),
	"order of reasons": func(b *bent) {
		b.peek = func(r *verify.Reservation) error {
			if err := b.whole.Peek(ctx, plain(r.At, r.Record.Decision, r.Charges...)); err != nil {
				return err
			}
			return b.whole.Peek(ctx, r)
		}
	},
	"holds": func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			h, err := b.whole.Reserve(ctx, r)
			h.At, h.Decision = time.Time{}, "the hold"
			return h, err
		}
	},
	"release": func(b *bent) { b.settle = func(verify.Settlement) error { return nil } },
	"release and commit": func(b *bent) {
		b.settle = func(s verify.Settlement) error { return quiet(b, s, verify.Done) }
	},
	"commit and release": func(b *bent) {
		b.settle = func(s verify.Settlement) error { return quiet(b, s, verify.NotDone) }
	},
	"deadline":     changing(func(r *verify.Reservation) { r.HoldBy = r.HoldBy.Add(time.Hour) }),
	"unknown hold": func(b *bent) { b.settle = func(verify.Settlement) error { return nil } },
	"peek takes nothing": func(b *bent) {
		b.peek = func(r *verify.Reservation) error { _, err := b.whole.Reserve(ctx, r); return err }
	},
	"records take nothing": func(b *bent) {
		b.record = func(r verify.Record) error { _, _ = b.whole.Reserve(ctx, reservation("one")); return nil }
	},
	"cancelled": func(b *bent) { b.forget = true },
	"the caller's memory": func(b *bent) {
		var pending *verify.Reservation // kept, and booked when somebody asks next
		var mu sync.Mutex
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			mu.Lock()
			defer mu.Unlock()
			if pending != nil {
				_, _ = b.whole.Reserve(ctx, pending)
			}
			pending = r
			return verify.Held{}, b.whole.Peek(ctx, r)
		}
		b.peek = func(r *verify.Reservation) error {
			mu.Lock()
			defer mu.Unlock()
			if pending != nil {
				_, _ = b.whole.Reserve(ctx, pending)
				pending = nil
			}
			return b.whole.Peek(ctx, r)
		}
	},
}

// Every rule goes red for a ledger that breaks it, and says why it is there.
func TestLedgerRulesCanFail(t *testing.T) {
	var all []map[string]func(*bent)
	all = append(all, brokenLedgers, brokenSettlements, brokenClocks, brokenCaps, brokenReadings)
	n := 0
	for _, r := range ledgerRules() {
		t.Run(r.name, func(t *testing.T) {
			whole := &bent{whole: ledger.NewMemory(ledger.Options{})}
			require.Empty(t, failures(func(tb testing.TB) { r.run(tb, whole) }), "a whole ledger")
			var bends []func(*bent)
			for _, part := range all {
				if bend := part[r.name]; bend != nil {
					bends = append(bends, bend)
				}
			}
			require.Len(t, bends, 1, "no ledger breaks this rule")
			for _, more := range moreBroken {
				if more.rule == r.name {
					bends, n = append(bends, more.bend), n+1
				}
			}
			for i, bend := range bends {
				broken := &bent{whole: ledger.NewMemory(ledger.Options{})}
				bend(broken)
				got := failures(func(tb testing.TB) { r.run(tb, broken) })
				require.NotEmpty(t, got, "broken ledger %d passes", i)
				require.Contains(t, got[len(got)-1], r.why)
			}
		})
	}
	require.Len(t, moreBroken, n, "each is named after a rule")
	sum := 0
	for _, part := range all {
		sum += len(part)
	}
	require.Equal(t, len(ledgerRules()), sum)
}

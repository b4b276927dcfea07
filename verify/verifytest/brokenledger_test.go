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
)

// bent is a ledger that breaks a rule: what is not nil replaces a method, or
// changes what reaches it.
type bent struct {
	verify.Ledger
	change  func(r *verify.Reservation) // of Reserve and Peek
	reserve func(r *verify.Reservation) (verify.Held, error)
	peek    func(r *verify.Reservation) error
	commit  func(hold string, at time.Time) error
	release func(hold string, at time.Time) error
	record  func()
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
	return b.Ledger.Reserve(b.context(ctx), b.bend(r))
}

func (b *bent) Peek(ctx context.Context, r *verify.Reservation) error {
	if b.peek != nil {
		return b.peek(r)
	}
	return b.Ledger.Peek(b.context(ctx), b.bend(r))
}

func (b *bent) Commit(ctx context.Context, hold string, at time.Time) error {
	if b.commit != nil {
		return b.commit(hold, at)
	}
	return b.Ledger.Commit(ctx, hold, at)
}

func (b *bent) Release(ctx context.Context, hold string, at time.Time) error {
	if b.release != nil {
		return b.release(hold, at)
	}
	return b.Ledger.Release(ctx, hold, at)
}

func (b *bent) Record(ctx context.Context, r verify.Record) error {
	if b.record != nil {
		b.record()
	}
	return b.Ledger.Record(ctx, r)
}

func changing(f func(r *verify.Reservation)) func(*bent) { return func(b *bent) { b.change = f } }

func everyCharge(f func(r *verify.Reservation, c *verify.Charge)) func(*bent) {
	return changing(func(r *verify.Reservation) {
		for i := range r.Charges {
			f(r, &r.Charges[i])
		}
	})
}

// brokenLedgers break one rule each: the one that they are named after.
var brokenLedgers = map[string]func(*bent){
	"replay": func(b *bent) {
		var n atomic.Int64
		b.change = func(r *verify.Reservation) { r.Replay.Challenge = fmt.Sprint(n.Add(1)) }
	},
	"replay of another party": changing(func(r *verify.Reservation) { r.Replay.Agent, r.Replay.Audience = Key("x").DID(), "x" }),
	"replay after release": func(b *bent) {
		releases := 0
		b.change = func(r *verify.Reservation) { r.Replay.Challenge += fmt.Sprint(releases) }
		b.release = func(hold string, at time.Time) error { releases++; return b.Ledger.Release(ctx, hold, at) }
	},
	"replay with a clock that goes back": changing(func(r *verify.Reservation) {
		if r.ReplayUntil.Before(noon.Add(time.Hour)) && r.At.After(noon) {
			r.ReplayUntil = noon.Add(2 * time.Hour)
		}
	}),
	"replay race": func(b *bent) {
		gate, n := &barrier{n: race}, atomic.Int64{}
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			err := b.Ledger.Peek(ctx, r)
			gate.wait() // everybody has looked, nobody has taken
			if err != nil {
				return verify.Held{}, err
			}
			c := *r
			c.Replay.Challenge += fmt.Sprint(n.Add(1))
			c.Idempotency.Intent += fmt.Sprint(n.Add(1))
			return b.Ledger.Reserve(ctx, &c)
		}
	},
	"budget race": func(b *bent) {
		gate := &barrier{n: race}
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			err := b.Ledger.Peek(ctx, r)
			gate.wait()
			if err != nil {
				return verify.Held{}, err
			}
			c := *r
			c.Charges = nil
			return b.Ledger.Reserve(ctx, &c)
		}
	},
	"settle race": func(b *bent) {
		b.commit = func(hold string, at time.Time) error { _ = b.Ledger.Commit(ctx, hold, at); return nil }
		b.release = func(hold string, at time.Time) error { _ = b.Ledger.Release(ctx, hold, at); return nil }
	},
	"too many nonces": changing(func(r *verify.Reservation) { r.LiveNonces = 1 << 30 }),
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
		b.release = func(hold string, at time.Time) error { released = true; return b.Ledger.Release(ctx, hold, at) }
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			if released && r.Idempotency.Intent == "id" {
				return verify.Held{}, &passport.Error{Code: verify.LedgerReplay}
			}
			return b.Ledger.Reserve(ctx, r)
		}
	},
	"limit": everyCharge(func(_ *verify.Reservation, c *verify.Charge) { c.Limit = c.Limit.Add(verify.Count(1)) }),
	"open holds count": func(b *bent) {
		open := map[string][]verify.Charge{}
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			if err := b.Ledger.Peek(ctx, r); err != nil {
				return verify.Held{}, err
			}
			c := *r
			c.Charges = nil
			h, err := b.Ledger.Reserve(ctx, &c)
			open[h.Hold] = r.Charges
			return h, err
		}
		b.commit = func(hold string, at time.Time) error {
			_, _ = b.Ledger.Reserve(ctx, &verify.Reservation{At: at, HoldBy: at, Charges: open[hold]})
			return b.Ledger.Commit(ctx, hold, at)
		}
	},
	"rolling window": everyCharge(func(_ *verify.Reservation, c *verify.Charge) { c.Since = c.Since.Add(1) }),
	"lifetime": everyCharge(func(r *verify.Reservation, c *verify.Charge) {
		if c.Since.IsZero() {
			c.Since = r.At.Add(-24 * time.Hour)
		}
	}),
	"accounts apart": everyCharge(func(_ *verify.Reservation, c *verify.Charge) { c.Account = "" }),
	"children draw on the parent": changing(func(r *verify.Reservation) {
		if n := len(r.Charges); n > 1 {
			r.Charges = r.Charges[n-1:]
		}
	}),
	"all or nothing": func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			var errs []error
			for _, c := range r.Charges {
				_, err := b.Ledger.Reserve(ctx, &verify.Reservation{At: r.At, HoldBy: r.HoldBy, Charges: []verify.Charge{c}})
				errs = append(errs, err)
			}
			if err := errors.Join(errs...); err != nil {
				return verify.Held{}, err
			}
			c := *r
			c.Charges = nil
			return b.Ledger.Reserve(ctx, &c)
		}
	},
	"every reason": func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			h, err := b.Ledger.Reserve(ctx, r)
			if all := reasons(err); len(all) > 1 {
				err = all[0]
			}
			return h, err
		}
	},
	"large amounts": everyCharge(func(_ *verify.Reservation, c *verify.Charge) { c.Use.Hi, c.Limit.Hi = 0, 0 }),
	"order of reasons": func(b *bent) {
		b.peek = func(r *verify.Reservation) error {
			if err := b.Ledger.Peek(ctx, &verify.Reservation{At: r.At, Charges: r.Charges}); err != nil {
				return err
			}
			return b.Ledger.Peek(ctx, r)
		}
	},
	"holds": func(b *bent) {
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			h, err := b.Ledger.Reserve(ctx, r)
			h.Hold = "the hold"
			return h, err
		}
	},
	"release": func(b *bent) { b.release = func(string, time.Time) error { return nil } },
	"release and commit": func(b *bent) {
		b.commit = func(hold string, at time.Time) error { _ = b.Ledger.Commit(ctx, hold, at); return nil }
	},
	"commit and release": func(b *bent) {
		b.release = func(hold string, at time.Time) error { _ = b.Ledger.Release(ctx, hold, at); return nil }
	},
	"deadline":     changing(func(r *verify.Reservation) { r.HoldBy = r.HoldBy.Add(time.Hour) }),
	"unknown hold": func(b *bent) { b.commit = func(string, time.Time) error { return nil } },
	"peek takes nothing": func(b *bent) {
		b.peek = func(r *verify.Reservation) error { _, err := b.Ledger.Reserve(ctx, r); return err }
	},
	"records take nothing": func(b *bent) {
		b.record = func() { _, _ = b.Ledger.Reserve(ctx, reservation("one")) }
	},
	"cancelled": func(b *bent) { b.forget = true },
	"the caller's memory": func(b *bent) {
		var pending *verify.Reservation // kept, and booked when somebody asks next
		var mu sync.Mutex
		b.reserve = func(r *verify.Reservation) (verify.Held, error) {
			mu.Lock()
			defer mu.Unlock()
			if pending != nil {
				_, _ = b.Ledger.Reserve(ctx, pending)
			}
			pending = r
			return verify.Held{Hold: "h"}, b.Ledger.Peek(ctx, r)
		}
		b.peek = func(r *verify.Reservation) error {
			mu.Lock()
			defer mu.Unlock()
			if pending != nil {
				_, _ = b.Ledger.Reserve(ctx, pending)
				pending = nil
			}
			return b.Ledger.Peek(ctx, r)
		}
	},
}

// Every rule goes red for a ledger that breaks it, and says why it is there.
func TestLedgerRulesCanFail(t *testing.T) {
	for _, r := range ledgerRules() {
		t.Run(r.name, func(t *testing.T) {
			bend := brokenLedgers[r.name]
			require.NotNil(t, bend, "no ledger breaks this rule")
			whole := &bent{Ledger: verify.NewMemoryLedger(verify.MemoryLedgerOptions{})}
			require.Empty(t, failures(func(tb testing.TB) { r.run(tb, whole) }), "a whole ledger")
			broken := &bent{Ledger: verify.NewMemoryLedger(verify.MemoryLedgerOptions{})}
			bend(broken)
			got := failures(func(tb testing.TB) { r.run(tb, broken) })
			require.NotEmpty(t, got, "the broken ledger passes")
			require.Contains(t, got[len(got)-1], r.why)
		})
	}
	require.Len(t, brokenLedgers, len(ledgerRules()))
}

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/ledgermodel"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/verify"
)

var ctx = context.Background()

// rounds returns a function that is true so often.
func rounds(n int) func() bool {
	return func() bool { n--; return n >= 0 }
}

func TestHammer(t *testing.T) {
	n := 15
	if testing.Short() {
		n = 5
	}
	for name, open := range map[string]func(t *testing.T) func(context.Context) (handle, error){
		"sqlite": func(t *testing.T) func(context.Context) (handle, error) { return onSQLite(file(t), true) },
		"postgres": func(t *testing.T) func(context.Context) (handle, error) {
			return onPostgres(testpostgres.Schema(t, "hammer"), "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := &hammer{open: open(t), seed: 1}
			require.NoError(t, h.run(ctx, rounds(n)), "seed %d", h.seed)
			for _, what := range []string{"Reserve, taken", "Settle, taken", "Unresolved", "Usage", "Entry", "shared act",
				"shared budget", "shared presentation"} {
				require.NotZero(t, h.did[what], "%s: %v", what, h.did)
			}
		})
	}
}

func file(t *testing.T) string { return filepath.Join(t.TempDir(), "ledger.db") }

// faulty is a ledger with a fault.
type faulty struct {
	ledgermodel.Ledger
	n       *atomic.Int64 // calls of Reserve
	reserve func(l verify.Ledger, ctx context.Context, r *verify.Reservation, n int64) (verify.Held, error)
	settle  func(l verify.Ledger, s verify.Settlement) error
}

func (f faulty) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	n, own := f.n.Add(1), *r
	if f.reserve == nil {
		return f.Ledger.Reserve(ctx, r)
	}
	own.Charges = append([]verify.Charge(nil), r.Charges...)
	return f.reserve(f.Ledger, ctx, &own, n)
}

func (f faulty) Settle(ctx context.Context, s verify.Settlement) error {
	if f.settle == nil {
		return f.Ledger.Settle(ctx, s)
	}
	return f.settle(f.Ledger, s)
}

// changed is a Reserve that changes each seventh reservation.
func changed(how func(r *verify.Reservation)) func(verify.Ledger, context.Context, *verify.Reservation, int64) (verify.Held, error) {
	return func(l verify.Ledger, ctx context.Context, r *verify.Reservation, n int64) (verify.Held, error) {
		if n%7 == 0 {
			how(r)
		}
		return l.Reserve(ctx, r)
	}
}

// Whatever a ledger does wrong is found.
func TestHammerFinds(t *testing.T) {
	for name, f := range map[string]faulty{
		"a hold that counts once less": {reserve: changed(func(r *verify.Reservation) {
			r.Charges = r.Charges[:max(0, len(r.Charges)-1)]
		})},
		"a use that counts half": {reserve: changed(func(r *verify.Reservation) {
			for i := range r.Charges {
				r.Charges[i].Use.Lo /= 2
			}
		})},
		"a presentation that is not remembered": {reserve: changed(func(r *verify.Reservation) { r.Replay = verify.ReplayKey{} })},
		"an act that is not remembered": {reserve: changed(func(r *verify.Reservation) {
			r.Idempotency = verify.IdempotencyKey{}
		})},
		"a deadline that is too late": {reserve: changed(func(r *verify.Reservation) { r.HoldBy = r.HoldBy.Add(24 * time.Hour) })},
		"a budget that is judged first and taken then": {
			reserve: func(l verify.Ledger, ctx context.Context, r *verify.Reservation, _ int64) (verify.Held, error) {
				if err := l.Peek(ctx, r); err != nil {
					return verify.Held{}, err
				}
				for i := range r.Charges {
					r.Charges[i].Limit = verify.Quantity{Hi: 1 << 60}
				}
				return l.Reserve(ctx, r)
			}},
		"a presentation that is looked for first and remembered then": {
			reserve: func(l verify.Ledger, ctx context.Context, r *verify.Reservation, n int64) (verify.Held, error) {
				if err := l.Peek(ctx, r); err != nil {
					return verify.Held{}, err
				}
				r.Replay.Challenge += fmt.Sprint(n)
				return l.Reserve(ctx, r)
			}},
		"what was reserved for a caller who went away": {
			reserve: func(l verify.Ledger, ctx context.Context, r *verify.Reservation, _ int64) (verify.Held, error) {
				held, err := l.Reserve(context.WithoutCancel(ctx), r)
				if ctx.Err() != nil {
					return verify.Held{}, ctx.Err()
				}
				return held, err
			}},
		"a release that is forgotten": {settle: func(l verify.Ledger, s verify.Settlement) error {
			if s.Outcome == verify.NotDone {
				return nil
			}
			return l.Settle(ctx, s)
		}},
		"a correction that is accepted from anybody": {settle: func(l verify.Ledger, s verify.Settlement) error {
			if s.By == "" {
				s.By = "nobody"
			}
			return l.Settle(ctx, s)
		}},
		"a partial amount that is taken for all": {settle: func(l verify.Ledger, s verify.Settlement) error {
			s.Amount = verify.Money{}
			return l.Settle(ctx, s)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f.n = new(atomic.Int64)
			open := onSQLite(file(t), true)
			h := &hammer{seed: 2, open: func(ctx context.Context) (handle, error) {
				opened, err := open(ctx)
				f := f
				f.Ledger = opened.Ledger
				opened.Ledger = f
				return opened, err
			}}
			require.ErrorContains(t, h.run(ctx, rounds(200)), "round ")
			t.Logf("found in round %d", h.did["rounds"])
		})
	}
}

// A ledger that is empty when it is opened again.
func TestHammerFindsForgettingAtRestart(t *testing.T) {
	folder, n := t.TempDir(), 0
	h := &hammer{seed: 3, open: func(ctx context.Context) (handle, error) {
		n++
		return onSQLite(filepath.Join(folder, fmt.Sprint(max(n-handles, 0))), true)(ctx)
	}}
	require.ErrorContains(t, h.run(ctx, rounds(200)), "round ")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/ledgermodel"
)

const (
	workers = 8
	handles = 2
	keep    = 48 * time.Hour // an unresolved hold
)

// hammer is a load. Each worker plays a game of its own, with agents, chains and budgets
// that nobody else has, so that a model knows each answer; between its calls it contends
// with the others for what they share, of which totals are known. Between two rounds
// nothing is under way: then time goes on, handles are closed and opened, and totals are
// compared.
type hammer struct {
	open func(ctx context.Context) (handle, error)
	seed uint64

	handles [handles]handle
	games   [workers]*ledgermodel.Game
	shared  shared
	did     map[string]int
}

// run goes on as long as it may, and returns the first difference.
func (h *hammer) run(ctx context.Context, more func() bool) (err error) {
	h.did = map[string]int{}
	rnd := rand.New(rand.NewPCG(h.seed, 0))
	for i := range h.handles {
		if h.handles[i], err = h.open(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, h.handles[i].close()) }()
	}
	for i := range h.games {
		h.games[i] = ledgermodel.NewGame(fmt.Sprintf("w%d-", i), h.seed+uint64(i), nil, keep)
		h.games[i].Hasty = 3
	}
	defer func() {
		for _, g := range h.games {
			for what, n := range g.Did {
				h.did[what] += n
			}
		}
	}()
	for ; more(); h.did["rounds"]++ {
		if err := h.round(ctx, rnd); err != nil {
			return fmt.Errorf("round %d: %w", h.did["rounds"], err)
		}
	}
	return nil
}

func (h *hammer) round(ctx context.Context, rnd *rand.Rand) error {
	if rnd.IntN(10) == 0 {
		h.did["closed and opened"]++
		i := rnd.IntN(handles)
		if err := h.handles[i].close(); err != nil {
			return err
		}
		var err error
		if h.handles[i], err = h.open(ctx); err != nil {
			return err
		}
	}
	now := h.games[0].Now.Add(h.games[0].Advance())
	if rnd.IntN(5) == 0 { // so that much is forgotten, soon
		now = now.Add(time.Duration(rnd.Int64N(int64(12 * time.Hour))))
	}
	h.shared.begin(now, h.did["rounds"])
	calls := 1 + rnd.IntN(40)
	var wg sync.WaitGroup
	var failed [workers]error
	for i, g := range h.games {
		g.Now, g.Ledger = now, h.handles[i%handles]
		wg.Go(func() {
			for step := range calls {
				err := g.Step(ctx)
				if err == nil && g.Chance(25) {
					err = h.shared.step(ctx, g)
				}
				if failed[i] = err; err != nil {
					failed[i] = fmt.Errorf("worker %d, call %d: %w", i, step, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(failed[:]...), h.shared.end(ctx, h.handles[rnd.IntN(handles)]))
}

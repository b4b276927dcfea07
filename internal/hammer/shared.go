package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/ledgermodel"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// shared is what all workers want in one round: a budget for ten acts, with a window and
// without one, a presentation that can be used once, and an act that is done once.
type shared struct {
	now  time.Time
	name string

	mu      sync.Mutex
	spent   int // acts of the budget: what was surely taken and not given back
	most    int // that it ever was
	shows   int // how often the presentation was shown
	shown   int // and taken
	asks    int // how often the act was asked for
	done    []string
	repeats []string // what was said to be the first decision on it
}

const budget = 10

var everybody = did.MustParse("did:web:everybody.example")

func (s *shared) begin(now time.Time, round int) {
	s.now, s.name = now, fmt.Sprint("shared ", round)
	s.spent, s.most, s.shows, s.shown, s.asks, s.done, s.repeats = 0, 0, 0, 0, 0, nil, nil
}

func eur(n int) verify.Money { return passport.MustMoney(fmt.Sprintf("%d.00", n), "EUR") }

// charges are the budget: a rate, a window and a lifetime.
func (s *shared) charges() []verify.Charge {
	until, hour := s.now.Add(time.Hour), s.now.Add(-time.Hour+1)
	use, limit := verify.AmountOf(eur(10)), verify.AmountOf(eur(10*budget))
	return []verify.Charge{
		{Account: s.name, Name: "acts", Rate: true, Since: hour, Use: verify.Count(1), Limit: verify.Count(1000), Until: until},
		{Account: s.name, Name: "hour", Since: hour, Use: use, Limit: limit, Until: until},
		{Account: s.name, Name: "life", Use: use, Limit: limit, Until: until},
	}
}

// reservation is one of a new decision, with a presentation of that name.
func (s *shared) reservation(decision, presentation string) *verify.Reservation {
	return &verify.Reservation{
		At: s.now, HoldBy: s.now.Add(time.Minute), Chain: []string{s.name}, Agent: everybody,
		Caps:        verify.Caps{Nonces: 1 << 20, Acts: 1 << 20, RootActs: 1 << 20, RootAccounts: 1 << 20},
		Replay:      verify.ReplayKey{Agent: everybody, Audience: "shop", Challenge: presentation},
		ReplayUntil: s.now.Add(time.Minute),
		Record:      verify.Record{Decision: decision, At: s.now, Verdict: verify.Allow, Amount: eur(10)},
	}
}

// step makes a call that others make, too.
func (s *shared) step(ctx context.Context, g *ledgermodel.Game) error {
	own := s.name + " " + g.Next("act")
	switch g.IntN(4) {
	case 0:
		g.Did["shared presentation"]++
		return s.show(ctx, g.Ledger, own)
	case 1:
		g.Did["shared act"]++
		return s.ask(ctx, g.Ledger, own, g.Chance(50))
	}
	g.Did["shared budget"]++
	return s.spend(ctx, g.Ledger, own, g.Chance(50))
}

// show shows the one presentation that all have.
func (s *shared) show(ctx context.Context, l verify.Ledger, own string) error {
	_, err := l.Reserve(ctx, s.reservation(own, s.name))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shows++; err == nil {
		s.shown++
	} else if !errors.Is(err, verify.LedgerReplay) {
		return fmt.Errorf("a shared presentation: %w", err)
	}
	return nil
}

// ask asks for the one act that all want.
func (s *shared) ask(ctx context.Context, l verify.Ledger, own string, repeat bool) error {
	r := s.reservation(own, own)
	r.Idempotency = verify.IdempotencyKey{Agent: everybody, Audience: "shop", Intent: s.name}
	r.Content, r.KnownUntil, r.AcceptRepeat = "one act", s.now.Add(time.Hour), repeat
	held, err := l.Reserve(ctx, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.asks++; {
	case err == nil && held.Repeated:
		s.repeats = append(s.repeats, held.Decision)
	case err == nil:
		s.done = append(s.done, held.Decision)
	case !errors.Is(err, verify.LedgerRepeated) || repeat:
		return fmt.Errorf("a shared act: %w", err)
	}
	return nil
}

// spend takes a part of the budget, and may give it back.
func (s *shared) spend(ctx context.Context, l verify.Ledger, own string, done bool) error {
	r := s.reservation(own, own)
	r.Charges = s.charges()
	_, err := l.Reserve(ctx, r)
	if errors.Is(err, verify.LedgerBudgetExceeded) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("a shared budget: %w", err)
	}
	s.add(1)
	said := verify.Settlement{Decision: own, Outcome: verify.Done, At: s.now}
	if !done {
		said.Outcome = verify.NotDone
		s.add(-1) // others may have it before the call returns
	}
	return l.Settle(ctx, said)
}

func (s *shared) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spent += n
	s.most = max(s.most, s.spent)
}

// end compares what came of it.
func (s *shared) end(ctx context.Context, l ledgermodel.Ledger) error {
	wrong := func(format string, args ...any) error { return fmt.Errorf(s.name+": "+format, args...) }
	if s.most > budget {
		return wrong("of a budget for %d acts %d were taken at one time", budget, s.most)
	}
	if s.shown != min(s.shows, 1) {
		return wrong("a presentation was taken %d times of %d, want once", s.shown, s.shows)
	}
	if len(s.done) != min(s.asks, 1) {
		return wrong("an act was taken as new %d times of %d, want once", len(s.done), s.asks)
	}
	for _, first := range s.repeats {
		if first != s.done[0] {
			return wrong("an act repeats %s, want %s", first, s.done[0])
		}
	}
	used, err := l.Usage(ctx, s.charges(), s.now)
	if err != nil {
		return err
	}
	for i, c := range s.charges() {
		want := verify.Quantity{}
		for range s.spent {
			want = want.Add(c.Use)
		}
		if used[i].Total() != want || used[i].Open != 0 {
			return wrong("Usage of %s is %+v, want %d acts spent", c.Name, used[i], s.spent)
		}
	}
	r := s.reservation(s.name+" probe", s.name+" probe")
	r.Charges = s.charges()
	err = l.Peek(ctx, r)
	if fits := s.spent < budget; fits && err != nil || !fits && !errors.Is(err, verify.LedgerBudgetExceeded) {
		return wrong("of a budget for %d acts %d are spent, and one more gets: %v", budget, s.spent, err)
	}
	return nil
}

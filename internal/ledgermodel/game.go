package ledgermodel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// Ledger is what a [Game] asks.
type Ledger interface {
	verify.Ledger
	verify.Reconciler
	verify.UsageReader
	verify.Journal
	verify.Forgetter
}

// Game makes the calls of a play to a ledger and to a model, and compares their answers.
// Games of different names may go on at one time in one ledger, as long as their clocks
// are the same.
type Game struct {
	*Play
	Model  *Model
	Ledger Ledger
	Hasty  int            // percent: of so many calls that write the caller goes away
	Did    map[string]int // how many calls of each kind there were, and were taken
}

// NewGame returns a game with an empty model.
func NewGame(name string, seed uint64, l Ledger, keepUnresolved time.Duration) *Game {
	return &Game{Play: NewPlay(name, seed), Model: New(keepUnresolved), Ledger: l, Did: map[string]int{}}
}

// Step makes one call. An error is a difference.
func (g *Game) Step(ctx context.Context) error {
	switch k := g.IntN(100); {
	case k < 50:
		return g.reserve(ctx)
	case k < 80:
		return g.settle(ctx)
	case k < 84:
		return g.unresolved(ctx)
	case k < 90:
		return g.usage(ctx)
	case k < 95:
		return g.entry(ctx)
	case k < 99:
		return g.record(ctx)
	}
	g.Did["Forget"]++
	before := g.Now.Add(-time.Duration(g.IntN(100)) * time.Minute)
	return errors.Join(g.Model.Forget(ctx, before), g.Ledger.Forget(ctx, before))
}

func differ(call string, got, want, asked any) error {
	return fmt.Errorf("%s answers\n  %+v\nwant\n  %+v\nasked was\n  %+v", call, got, want, asked)
}

// agree compares errors by what is made of them.
func agree(call string, got, want error, asked any) error {
	if g, w := Says(got), Says(want); !slices.Equal(g, w) {
		return differ(call, g, w, asked)
	}
	return nil
}

func (g *Game) reserve(ctx context.Context) error {
	r, fresh := g.Reservation()
	want, got := g.Model.Peek(ctx, r), g.Ledger.Peek(ctx, r)
	if !AtCap(want) && !AtCap(got) { // what has ended may count or not
		if err := agree("Peek", got, want, r); err != nil {
			return err
		}
	}
	g.Did["Reserve"]++
	asking, stop := g.hasty(ctx, fresh)
	defer stop()
	held, got := g.Ledger.Reserve(asking, r)
	if errors.Is(got, context.Canceled) {
		return g.gone(ctx, r)
	}
	first, want := g.Model.Reserve(ctx, r)
	if AtCap(got) && !slices.Equal(Says(got), Says(want)) { // it may have found no time to forget enough
		if err := g.Ledger.Forget(ctx, g.Now); err != nil {
			return err
		}
		held, got = g.Ledger.Reserve(ctx, r)
	}
	if err := agree("Reserve", got, want, r); err != nil {
		return err
	}
	if held.Repeated != first.Repeated || held.Decision != first.Decision || !held.At.Equal(first.At) {
		return differ("Reserve", held, first, r)
	}
	if got == nil {
		g.Took(r, held.Repeated)
		g.Did["Reserve, taken"]++
	}
	return nil
}

// hasty returns a context that ends soon, now and then.
func (g *Game) hasty(ctx context.Context, may bool) (context.Context, func()) {
	if !g.Chance(g.Hasty) || !may {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	soon := time.AfterFunc(time.Duration(rand.IntN(2000))*time.Microsecond, cancel)
	return ctx, func() { soon.Stop(); cancel() }
}

// gone finds out what became of a reservation whose caller has gone: it was not made, or
// it was made and given back.
func (g *Game) gone(ctx context.Context, r *verify.Reservation) error {
	g.Did["Reserve, the caller gone"]++
	for range 2 { // what was under way is done, and then what follows from it
		if err := g.Ledger.Record(ctx, verify.Record{Decision: g.Next("a call behind it"), At: g.Now}); err != nil {
			return err
		}
	}
	e, err := g.Ledger.Entry(ctx, r.Record.Decision)
	if errors.Is(err, verify.ErrUnknownDecision) {
		return nil
	}
	if err != nil {
		return err
	}
	held, err := g.Model.Reserve(ctx, r)
	switch {
	case err != nil:
		return differ("Reserve of a caller who went away", e, err, r)
	case held.Repeated && e.State == verify.NoHold:
	case !held.Repeated && e.State == verify.HoldGivenBack:
		g.Took(r, false)
		g.Did["Reserve, given back"]++
		return g.Model.Settle(ctx, verify.Settlement{Decision: r.Record.Decision, Outcome: verify.NotDone, At: r.At})
	default:
		return differ("Reserve of a caller who went away", e.State, "given back", r)
	}
	return nil
}

func (g *Game) settle(ctx context.Context) error {
	s := g.Settlement()
	want := g.Model.Settle(ctx, s)
	// Of what is recorded nobody knows whether it was said once or twice.
	asking, stop := g.hasty(ctx, s.By == "" && !errors.Is(want, verify.ErrNotReserved))
	defer stop()
	got := g.Ledger.Settle(asking, s)
	if errors.Is(got, context.Canceled) { // to say the same again changes nothing
		g.Did["Settle, again"]++
		got = g.Ledger.Settle(ctx, s)
	}
	if g.Did["Settle"]++; want == nil {
		g.Did["Settle, taken"]++
	}
	return agree("Settle", got, want, s)
}

// unresolved compares what nobody settled, as long as it is surely kept.
func (g *Game) unresolved(ctx context.Context) error {
	g.Did["Unresolved"]++
	page := 1 + g.IntN(1000)
	of := func(l verify.Reconciler) (said []string, err error) {
		for after, more := g.name, true; more; {
			list, err := l.Unresolved(ctx, g.Now, after, page)
			if err != nil {
				return nil, err
			}
			more = len(list) == page
			for _, u := range list {
				if after = u.Decision; !strings.HasPrefix(after, g.name) {
					return said, nil // another play's
				}
				if !u.HoldBy.Add(g.Model.keep).Before(g.Now) {
					said = append(said, fmt.Sprint(u.Decision, " of ", u.At.UTC(), " by ", u.HoldBy.UTC()))
				}
			}
		}
		return said, nil
	}
	got, err := of(g.Ledger)
	want, _ := of(g.Model)
	if err == nil && !slices.Equal(got, want) {
		err = differ("Unresolved", got, want, g.Now)
	}
	return err
}

func (g *Game) usage(ctx context.Context) error {
	g.Did["Usage"]++
	charges := g.Charges()
	got, err := g.Ledger.Usage(ctx, charges, g.Now)
	want, _ := g.Model.Usage(ctx, charges, g.Now)
	if err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
		err = differ("Usage", got, want, charges)
	}
	return err
}

// record records a refusal.
func (g *Game) record(ctx context.Context) error {
	g.Did["Record"]++
	r := verify.Record{
		Decision: g.Next("refusal"), At: g.Now, Verdict: verify.Deny, Codes: []verify.Code{verify.TimeExpired},
		Agent: g.Agents[g.IntN(len(g.Agents))].String(), Proven: true, Took: time.Duration(g.IntN(1e6)),
		Scored: g.Chance(50), Amount: usd(g.IntN(100)),
	}
	if r.Scored {
		r.Score = g.IntN(1000)
	}
	if err := errors.Join(g.Model.Record(ctx, r), g.Ledger.Record(ctx, r)); err != nil {
		return err
	}
	return g.compare(ctx, r.Decision)
}

func (g *Game) entry(ctx context.Context) error {
	g.Did["Entry"]++
	decision := g.name + "no such"
	if r := g.Recent(50); r != nil {
		decision = r.Record.Decision
	}
	return g.compare(ctx, decision)
}

func (g *Game) compare(ctx context.Context, decision string) error {
	got, e1 := g.Ledger.Entry(ctx, decision)
	want, e2 := g.Model.Entry(ctx, decision)
	if err := agree("Entry", e1, e2, decision); err != nil {
		return err
	}
	of := func(e verify.Entry) string {
		if by := g.Model.deadline(decision); e.State == verify.HoldOpen && !g.Now.Before(by) {
			e.State = verify.HoldUnresolved // that is the same by now
		}
		text := fmt.Sprint(e.Decision, e.At.UTC(), e.Verdict, e.Codes, e.Passport, e.Agent, e.Root, e.Intent, e.Audience,
			e.Action, e.Resource, e.Amount, e.Proven, e.Took, e.Scored, e.Score, " ", e.State, " ", e.Done)
		for _, s := range e.Attempts {
			text += fmt.Sprint("\n  ", s.At.UTC(), s.Outcome, s.Amount, s.By, s.Reason, s.Refused != "")
		}
		return text
	}
	if of(got) != of(want) {
		return differ("Entry", of(got), of(want), decision)
	}
	return nil
}

package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestMemoryConformance(t *testing.T) {
	verifytest.TestLedger(t, func(testing.TB) verify.Ledger { return ledger.NewMemory(ledger.Options{}) })
}

// play makes calls at random, for few agents under few roots, so that they meet.
// It does not come back to what has ended: that may be forgotten or not.
type play struct {
	*rand.Rand
	now    time.Time
	n      int
	taken  []*verify.Reservation
	agents []did.DID
}

// era is the time of some accounts.
const era = 50 * time.Hour

func (p *play) era() (name string, end time.Time) {
	n := p.now.Sub(noon) / era
	return fmt.Sprint("era ", int(n), " "), noon.Add((n + 1) * era)
}

// recent returns one of the newest reservations that were taken, nil if there is
// none of the last hours.
func (p *play) recent(of int) *verify.Reservation {
	if len(p.taken) == 0 {
		return nil
	}
	r := p.taken[max(0, len(p.taken)-1-p.IntN(of))]
	if p.now.Sub(r.At) > 20*time.Hour {
		return nil
	}
	return r
}

func newPlay(seed uint64) *play {
	p := &play{Rand: rand.New(rand.NewPCG(seed, 1)), now: noon}
	for i := range 5 {
		p.agents = append(p.agents, verifytest.Key(fmt.Sprint("agent ", i)).DID())
	}
	return p
}

func (p *play) chance(percent int) bool { return p.IntN(100) < percent }

func usd(cents int) verify.Money {
	return passport.MustMoney(fmt.Sprintf("%d.%02d", cents/100, cents%100), "USD")
}

// limit has one kind of window for each name.
func (p *play) limit(account string, use verify.Quantity, rate bool) verify.Charge {
	k := p.IntN(4)
	c := verify.Charge{Account: account, Name: fmt.Sprint("limit ", k, rate), Rate: rate, Use: use,
		Limit: verify.AmountOf(usd(1500))}
	_, end := p.era()
	c.Until = end.Add(time.Duration(p.IntN(3)) * time.Hour)
	if rate {
		c.Limit = verify.Count(6)
	}
	if k > 0 {
		c.Since = p.now.Add(-[]time.Duration{time.Minute, time.Hour, 6 * time.Hour}[k-1] + 1)
	}
	return c
}

func (p *play) reservation() *verify.Reservation {
	p.n++
	agent := p.agents[p.IntN(len(p.agents))]
	r := &verify.Reservation{
		At: p.now, Agent: agent, HoldBy: p.now.Add(time.Duration(1+p.IntN(600)) * time.Second),
		Caps: verify.Caps{Nonces: 8, Acts: 60, RootActs: 150, RootAccounts: 12},
	}
	r.Record = verify.Record{Decision: fmt.Sprint("decision ", p.n), At: p.now, Verdict: verify.Allow}
	if old := p.recent(5); old != nil && p.chance(5) {
		r.Record.Decision = old.Record.Decision
	}
	if p.chance(80) {
		r.Record.Amount = usd(p.IntN(400))
	}
	name, _ := p.era()
	r.Chain = []string{fmt.Sprint(name, "root ", p.IntN(2))}
	for p.chance(40) && len(r.Chain) < 4 {
		r.Chain = append(r.Chain, fmt.Sprint(name, len(r.Chain), " link ", p.IntN(3)))
	}
	if p.chance(90) {
		r.Replay = verify.ReplayKey{Agent: agent, Audience: "shop", Challenge: fmt.Sprint(p.n)}
		r.ReplayUntil = p.now.Add(time.Duration(p.IntN(300)) * time.Second)
		r.Idempotency = verify.IdempotencyKey{Agent: agent, Audience: "shop", Intent: fmt.Sprint(p.IntN(60))}
		r.KnownUntil = r.ReplayUntil.Add(time.Duration(p.IntN(3)) * time.Hour)
		if old := p.recent(20); old != nil && p.chance(10) && !old.ReplayUntil.Before(p.now) {
			r.Replay.Challenge, r.ReplayUntil = old.Replay.Challenge, old.ReplayUntil
		}
		r.Content, r.AcceptRepeat = fmt.Sprint("content ", p.IntN(2)), p.chance(50)
	}
	for _, account := range r.Chain {
		for i := range p.IntN(3) {
			use := verify.AmountOf(r.Record.Amount)
			if i == 1 {
				use = verify.Count(int64(p.IntN(3)))
			}
			r.Charges = append(r.Charges, p.limit(account, use, i == 1))
		}
	}
	sort.Slice(r.Charges, func(i, k int) bool {
		x, y := &r.Charges[i], &r.Charges[k]
		if root := r.Chain[0]; x.Account != y.Account {
			return x.Account == root || y.Account != root && x.Account < y.Account
		}
		return x.Name < y.Name
	})
	return r
}

func (p *play) settlement() verify.Settlement {
	s := verify.Settlement{Decision: "no such", Outcome: verify.ActOutcome(p.IntN(3)), At: p.now}
	if r := p.recent(40); r != nil {
		s.Decision = r.Record.Decision
	}
	if p.chance(40) {
		s.Amount = usd(p.IntN(400))
	}
	if p.chance(40) {
		s.By = "operator"
	}
	return s
}

// same compares errors by what a verifier makes of them.
func same(t *testing.T, want, got error, about string) {
	t.Helper()
	flat := func(err error) (list []string) {
		all := []error{err}
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			all = many.Unwrap()
		}
		for _, e := range all {
			var c *verify.ChargeError
			var code verify.Code
			var fault *passport.Error
			switch {
			case e == nil:
			case errors.As(e, &c):
				list = append(list, fmt.Sprintf("%+v %s", *c, c.Error()))
			case errors.As(e, &fault):
				list = append(list, string(fault.Code))
			case errors.As(e, &code):
				list = append(list, string(code))
			default:
				for _, known := range []error{verify.ErrSettled, verify.ErrUnknownDecision, verify.ErrNotReserved} {
					if errors.Is(e, known) {
						list = append(list, known.Error())
					}
				}
			}
		}
		return list
	}
	require.Equal(t, flat(want), flat(got), about)
}

// B2: whatever up to three hostile delegates do, and however they delegate, an
// honest one can use its whole quarter, of acts as of accounts.
func TestB2AnHonestDelegateGetsItsQuarter(t *testing.T) {
	for seed := range uint64(40) {
		p := newPlay(seed)
		l := ledger.NewMemory(ledger.Options{})
		cap, accounts := 4+p.IntN(300), 4+p.IntN(60)
		used := 0
		act := func(agent int, chain []string, account string) error {
			p.n++
			r := &verify.Reservation{
				At: p.now, Agent: p.agents[agent], HoldBy: p.now.Add(time.Minute), KnownUntil: p.now.Add(time.Hour),
				Chain:       chain,
				Caps:        verify.Caps{Nonces: 1e6, Acts: 1e6, RootActs: cap, RootAccounts: accounts},
				Replay:      verify.ReplayKey{Agent: p.agents[agent], Challenge: fmt.Sprint(p.n)},
				ReplayUntil: p.now.Add(time.Minute),
				Record:      verify.Record{Decision: fmt.Sprint(p.n)},
			}
			if account != "" {
				r.Charges = []verify.Charge{{Account: chain[len(chain)-1], Name: account, Use: verify.Count(1),
					Limit: verify.Count(1e6), Until: p.now.Add(day)}}
			}
			_, err := l.Reserve(ctx, r)
			return err
		}
		acts, opened := 0, 0
		for range 6 * cap {
			if p.chance(20) && acts < cap/4 {
				account := ""
				if opened < accounts/4 {
					opened++
					account = fmt.Sprint("limit ", opened)
				}
				acts++
				require.NoError(t, act(0, []string{"root", "honest"}, account), "seed %d: act %d of %d", seed, acts,
					cap/4)
				continue
			}
			who := 1 + p.IntN(3)
			chain := []string{"root", fmt.Sprint("hostile ", who)}
			for p.chance(30) && len(chain) < 5 {
				chain = append(chain, fmt.Sprint("below ", p.IntN(50)))
			}
			account := ""
			if p.chance(50) {
				account = fmt.Sprint("limit ", p.IntN(200))
			}
			if act(who, chain, account) == nil {
				used++
			}
		}
		require.LessOrEqual(t, used, 3*max(cap/4, 1))
		for ; acts < cap/4; acts++ {
			require.NoError(t, act(0, []string{"root", "honest"}, ""))
		}
	}
}

// atCap reports whether a cap is met, perhaps by what has ended and was not
// forgotten yet.
func atCap(err error) bool {
	var c *verify.ChargeError
	return errors.Is(err, verify.LedgerRateExceeded) && !errors.As(err, &c)
}

// The ledger answers as the model does, whatever it is asked.
func TestMemoryAgreesWithTheModel(t *testing.T) {
	games, calls := 8, 1500
	if testing.Short() {
		games = 2
	}
	for seed := range uint64(games) {
		p := newPlay(seed)
		m, l := newModel(ledger.Options{}), ledger.NewMemory(ledger.Options{})
		var answers [9]int
		for step := range calls {
			about := fmt.Sprintf("seed %d, step %d", seed, step)
			if p.chance(30) {
				p.now = p.now.Add([]time.Duration{1, time.Second, time.Minute, 20 * time.Minute,
					9 * time.Hour}[min(p.IntN(5), p.IntN(5))])
			}
			switch k := p.IntN(100); {
			case k < 55:
				r := p.reservation()
				if want, got := m.Peek(ctx, r), l.Peek(ctx, r); !atCap(want) && !atCap(got) {
					same(t, want, got, about)
				}
				want, err1 := m.Reserve(ctx, r)
				got, err2 := l.Reserve(ctx, r)
				same(t, err1, err2, about)
				require.True(t, want.At.Equal(got.At), about)
				require.Equal(t, want.Repeated, got.Repeated, about)
				require.Equal(t, want.Decision, got.Decision, about)
				if answers[0]++; err1 == nil {
					p.taken = append(p.taken, r)
					answers[1]++
				}
			case k < 90:
				s := p.settlement()
				err := m.Settle(ctx, s)
				same(t, err, l.Settle(ctx, s), about)
				if answers[2]++; err == nil {
					answers[3]++
				}
			case k < 94:
				want, _ := m.Unresolved(ctx, p.now, "", 1000)
				got, err := l.Unresolved(ctx, p.now, "", 1000)
				require.NoError(t, err)
				require.Len(t, got, len(want), about)
				for i := range want {
					require.Equal(t, want[i].Decision, got[i].Decision, about)
					require.True(t, want[i].HoldBy.Equal(got[i].HoldBy), about)
				}
			case k < 99:
				var charges []verify.Charge
				name, _ := p.era()
				for range 5 {
					charges = append(charges, p.limit(fmt.Sprint(name, "root ", p.IntN(2)), verify.Quantity{},
						p.chance(50)))
				}
				want, _ := m.Usage(ctx, charges, p.now)
				got, err := l.Usage(ctx, charges, p.now)
				require.NoError(t, err)
				require.Equal(t, fmt.Sprint(want), fmt.Sprint(got), about)
			default:
				before := p.now.Add(-time.Duration(p.IntN(100)) * time.Minute)
				require.NoError(t, m.Forget(ctx, before))
				require.NoError(t, l.Forget(ctx, before))
			}
		}
		require.Greater(t, answers[1], 100, "many are allowed: %v", answers)
		require.Greater(t, answers[0]-answers[1], 100, "many are refused: %v", answers)
		require.Greater(t, answers[3], 50, "many are settled: %v", answers)
	}
}

// S20: a ledger that nobody made refuses.
func TestS20ZeroMemoryRefuses(t *testing.T) {
	var m ledger.Memory
	r := &verify.Reservation{At: noon, Chain: []string{"root"}, Record: verify.Record{Decision: "d"}}
	calls := map[string]func() error{
		"Reserve": func() error { _, err := m.Reserve(ctx, r); return err },
		"Peek":    func() error { return m.Peek(ctx, r) },
		"Settle":  func() error { return m.Settle(ctx, verify.Settlement{Decision: "d"}) },
		"Record":  func() error { return m.Record(ctx, r.Record) },
		"Usage":   func() error { _, err := m.Usage(ctx, r.Charges, noon); return err },
		"Entry":   func() error { _, err := m.Entry(ctx, "d"); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { require.Error(t, call()) })
	}
	require.NoError(t, m.Forget(ctx, noon))
	require.Empty(t, m.Records())
	open, err := m.Unresolved(ctx, noon, "", 10)
	require.NoError(t, err)
	require.Empty(t, open)
}

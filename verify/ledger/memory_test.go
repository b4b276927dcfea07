package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/ledgermodel"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

const day = 24 * time.Hour

func TestMemoryConformance(t *testing.T) {
	verifytest.TestLedger(t, func(testing.TB) verify.Ledger { return ledger.NewMemory(ledger.Options{}) })
}

// B2: whatever up to three hostile delegates do, and however they delegate, an
// honest one can use its whole quarter, of acts as of accounts.
func TestB2AnHonestDelegateGetsItsQuarter(t *testing.T) {
	for seed := range uint64(40) {
		p := ledgermodel.NewPlay("", seed)
		l := ledger.NewMemory(ledger.Options{})
		cap, accounts := 4+p.IntN(300), 4+p.IntN(60)
		used := 0
		act := func(agent int, chain []string, account string) error {
			name := p.Next("act")
			r := &verify.Reservation{
				At: p.Now, Agent: p.Agents[agent], HoldBy: p.Now.Add(time.Minute), KnownUntil: p.Now.Add(time.Hour),
				Chain:       chain,
				Caps:        verify.Caps{Nonces: 1e6, Acts: 1e6, RootActs: cap, RootAccounts: accounts},
				Replay:      verify.ReplayKey{Agent: p.Agents[agent], Challenge: name},
				ReplayUntil: p.Now.Add(time.Minute),
				Record:      verify.Record{Decision: name},
			}
			if account != "" {
				r.Charges = []verify.Charge{{Account: chain[len(chain)-1], Name: account, Use: verify.Count(1),
					Limit: verify.Count(1e6), Until: p.Now.Add(day)}}
			}
			_, err := l.Reserve(ctx, r)
			return err
		}
		acts, opened := 0, 0
		for range 6 * cap {
			if p.Chance(20) && acts < cap/4 {
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
			for p.Chance(30) && len(chain) < 5 {
				chain = append(chain, fmt.Sprint("below ", p.IntN(50)))
			}
			account := ""
			if p.Chance(50) {
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

// The ledger answers as the model does, whatever it is asked.
func TestMemoryAgreesWithTheModel(t *testing.T) {
	games, calls := 8, 1500
	if testing.Short() {
		games = 2
	}
	for seed := range uint64(games) {
		l := ledger.NewMemory(ledger.Options{Records: 2048})
		g := ledgermodel.NewGame("", seed, l, 90*day)
		for step := range calls {
			if g.Chance(30) {
				g.Now = g.Now.Add(g.Advance())
			}
			require.NoError(t, g.Step(ctx), "seed %d, step %d", seed, step)
		}
		all, taken := g.Did["Reserve"], g.Did["Reserve, taken"]
		require.Greater(t, taken, 100, "many are allowed: %v", g.Did)
		require.Greater(t, all-taken, 100, "many are refused: %v", g.Did)
		require.Greater(t, g.Did["Settle, taken"], 50, "many are settled: %v", g.Did)
	}
}

// S20: a ledger that nobody made refuses.
func TestS20ZeroMemoryRefuses(t *testing.T) {
	var m ledger.Memory
	r := &verify.Reservation{At: ledgermodel.Noon, Chain: []string{"root"}, Record: verify.Record{Decision: "d"}}
	calls := map[string]func() error{
		"Reserve": func() error { _, err := m.Reserve(ctx, r); return err },
		"Peek":    func() error { return m.Peek(ctx, r) },
		"Settle":  func() error { return m.Settle(ctx, verify.Settlement{Decision: "d"}) },
		"Record":  func() error { return m.Record(ctx, r.Record) },
		"Usage":   func() error { _, err := m.Usage(ctx, r.Charges, ledgermodel.Noon); return err },
		"Entry":   func() error { _, err := m.Entry(ctx, "d"); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { require.Error(t, call()) })
	}
	require.NoError(t, m.Forget(ctx, ledgermodel.Noon))
	require.Empty(t, m.Records())
	open, err := m.Unresolved(ctx, ledgermodel.Noon, "", 10)
	require.NoError(t, err)
	require.Empty(t, open)
}

// Usage is exact however many holds have lapsed since somebody reserved; MON-15.
func TestUsageOfManyThatLapsed(t *testing.T) {
	const n = 3000 // a refusal looks at fewer
	l := ledger.NewMemory(ledger.Options{})
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	charge := verify.Charge{
		Account: "root", Name: "money", Use: verify.Count(1), Limit: verify.Count(n), Until: at.Add(day),
	}
	for i := range n {
		_, err := l.Reserve(ctx, &verify.Reservation{
			At: at, HoldBy: at.Add(time.Minute), Chain: []string{"root"}, Charges: []verify.Charge{charge},
			Caps:   verify.Caps{Nonces: n, Acts: n, RootActs: n, RootAccounts: 1},
			Record: verify.Record{Decision: fmt.Sprint(i)},
		})
		require.NoError(t, err)
	}
	for after, want := range map[time.Duration]verify.Used{
		time.Minute - 1: {Held: verify.Count(n), Open: n},
		time.Minute:     {Spent: verify.Count(n)},
	} {
		used, err := l.Usage(ctx, []verify.Charge{charge}, at.Add(after))
		require.NoError(t, err)
		require.Equal(t, []verify.Used{want}, used)
	}
}

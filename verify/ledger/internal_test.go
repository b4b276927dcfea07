package ledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

var (
	ctx   = context.Background()
	epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// An index agrees with a list that is searched, also where many have one tag.
func TestIndexAgreesWithASearch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, spread := range []int{1, 3, 1 << 20} {
		var x index[short]
		model := map[uint32]short{}
		for step := range 20_000 {
			n := uint32(rnd.IntN(300))
			if tag, ok := model[n]; ok {
				x.remove(tag, n)
				delete(model, n)
			} else {
				model[n] = short(rnd.IntN(spread))
				x.add(model[n], n)
			}
			require.Equal(t, len(model), x.used)
			if step%50 != 0 {
				continue
			}
			for range 3 {
				tag := short(rnd.IntN(spread))
				var want, got []uint32
				for n, of := range model {
					if of == tag {
						want = append(want, n)
					}
				}
				for n, i, ok := x.next(tag, 0); ok; n, i, ok = x.next(tag, i) {
					got = append(got, n)
				}
				require.ElementsMatch(t, want, got)
			}
		}
		require.LessOrEqual(t, len(x.slots), 520, "no more room than there ever was need of")
	}
}

// The queue of what is to be forgotten agrees with a search.
func TestQueueAgreesWithASearch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var q queue
	model, now := map[uint32]instant{}, instant(0)
	for n := range uint32(4_000) {
		ends := now + instant(rnd.IntN(500))
		q.push(due{ends, n})
		model[n] = ends
		now += instant(rnd.IntN(5))
		for e, ok := q.ended(now); ok; e, ok = q.ended(now) {
			require.Less(t, model[e], now)
			if rnd.IntN(4) == 0 {
				model[e] = now + instant(rnd.IntN(300))
				q.later(model[e])
				continue
			}
			delete(model, e)
			q.pop()
		}
		for e, ends := range model {
			if ends < now {
				t.Fatal(e)
			}
		}
		require.Len(t, q, len(model))
	}
}

// Uses agree with a sorted list, in whatever order they come.
func TestUsesAgreeWithASlice(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, jitter := range []int{1, 20, 5000} {
		var u uses
		var all []use
		before := func(a, b use) int {
			if a.before(b.at, b.seq) {
				return -1
			}
			return 1
		}
		for seq := range uint64(6_000) {
			v := use{instant(int(seq) + rnd.IntN(jitter)), seq + 1, verify.Count(int64(seq))}
			u.insert(v)
			i, _ := slices.BinarySearchFunc(all, v, before)
			all = slices.Insert(all, i, v)
			for rnd.IntN(3) == 0 && len(all) > 1 && seq > 2000 {
				u.dropFirst()
				all = all[1:]
			}
			v = all[rnd.IntN(len(all))]
			require.Equal(t, v, *u.find(v.at, v.seq))
			require.Nil(t, u.find(v.at, 1<<40))
			if seq%100 != 0 {
				continue
			}
			at := instant(rnd.IntN(int(seq) + jitter))
			from := slices.IndexFunc(all, func(v use) bool { return v.at >= at })
			if from < 0 {
				from = len(all)
			}
			p := u.position(at)
			for _, v := range all[from:] {
				require.Equal(t, v, *u.at(p))
				p = u.after(p)
			}
			require.Nil(t, u.at(p))
		}
	}
}

// A tally agrees with one that adds everything up each time, for clocks that
// differ and windows that go back.
func TestTallyAgreesWithASearch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var tl tally
	tl.renew()
	type booked struct {
		use
		by   instant
		open bool
	}
	var all []*booked
	for step := range 8_000 {
		now := instant(step) * instant(time.Second)
		switch at := now - instant(rnd.IntN(20))*instant(time.Second); rnd.IntN(4) {
		case 0, 1:
			q := verify.Count(int64(rnd.IntN(3)))
			by := at + instant(rnd.IntN(300))*instant(time.Second)
			all = append(all, &booked{use{at, tl.book(at, by, q, false), q}, by, q != verify.Quantity{}})
		case 2:
			if len(all) > 0 {
				b := all[max(0, len(all)-1-rnd.IntN(60))]
				q := verify.Count(int64(rnd.IntN(3)))
				tl.settle(b.seq)
				tl.recount(b.at, b.seq, false, b.quantity, q)
				b.quantity, b.open = q, false
			}
		}
		since := now - instant(rnd.IntN(1000))*instant(time.Second)
		var want verify.Used
		for _, b := range all {
			switch {
			case b.at < since:
			case b.open && b.by > now:
				want.Held, want.Open = want.Held.Add(b.quantity), want.Open+1
			default:
				want.Spent = want.Spent.Add(b.quantity)
			}
		}
		require.Equal(t, want.Total(), tl.counts(since, false), step)
		got := tl.used(since, false, now, walk)
		require.Equal(t, want.Total(), got.Total())
		if step%10 == 0 && tl.holdings < walk { // trimmed by clocks that are ahead, they may be told as spent
			require.LessOrEqual(t, got.Open, want.Open)
			require.GreaterOrEqual(t, got.Open, want.Open-25)
		}
	}
}

// After everything has ended, nothing is left.
func TestMemoryForgetsEverything(t *testing.T) {
	m := NewMemory(Options{})
	at := epoch
	for i := range 5_000 {
		at = at.Add(time.Second)
		r := reservation(i, at)
		if _, err := m.Reserve(ctx, r); err != nil {
			require.ErrorIs(t, err, verify.LedgerRepeated)
		}
		if i%3 > 0 {
			_ = m.Settle(ctx, verify.Settlement{Decision: r.Record.Decision, Outcome: verify.ActOutcome(i % 3), At: at})
		}
	}
	require.NoError(t, m.Forget(ctx, at.Add(200*day)))
	for i := range shards {
		s, p, r, d := &m.agents[i], &m.accounts[i], &m.roots[i], &m.decisions[i]
		for what, left := range map[string]int{
			"agents": s.agents.used, "nonces": s.nonces.used, "ends of nonces": len(s.used), "intents": s.intents.used,
			"ends of holds": len(s.ending),
			"holds":         int(s.holds.top) - len(s.holds.free), "charges": int(s.more.top) - len(s.more.free),
			"partly": len(s.partly), "names": len(s.names),
			"tallies": p.tallies.used, "ends of tallies": len(p.ending), "nodes": r.nodes.used, "decisions": d.used,
		} {
			require.Zero(t, left, what)
		}
	}
}

// reservation is the i-th of a play with 7 agents, 3 roots and some repetitions.
func reservation(i int, at time.Time) *verify.Reservation {
	agent := did.MustParse(fmt.Sprint("did:example:agent-", i%7))
	root := fmt.Sprint("root ", i%3)
	leaf := fmt.Sprint("leaf ", i%5)
	amount := passport.MustMoney("1.00", "USD")
	return &verify.Reservation{
		At: at, Agent: agent, HoldBy: at.Add(time.Minute), Chain: []string{root, leaf}, KnownUntil: at.Add(time.Hour),
		Caps:        verify.Caps{Nonces: 1 << 20, Acts: 1 << 20, RootActs: 1 << 28, RootAccounts: 1 << 20},
		Replay:      verify.ReplayKey{Agent: agent, Audience: "shop", Challenge: fmt.Sprint(i)},
		ReplayUntil: at.Add(time.Minute),
		Idempotency: verify.IdempotencyKey{Agent: agent, Audience: "shop", Intent: fmt.Sprint(i / 14)},
		Content:     "bread", AcceptRepeat: i%2 == 0,
		Charges: []verify.Charge{
			{Account: root, Name: "day", Since: at.Add(-24*time.Hour + 1), Use: verify.AmountOf(amount),
				Limit: verify.Quantity{Hi: 1 << 40}, Until: at.Add(time.Hour)},
			{Account: leaf, Name: "ever", Use: verify.AmountOf(amount), Limit: verify.Quantity{Hi: 1 << 40},
				Until: at.Add(time.Minute)},
			{Account: leaf, Name: "requests", Rate: true, Since: at.Add(-time.Minute + 1), Use: verify.Count(1),
				Limit: verify.Count(1 << 30), Until: at.Add(time.Minute)},
		},
		Record: verify.Record{Decision: fmt.Sprint("decision ", i), At: at, Amount: amount},
	}
}

// Many callers at once leave the ledger as one after the other does.
func TestMemoryManyCallers(t *testing.T) {
	m := NewMemory(Options{})
	var clock atomic.Int64 // which is the same for all
	const callers, acts = 8, 400
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := range acts {
				r := reservation(i*callers+c, epoch.Add(time.Duration(clock.Add(1))*10*time.Millisecond))
				r.Idempotency = verify.IdempotencyKey{}
				_, err := m.Reserve(ctx, r)
				if err != nil {
					t.Error(err)
					return
				}
				if (i*callers+c)%4 == 0 {
					if err := m.Settle(ctx, verify.Settlement{Decision: r.Record.Decision, Outcome: verify.NotDone,
						At: r.At}); err != nil {
						t.Error(err)
					}
				}
				if i%100 == 0 {
					_ = m.Forget(ctx, epoch)
					_, _ = m.Unresolved(ctx, r.At, "", 10)
				}
			}
		})
	}
	all.Wait()
	at := epoch.Add(time.Minute)
	var charges []verify.Charge
	for root := range 3 {
		charges = append(charges, verify.Charge{Account: fmt.Sprint("root ", root), Name: "day",
			Since: at.Add(-24 * time.Hour)})
	}
	used, err := m.Usage(ctx, charges, at)
	require.NoError(t, err)
	sum := verify.Quantity{}
	for _, u := range used {
		sum = sum.Add(u.Total())
	}
	want := verify.Quantity{}
	for range callers * acts * 3 / 4 {
		want = want.Add(verify.AmountOf(passport.MustMoney("1.00", "USD")))
	}
	require.Equal(t, want, sum)
}

// A hold outlives the account that it charged: what it gives back then is not
// given to another account that has taken the place.
func TestReleaseAfterAnAccountWasForgotten(t *testing.T) {
	m := NewMemory(Options{})
	reserve := func(i int, account string, at time.Time) verify.Held {
		r := reservation(i, at)
		r.Chain, r.Idempotency = []string{account}, verify.IdempotencyKey{}
		r.Charges = []verify.Charge{{Account: account, Name: "ever", Use: verify.Count(10), Limit: verify.Count(10),
			Until: at.Add(time.Minute)}}
		h, err := m.Reserve(ctx, r)
		require.NoError(t, err)
		return h
	}
	old := reserve(0, "0", epoch)
	later := epoch.Add(time.Hour)
	require.NoError(t, m.Forget(ctx, later))
	for i := range 1_000 { // one of them has the place
		reserve(i+1, fmt.Sprint(i+1), later)
	}
	require.NoError(t, m.Settle(ctx, verify.Settlement{Decision: old.Decision, Outcome: verify.NotDone, At: later,
		By: "operator"}))
	for i := range 1_000 {
		used, err := m.Usage(ctx, []verify.Charge{{Account: fmt.Sprint(i + 1), Name: "ever"}}, later)
		require.NoError(t, err)
		require.Equal(t, verify.Count(10), used[0].Total())
	}
}

// The strings of a reservation are parts of the document that was presented. A
// ledger that kept one would keep all of it, for a day.
func TestMemoryKeepsNoDocument(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 64 MiB in turns")
	}
	const size = 1 << 18
	m := NewMemory(Options{})
	before := heap()
	for i := range 256 {
		// One document for each string, so that each is tried.
		part := func(s string) string {
			document := s + strings.Repeat("x", size)
			return document[:len(s)]
		}
		agent := did.MustParse(part("did:example:agent"))
		asset, err := passport.ParseAssetMoney(part("1"), part(fmt.Sprintf("eip155:1/erc20:0x%040d", i)), 6)
		require.NoError(t, err)
		account := part(fmt.Sprint("account", i))
		r := &verify.Reservation{
			At: epoch, Agent: agent, HoldBy: epoch.Add(time.Minute), Chain: []string{account},
			Caps:        verify.Caps{Nonces: 1000, Acts: 1000, RootActs: 1000, RootAccounts: 1000},
			Replay:      verify.ReplayKey{Agent: agent, Audience: part("audience"), Challenge: part(fmt.Sprint(i))},
			ReplayUntil: epoch.Add(time.Minute),
			Idempotency: verify.IdempotencyKey{Agent: agent, Audience: part("audience"), Intent: part(fmt.Sprint(i))},
			Content:     part("content"), KnownUntil: epoch.Add(time.Hour),
			Charges: []verify.Charge{{Account: account, Name: part("name"), Since: epoch.Add(-time.Hour),
				Use: verify.AmountOf(asset), Limit: verify.Quantity{Hi: 1}, Until: epoch.Add(time.Hour)}},
			Record: verify.Record{
				Decision: part(fmt.Sprint("decision", i)), Passport: part("passport"), Agent: part("agent"),
				Root: part("root"), Intent: part("intent"),
				Audience: part("audience"), Action: part("action"), Resource: part("resource"), Amount: asset,
			},
		}
		_, err = m.Reserve(ctx, r)
		require.NoError(t, err)
		require.NoError(t, m.Settle(ctx, verify.Settlement{Decision: part(fmt.Sprint("decision", i)),
			Outcome: verify.NotDone, At: epoch, By: part("operator"), Reason: part("reason"), Amount: asset}))
	}
	require.Less(t, heap(), before+32*size)
	require.Len(t, m.Records(), 256)
	runtime.KeepAlive(m)
}

func heap() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// Goal 13b: a remembered act, settled, with one charge, takes at most 250 bytes.
func TestBytesPerRememberedAct(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 50 MiB")
	}
	m := NewMemory(Options{})
	const acts = 100_000
	do := func(from, to int) {
		for i := range to - from {
			i += from
			at := epoch.Add(time.Duration(i) * 800 * time.Millisecond) // a day of them
			agent := did.MustParse(fmt.Sprint("did:example:agent-", i%16))
			account := fmt.Sprint("account ", i%16)
			var entropy [10]byte
			binary.BigEndian.PutUint64(entropy[:], uint64(i))
			decision := fmt.Sprintf("01KAJ%021d", i)
			_, err := m.Reserve(ctx, &verify.Reservation{
				At: at, Agent: agent, HoldBy: at.Add(5 * time.Minute), Chain: []string{account},
				KnownUntil:  at.Add(day),
				Caps:        verify.Caps{Nonces: 1 << 20, Acts: 1 << 20, RootActs: 1 << 20, RootAccounts: 1 << 20},
				Replay:      verify.ReplayKey{Agent: agent, Audience: "shop", Challenge: fmt.Sprint(i)},
				ReplayUntil: at.Add(5 * time.Minute),
				Idempotency: verify.IdempotencyKey{Agent: agent, Audience: "shop", Intent: fmt.Sprint(i)},
				Content:     "content",
				Charges: []verify.Charge{{Account: account, Name: "day", Since: at.Add(-day + 1), Use: verify.Count(1),
					Limit: verify.Count(1 << 40), Until: at.Add(30 * day)}},
				Record: verify.Record{Decision: decision, At: at, Verdict: verify.Allow,
					Amount: passport.MustMoney("12.50", "USD")},
			})
			require.NoError(t, err)
			require.NoError(t, m.Settle(ctx, verify.Settlement{Decision: decision, Outcome: verify.Done, At: at}))
		}
	}
	do(0, 1) // the records and the rest that does not grow
	before := heap()
	do(1, acts)
	each := (float64(heap()) - float64(before)) / acts
	t.Logf("%.0f bytes for each of %d acts", each, acts)
	require.LessOrEqual(t, each, 250.0)
	runtime.KeepAlive(m)
}

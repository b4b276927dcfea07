package verify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// attacked are the bounded memories of the library, each with a way to fill it
// at its default caps as far as hostile input can, a request to it, and the most
// that it then takes.
type attacked struct {
	name string
	most int // MiB
	make func(tb testing.TB) (fill func() (things int), ask func())
}

var memories = []attacked{
	{"status lists, marks and revocations", 64 + 8, func(tb testing.TB) (func() int, func()) {
		w := newListWorld(tb)
		v := w.verifier()
		w.host.put(tb, w.list(listA))
		pass := w.Issue(w.Passport(func(p *passport.Passport) { p.Status = []statuslist.Entry{revocation(listA, 1)} }))
		shown := w.Present(pass, w.Intent())
		_, err := v.Verify(ctx, shown, w.Request())
		require.NoError(tb, err)
		return func() int {
			n := v.FillLists(ctx, w.Issuer.DID(), w.Clock.Now(), make([]byte, 4<<10))
			// A new list finds no room, and nobody gets what is another's.
			chain, holder := w.below(1, []string{"mallory", "puppet"}, revocation("https://new.example/list", 1))
			requireRefusal(tb, w.show(holder, chain)(v), verify.StatusUnavailable)
			return n
		}, func() { _, _ = v.Verify(ctx, shown, w.Request()) }
	}},
	{"a new status list", 64 + 8, func(tb testing.TB) (func() int, func()) {
		w := newListWorld(tb)
		v := w.verifier()
		w.host.put(tb, w.list(listA))
		chain, holder := w.below(1, []string{"mallory", "puppet"}, revocation("https://new.example/list", 1))
		shown := w.PresentChain(holder, chain, w.Intent())
		return func() int { return v.FillLists(ctx, w.Issuer.DID(), w.Clock.Now(), nil) },
			func() { _, _ = v.Verify(ctx, shown, w.Request()) }
	}},
	{"proven passports, 1,024", 160, func(tb testing.TB) (func() int, func()) {
		w := verifytest.NewWorld(tb)
		v := w.Verifier(func(c *verify.Config) { c.ProvenDocuments = 1024 })
		shown := w.Present(w.Issue(w.Passport()), w.Intent())
		long := strings.Repeat("x", 14<<10)
		return func() int {
			for range 1500 {
				fat := w.Issue(w.Passport(func(p *passport.Passport) { p.Description = long }))
				_, err := v.Verify(ctx, w.Present(fat, w.Intent()), w.Request())
				require.NoError(tb, err)
			}
			return v.Stats().ProvenHeld
		}, func() { _, _ = v.Verify(ctx, shown, w.Request()) }
	}},
	{"nonces, holds and accounts of an agent, 100,000", 48, func(tb testing.TB) (func() int, func()) {
		l, now := ledger.NewMemory(ledger.Options{}), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		reserve := func(i int) error {
			agent := did.MustParse("did:web:hostile.example")
			account := fmt.Sprint("account ", i%10_000)
			_, err := l.Reserve(ctx, &verify.Reservation{
				At: now, Agent: agent, HoldBy: now.Add(5 * time.Minute), Chain: []string{account}, KnownUntil: now.Add(24 * time.Hour),
				Caps:        verify.Caps{Nonces: 100_000, Acts: 200_000, RootActs: 1_000_000, RootAccounts: 16_384},
				Replay:      verify.ReplayKey{Agent: agent, Audience: "shop", Challenge: fmt.Sprint(i)},
				ReplayUntil: now.Add(5 * time.Minute),
				Idempotency: verify.IdempotencyKey{Agent: agent, Audience: "shop", Intent: fmt.Sprint(i)},
				Charges: []verify.Charge{{
					Account: account, Name: "day", Since: now.Add(-24 * time.Hour), Use: verify.Count(1), Limit: verify.Count(1 << 40),
					Until: now.Add(720 * time.Hour),
				}},
				Record: verify.Record{Decision: fmt.Sprintf("01KAJ%021d", i), At: now, Amount: passport.MustMoney("1", "USD")},
			})
			return err
		}
		return func() int {
			for i := range 100_000 {
				require.NoError(tb, reserve(i))
			}
			require.ErrorIs(tb, reserve(100_001), verify.LedgerRateExceeded)
			return 100_000
		}, func() { _ = reserve(0) }
	}},
	{"callers of the limiter, 65,536", 24, func(tb testing.TB) (func() int, func()) {
		now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		l, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{
			Rate: verifyhttp.Rate{Requests: 60, Window: time.Minute}, Now: func() time.Time { return now },
		})
		require.NoError(tb, err)
		return func() int {
			for i := range 1 << 18 {
				_, err := l.Take(ctx, fmt.Sprintf("2001:db8:%x:%x::1", i>>8, i&255))
				require.NoError(tb, err)
				_, err = l.Take(ctx, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
				require.NoError(tb, err)
			}
			return 1 << 16
		}, func() { _, _ = l.Take(ctx, "192.0.2.1") }
	}},
	{"DID documents and failures, 1,024 of each", 72, func(tb testing.TB) (func() int, func()) {
		w := verifytest.NewWorld(tb)
		key := w.Agent.PublicKey().Multikey()
		c, err := did.NewCache(did.CacheConfig{Now: w.Clock.Now, Resolver: did.ResolverFunc(
			func(_ context.Context, id did.DID) (*did.Document, error) {
				if strings.HasPrefix(id.SpecificID(), "none") {
					return nil, fmt.Errorf("%w: %s", did.ErrNotFound, strings.Repeat("x", 100))
				}
				text := fmt.Sprintf(`{"id":%q,"verificationMethod":[{"id":"#k","type":"Multikey","controller":%q,`+
					`"publicKeyMultibase":%q}],"assertionMethod":["#k"],"more":[`, id, id, key)
				for len(text) < 60<<10 {
					text += `"` + strings.Repeat("x", 15<<10) + `",`
				}
				return did.ParseDocument([]byte(text + `1]}`))
			})})
		require.NoError(tb, err)
		ask := func(name string) error {
			_, err := c.Resolve(ctx, did.MustParse("did:web:"+name+".example"))
			return err
		}
		return func() int {
			for i := range 1500 {
				require.NoError(tb, ask(fmt.Sprint("h", i)))
				require.Error(tb, ask(fmt.Sprint("none", i)))
			}
			return 2048
		}, func() { _ = ask("h1499") }
	}},
	{"fetched lists, 64 MiB", 72, func(tb testing.TB) (func() int, func()) {
		raw := bytes.Repeat([]byte("x"), 100<<10)
		c, err := statuslist.NewCache(statuslist.SourceFunc(func(_ context.Context, url string) (*statuslist.Fetched, error) {
			if strings.HasSuffix(url, "none") {
				return nil, errors.New("none")
			}
			return &statuslist.Fetched{Raw: bytes.Clone(raw)}, nil
		}), statuslist.CacheOptions{})
		require.NoError(tb, err)
		return func() int {
			for i := range 1500 {
				_, err := c.StatusList(ctx, fmt.Sprintf("https://h.example/%d", i))
				require.NoError(tb, err)
				_, err = c.StatusList(ctx, fmt.Sprintf("https://h.example/%d/none", i))
				require.Error(tb, err)
			}
			return 655
		}, func() { _, _ = c.StatusList(ctx, "https://h.example/1499") }
	}},
}

// RES-06: what hostile input makes a bounded memory take is bounded, in bytes.
// The figures are in docs/threat-model.md.
func TestRES06FootprintAtTheCaps(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 200 MiB")
	}
	for _, m := range memories {
		t.Run(m.name, func(t *testing.T) {
			fill, ask := m.make(t)
			before := heapNow()
			n := fill()
			used := heapNow() - before
			t.Logf("%.1f MiB, %d things, %d bytes each", float64(used)/(1<<20), n, int(used)/n)
			require.LessOrEqual(t, int(used)>>20, m.most, "MiB")
			runtime.KeepAlive(fill)
			ask()
		})
	}
}

func heapNow() int64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// How long one request to a memory takes that is empty, and that is full.
func BenchmarkRES06UnderAttack(b *testing.B) {
	for _, m := range memories {
		for _, full := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/full=%t", m.name, full), func(b *testing.B) {
				fill, ask := m.make(b)
				if full {
					fill()
				}
				ask()
				for b.Loop() {
					ask()
				}
			})
		}
	}
}

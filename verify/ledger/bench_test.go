package ledger_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// acts makes the reservations of a service that decides once a second, for 16
// agents with a budget of a day and a rate of an hour each: after a day as much
// is forgotten as is learned.
type acts struct {
	start      time.Time
	agents     [16]did.DID
	accounts   [16]string
	challenges string // one text, so that the garbage collector has nothing to do with it
	n          atomic.Int64
}

// Challenges have 45 bytes, and there are more than are remembered at a time.
const (
	challengeBytes = 45
	challenges     = 1 << 17
)

func newActs() *acts {
	a := &acts{start: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	for i := range a.agents {
		a.agents[i] = verifytest.Key(fmt.Sprint("agent ", i)).DID()
		a.accounts[i] = a.agents[i].String() + " " + fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", i)
	}
	var text strings.Builder
	for i := range challenges {
		fmt.Fprintf(&text, "urn:uuid:10000000-0000-4000-8000-%012d", i)
	}
	a.challenges = text.String()
	return a
}

func (a *acts) challenge(n int) string {
	return a.challenges[n%challenges*challengeBytes:][:challengeBytes]
}

// do reserves and commits the next act. A caller that was held up for longer
// than its intent lives begins anew.
func (a *acts) do(l *ledger.Memory) error {
	for {
		if err := a.once(l); !errors.Is(err, verify.LedgerUnavailable) {
			return err
		}
	}
}

func (a *acts) once(l *ledger.Memory) error {
	n := int(a.n.Add(1))
	at := a.start.Add(time.Duration(n) * time.Second)
	agent, account := a.agents[n%16], a.accounts[n%16]
	challenge := a.challenge(n)
	var entropy [10]byte
	binary.BigEndian.PutUint64(entropy[2:], uint64(n))
	id, _ := ulid.New(ulid.Timestamp(at), bytes.NewReader(entropy[:])) // there are bytes enough
	decision := id.String()
	held, err := l.Reserve(ctx, &verify.Reservation{
		At: at, HoldBy: at.Add(5 * time.Minute), Agent: agent, Chain: []string{account},
		Caps:        verify.Caps{Nonces: 1 << 20, Acts: 1 << 20, RootActs: 1 << 20, RootAccounts: 1 << 20},
		Replay:      verify.ReplayKey{Agent: agent, Audience: "https://shop.example", Challenge: challenge},
		ReplayUntil: at.Add(5 * time.Minute),
		Idempotency: verify.IdempotencyKey{Agent: agent, Audience: "https://shop.example", Intent: challenge},
		KnownUntil:  at.Add(24*time.Hour + 5*time.Minute), Content: "content",
		Charges: []verify.Charge{
			{Account: account, Name: "requests_per_hour", Rate: true, Since: at.Add(-time.Hour + 1),
				Use: verify.Count(1), Limit: verify.Count(1 << 40), Until: at.Add(30 * 24 * time.Hour)},
			{Account: account, Name: "spend day USD  ", Since: at.Add(-24*time.Hour + 1), Use: verify.Count(1),
				Limit: verify.Count(1 << 40), Until: at.Add(30 * 24 * time.Hour)},
		},
		Record: verify.Record{Decision: decision, At: at, Verdict: verify.Allow, Passport: account,
			Agent: agent.String(), Action: "payments.charge"},
	})
	if err != nil {
		return err
	}
	return l.Settle(ctx, verify.Settlement{Decision: held.Decision, Outcome: verify.Done, At: at})
}

// Goal 13: reserve and commit of an act with a nonce, an intent, two windows
// and the record, in a ledger that remembers a day of them.
func BenchmarkMemory(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			l, a := ledger.NewMemory(ledger.Options{}), newActs()
			for range 100_000 { // more than a day
				if err := a.do(l); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			if callers == 1 {
				for range b.N {
					if err := a.do(l); err != nil {
						b.Fatal(err)
					}
				}
			} else {
				b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := a.do(l); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
		})
	}
}

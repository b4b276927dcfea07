// Package storebench measures ledgers: how many acts a second, at how many callers, and
// how that grows with what a ledger remembers. Only benchmarks import it.
package storebench

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

// Acts makes the reservations of a service that decides once a second: a nonce, an
// intent, a rate of an hour and a budget. Make it with [NewActs].
type Acts struct {
	agents     []did.DID
	accounts   []string
	window     time.Duration
	every      time.Duration // there is an act
	life       time.Duration // of an intent
	challenges string        // one text, so that the garbage collector has nothing to do with it
	n          atomic.Int64
}

var (
	start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	until = start.Add(20 * 365 * 24 * time.Hour) // that of all passports, as it stands in them
)

// Challenges have 45 bytes, and there are more than are remembered at a time.
const (
	challengeBytes = 45
	challenges     = 1 << 17
)

// NewActs returns acts of so many agents, which have a budget each, of so long. With that
// of a day as much is forgotten after a day as is learned.
func NewActs(agents int, window time.Duration) *Acts {
	a := &Acts{window: window, every: time.Second, life: 5 * time.Minute}
	for i := range agents {
		a.agents = append(a.agents, did.MustParse(fmt.Sprintf("did:web:agent-%d.example", i)))
		a.accounts = append(a.accounts, fmt.Sprintf("%s urn:uuid:00000000-0000-4000-8000-%012d", a.agents[i], i))
	}
	var text strings.Builder
	for i := range challenges {
		fmt.Fprintf(&text, "urn:uuid:10000000-0000-4000-8000-%012d", i)
	}
	a.challenges = text.String()
	return a
}

// Rarely says that there is an act every so often: what is remembered for a day are fewer.
func (a *Acts) Rarely(every time.Duration) { a.every, a.life = every, 32*every }

// Reservation returns the next one.
func (a *Acts) Reservation() *verify.Reservation {
	r := new(verify.Reservation)
	a.write(r)
	return r
}

// write makes the next one where another was.
func (a *Acts) write(r *verify.Reservation) {
	n := int(a.n.Add(1))
	at := start.Add(time.Duration(n) * a.every)
	agent, account := a.agents[n%len(a.agents)], a.accounts[n%len(a.agents)]
	challenge := a.challenges[n%challenges*challengeBytes:][:challengeBytes]
	var entropy [10]byte
	binary.BigEndian.PutUint64(entropy[2:], uint64(n))
	id, _ := ulid.New(ulid.Timestamp(at), bytes.NewReader(entropy[:])) // there are bytes enough
	*r = verify.Reservation{
		At: at, HoldBy: at.Add(a.life), Agent: agent, Chain: append(r.Chain[:0], account),
		Caps:        verify.Caps{Nonces: 1 << 20, Acts: 1 << 20, RootActs: 1 << 20, RootAccounts: 1 << 20},
		Replay:      verify.ReplayKey{Agent: agent, Audience: "https://shop.example", Challenge: challenge},
		ReplayUntil: at.Add(a.life),
		Idempotency: verify.IdempotencyKey{Agent: agent, Audience: "https://shop.example", Intent: challenge},
		KnownUntil:  at.Add(24*time.Hour + a.life), Content: "content",
		Charges: append(r.Charges[:0],
			verify.Charge{Account: account, Name: "requests_per_hour", Rate: true, Since: at.Add(-time.Hour + 1),
				Use: verify.Count(1), Limit: verify.Count(1 << 40), Until: until},
			verify.Charge{Account: account, Name: "spend day USD  ", Since: at.Add(-a.window + 1), Use: verify.Count(1),
				Limit: verify.Count(1 << 40), Until: until}),
		Record: verify.Record{Decision: id.String(), At: at, Verdict: verify.Allow, Passport: account,
			Agent: agent.String(), Action: "payments.charge"},
	}
}

// Do reserves and commits the next act. A caller that was held up for longer than its
// intent lives begins anew.
func (a *Acts) Do(ctx context.Context, l verify.Ledger) error {
	return a.do(ctx, l, a.Reservation)
}

// Caller returns [Acts.Do] for one caller of a ledger that keeps no reservation: it has one, which it writes again and
// again, so that the ledger is measured and not the garbage of its callers.
func (a *Acts) Caller(l verify.Ledger) func(ctx context.Context) error {
	r := new(verify.Reservation)
	next := func() *verify.Reservation { a.write(r); return r }
	return func(ctx context.Context) error { return a.do(ctx, l, next) }
}

func (a *Acts) do(ctx context.Context, l verify.Ledger, next func() *verify.Reservation) error {
	for {
		r := next()
		held, err := l.Reserve(ctx, r)
		if err == nil {
			return l.Settle(ctx, verify.Settlement{Decision: held.Decision, Outcome: verify.Done, At: r.At})
		}
		if !errors.Is(err, verify.LedgerUnavailable) {
			return err
		}
	}
}

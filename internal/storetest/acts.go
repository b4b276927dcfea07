// Package storetest has the tests that are the same for every store, beside those of
// verify/verifytest, which know nothing of databases.
package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

var ctx = context.Background()

// Noon is when the tests begin.
var Noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// Root is the account of the root of every chain.
const Root = "did:example:issuer urn:example:passport:root"

// agent returns the DID of an agent.
func agent(name string) did.DID { return did.MustParse("did:web:" + name + ".example") }

// Act is a reservation of an agent for so many units out of a window of an hour with
// that limit, with a presentation, an intent and a decision of its own.
func Act(name string, at time.Time, units, limit int64) *verify.Reservation {
	a := agent("agent")
	money := passport.MustMoney(fmt.Sprintf("%d.00", units), "EUR")
	return &verify.Reservation{
		At: at, HoldBy: at.Add(5 * time.Minute), Agent: a, Chain: []string{Root, Root + " 2"},
		Replay:      verify.ReplayKey{Agent: a, Audience: "https://shop.example", Challenge: name},
		ReplayUntil: at.Add(5 * time.Minute),
		Idempotency: verify.IdempotencyKey{Agent: a, Audience: "https://shop.example", Intent: "urn:example:" + name},
		Content:     name, KnownUntil: at.Add(day),
		Caps: verify.Caps{Nonces: 1 << 30, Acts: 1 << 30, RootActs: 1 << 30, RootAccounts: 1 << 30},
		Charges: []verify.Charge{
			{
				Account: Root, Name: "acts", Rate: true, Since: at.Add(-time.Hour + 1), Use: verify.Count(1),
				Limit: verify.Count(1 << 40), Until: Noon.Add(1000 * day),
			},
			{
				Account: Root, Name: "hour", Since: at.Add(-time.Hour + 1), Use: verify.AmountOf(money), Limit: eur(limit),
				Until: Noon.Add(1000 * day),
			},
			{Account: Root + " 2", Name: "life", Use: verify.AmountOf(money), Limit: eur(limit), Until: Noon.Add(1000 * day)},
		},
		Record: verify.Record{
			Decision: decision(name, at), At: at, Verdict: verify.Allow, Proven: true, Agent: a.String(), Root: Root,
			Action: "payments.charge", Amount: money,
		},
	}
}

func decision(name string, at time.Time) string {
	id := ulid.ULID{}
	sum := sha256.Sum256([]byte(name))
	copy(id[6:], sum[:])
	_ = id.SetTime(ulid.Timestamp(at)) // it is before the year 10889
	return id.String()
}

// eur is so many euros as a quantity.
func eur(n int64) verify.Quantity {
	return verify.AmountOf(passport.MustMoney(fmt.Sprintf("%d.00", n), "EUR"))
}

// spent returns what counts against the hour and the lifetime of [Act].
func spent(l verify.UsageReader, at time.Time) (hour, life verify.Quantity, err error) {
	used, err := l.Usage(ctx, []verify.Charge{
		{Account: Root, Name: "hour", Since: at.Add(-time.Hour + 1)}, {Account: Root + " 2", Name: "life"},
	}, at)
	if err != nil {
		return hour, life, err
	}
	return used[0].Total(), used[1].Total(), nil
}

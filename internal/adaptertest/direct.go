package adaptertest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Direct is a verifier that is asked without a carrier: for adapters that are a part of it or
// stand beside it, such as rules, telemetry and keys.
type Direct struct {
	World    *verifytest.World
	Verifier *verify.Verifier
	Agent    did.Signer // presents; nil: that of the world
	Passport *credential.Signed

	// Read is what the adapter makes of a decision. Nil: the problem of verifyhttp.
	Read func(*verify.Decision, error) Answer
}

// Adapter plays the rows that need no carrier.
func (d Direct) Adapter(t *testing.T) *Adapter {
	if d.Agent == nil {
		d.Agent = d.World.Agent
	}
	if d.Read == nil {
		d.Read = read
	}
	var ran atomic.Int64
	var taken atomic.Pointer[[]byte]
	ask := func(c Call) Answer {
		act := passport.Act{Action: "payments.charge", Amount: money(c.Cents), Category: "compute", Rail: "tempo"}
		if c.Fault == Undeclared {
			act = passport.Act{Action: "data.read"}
		}
		q, audience := verify.Request{Audience: verifytest.Audience, Act: act}, verifytest.Audience
		switch c.Fault {
		case Elsewhere:
			audience = "did:web:other.example"
		case Tampered:
			q.Amount = money(1)
		}
		shown, err := passport.Present(context.Background(), d.Agent, passport.Chain{d.Passport},
			passport.Intent{Act: act}, audience, passport.PresentOptions{Now: d.World.Clock.Now})
		if err != nil {
			return Answer{Err: err}
		}
		text := shown.Bytes()
		taken.CompareAndSwap(nil, &text)
		switch c.Fault {
		case Bare:
			text = nil
		case Again:
			text = *taken.Load()
		}
		decision, err := d.Verifier.Verify(context.Background(), text, q)
		if err == nil {
			ran.Add(1)
			if err := decision.Commit(context.Background()); err != nil {
				t.Error(err)
			}
		}
		return d.Read(decision, err)
	}
	return &Adapter{
		World: d.World, Call: ask, Ran: func() int { return int(ran.Load()) },
		Without: map[string]string{
			"unsent":       "it sends nothing: a client of its own has another adapter",
			"stock server": "it sends nothing: a client of its own has another adapter",
		},
	}
}

func read(d *verify.Decision, err error) Answer {
	if err == nil {
		return Answer{}
	}
	p := verifyhttp.NewProblem(d, err)
	p.AddReasons(err)
	return Answer{Problem: &p, Text: p.Text()}
}

func money(cents int64) passport.Money { return passport.MustMoney(Dollars(cents), "USD") }

// Dollars is an amount as a text.
func Dollars(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

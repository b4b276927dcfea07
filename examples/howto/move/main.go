// Move goes on with another ledger, and forgets nothing of the one before.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

// moving writes to the new ledger alone, once it has brought there what was used of a
// budget before. The old one is only read: what it refuses stays refused.
type moving struct {
	store.Ledger // the new one
	old          store.Ledger
}

func (m moving) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	before := *r
	before.AcceptRepeat = false // what was done there is not repeated here
	if err := m.old.Peek(ctx, &before); err != nil {
		return verify.Held{}, err // such as a presentation that was used there
	}
	used, err := m.old.Usage(ctx, r.Charges, r.At)
	if err != nil {
		return verify.Held{}, err
	}
	for i, c := range r.Charges {
		c.Use, c.Limit = used[i].Total(), verify.Quantity{Hi: 1 << 63} // it was allowed then
		carried := verify.Reservation{
			At: r.At, HoldBy: c.Until, Agent: r.Agent, Chain: r.Chain, Charges: []verify.Charge{c}, Caps: r.Caps,
			Record: verify.Record{Decision: "moved " + c.Account + " " + c.Name, At: r.At, Verdict: verify.Allow},
		}
		_, err := m.Ledger.Reserve(ctx, &carried)
		if err == nil {
			err = m.Settle(ctx, verify.Settlement{Decision: carried.Record.Decision, Outcome: verify.Done, At: r.At})
		}
		if err != nil && !errors.Is(err, verify.LedgerReplay) { // that is: it is there already
			return verify.Held{}, err
		}
	}
	return m.Ledger.Reserve(ctx, r)
}

// Settle finds what was reserved before the move where it was.
func (m moving) Settle(ctx context.Context, s verify.Settlement) error {
	err := m.Ledger.Settle(ctx, s)
	if errors.Is(err, verify.ErrUnknownDecision) {
		return m.old.Settle(ctx, s)
	}
	return err
}

func main() {
	ctx := context.Background()
	folder := must(os.MkdirTemp("", "shop"))
	defer os.RemoveAll(folder)
	old, closeOld := open(ctx, filepath.Join(folder, "ledger.db"))
	defer closeOld.Close()
	// Where to: the URL of a database. Without one this page tries it with a second file.
	next, closeNext := open(ctx, cmp.Or(os.Getenv("LEDGER"), filepath.Join(folder, "next.db")))
	defer closeNext.Close()

	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Status: []statuslist.Entry{must(bits.Entry(must(bits.Allocate())))},
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge"}},
			SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney("100.00", "EUR"), Per: passport.PerLifetime}},
		},
	}, passport.IssueOptions{}))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: time.Now()}))
	show := func(amount string) []byte {
		act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney(amount, "EUR")}
		return must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, "did:web:shop.example",
			passport.PresentOptions{})).Bytes()
	}
	charge := func(title string, l verify.Ledger, presented []byte, amount string) {
		v := must(verify.New(verify.Config{
			Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Status: lists.Static(),
			Ledger: l, Payments: []string{"payments.*"},
		}))
		act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney(amount, "EUR")}
		decision, err := v.Verify(ctx, presented, verify.Request{Audience: "did:web:shop.example", Act: act})
		if err != nil {
			fmt.Println(title+": refused:", decision.Code())
			return
		}
		check(decision.Commit(ctx))
		fmt.Println(title + ": charged")
	}
	first := show("60.00")
	charge("60.00 of 100.00 EUR, before the move", old, first, "60.00")
	l := moving{next, old}
	charge("the same presentation, after it", l, first, "60.00")
	charge("60.00 EUR more", l, show("60.00"), "60.00")
	charge("30.00 EUR", l, show("30.00"), "30.00")
	charge("20.00 EUR, when the old file is gone", next, show("20.00"), "20.00")
	charge("10.00 EUR", next, show("10.00"), "10.00")
}

func open(ctx context.Context, where string) (store.Ledger, io.Closer) {
	if strings.Contains(where, "://") {
		s := must(postgres.Open(ctx, where, postgres.Options{}))
		return s.Ledger(), s
	}
	s := must(sqlite.Open(ctx, where, sqlite.Options{}))
	return s.Ledger(), s
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

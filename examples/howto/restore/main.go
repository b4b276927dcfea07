// Restore opens an older copy of a ledger, and shows what it refuses and what it tells.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

var (
	ctx = context.Background()
	act = passport.Act{Action: "payments.charge", Amount: passport.MustMoney("60.00", "EUR")}
)

func main() {
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	folder := must(os.MkdirTemp("", "shop"))
	defer os.RemoveAll(folder)
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation,
	}))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Status: []statuslist.Entry{must(bits.Entry(must(bits.Allocate())))},
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge"}},
			SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney("100.00", "EUR"), Per: passport.PerLifetime}},
		},
	}, passport.IssueOptions{}))
	check(must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: time.Now()})).PutTo(ctx, statuslist.Dir(folder)))
	now := time.Now()
	present := func() []byte {
		return must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, "did:web:shop.example",
			passport.PresentOptions{Now: func() time.Time { return now }})).Bytes()
	}
	pay := func(title string, s *sqlite.Store, presented []byte) {
		v := must(verify.New(verify.Config{
			Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Status: statuslist.Dir(folder),
			Ledger: s.Ledger(), Marks: s.Marks(), Payments: []string{"payments.*"}, Now: func() time.Time { return now },
		}))
		decision, err := v.Verify(ctx, presented, verify.Request{Audience: "did:web:shop.example", Act: act})
		if err == nil {
			check(decision.Commit(ctx))
		}
		fmt.Println(title+":", strings.TrimSpace(fmt.Sprint(decision.Verdict, " ", decision.Code())))
	}

	file, copied := filepath.Join(folder, "ledger.db"), filepath.Join(folder, "copy.db")
	s := must(sqlite.Open(ctx, file, sqlite.Options{}))
	check(s.Backup(ctx, copied)) // while the shop is open
	used := present()
	pay("after the copy was made", s, used)
	check(s.Close())

	// The disk is lost. The copy knows nothing of that payment.
	s = must(sqlite.Open(ctx, copied, sqlite.Options{Options: store.Options{AfterRestore: true}}))
	defer s.Close()
	check(s.Check(ctx))
	pay("the same presentation, shown to the copy", s, used)
	gap, _ := s.Gap()
	now = gap.Until.Add(time.Second)
	pay("a new one, made a second later", s, present())
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

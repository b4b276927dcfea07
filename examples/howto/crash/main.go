// Crash kills a shop in the middle of a payment, and settles what it has left.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

var (
	ctx = context.Background()
	act = passport.Act{Action: "payments.charge", Amount: passport.MustMoney("60.00", "EUR")}
)

func main() {
	if len(os.Args) == 3 { // the shop: a folder, and the issuer that it trusts
		shop(os.Args[1], did.MustParse(os.Args[2]), true)
		return
	}
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
	shown := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, "did:web:shop.example",
		passport.PresentOptions{}))
	check(os.WriteFile(filepath.Join(folder, "presentation"), shown.Bytes(), 0o600))

	p := exec.Command(must(os.Executable()), folder, issuer.DID().String())
	_ = p.Run()
	fmt.Println("the shop was killed:", !p.ProcessState.Success())
	shop(folder, issuer.DID(), false) // it is started again, and the agent asks again

	s := must(sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{}))
	defer s.Close()
	// What nobody settled by its deadline is listed. Run this now and then, and after every start.
	deadline := time.Now().Add(time.Hour)
	for _, u := range must(s.Ledger().Unresolved(ctx, deadline, "", 0)) {
		fmt.Println("unresolved:", u.Record.Action, u.Record.Amount)
		outcome := verify.NotDone // what the payment provider says when you ask it about u.Decision
		check(s.Ledger().Settle(ctx, verify.Settlement{
			Decision: u.Decision, Outcome: outcome, At: deadline, By: "reconciliation",
			Reason: "the provider knows no such charge",
		}))
		fmt.Println("settled as", outcome)
	}
	fmt.Println("unresolved after that:", len(must(s.Ledger().Unresolved(ctx, deadline, "", 0))))
}

// shop decides about one payment.
func shop(folder string, issuer did.DID, dies bool) {
	s := must(sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{}))
	defer s.Close()
	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer}}, Resolver: did.KeyMethods(), Status: statuslist.Dir(folder),
		Ledger: s.Ledger(), Marks: s.Marks(), Payments: []string{"payments.*"},
	}))
	presented := must(os.ReadFile(filepath.Join(folder, "presentation")))
	decision, err := v.Verify(ctx, presented, verify.Request{Audience: "did:web:shop.example", Act: act})
	if err != nil {
		fmt.Println("after the restart:", decision.Code())
		return
	}
	if dies { // kill -9, after the verdict and before the payment
		check(must(os.FindProcess(os.Getpid())).Kill())
		select {}
	}
	// Here the payment is made; give the provider decision.ID as its reference.
	check(decision.Commit(ctx))
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

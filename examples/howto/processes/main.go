// Processes decides in one process after another, which share a ledger in a file.
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
	if len(os.Args) == 3 { // a process of the shop: a folder, and the issuer that it trusts
		decide(os.Args[1], did.MustParse(os.Args[2]))
		return
	}
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	folder := must(os.MkdirTemp("", "shop"))
	defer os.RemoveAll(folder)
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Status: []statuslist.Entry{must(bits.Entry(must(bits.Allocate())))},
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge"}},
			SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney("100.00", "EUR"), Per: passport.PerLifetime}},
		},
	}, passport.IssueOptions{}))
	check(must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: time.Now()})).PutTo(ctx, statuslist.Dir(folder)))
	show := func() {
		p := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, "did:web:shop.example",
			passport.PresentOptions{}))
		check(os.WriteFile(filepath.Join(folder, "presentation"), p.Bytes(), 0o600))
	}
	ask := func(title string) {
		p := exec.Command(must(os.Executable()), folder, issuer.DID().String())
		p.Stderr = os.Stderr
		fmt.Printf("%s: %s\n", title, must(p.Output()))
	}
	show()
	ask("60.00 of 100.00 EUR")
	ask("the same presentation, in another process")
	show()
	ask("60.00 EUR more, in a third one")
}

// decide is what each process of the shop does.
func decide(folder string, issuer did.DID) {
	store := must(sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{}))
	defer store.Close()
	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer}}, Resolver: did.KeyMethods(), Status: statuslist.Dir(folder),
		Ledger: store.Ledger(), Marks: store.Marks(), Payments: []string{"payments.*"},
	}))
	presented := must(os.ReadFile(filepath.Join(folder, "presentation")))
	decision, err := v.Verify(ctx, presented, verify.Request{Audience: "did:web:shop.example", Act: act})
	if err != nil {
		fmt.Print("refused: ", decision.Code())
		return
	}
	check(decision.Commit(ctx))
	fmt.Print("charged")
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

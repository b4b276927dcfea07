// Replicas: two processes of one shop behind one listener. They share a ledger, so a
// budget is spent once and a presentation is used once, whichever of them is asked.
package main

import (
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

const (
	audience = "did:web:shop.example" // how agents name the shop
	price    = "10.00"                // EUR, of everything
	at       = 64                     // so many requests at once
)

func main() {
	postgres := flag.String("postgres", "", "share this PostgreSQL `database`, a URL, instead of a file")
	replica := flag.String("replica", "", "be a process of the shop, of this `name`; this program starts them itself")
	ledger := flag.String("ledger", "", "its ledger: a file, or the URL of a database")
	lists := flag.String("lists", "", "its `folder` of status lists")
	issuer := flag.String("issuer", "", "the issuer that it trusts")
	flag.Parse()
	if *replica != "" {
		serve(*replica, *ledger, *lists, did.MustParse(*issuer))
		return
	}
	folder := must(os.MkdirTemp("", "replicas"))
	defer os.RemoveAll(folder)
	if *postgres == "" {
		*postgres = filepath.Join(folder, "ledger.db")
	}
	run(os.Stdout, folder, *postgres)
}

// scene is an issuer, with the agents that it has given passports.
type scene struct {
	issuer *did.KeyPair
	bits   *statuslist.Publisher
}

// agent has a passport for 100.00 EUR in all.
type agent struct {
	key   *did.KeyPair
	chain passport.Chain
}

func (s *scene) agent(ctx context.Context) *agent {
	a := &agent{key: must(did.GenerateKey())}
	a.chain = passport.Chain{must(passport.Issue(ctx, s.issuer, &passport.Passport{
		Agent: a.key.DID(), Status: []statuslist.Entry{must(s.bits.Entry(must(s.bits.Allocate())))},
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge"}},
			SpendLimits:  []passport.SpendLimit{{Money: passport.MustMoney("100.00", "EUR"), Per: passport.PerLifetime}},
		},
	}, passport.IssueOptions{}))}
	return a
}

// show makes a presentation: this agent is about to pay the price.
func (a *agent) show(ctx context.Context) []byte {
	act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney(price, "EUR"), Resource: "/pay"}
	return must(passport.Present(ctx, a.key, a.chain, passport.Intent{Act: act}, audience, passport.PresentOptions{})).Bytes()
}

func run(out io.Writer, folder, ledger string) {
	ctx := context.Background()
	s := &scene{issuer: must(did.GenerateKey())}
	s.bits = must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation}))
	buyer, other := s.agent(ctx), s.agent(ctx)
	check(must(s.bits.Publish(ctx, s.issuer, statuslist.PublishOptions{Now: time.Now()})).PutTo(ctx, statuslist.Dir(folder)))

	shop := open(folder, ledger, s.issuer.DID())
	var orders [][]byte
	for range at {
		orders = append(orders, buyer.show(ctx))
	}
	fmt.Fprintf(out, "64 orders of 10.00 EUR at once, and the passport is good for 100.00 EUR:\n%s", shop.ask(orders...))
	again := other.show(ctx)
	fmt.Fprintf(out, "One presentation 64 times at once:\n%s", shop.ask(slices.Repeat([][]byte{again}, at)...))

	shop.kill()
	shop = open(folder, ledger, s.issuer.DID())
	fmt.Fprintf(out, "Both processes are killed and started anew. One order more:\n%s", shop.ask(buyer.show(ctx)))
	fmt.Fprintf(out, "The presentation once more:\n%s", shop.ask(again))
	fmt.Fprintf(out, "A new presentation of its agent, which has paid 10.00 EUR:\n%s", shop.ask(other.show(ctx)))
	shop.kill()
}

// ask sends all of them at once, and counts the answers.
func (s *shop) ask(presented ...[]byte) string {
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[string]int{}
	for _, p := range presented {
		all.Go(func() {
			r := must(http.NewRequest(http.MethodPost, "http://"+s.address+"/pay", nil))
			r.Header.Set(verifyhttp.HeaderPassport, base64.RawURLEncoding.EncodeToString(p))
			resp := must(http.DefaultClient.Do(r))
			defer resp.Body.Close()
			answer := resp.Status
			if problem, err := verifyhttp.ReadProblem(resp); err == nil {
				answer += ", " + string(problem.Code)
			}
			mu.Lock()
			defer mu.Unlock()
			answers[answer]++
		})
	}
	all.Wait()
	var text strings.Builder
	for _, answer := range slices.Sorted(maps.Keys(answers)) {
		fmt.Fprintf(&text, "%4d × %s\n", answers[answer], answer)
	}
	return text.String()
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

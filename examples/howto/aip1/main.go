// AIP1 takes intents of AIP-1 agents with the mandate of their principal.
package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

const (
	principal = "did:web:acme.example"
	agent     = "did:web:acme.example:agents:buyer"
	shop      = "did:web:shop.example"
)

func main() { run(os.Stdout) }

func run(out io.Writer) {
	agentKey, principalKey := newKey(), newKey()
	// Nobody resolves a DID in AIP-1: the shop has its own directory of keys.
	keys := map[string]ed25519.PublicKey{agent: public(agentKey), principal: public(principalKey)}
	key := func(id string, _ time.Time) ed25519.PublicKey { return keys[id] }
	v := must(verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: did.MustParse(principal)}},
		Dialects: []verify.Dialect{&aip1.Dialect{AgentKey: key, PrincipalKey: key}},
		Resolver: did.KeyMethods(),
		Ledger:   ledger.NewMemory(ledger.Options{}),
	}))

	ctx := context.Background()
	mandate := must(aip1.Issue(ctx, signer(principalKey), aip1.Mandate{Issuer: principal, Subject: agent,
		Boundaries: aip1.Boundaries{AllowedActions: []string{"transfer_funds"},
			Limit: aip1.Limit{PerTransaction: "100", PerDay: "150", Currency: "USD"}}}, aip1.SignOptions{}))
	for _, amount := range []string{"90.00", "70.00", "100.01"} {
		envelope := must(aip1.Sign(ctx, signer(agentKey), aip1.Envelope{
			Agent: aip1.Agent{ID: agent}, Principal: aip1.Principal{ID: principal},
			Intent: aip1.Intent{Action: "transfer_funds", Target: shop,
				Parameters: aip1.Object(`{"amount":` + amount + `,"currency":"USD"}`)},
			Boundaries: aip1.Boundaries{AllowedActions: []string{"transfer_funds"}, // the agent's own word
				Limit: aip1.Limit{PerTransaction: "1000", Currency: "USD"}},
		}, aip1.SignOptions{}))
		d, err := v.Verify(ctx, aip1.Join(envelope, mandate), verify.Request{Audience: shop,
			Act: passport.Act{Action: "transfer_funds", Amount: passport.MustMoney(amount, "USD")}})
		if err != nil {
			fmt.Fprintln(out, amount, d.Verdict, d.Code())
			continue
		}
		fmt.Fprintln(out, amount, d.Verdict, d.Passport.ID[:8])
	}
}

func newKey() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return must(key, err)
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func signer(key ed25519.PrivateKey) did.Signer {
	return must(did.NewSigner(did.MustParseURL(principal+"#keys-1"), key))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

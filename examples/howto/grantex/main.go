// Grantex verifies passports of a Grantex service with no network.
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
	"github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

const issuer = "did:web:issuer.example"

func main() { run(os.Stdout) }

func run(out io.Writer) {
	jwks, header := service() // in life: a file, and the header of a request
	keys := must(grantex.ParseKeySet(jwks))
	v := must(verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: did.MustParse(issuer)}},
		Dialects: []verify.Dialect{&grantex.Dialect{Keys: keys}},
		Resolver: did.KeyMethods(),
		Ledger:   ledger.NewMemory(ledger.Options{}),
	}))
	for _, amount := range []string{"49.95", "50.01"} {
		d, err := v.Verify(context.Background(), []byte(header), verify.Request{
			Audience: "did:web:shop.example",
			Act: passport.Act{
				Action: passport.MPPScopePrefix + "compute", Category: "compute", Rail: "tempo",
				Amount: passport.MustMoney(amount, "USDC"),
			},
		})
		if err != nil {
			fmt.Fprintln(out, amount, d.Verdict, d.Code())
			continue
		}
		fmt.Fprintln(out, amount, d.Verdict, d.Passport.HumanPrincipal)
	}
}

// service stands for a Grantex service: it publishes a key and issues a passport.
func service() (jwks []byte, header string) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	signer := grantex.Signer{KeyID: "2026-11", Key: must(key, err)}
	header = must(grantex.Emit(signer, grantex.Passport{
		Issuer: issuer, ValidFrom: time.Now().Add(-time.Second), ValidUntil: time.Now().Add(24 * time.Hour),
		Agent: "did:grantex:ag_1", HumanPrincipal: "did:grantex:user_alice", Organization: issuer, GrantID: "grnt_1",
		Categories: []string{"inference", "compute"}, Rails: []string{"tempo"},
		MaxAmount: grantex.Amount{Amount: "50", Currency: "USDC"},
	}))
	return must(grantex.KeySetOf(signer)), header
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

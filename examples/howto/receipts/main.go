// Receipts keeps a receipt of each decision of a shop, and audits them as an outsider does.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/receipt"
)

const origin = "shop.example/receipts"

var ctx = context.Background()

func main() {
	folder := must(os.MkdirTemp("", "shop"))
	defer os.RemoveAll(folder)
	issuer, shop, logKey := must(did.GenerateKey()), must(did.GenerateKey()), must(did.GenerateKey())
	s := must(sqlite.Open(ctx, filepath.Join(folder, "ledger.db"), sqlite.Options{}))
	defer s.Close()
	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Ledger: s.Ledger(),
		Evidence: true,
	}))
	files := filepath.Join(folder, "receipts")
	receipts := must(receipt.Open(ctx, files, receipt.Options{Origin: origin, Signer: logKey, Key: logKey.PublicKey()}))
	defer func() { check(receipts.Close(ctx)) }()
	keeper := receipt.Keeper{Log: receipts, Signer: shop, Strangers: true}
	request := verify.Request{Audience: "did:web:shop.example", Act: passport.Act{Action: "payments.charge"}}
	decide := func(keep bool) (text, proof []byte) {
		decision, _ := v.Verify(ctx, nil, request) // nothing is shown, so it is refused
		if keep {
			text, proof, _ = keeper.Keep(ctx, decision)
		}
		return text, proof
	}

	// The auditor knows the key of the log from the shop's DID document, and looks for the first time.
	key := must(receipt.LogKey(origin, logKey.PublicKey()))
	fmt.Println("it is the key of the log:", key == receipts.Key())
	decide(true)
	decide(true)
	check(receipts.Publish(ctx))
	first := must(receipt.OpenPublished(os.DirFS(files), key)).Checkpoint()

	// A month later: what was there still is, and every decision of the ledger since has a receipt.
	text, proof := decide(true)
	decide(true)
	check(receipts.Publish(ctx))
	fmt.Println("decisions without a receipt:", audit(files, key, shop.DID(), first, s))
	decide(false) // the shop leaves one out
	fmt.Println("decisions without a receipt:", audit(files, key, shop.DID(), first, s))

	// The agent has one that it was given: it is about what the agent asked for, and nobody can take it back.
	says := must(receipt.Verify(ctx, text, proof, receipt.Trust{
		Verifier: shop.DID(), Resolver: did.KeyMethods(), LogKey: key, Request: request.Digest(),
	}))
	fmt.Println("the agent's receipt:", says.Verdict, says.Codes)
	refund := request
	refund.Action = "payments.refund"
	_, err := receipt.Verify(ctx, text, proof, receipt.Trust{
		Verifier: shop.DID(), Resolver: did.KeyMethods(), LogKey: key, Request: refund.Digest(),
	})
	fmt.Println("for another request:", errors.Is(err, receipt.ErrInvalid))

	// A log that was written anew does not begin with what the auditor has seen.
	other := filepath.Join(folder, "other")
	anew := must(receipt.Open(ctx, other, receipt.Options{Origin: origin, Signer: logKey, Key: logKey.PublicKey()}))
	keeper.Log = anew
	for range 4 {
		decide(true)
	}
	check(anew.Close(ctx)) // which publishes
	err = must(receipt.OpenPublished(os.DirFS(other), key)).Extends(first)
	fmt.Println("written anew:", errors.Is(err, receipt.ErrInvalid))
}

// audit reads a copy of the files of a log, and returns how many decisions of the ledger have no receipt in it.
func audit(files, key string, shop did.DID, last *receipt.Checkpoint, s store.Store) (missing int) {
	published := must(receipt.OpenPublished(os.DirFS(files), key))
	check(published.Extends(last)) // nothing was rewritten
	sealed := map[string]bool{}
	// Every receipt is whole, and the shop's.
	must(receipt.Fsck(ctx, os.DirFS(files), key, func(r *receipt.Receipt) error {
		says, err := r.Check(ctx, shop, did.KeyMethods())
		sealed[says.ID] = true
		return err
	}))
	for q := (store.Query{Limit: 200}); ; {
		page := must(s.Decisions(ctx, q))
		for i := range page.Decisions {
			if !sealed["urn:safeconduct:decision:"+page.Decisions[i].Decision] {
				missing++
			}
		}
		if q.After = page.Next; q.After == "" {
			return missing
		}
	}
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

package receipt_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Whoever has a copy of a log's files checks all of it, finds a receipt, and proves that nothing was rewritten since.
func ExamplePublished() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{}) // an issuer, an agent and its passport, for tests
	v := w.Verifier(func(c *verify.Config) { c.Evidence = true })
	shop := verifytest.Key("shop")
	dir := must(os.MkdirTemp("", "receipts"))
	defer func() { _ = os.RemoveAll(dir) }()
	log := must(receipt.Open(ctx, dir, receipt.Options{Origin: "shop.example/receipts", Signer: shop, Key: shop.PublicKey()}))
	defer func() { _ = log.Close(ctx) }()

	keeper := &receipt.Keeper{Log: log, Signer: shop} // behind verifyhttp.GuardConfig.Receipt
	decide := func() *receipt.Receipt {
		d, _ := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
		text, _, err := keeper.Keep(ctx, d)
		if err != nil {
			panic(err)
		}
		if err := log.Publish(ctx); err != nil {
			panic(err)
		}
		return must(receipt.Parse(text))
	}
	first := decide()
	before := must(receipt.OpenCheckpoint([]byte(must(log.Checkpoint(ctx)).Text), log.Key()))
	decide()

	// The auditor knows the name of the log and its key.
	key := must(receipt.LogKey("shop.example/receipts", shop.PublicKey()))
	fmt.Println(key == log.Key(), receipt.CheckLogKey(key))
	copied := must(receipt.OpenPublished(os.DirFS(dir), key))
	fmt.Println(before.Size, copied.Checkpoint().Size, copied.Extends(before))
	place := must(copied.Find(ctx, first.ID()))
	_, _, err := copied.Prove(ctx, place)
	fmt.Println(place, err, must(first.Check(ctx, shop.DID(), w.Resolver())).Verdict)

	all := must(receipt.Fsck(ctx, os.DirFS(dir), key, func(r *receipt.Receipt) error {
		_, err := r.Check(ctx, shop.DID(), w.Resolver())
		return err
	}))
	fmt.Println("in order:", all.Size)
	// Output:
	// true <nil>
	// 1 2 <nil>
	// 0 <nil> allow
	// in order: 2
}

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

// Whoever keeps a log finds a receipt by the decision that it is of, and shows that the log only ever grew.
func ExampleLog() {
	ctx := context.Background()
	w := verifytest.NewWorld(&testing.T{})
	v := w.Verifier(func(c *verify.Config) { c.Evidence = true })
	shop := verifytest.Key("shop")
	dir := must(os.MkdirTemp("", "receipts"))
	defer func() { _ = os.RemoveAll(dir) }()
	log := must(receipt.Open(ctx, dir, receipt.Options{Origin: "shop.example/receipts", Signer: shop, Key: shop.PublicKey()}))
	defer func() { _ = log.Close(ctx) }()
	keep := func(presented []byte) *verify.Decision {
		d, _ := v.Verify(ctx, presented, w.Request())
		must(log.Append(ctx, must(receipt.Seal(ctx, shop, d))))
		return d
	}
	shown := w.Present(w.Issue(w.Passport()), w.Intent())
	first := keep(shown)
	older := must(log.Checkpoint(ctx))
	keep(nil)

	place := must(log.Find(ctx, "urn:safeconduct:decision:"+first.ID))
	says := must(log.Get(ctx, place)).Unverified()
	fmt.Println(log.Size(), place, says.Verdict)
	fmt.Println(says.Evidence.Intent == must(receipt.IntentOf(shown))) // it is of what was shown
	proof, newer, err := log.ProveConsistency(ctx, older)
	fmt.Println(err, receipt.VerifyConsistency(older, newer, proof))
	// Output:
	// 2 0 allow
	// true
	// <nil> <nil>
}

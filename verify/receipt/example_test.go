package receipt_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/receipt"
)

// A shop refuses something, and can prove a year later that it did, when, and
// why. An allowed act is sealed in the same way.
func Example() {
	ctx := context.Background()
	shop, issuer := must(did.GenerateKey()), must(did.GenerateKey())
	v := must(verify.New(verify.Config{
		Anchors:  []verify.Anchor{{Issuer: issuer.DID()}},
		Resolver: did.KeyMethods(),
		Ledger:   ledger.NewMemory(ledger.Options{}),
		Now:      func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
		Evidence: true,
	}))

	dir := must(os.MkdirTemp("", "receipts"))
	defer func() { _ = os.RemoveAll(dir) }()
	receipts := must(receipt.Open(ctx, dir, receipt.Options{Origin: "shop.example/receipts", Signer: shop, Key: shop.PublicKey()}))
	defer func() { _ = receipts.Close(ctx) }()

	// Nothing was presented, so this is refused.
	decision, _ := v.Verify(ctx, nil, verify.Request{Audience: "did:web:shop.example", Act: passport.Act{Action: "payments.charge"}})
	sealed := must(receipt.Seal(ctx, shop, decision))
	place := must(receipts.Append(ctx, sealed)) // on disk when it returns
	proof := must(must(receipts.Prove(ctx, place)).MarshalText())

	// Anywhere, at any time, without a network.
	says := must(receipt.Verify(ctx, []byte(sealed.Text()), proof, receipt.Trust{
		Verifier: shop.DID(), Resolver: did.KeyMethods(), LogKey: receipts.Key(),
	}))
	fmt.Println(says.At.Format(time.RFC3339), says.Verdict, says.Codes)
	// Output: 2026-03-01T12:00:00Z deny [envelope.missing]
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

package packs_test

import (
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// What a pack asks for: which capabilities and assurance, which facts and counters, and its codes.
func ExamplePack() {
	fmt.Println(len(packs.IDs()), "packs")
	pack, err := packs.Published("finance.payment.refund.v1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pack.ID(), pack.Capabilities(), pack.Assurance(), len(pack.Digest()) > 0) // pin the digest
	fmt.Println(pack.Counters(), len(pack.Codes()) > 0, pack.Facts().Required)
	// Output:
	// 21 packs
	// finance.payment.refund.v1 [finance.payment.refund] L2 true
	// [daily_total recent_keys approved] true [order_id customer_id amount currency region reason_code idempotency_key]
}

// Which member of a passport's limits a pack reads, and what it makes of a request.
func ExampleBlock() {
	pack, err := packs.Published("finance.payment.refund.v1")
	if err != nil {
		fmt.Println(err)
		return
	}
	limits, err := credential.ParseValue(`{"refund": {"max": 1}, "export": {"max": 2}}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	block, err := packs.Block(pack, limits)
	fmt.Println(block.Exists(), err)
	block, err = packs.BlockOf(pack, &passport.Passport{})
	fmt.Println(block.Exists(), err)
	context, err := packs.ContextOf(verify.Facts{Request: verify.Request{Act: passport.Act{
		Action: "payments.refund", Amount: passport.MustMoney("12.50", "USD"),
	}}})
	fmt.Println(context, err)
	verdict := pack.Judge(packs.Strict, &packs.Act{Limits: limits, Context: context})
	fmt.Println(verdict.Allowed(), verdict.OAP())
	// Output:
	// false <nil>
	// false <nil>
	// {"amount":1250,"currency":"USD"} <nil>
	// false oap.invalid_context
}

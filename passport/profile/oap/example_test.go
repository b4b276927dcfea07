package oap_test

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// A credential that APort's tools exported is verified offline, with the registry's
// key, and its passport becomes one of this library.
func Example() {
	signer, registryKey := testKey(1) // in production: the key of the registry's JWKS, pinned
	exported, err := oap.ExportPassport(ctx, signer, native(), "https://registry.example")
	if err != nil {
		fmt.Println(err)
		return
	}

	c, err := oap.ParseCredential(exported)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := c.Verify(registryKey, now); err != nil {
		fmt.Println(err)
		return
	}
	p, err := c.Passport.Translate(oap.TranslateOptions{Issuer: did.MustParse("did:web:registry.example"),
		Until: c.ValidUntil})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Agent, p.Authority.Assurance.Level)
	for _, l := range p.Authority.SpendLimits {
		fmt.Println(l)
	}
	// Output:
	// did:web:agent.example L2
	// 50.00 USD per transaction for finance.payment.refund
	// 500.00 USD per day for finance.payment.refund
}

// A chain of local decisions says, at most, that nobody has changed it by accident.
func ExampleLocalDecision() {
	d, err := oap.ParseLocalDecision([]byte(`{"allow":false,"assurance_level":"L2","decision_id":"local-1795847915",
		"expires_at":"2026-11-28T07:38:35Z","issued_at":"2026-11-28T06:38:35Z","kid":"oap:local:dev-key","owner_id":"org_8a1b2c3d4",
		"passport_digest":"sha256:4c8a94c24bf0a972998e6ecdbdf2f13dae6b880f89eef0e128cc104d83125200",
		"passport_id":"2618531c-db90-47c7-bd82-1ad652bc9b37","policy_id":"system.command.execute.v1",
		"prev_content_hash":"sha256:6622ed1157ab68d10875f35565c61ea168f1265adca53a9ebff0aa5728fc7c97",
		"prev_decision_id":"local-1795847913",
		"reasons":[{"code":"oap.command_not_allowed","message":"Command 'rm x' is not in allowed list"}],
		"signature":"local-unsigned","verification_mode":"local",
		"content_hash":"sha256:5695d7cb701ee4184a5c685970853534db862c8c2219e651c01611751d17ce4b"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Allow, d.Reasons[0].Code, d.Recompute() == d.ContentHash)
	fmt.Println(d.Follows(nil))
	// Output:
	// false oap.command_not_allowed true
	// oap: oap.invalid_decision: envelope.malformed at /prev_decision_id: the decision before, "local-1795847913", is missing
}

// A shop takes presentations of APort's passports, offline: the keys are pinned, and
// the pack for refunds judges the limits that a passport states.
func ExampleDialect() {
	registry, registryKey := testKey(1)
	agent, agentKey := testKey(2)
	pack, err := packs.Published("finance.payment.refund.v1")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: registryDID, MaxAssurance: passport.L2}}, Resolver: did.KeyMethods(),
		Dialects: []verify.Dialect{&oap.Dialect{Issuer: registryDID, Credentials: onlyAgent(registryKey),
			Holders: onlyAgent(agentKey),
			Judged:  []string{"finance.payment.refund"}}},
		Policy: []verify.Rule{packs.Policy{Pack: pack, Uncounted: true}.Rule()},
		Ledger: ledger.NewMemory(ledger.Options{}), Now: func() time.Time { return now },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// What the registry exported, and the agent presents for a challenge of the shop.
	exported, err := oap.ExportPassport(ctx, registry, native(func(p *oap.Passport) {
		p.Limits = value(`{"finance.payment.refund": {"supported_currencies": ["USD"], "regions": ["US"],
			"refund_reason_codes": ["defective_product"], "currency_limits": {"USD": {"max_per_tx": 5000,
				"daily_cap": 50000}}}}`)
	}), "https://registry.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, reason := range []string{"defective_product", "because"} {
		challenge := fmt.Sprintf("nonce-of-the-shop-%d", i)
		shown, err := oap.Present(ctx, agent, [][]byte{exported},
			oap.PresentOptions{Challenge: challenge, Domain: "shop.example", Now: now})
		if err != nil {
			fmt.Println(err)
			return
		}
		act := passport.Act{Action: "finance.payment.refund", Amount: passport.MustMoney("20.00", "USD"), Region: "US",
			Attributes: value(`{"order_id": "o1", "customer_id": "c1", "idempotency_key": "refund-of-o1", "reason_code": "` + reason + `"}`)}
		_, err = v.Verify(ctx, shown, verify.Request{Audience: "shop.example", Nonce: challenge, Act: act})
		fmt.Println(reason, err)
	}
	// Output:
	// defective_product <nil>
	// because deny: policy.invalid_reason_code: finance.payment.refund.v1: oap.invalid_reason_code by rule 5
}

package oap_test

import (
	"fmt"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
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
	p, err := c.Passport.Translate(oap.TranslateOptions{Issuer: did.MustParse("did:web:registry.example"), Until: c.ValidUntil})
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

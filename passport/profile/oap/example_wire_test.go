package oap_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// examplePassport is what a registry shows of an agent.
const examplePassport = `{"agent_id": "ap_f4ddb85ffd6f317f", "did": "did:web:agent.example", "kind": "template",
	"spec_version": "oap/1.0", "owner_id": "org_1a2b3c4d", "owner_type": "org", "assurance_level": "L2",
	"status": "active", "capabilities": [{"id": "finance.payment.refund"}], "regions": ["US"],
	"limits": {"finance.payment.refund": {"currency_limits": {"USD": {"max_per_tx": 5000, "daily_cap": 50000}}}},
	"created_at": "2026-11-28T06:00:00Z", "updated_at": "2026-11-28T06:00:00Z",
	"expires_at": "2026-11-29T07:00:00Z", "version": "1.0.0"}`

// exampleRefusal is the word that the Open Agent Passport has, and the place.
func exampleRefusal(err error) string {
	var theirs *oap.Error
	var ours *passport.Error
	if !errors.As(err, &theirs) || !errors.As(err, &ours) {
		return fmt.Sprint(err)
	}
	return strings.TrimSpace(theirs.Word() + " " + ours.Path)
}

// A passport as a registry shows it is signed by nobody. What can be said of it is
// what it claims, whether it holds now, and the digests by which decisions name it.
func ExampleParsePassport() {
	p, err := oap.ParsePassport([]byte(examplePassport), oap.Strict)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.ID, p.Status, p.Capabilities[0].ID)
	fmt.Println(p.Reliable(now), "/", p.Reliable(now.Add(25*time.Hour)))
	fmt.Printf("%.50s... of %d bytes of JSON\n", p.Canonical(), len(p.JSON()))
	fmt.Println(p.Digest() == oap.Digest(oap.Canonical([]byte(examplePassport))))
	fmt.Println(p.Digest())           // in decisions of a registry
	fmt.Println(p.GuardrailsDigest()) // in those of the guardrails' local evaluator

	twice := strings.Replace(examplePassport, `"did"`, `"agent_id": "ap_0", "did"`, 1)
	_, err = oap.ParsePassport([]byte(twice), oap.Strict)
	fmt.Println(exampleRefusal(err))
	// Output:
	// ap_f4ddb85ffd6f317f active finance.payment.refund
	// <nil> / oap: oap.passport_expired: time.expired at /expires_at: the passport expired at 2026-11-29T07:00:00Z
	// {"agent_id":"ap_f4ddb85ffd6f317f","assurance_level... of 487 bytes of JSON
	// true
	// sha256:0842f88f5ff061a4709e7659d38a4bfac30b267c8e7b3fdba99ecdc059c0cb16
	// sha256:e60d0802cc006d25cd128294c698d75e509dd6f0d4fbbcc4492dd786ef4a10c4
	// oap.invalid_passport
}

// A passport of this library becomes one for APort's registry and tools, or the error
// names what an OAP passport cannot say.
func ExampleFromPassport() {
	ours := &passport.Passport{ID: passport.PassportURN + "01M8GCS3NXX9R2DZHQJS47KE6V",
		Issuer: did.MustParse("did:web:registry.example"), Agent: did.MustParse("did:web:agent.example"),
		Name: "Refund agent", OrganizationDID: "did:web:acme.example",
		ValidFrom: now, ValidUntil: now.Add(24 * time.Hour),
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "finance.payment.refund"}},
			Regions:      []string{"US"},
			SpendLimits: []passport.SpendLimit{{Money: passport.MustMoney("50.00", "USD"), Per: passport.PerTransaction,
				Action: "finance.payment.refund"}},
		}}
	theirs, err := oap.FromPassport(ours, "active", oap.TranslateOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(theirs.ID, theirs.OwnerType, theirs.Limits.Raw())

	ours.Authority.Payees = []string{"did:web:shop.example"}
	_, err = oap.FromPassport(ours, "active", oap.TranslateOptions{})
	fmt.Println(err)
	// Output:
	// ap_01m8gcs3nxx9r2dzhqjs47ke6v org {"finance.payment.refund":{"currency_limits":{"USD":{"max_per_tx":5000}}}}
	// oap: oap.member_not_carried: envelope.unsupported at /payees: an OAP passport has no member for it
}

// A registry signs a decision, and a shop verifies it with the registry's pinned key.
func ExampleSignDecision() {
	signer, registryKey := testKey(1) // the signer may be a KMS
	p, err := oap.NewPassport(oap.Passport{Spelling: oap.Registry, ID: "ap_f4ddb85ffd6f317f",
		DID: "did:web:agent.example", Kind: "template", OwnerID: "org_1a2b3c4d", OwnerType: "org", Status: "active",
		Assurance: passport.L2, Regions: []string{"US"}, Capabilities: []oap.Capability{{ID: "data.export"}},
		Limits: value(`{"data.export": {"max_rows": 1000}}`), CreatedAt: now, ExpiresAt: now.Add(time.Hour)})
	if err != nil {
		fmt.Println(err)
		return
	}
	signed, err := oap.SignDecision(ctx, signer, oap.Decision{Spelling: oap.Registry,
		ID: "71984240-899f-4d4c-af78-00c3bd1de6eb", PolicyID: "data.export.create.v1",
		PassportID: p.ID, OwnerID: p.OwnerID, Assurance: p.Assurance, PassportDigest: p.Digest(),
		Reasons:   []oap.Reason{{Code: "oap.limit_exceeded", Message: "5000 rows are more than 1000"}},
		CreatedAt: now, ExpiresAt: now.Add(time.Minute), KeyID: "oap:registry:key-2026-11"})
	if err != nil {
		fmt.Println(err)
		return
	}

	d, err := oap.ParseDecision(signed.JSON(), oap.Strict) // as the shop received it
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Allow, d.Reasons[0].Code, d.PassportDigest == p.Digest())
	fmt.Printf("%.40s...\n", d.Canonical()) // what was signed
	for _, at := range []time.Time{now, now.Add(time.Hour)} {
		fmt.Println(at.Format(time.TimeOnly), d.Verify(registryKey, at))
		fmt.Println(at.Format(time.TimeOnly), d.VerifyAsPeer(registryKey)) // APort's tools do not look at the time
	}
	// Output:
	// false oap.limit_exceeded true
	// {"agent_id":"ap_f4ddb85ffd6f317f","allow...
	// 07:00:00 <nil>
	// 07:00:00 <nil>
	// 08:00:00 oap: oap.decision_expired: time.expired: the decision held until 2026-11-28T07:01:00Z
	// 08:00:00 <nil>
}

// A decision travels as a receipt: a credential around it, which APort's tools import.
// They do not look at what was added beside the signed members.
func ExampleExportDecision() {
	signer, registryKey := testKey(1)
	d, err := oap.SignDecision(ctx, signer, oap.Decision{Spelling: oap.Registry,
		ID: "71984240-899f-4d4c-af78-00c3bd1de6eb", PolicyID: "finance.payment.refund.v1",
		PassportID: "ap_f4ddb85ffd6f317f", OwnerID: "org_1a2b3c4d", Assurance: passport.L2, Allow: true,
		Reasons: []oap.Reason{{Code: "oap.allowed"}}, PassportDigest: oap.Digest([]byte(examplePassport)),
		CreatedAt: now, ExpiresAt: now.Add(time.Hour), KeyID: "oap:registry:key-2026-11",
		Remaining: []oap.Remaining{{Currency: "USD", Minor: "45000"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	receipt, err := oap.ExportDecision(ctx, signer, d, "https://registry.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := oap.ParseCredential(receipt)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.VerificationMethod)
	fmt.Println(c.Decision.Allow, c.Decision.Remaining, c.Verify(registryKey, now))
	fmt.Printf("%.43s...\n", c.Canonical()) // what was signed

	added := append([]byte(`{"approvedBy":"root",`), receipt[1:]...)
	_, err = oap.ParseCredential(added)
	fmt.Println("here: ", exampleRefusal(err))
	fmt.Println("there:", oap.CredentialAsPeer(added, true, registryKey))
	// Output:
	// https://registry.example/.well-known/oap/jwks.json#oap:registry:key-2026-11
	// true [{USD 45000}] <nil>
	// {"@context":["https://www.w3.org/2018/crede...
	// here:  oap.unsigned_member /approvedBy
	// there: <nil>
}

// An agent presents its passport for a shop's challenge. Somebody who got hold of the
// credential presents it just as well, for APort's tools: HeldBySubject tells the two apart.
func ExamplePresent() {
	registry, key := testKey(1) // this registry holds the agents' keys, too: it is the one key
	exported, err := oap.ExportPassport(ctx, registry, native(), "https://registry.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, holder := range []string{"", "did:web:thief.example"} {
		shown, err := oap.Present(ctx, registry, [][]byte{exported},
			oap.PresentOptions{Holder: holder, Challenge: challenge, Domain: shop, Now: now})
		if err != nil {
			fmt.Println(err)
			return
		}
		p, err := oap.ParsePresentation(shown)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.Holder, "verified:", p.Verify(oap.OneKey(key), challenge, shop, now) == nil,
			"its own:", p.HeldBySubject())
		fmt.Println("  signed with it:", strings.Contains(string(p.Canonical()), challenge))
		fmt.Println("  for another shop:", exampleRefusal(p.Verify(oap.OneKey(key), challenge, "other.example", now)))
		fmt.Println("  as they say, with no shop named:", oap.PresentationAsPeer(shown, challenge, "", key))
	}
	// Output:
	// did:web:agent.example verified: true its own: true
	//   signed with it: true
	//   for another shop: oap.domain_mismatch /proof/domain
	//   as they say, with no shop named: <nil>
	// did:web:thief.example verified: true its own: false
	//   signed with it: true
	//   for another shop: oap.domain_mismatch /proof/domain
	//   as they say, with no shop named: <nil>
}

// The guardrails of APort decide on the agent's own machine, and nobody signs that.
func ExampleLocalAsPeer() {
	for _, text := range []string{
		`{"allow": true}`,
		`{"allow": false, "reasons": [{"code": "oap.command_not_allowed", "message": "rm is not in the list"}]}`,
		`{"allow": "yes"}`,
	} {
		err := oap.LocalAsPeer([]byte(text))
		var refused *oap.Error
		if errors.As(err, &refused) {
			fmt.Println(refused.Word())
			continue
		}
		fmt.Println("allowed, by its own word")
	}
	// Output:
	// allowed, by its own word
	// oap.command_not_allowed
	// oap.invalid_decision
}

// The words for refusals, and what the rest of the library calls each.
func ExampleCodes() {
	for _, c := range oap.Codes() {
		fmt.Println(c, "is", c.Ours())
	}
	// Output:
	// oap.challenge_mismatch is proof.challenge_mismatch
	// oap.decision_expired is time.expired
	// oap.domain_mismatch is proof.audience_mismatch
	// oap.invalid_credential is envelope.malformed
	// oap.invalid_decision is envelope.malformed
	// oap.invalid_passport is envelope.malformed
	// oap.invalid_presentation is envelope.malformed
	// oap.invalid_signature is proof.invalid
	// oap.key_unknown is proof.unresolvable
	// oap.member_not_carried is envelope.unsupported
	// oap.not_yet_valid is time.not_yet_valid
	// oap.passport_draft is status.invalid
	// oap.passport_expired is time.expired
	// oap.passport_revoked is status.revoked
	// oap.passport_suspended is status.suspended
	// oap.unsigned_member is proof.invalid
}

// Open says whether something that was presented is of APort, and what it claims. Only
// verify.Verifier, which lists the dialect, says whether it may be relied on.
func ExampleDialect_Open() {
	registry, registryKey := testKey(1)
	agent, agentKey := testKey(2)
	exported, err := oap.ExportPassport(ctx, registry, native(), "https://registry.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := oap.Present(ctx, agent, [][]byte{exported},
		oap.PresentOptions{Challenge: challenge, Domain: shop, Now: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := &oap.Dialect{Issuer: registryDID, Credentials: onlyAgent(registryKey), Holders: onlyAgent(agentKey)}
	for _, presented := range []string{string(shown), string(exported), `{"type": "x"}`} {
		claimed, err := d.Open([]byte(presented))
		var refused *passport.Error
		switch {
		case errors.As(err, &refused):
			fmt.Println("refused:", err)
		case claimed == nil:
			fmt.Println("of another system")
		default:
			fmt.Println("claims:", claimed.Passport.Agent, "for", claimed.Audience, claimed.Nonce)
		}
	}
	// Output:
	// claims: did:web:agent.example for shop.example nonce-0123456789abcdef
	// of another system
	// of another system
}

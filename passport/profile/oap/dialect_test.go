package oap_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// registryDID is whose word the passports are, for the shop.
var registryDID = did.MustParse("did:web:registry.example")

// shopConfig takes passports whose credentials one key signed, from agents with
// another.
func shopConfig(registryKey, agentKey did.PublicKey, at func() time.Time) verify.Config {
	return verify.Config{
		Anchors: []verify.Anchor{{Issuer: registryDID, MaxAssurance: passport.L4FIN}}, Resolver: did.KeyMethods(),
		Dialects: []verify.Dialect{&oap.Dialect{Issuer: registryDID,
			Credentials: onlyAgent(registryKey), Holders: onlyAgent(agentKey)}},
		Ledger: ledger.NewMemory(ledger.Options{}), Now: at,
	}
}

// onlyAgent pins a key under the one name that the tools have for it.
func onlyAgent(key did.PublicKey) oap.Keys {
	return func(method string) did.PublicKey {
		if method == "did:web:agent.example#key-1" {
			return key
		}
		return did.PublicKey{}
	}
}

func refundOf(amount string) verify.Request {
	q := verify.Request{Audience: shop, Nonce: challenge, Act: passport.Act{Action: "finance.payment.refund",
		Region: "US",
		Amount: passport.MustMoney(amount, "USD")}}
	q.Attributes = value(`{"reason_code":"defective_product","order_id":"o1","customer_id":"c1","idempotency_key":"refund-of-o1"}`)
	return q
}

// P14: a verifier takes a genuine presentation where the host lists the dialect, and
// refuses each of its bad twins with the code of its step.
func TestP14VerifierTakesPresentations(t *testing.T) {
	key, public := testKey(1)
	agent, agentPublic := testKey(2)
	other, _ := testKey(3)
	at := now
	vc := export(t, key, native())
	shown := present(t, agent, vc)
	plain := refundOf("50.00")
	twin := func(edit func(*verify.Request)) verify.Request {
		q := refundOf("50.00")
		edit(&q)
		return q
	}
	bound := func(o oap.PresentOptions, list ...[]byte) []byte {
		text, err := oap.Present(ctx, agent, list, o)
		require.NoError(t, err)
		return text
	}
	suspended := present(t, agent, export(t, key, native(func(p *oap.Passport) { p.Status = "suspended" })))
	foreignCaps := present(t, agent, export(t, key,
		native(func(p *oap.Passport) { p.Limits = value(`{"web.fetch":{}}`) })))
	expired := present(t, agent, export(t, key, native(func(p *oap.Passport) { p.ExpiresAt = now.Add(-time.Second) })))
	for _, row := range []struct {
		name  string
		shown []byte
		q     verify.Request
		want  verify.Code
	}{
		{"genuine", shown, plain, ""},
		{"too much", shown, refundOf("50.01"), verify.AuthorityAmountExceeded},
		{"another action", shown, twin(func(q *verify.Request) { q.Action = "payments.charge" }),
			verify.AuthorityActionNotAllowed},
		{"another reason", shown, twin(func(q *verify.Request) { q.Attributes = value(`{"reason_code":"because"}`) }),
			verify.AuthorityLimitExceeded},
		{"another region", shown, twin(func(q *verify.Request) { q.Region = "DE" }), verify.AuthorityRegionBlocked},
		{"for another shop", shown, twin(func(q *verify.Request) { q.Audience = "x.example" }),
			verify.ProofAudienceMismatch},
		{"for no shop", bound(oap.PresentOptions{Challenge: challenge, Now: now}, vc), plain,
			verify.ProofAudienceMismatch},
		{"another challenge", shown, twin(func(q *verify.Request) { q.Nonce = "nonce-ffffffffffffffff" }),
			verify.ProofChallengeMismatch},
		{"a short challenge", bound(oap.PresentOptions{Challenge: "short", Domain: shop, Now: now}, vc), plain,
			verify.EnvelopeNonceInvalid},
		{"by another holder", bound(oap.PresentOptions{Holder: "did:web:thief.example", Challenge: challenge,
			Domain: shop, Now: now}, vc),
			plain, verify.ProofHolderMismatch},
		{"a key that is not pinned", present(t, agent, export(t, key,
			native(func(p *oap.Passport) { p.DID = "did:web:x.example" }))),
			plain, verify.ProofUnresolvable},
		{"a forged credential", present(t, agent, export(t, other, native())), plain, verify.ProofInvalid},
		{"a forged presentation", present(t, other, vc), plain, verify.ProofInvalid},
		{"a presentation by the registry", present(t, key, vc), plain, verify.ProofInvalid},
		{"a credential by the agent", present(t, agent, export(t, agent, native())), plain, verify.ProofInvalid},
		{"two credentials", present(t, agent, vc, receipt(t, key)), plain, verify.EnvelopeMalformed},
		{"suspended", suspended, plain, verify.StatusSuspended},
		{"expired", expired, plain, verify.TimeExpired},
		{"limits that nobody judges", foreignCaps, plain, verify.EnvelopeUnsupported},
		{"old", bound(oap.PresentOptions{Challenge: challenge, Domain: shop,
			Now: now.Add(-5*time.Minute - time.Second)}, vc), plain,
			verify.ProofExpired},
		{"from the future", bound(oap.PresentOptions{Challenge: challenge, Domain: shop, Now: now.Add(time.Minute)},
			vc), plain,
			verify.TimeNotYetValid},
		{"changed", bytes.Replace(shown, []byte(`"L2"`), []byte(`"L3"`), 1), plain, verify.ProofInvalid},
		{"not of the dialect", []byte(`{"type":"x"}`), plain, verify.EnvelopeContext},
	} {
		v, err := verify.New(shopConfig(public, agentPublic, func() time.Time { return at }))
		require.NoError(t, err)
		d, err := v.Verify(ctx, row.shown, row.q)
		if row.want == "" {
			require.NoError(t, err, row.name)
			require.Equal(t, "did:web:agent.example", d.Passport.Agent.String())
			continue
		}
		require.ErrorIs(t, err, row.want, "%s: %v", row.name, err)
	}

	// Once: the ledger knows a presentation again, and the day's cap holds.
	v, err := verify.New(shopConfig(public, agentPublic, func() time.Time { return at }))
	require.NoError(t, err)
	_, err = v.Verify(ctx, shown, plain)
	require.NoError(t, err)
	_, err = v.Verify(ctx, shown, plain)
	require.ErrorIs(t, err, verify.LedgerReplay)
	for i := range 10 {
		c := fmt.Sprintf("nonce-%016d", i)
		q := refundOf("50.00")
		q.Nonce = c
		_, err = v.Verify(ctx, bound(oap.PresentOptions{Challenge: c, Domain: shop, Now: now}, vc), q)
		if i < 9 {
			require.NoError(t, err)
		}
	}
	require.ErrorIs(t, err, verify.LedgerBudgetExceeded)

	// Where the dialect is not listed, or its issuer is no anchor, nothing is taken.
	c := shopConfig(public, agentPublic, func() time.Time { return at })
	c.Dialects = nil
	v, err = verify.New(c)
	require.NoError(t, err)
	_, err = v.Verify(ctx, shown, plain)
	require.Error(t, err)
	c = shopConfig(public, agentPublic, func() time.Time { return at })
	c.Anchors = []verify.Anchor{{Issuer: did.MustParse("did:web:other.example")}}
	v, err = verify.New(c)
	require.NoError(t, err)
	_, err = v.Verify(ctx, shown, plain)
	require.ErrorIs(t, err, verify.AnchorUntrustedIssuer)
}

// P13 P14: a presented passport whose limits a pack judges.
func TestP13PacksJudgePresentedPassports(t *testing.T) {
	key, public := testKey(1)
	agent, agentPublic := testKey(2)
	pack, err := packs.Published("finance.payment.refund.v1")
	require.NoError(t, err)
	limits := `{"finance.payment.refund":{"supported_currencies":["USD"],"currency_limits":{"USD":{"max_per_tx":5000,"daily_cap":50000}},` +
		`"refund_reason_codes":["defective_product"],"regions":["US"],"approval_required":false}}`
	p := native(func(p *oap.Passport) { p.Limits = value(limits) })
	c := shopConfig(public, agentPublic, func() time.Time { return now })
	c.Dialects = []verify.Dialect{&oap.Dialect{Issuer: registryDID, Credentials: onlyAgent(public),
		Holders: onlyAgent(agentPublic),
		Judged:  []string{"finance.payment.refund"}}}
	c.Policy = []verify.Rule{packs.Policy{Pack: pack, Uncounted: true}.Rule()}
	v, err := verify.New(c)
	require.NoError(t, err)
	shown := func(i int) ([]byte, verify.Request) {
		q := refundOf("50.00")
		q.Nonce = fmt.Sprintf("nonce-%016d", i)
		text, err := oap.Present(ctx, agent, [][]byte{export(t, key, p)}, oap.PresentOptions{Challenge: q.Nonce,
			Domain: shop, Now: now})
		require.NoError(t, err)
		return text, q
	}
	text, q := shown(1)
	_, err = v.Verify(ctx, text, q)
	require.NoError(t, err)
	text, q = shown(2)
	q.Attributes = value(`{"reason_code":"because","order_id":"o1","customer_id":"c1","idempotency_key":"refund-of-o1"}`)
	_, err = v.Verify(ctx, text, q)
	require.ErrorIs(t, err, verify.Code("policy.invalid_reason_code"))
	text, q = shown(3)
	q.Attributes = value(`{"reason_code":"defective_product"}`)
	_, err = v.Verify(ctx, text, q)
	require.ErrorIs(t, err, verify.Code("policy.invalid_context"))

	// A pack that counts wants its counters.
	c.Policy = []verify.Rule{packs.Policy{Pack: pack}.Rule()}
	_, err = verify.New(c)
	require.ErrorContains(t, err, "State is nil")
}

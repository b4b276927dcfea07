package oap_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

var (
	now = time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC)
	ctx = context.Background()
)

const (
	registry  = "https://registry.example"
	challenge = "nonce-0123456789abcdef"
	shop      = "shop.example"
)

// testKey is a key with its public half.
func testKey(seed byte) (did.Signer, did.PublicKey) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	id, err := did.ParseURL("did:web:registry.example#key-1")
	if err != nil {
		panic(err)
	}
	signer, err := did.NewSigner(id, private)
	if err != nil {
		panic(err)
	}
	public, err := did.PublicKeyOf(private.Public())
	if err != nil {
		panic(err)
	}
	return signer, public
}

func value(text string) credential.Value {
	v, err := credential.ParseValue(text)
	if err != nil {
		panic(err)
	}
	return v
}

const limits = `{"finance.payment.refund":{"currency_limits":{"USD":{"max_per_tx":5000,"daily_cap":50000}},` +
	`"reason_codes":["customer_request","defective_product"],"idempotency_required":true},` +
	`"data.export":{"max_rows":100000,"allow_pii":false,"allowed_collections":["users","orders"]}}`

// native is an ordinary passport, edited.
func native(edits ...func(*oap.Passport)) *oap.Passport {
	p := oap.Passport{Spelling: oap.Registry, ID: "ap_f4ddb85ffd6f317f", DID: "did:web:agent.example", Kind: "template",
		OwnerID: "org_1a2b3c4d", OwnerType: "org", Status: "active", Assurance: passport.L2, Regions: []string{"US",
			"CA"},
		Capabilities: []oap.Capability{
			{ID: "finance.payment.refund", Params: value(`{"max_amount":5000,"currency":"USD"}`)}, {ID: "data.export"}},
		Limits: value(limits), Metadata: value(`{"name":"Refund agent – Köln"}`),
		CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(24 * time.Hour)}
	for _, edit := range edits {
		edit(&p)
	}
	out, err := oap.NewPassport(p)
	if err != nil {
		panic(err)
	}
	return out
}

// decision is an ordinary decision about native(), signed.
func decision(t testing.TB, key did.Signer, edits ...func(*oap.Decision)) *oap.Decision {
	t.Helper()
	p := native()
	d := oap.Decision{Spelling: oap.Registry, ID: "71984240-899f-4d4c-af78-00c3bd1de6eb",
		PolicyID:   "finance.payment.refund.v1",
		PassportID: p.ID, OwnerID: p.OwnerID, Assurance: p.Assurance, Allow: true,
		Reasons:   []oap.Reason{{Code: "oap.allowed"}},
		CreatedAt: now.Add(-time.Minute), ExpiresAt: now.Add(time.Hour), PassportDigest: p.Digest(),
		KeyID: "oap:registry:key-2026-11", Remaining: []oap.Remaining{{Currency: "USD", Minor: "45000"}}}
	for _, edit := range edits {
		edit(&d)
	}
	out, err := oap.SignDecision(ctx, key, d)
	require.NoError(t, err)
	return out
}

func export(t testing.TB, key did.Signer, p *oap.Passport) []byte {
	t.Helper()
	text, err := oap.ExportPassport(ctx, key, p, registry)
	require.NoError(t, err)
	return text
}

func receipt(t testing.TB, key did.Signer) []byte {
	t.Helper()
	text, err := oap.ExportDecision(ctx, key, decision(t, key), registry)
	require.NoError(t, err)
	return text
}

func present(t testing.TB, key did.Signer, list ...[]byte) []byte {
	t.Helper()
	text, err := oap.Present(ctx, key, list, oap.PresentOptions{Challenge: challenge, Domain: shop, Now: now})
	require.NoError(t, err)
	return text
}

func wordOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return "accept"
	}
	var refused *oap.Error
	require.True(t, errors.As(err, &refused), "%v", err)
	var ours *passport.Error
	require.True(t, errors.As(err, &ours), "%v has no code of ours", err)
	return refused.Word()
}

// What each kind of document comes to, in the strict reading.
func readPassport(text []byte) error {
	p, err := oap.ParsePassport(text, oap.Strict)
	if err != nil {
		return err
	}
	return p.Reliable(now)
}

func readDecision(key did.PublicKey) func([]byte) error {
	return func(text []byte) error {
		d, err := oap.ParseDecision(text, oap.Strict)
		if err != nil {
			return err
		}
		return d.Verify(key, now)
	}
}

func readCredential(key did.PublicKey) func([]byte) error {
	return func(text []byte) error {
		c, err := oap.ParseCredential(text)
		if err != nil {
			return err
		}
		return c.Verify(key, now)
	}
}

func readPresentation(key did.PublicKey) func([]byte) error {
	return func(text []byte) error {
		p, err := oap.ParsePresentation(text)
		if err != nil {
			return err
		}
		return p.Verify(oap.OneKey(key), challenge, shop, now)
	}
}

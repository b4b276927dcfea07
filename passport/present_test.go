package passport_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

const shop = "did:web:shop.example"

func TestPresentFillsInTheIntent(t *testing.T) {
	signed := issue(t, small(t))
	now := instant.Add(90*time.Minute + 999*time.Millisecond)
	vp, err := passport.Present(context.Background(), keyOf(t, 2), passport.Chain{signed},
		passport.Intent{Act: passport.Act{Action: "data.read"}}, shop, passport.PresentOptions{Now: at(now), Challenge: "0123456789abcdef"})
	require.NoError(t, err)
	require.NoError(t, vp.CheckProofs(context.Background(), did.KeyMethods(), did.Authentication, time.Time{}))
	content := vp.Unverified()
	require.Equal(t, []string{credential.TypePresentation, passport.PresentationType}, content.Type)
	require.Equal(t, keyOf(t, 2).DID().String(), content.Holder)
	require.Len(t, content.Credentials, 1)
	require.Equal(t, signed.Text(), content.Credentials[0].Text(), "the passport stands there as it was issued")
	proof := vp.Proofs()[0]
	require.Equal(t, []any{did.Authentication, []string{shop}, "0123456789abcdef"}, []any{proof.Purpose, proof.Domain, proof.Challenge})
	in, err := passport.ReadIntentUnverified(content.Member("intent"))
	require.NoError(t, err)
	require.Regexp(t, "^"+passport.IntentURN+"[0-7][0-9A-HJKMNP-TV-Z]{25}$", in.ID)
	require.Equal(t, &passport.Intent{ID: in.ID, PassportID: signed.Unverified().ID,
		Act: passport.Act{Action: "data.read"}, IssuedAt: instant.Add(90 * time.Minute), ExpiresAt: instant.Add(95 * time.Minute)}, in)
}

func TestPresentKeepsWhatTheIntentSays(t *testing.T) {
	signed := issue(t, small(t))
	want, err := readIntent(t, map[string]any{"/passportId": signed.Unverified().ID})
	require.NoError(t, err)
	vp, err := passport.Present(context.Background(), keyOf(t, 2), passport.Chain{signed}, *want, shop,
		passport.PresentOptions{Now: at(instant.Add(time.Hour))})
	require.NoError(t, err)
	got := vp.Unverified().Member("intent")
	require.Equal(t, canonical(object(t, edited(t, goodIntent, map[string]any{"/passportId": signed.Unverified().ID}))), canonical(got))
	require.GreaterOrEqual(t, len(vp.Proofs()[0].Challenge), 22, "128 bits of its own")
	again, err := passport.Present(context.Background(), keyOf(t, 2), passport.Chain{signed}, *want, shop, passport.PresentOptions{Now: at(instant)})
	require.NoError(t, err)
	require.NotEqual(t, vp.Proofs()[0].Challenge, again.Proofs()[0].Challenge)
}

func TestPresentCarriesChainAndSiblings(t *testing.T) {
	root := issue(t, small(t))
	child := small(t)
	child.DelegationDepth, child.ParentPassportID, child.ParentDigest = 1, root.Unverified().ID, root.Digest()
	leaf := issue(t, child)
	will, err := credential.SignJSON(context.Background(), keyOf(t, 1),
		[]byte(`{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"],`+
			`"id":"urn:x:will","type":["VerifiableCredential","ManifestationOfWillCredential"],"issuer":"`+
			keyOf(t, 1).DID().String()+`","credentialSubject":{"id":"`+keyOf(t, 1).DID().String()+
			`","type":"ManifestationOfWill","statementDigest":"`+digestA+`"}}`), credential.SignOptions{})
	require.NoError(t, err)
	vp, err := passport.Present(context.Background(), keyOf(t, 2), passport.Chain{root, leaf},
		passport.Intent{Act: passport.Act{Action: "data.read"}}, shop, passport.PresentOptions{Now: at(instant), Siblings: []*credential.Signed{will}})
	require.NoError(t, err)
	var ids []string
	for _, s := range vp.Unverified().Credentials {
		ids = append(ids, s.Unverified().ID)
	}
	require.Equal(t, []string{root.Unverified().ID, leaf.Unverified().ID, "urn:x:will"}, ids)
	in, err := passport.ReadIntentUnverified(vp.Unverified().Member("intent"))
	require.NoError(t, err)
	require.Equal(t, leaf.Unverified().ID, in.PassportID)
}

func TestPresentRefuses(t *testing.T) {
	signed := issue(t, small(t))
	chain := passport.Chain{signed}
	other, err := credential.SignJSON(context.Background(), keyOf(t, 1),
		[]byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],`+
			`"issuer":"did:web:a.example","credentialSubject":{"id":"urn:x:1","name":"x"}}`), credential.SignOptions{})
	require.NoError(t, err)
	many := make([]*credential.Signed, 16)
	for i := range many {
		many[i] = issue(t, small(t))
	}
	good := passport.Intent{Act: passport.Act{Action: "data.read"}}
	for _, c := range []struct {
		name     string
		agent    byte
		chain    passport.Chain
		intent   passport.Intent
		audience string
		options  passport.PresentOptions
		code     code.Code
		says     string
	}{
		{name: "no chain", agent: 2, intent: good, audience: shop, code: code.EnvelopeMissing},
		{name: "a chain of nothing", agent: 2, chain: passport.Chain{nil}, intent: good, audience: shop, code: code.RequestInvalid},
		{name: "an ancestor that is nothing", agent: 2, chain: passport.Chain{nil, signed}, intent: good, audience: shop, code: code.RequestInvalid},
		{name: "INT-06 no audience", agent: 2, chain: chain, intent: good, code: code.ProofAudienceMismatch},
		{name: "DEL-16 another agent", agent: 3, chain: chain, intent: good, audience: shop, code: code.ProofHolderMismatch},
		{name: "the issuer is not the agent", agent: 1, chain: chain, intent: good, audience: shop, code: code.ProofHolderMismatch},
		{name: "no passport", agent: 2, chain: passport.Chain{other}, intent: good, audience: shop, code: code.EnvelopeUnsupported},
		{name: "a sibling that is nothing", agent: 2, chain: chain, intent: good, audience: shop,
			options: passport.PresentOptions{Siblings: []*credential.Signed{nil}}, code: code.RequestInvalid},
		{name: "MOD-07 17 credentials", agent: 2, chain: chain, intent: good, audience: shop,
			options: passport.PresentOptions{Siblings: many}, code: code.EnvelopeTooLarge},
		{name: "no action", agent: 2, chain: chain, audience: shop, code: code.EnvelopeMalformed, says: "an intent has"},
		{name: "a pattern as action", agent: 2, chain: chain,
			intent: passport.Intent{Act: passport.Act{Action: "data.*"}}, audience: shop, code: code.EnvelopeMalformed, says: "/intent/action"},
		{name: "INT-09 for another passport", agent: 2, chain: chain,
			intent: passport.Intent{Act: passport.Act{Action: "data.read"}, PassportID: someID}, audience: shop,
			code: code.EnvelopeMalformed, says: "the intent is for"},
		{name: "id that is no intent's", agent: 2, chain: chain,
			intent: passport.Intent{Act: passport.Act{Action: "data.read"}, ID: someID}, audience: shop,
			code: code.EnvelopeMalformed, says: "followed by a ULID"},
		{name: "over before it begins", agent: 2, chain: chain,
			intent: passport.Intent{Act: passport.Act{Action: "data.read"}, ExpiresAt: instant}, audience: shop,
			code: code.EnvelopeMalformed, says: "expires when it is issued"},
		{name: "year 10000", agent: 2, chain: chain,
			intent: passport.Intent{Act: passport.Act{Action: "data.read"},
				ExpiresAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, audience: shop, code: code.EnvelopeMalformed},
		{name: "region", agent: 2, chain: chain,
			intent: passport.Intent{Act: passport.Act{Action: "data.read", Region: "EU"}}, audience: shop,
			code: code.EnvelopeMalformed, says: "/intent/region"},
		{name: "parameters that are no object", agent: 2, chain: chain,
			intent:   passport.Intent{Act: passport.Act{Action: "data.read", Attributes: object(t, "[1]")}},
			audience: shop, code: code.EnvelopeMalformed, says: "/intent/parameters"},
		{name: "body digest", agent: 2, chain: chain,
			intent: passport.Intent{Act: passport.Act{Action: "data.read"}, BodyDigest: "x"}, audience: shop,
			code: code.EnvelopeMalformed, says: "/intent/bodyDigest"},
		{name: "invalid UTF-8", agent: 2, chain: chain,
			intent: passport.Intent{Act: passport.Act{Action: "data.read", Payee: "a\xff"}}, audience: shop, code: code.EnvelopeMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Now = at(instant)
			signer := &counting{Signer: keyOf(t, c.agent)}
			vp, err := passport.Present(context.Background(), signer, c.chain, c.intent, c.audience, c.options)
			require.ErrorIs(t, err, c.code)
			require.ErrorContains(t, err, c.says)
			require.Nil(t, vp)
			require.Zero(t, signer.n, "nothing is signed")
		})
	}
	_, err = passport.Present(context.Background(), nil, chain, good, shop, passport.PresentOptions{})
	require.ErrorIs(t, err, code.RequestInvalid)
	_, err = passport.Present(context.Background(), keyOf(t, 2), chain, good, shop, passport.PresentOptions{Now: at(time.Time{})})
	require.Error(t, err, "TIM-08 a clock before 1970")
}

func ExamplePresent() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	issuer, _ := did.GenerateKey()
	agent, _ := did.GenerateKey()
	signed, err := passport.Issue(ctx, issuer, examplePassport(agent.DID()), passport.IssueOptions{Now: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The shop handed out the challenge.
	shown, err := passport.Present(ctx, agent, passport.Chain{signed}, passport.Intent{
		Act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute"},
	}, "did:web:shop.example", passport.PresentOptions{Now: now, Challenge: "pTiQ8Zr2mS4vW6xY"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(shown.Proofs()[0].Domain, shown.Proofs()[0].Challenge, len(shown.Unverified().Credentials))
	// Output: [did:web:shop.example] pTiQ8Zr2mS4vW6xY 1
}

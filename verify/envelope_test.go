package verify_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestStep1Form(t *testing.T) {
	const types = `"type":["VerifiablePresentation","AgentPresentation"]`
	run(t, []fault{
		{name: "CAN-27 another second context", want: verify.EnvelopeContext, bytes: replace(`"https://w3id.org/safeconduct/v1"],"type":["VerifiableP`, `"https://w3id.org/security/data-integrity/v2","https://w3id.org/safeconduct/v1"],"type":["VerifiableP`)},
		{name: "one type more", want: verify.EnvelopeMalformed, bytes: replace(types, `"type":["VerifiablePresentation","AgentPresentation","AgentIntent"]`)},
		{name: "MOD-05 no holder", want: verify.EnvelopeMalformed, bytes: func(_ *verifytest.World, b []byte) []byte { return cut(b, "holder") }},
		{name: "MOD-10 a member that is defined but not here", want: verify.EnvelopeMalformed, bytes: replace(`"holder":`, `"name":"x","holder":`)},
		{name: "an amount too precise", want: verify.EnvelopeMalformed, bytes: replace(`"amount":"12.50"`, `"amount":"12.505"`)},
		{name: "proof of one suite twice", want: verify.EnvelopeMalformed, bytes: func(w *verifytest.World, b []byte) []byte {
			return secondProof(w, b, credential.SignOptions{Domain: []string{verifytest.Audience}, Challenge: strings.Repeat("c", 16)})
		}},
		{name: "SIG-18 three proofs", want: verify.EnvelopeTooLarge, bytes: func(w *verifytest.World, b []byte) []byte {
			b = secondProof(w, b, credential.SignOptions{Challenge: strings.Repeat("c", 16)})
			return secondProof(w, b, credential.SignOptions{Challenge: strings.Repeat("d", 16)})
		}},
		{name: "SIG-16 a chain of proofs", want: verify.EnvelopeMalformed, bytes: func(w *verifytest.World, b []byte) []byte {
			b = resign(w, b, w.Agent, func(o *credential.SignOptions) { o.ProofID = "urn:example:1" })
			v, err := credential.ParseValue(string(b))
			require.NoError(t, err)
			first := v.Get("proof").Raw()
			only := strings.Replace(first, `"id":"urn:example:1"`, `"previousProof":"urn:example:0"`, 1)
			return bytes.Replace(b, []byte(first), []byte(only), 1)
		}},
	})
}

// secondProof adds a proof of the agent to a presentation.
func secondProof(w *verifytest.World, doc []byte, o credential.SignOptions) []byte {
	vp, err := credential.SignPresentation(ctx, w.Agent, doc, o)
	if err != nil {
		panic(err)
	}
	return vp.Bytes()
}

// present builds a presentation of any credentials, signed by the agent.
func present(t *testing.T, w *verifytest.World, in passport.Intent, list ...*credential.Signed) []byte {
	t.Helper()
	leaf := passport.Chain{w.Issue(w.Passport())}
	if in.PassportID == "" {
		leaf = passport.Chain{list[0]}
	}
	in.PassportID = ""
	raw := w.Present(leaf[0], in)
	vp, err := credential.ParsePresentation(raw)
	require.NoError(t, err)
	var texts []string
	for _, s := range list {
		texts = append(texts, s.Embedded())
	}
	old := vp.Unverified().Credentials[0].Text()
	return resign(w, bytes.Replace(raw, []byte(old), []byte(strings.Join(texts, ",")), 1), w.Agent, keep)
}

func TestStep1Credentials(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport())
	plain, err := credential.SignJSON(ctx, w.Issuer, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"],`+
		`"type":["VerifiableCredential","ManifestationOfWillCredential"],"issuer":"`+w.Issuer.DID().String()+`",`+
		`"credentialSubject":{"id":"mailto:ada@example.org","type":"ManifestationOfWill","statementDigest":"`+passport.Digest(nil)+`"}}`), credential.SignOptions{})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		list []*credential.Signed
		want verify.Code
	}{
		"something else first":     {[]*credential.Signed{plain, pass}, verify.EnvelopeUnsupported},
		"a passport after another": {[]*credential.Signed{pass, plain, w.Issue(w.Passport())}, verify.EnvelopeMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			in := w.Intent(func(in *passport.Intent) { in.PassportID = "other" })
			_, err := w.Verifier().Verify(ctx, present(t, w, in, c.list...), w.Request())
			verifytest.AssertDenied(t, err, c.want)
		})
	}
	run(t, []fault{{name: "MOD-07 one twice", want: verify.EnvelopeMalformed, bytes: func(_ *verifytest.World, b []byte) []byte {
		vp, err := credential.ParsePresentation(b)
		require.NoError(t, err)
		text := vp.Unverified().Credentials[0].Text()
		return bytes.Replace(b, []byte(text), []byte(text+","+text), 1)
	}}})
}

// RES-01: the bounds of a decision, at the cap and one above.
func TestRES01Bounds(t *testing.T) {
	allowed := func(edit func(*verifytest.World, *verify.Config), f fault) {
		t.Helper()
		f.config = edit
		_, err := f.decide(t)
		require.NoError(t, err)
	}
	refused := func(want verify.Code, edit func(*verifytest.World, *verify.Config), f fault) {
		t.Helper()
		f.config = edit
		_, err := f.decide(t)
		verifytest.AssertDenied(t, err, want)
	}
	bound := func(edit func(*verify.Bounds)) func(*verifytest.World, *verify.Config) {
		return func(_ *verifytest.World, c *verify.Config) { edit(&c.Bounds) }
	}
	// Fetches: two lists; keys of did:key are not fetched.
	allowed(bound(func(b *verify.Bounds) { b.Fetches = 2 }), fault{})
	refused(verify.EnvelopeTooLarge, bound(func(b *verify.Bounds) { b.Fetches = 1 }), fault{})
	// IntentLifetime: an intent of five minutes.
	allowed(bound(func(b *verify.Bounds) { b.IntentLifetime = 5 * time.Minute }), fault{})
	refused(verify.TimeLifetimeExceeded, bound(func(b *verify.Bounds) { b.IntentLifetime = 5*time.Minute - 1 }), fault{})
	// CredentialLifetime: a passport of a day.
	allowed(bound(func(b *verify.Bounds) { b.CredentialLifetime = 24 * time.Hour }), fault{})
	refused(verify.TimeLifetimeExceeded, bound(func(b *verify.Bounds) { b.CredentialLifetime = 24*time.Hour - 1 }), fault{})
	// NonceBytes.
	long := fault{show: func(_ *verifytest.World, o *passport.PresentOptions) { o.Challenge = strings.Repeat("n", 40) }}
	allowed(bound(func(b *verify.Bounds) { b.NonceBytes = 40 }), long)
	refused(verify.EnvelopeNonceInvalid, bound(func(b *verify.Bounds) { b.NonceBytes = 39 }), long)
}

// LiveNonces: one more than allowed is refused for that agent, another agent
// works (INT-11).
func TestINT11LiveNonces(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(func(c *verify.Config) { c.Bounds.LiveNonces = 3 })
	pass := w.Issue(w.Passport())
	for range 3 {
		_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
		require.NoError(t, err)
	}
	_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.LedgerRateExceeded)
	other := verifytest.Key("another agent")
	theirs := w.Issue(w.Passport(func(p *passport.Passport) { p.Agent = other.DID() }))
	_, err = v.Verify(ctx, w.PresentChain(other, passport.Chain{theirs}, w.Intent()), w.Request())
	require.NoError(t, err)
	w.Clock.Advance(5*time.Minute + 1)
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err, "ended intents make room")
}

// webIssuer is an issuer with a did:web document that a test can change.
type webIssuer struct {
	id      did.DID
	key     *did.KeyPair
	signer  did.Signer
	doc     *did.Document
	lookups int
	fail    error
}

func newWebIssuer(t *testing.T, rel ...did.Relationship) *webIssuer {
	t.Helper()
	wi := &webIssuer{id: did.MustParse("did:web:issuer.example")}
	wi.rotate(t, "key of 2026", rel...)
	return wi
}

// rotate replaces the one key, under the same key id.
func (wi *webIssuer) rotate(t *testing.T, name string, rel ...did.Relationship) {
	t.Helper()
	wi.key = verifytest.Key(name)
	kid, err := wi.id.URL("key-1")
	require.NoError(t, err)
	wi.signer, err = did.NewSigner(kid, wi.key.PrivateKey())
	require.NoError(t, err)
	if len(rel) == 0 {
		rel = []did.Relationship{did.AssertionMethod}
	}
	mk, err := did.Multikey(wi.key.PublicKey())
	require.NoError(t, err)
	var lists []string
	for _, r := range rel {
		lists = append(lists, `"`+string(r)+`":["`+kid.String()+`"]`)
	}
	wi.doc, err = did.ParseDocument([]byte(`{"id":"` + wi.id.String() + `","verificationMethod":[{"id":"` + kid.String() + `","type":"Multikey","controller":"` + wi.id.String() + `","publicKeyMultibase":"` + mk + `"}],` + strings.Join(lists, ",") + `}`))
	require.NoError(t, err)
}

package credential_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// unsecuredPresentation is a presentation by the key "holder" of the
// credentials given.
func unsecuredPresentation(tb testing.TB, credentials ...string) string {
	return `{"@context":["https://www.w3.org/ns/credentials/v2"],` +
		`"id":"urn:uuid:0192f6a1-0000-7000-8000-000000000009","type":["VerifiablePresentation"],"holder":"` +
		keyOf(tb, "holder").DID().String() + `","verifiableCredential":[` + strings.Join(credentials, ",") + `]}`
}

// presented is a presentation of one credential, by its holder.
func presented(tb testing.TB, o credential.SignOptions) *credential.Presentation {
	tb.Helper()
	text := unsecuredPresentation(tb, signed(tb, small(tb), credential.SignOptions{}).Embedded())
	p, err := credential.SignPresentation(context.Background(), keyOf(tb, "holder"), []byte(text), o)
	require.NoError(tb, err)
	return p
}

func TestPresentation(t *testing.T) {
	ctx := context.Background()
	p := presented(t, credential.SignOptions{Domain: []string{"https://verifier.example", "b"}, Challenge: "0123456789abcdef", Created: created})
	again, err := credential.ParsePresentation(p.Bytes())
	require.NoError(t, err)
	require.Equal(t, p.Proofs(), again.Proofs())
	require.NoError(t, again.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
	require.NoError(t, again.CheckProof(0, keyOf(t, "holder").PublicKey(), did.Authentication))
	info := again.Proofs()[0]
	require.Equal(t, did.Authentication, info.Purpose)
	require.Equal(t, []string{"https://verifier.example", "b"}, info.Domain)
	require.Equal(t, "0123456789abcdef", info.Challenge)
	require.True(t, info.Created.Equal(created))

	c := again.Unverified()
	require.Equal(t, keyOf(t, "holder").DID().String(), c.Holder)
	require.Equal(t, []string{credential.ContextV2}, c.Context)
	require.Equal(t, []string{credential.TypePresentation}, c.Type)
	require.Equal(t, "urn:uuid:0192f6a1-0000-7000-8000-000000000009", c.ID)
	require.Len(t, c.Credentials, 1)
	require.NoError(t, c.Credentials[0].CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
	require.Equal(t, "/issuer", c.Credentials[0].UnverifiedValue().Get("issuer").Path())
	require.Equal(t, signed(t, small(t), credential.SignOptions{}).Digest(), c.Credentials[0].Digest(), "the digest is that of the credential alone")
	require.Equal(t, "application/vp", again.MediaType())
	require.Equal(t, p.Text(), string(p.Bytes()))
	require.False(t, c.Member("intent").Exists())

	// DI: domain and challenge are what was asked for, or the proof breaks.
	for name, doc := range map[string]string{
		"SIG-06 domain":    edit(t, p.Text(), "/proof/domain", `"https://evil.example"`),
		"SIG-06 challenge": edit(t, p.Text(), "/proof/challenge", `"another"`),
		"MOD-05 holder":    edit(t, p.Text(), "/holder", `"did:example:other"`),
		"id":               edit(t, p.Text(), "/id", ""),
	} {
		forged, err := credential.ParsePresentation([]byte(doc))
		require.NoError(t, err, name)
		requireCode(t, code.ProofInvalid, forged.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
	}

	// An extension that the contexts define is kept.
	text := strings.Replace(unsecuredPresentation(t, signed(t, small(t), credential.SignOptions{}).Text()), `"id":`,
		`"termsOfUse":{"type":"https://t.example/#T"},"id":`, 1)
	p, err = credential.SignPresentation(ctx, keyOf(t, "holder"), []byte(text), credential.SignOptions{})
	require.NoError(t, err)
	require.Equal(t, `{"type":"https://t.example/#T"}`, p.Unverified().Member("termsOfUse").Raw())
	require.Equal(t, p.Unverified().Member("termsOfUse"), p.Unverified().Extra[0].Value)
}

// MOD-07 and the presentation rows of the VC Data Model 2.0 test suite.
func TestMOD07PresentationRejected(t *testing.T) {
	one := signed(t, small(t), credential.SignOptions{}).Text()
	named := signed(t, full(t), credential.SignOptions{}).Text()
	renamed := signed(t, edit(t, full(t), "/name", `"other content"`), credential.SignOptions{}).Text()
	ok := unsecuredPresentation(t, one, named)
	_, err := credential.ParsePresentation([]byte(ok))
	require.NoError(t, err)
	const v2 = `"https://www.w3.org/ns/credentials/v2"`
	for name, r := range map[string]struct {
		doc  string
		want code.Code
	}{
		"context missing":             {edit(t, ok, "/@context", ""), wrongCtx},
		"context in wrong order":      {edit(t, ok, "/@context", `["https://w3id.org/safeconduct/v1",`+v2+`]`), wrongCtx},
		"context without base":        {edit(t, ok, "/@context", `["https://w3id.org/safeconduct/v1"]`), wrongCtx},
		"context not loadable":        {edit(t, ok, "/@context", `[`+v2+`,"https://example.com"]`), wrongCtx},
		"context a number":            {edit(t, ok, "/@context", `[`+v2+`,5]`), wrongCtx},
		"context of VC 1.1":           {edit(t, ok, "/@context", `["https://www.w3.org/2018/credentials/v1"]`), wrongCtx},
		"type missing":                {edit(t, ok, "/type", ""), malformed},
		"type another":                {edit(t, ok, "/type", `["https://t.example/#T"]`), malformed},
		"type a credential's as well": {edit(t, ok, "/type", `["VerifiablePresentation","VerifiableCredential"]`), malformed},
		"holder relative":             {edit(t, ok, "/holder", `"me"`), malformed},
		"holder an object":            {edit(t, ok, "/holder", `{"id":"did:example:h"}`), malformed},
		"holder without id":           {edit(t, ok, "/holder", `{"name":"x"}`), malformed},
		"VC as string":                {edit(t, ok, "/verifiableCredential/0", `"eyJ"`), malformed},
		"VC an array":                 {edit(t, ok, "/verifiableCredential/0", `[`+one+`]`), malformed},
		"VC not in a list":            {edit(t, ok, "/verifiableCredential", one), malformed},
		"VC list empty":               {edit(t, ok, "/verifiableCredential", `[]`), malformed},
		"VC without its type":         {edit(t, ok, "/verifiableCredential/0/type", ""), malformed},
		"VC without its context":      {edit(t, ok, "/verifiableCredential/0/@context", ""), wrongCtx},
		"a VP as VC":                  {edit(t, ok, "/verifiableCredential/0", unsecuredPresentation(t, one)), malformed},
		"same VC twice":               {unsecuredPresentation(t, one, one), malformed},
		"MOD-17 same id twice":        {unsecuredPresentation(t, named, renamed), malformed},
		"unknown member":              {edit(t, ok, "/unknown", `"x"`), dataLoss},
		"unknown member in VC":        {edit(t, ok, "/verifiableCredential/0/credentialSubject/unknown", `"x"`), dataLoss},
		"proof of wrong type":         {edit(t, ok, "/proof", `5`), malformed},
		"enveloped, no format": {edit(t, ok, "/verifiableCredential/0", `{"@context":`+v2+
			`,"type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,eyJ"}`), unsupported},
		"nothing":            {"", code.EnvelopeMissing},
		"a token, no format": {"eyJ", unsupported},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := credential.ParsePresentation([]byte(r.doc))
			requireCode(t, r.want, err)
			_, err = credential.SignPresentation(context.Background(), keyOf(t, "holder"), []byte(r.doc), credential.SignOptions{})
			requireCode(t, r.want, err)
		})
	}

	// No credential at all is for package verify to judge.
	p, err := credential.ParsePresentation([]byte(edit(t, ok, "/verifiableCredential", "")))
	require.NoError(t, err)
	require.Empty(t, p.Unverified().Credentials)
}

// SIG-32: the proof of the presentation and those of the credentials in it
// are checked apart, and neither stands for the other.
func TestSIG32NestedProofs(t *testing.T) {
	ctx := context.Background()
	forged := edit(t, signed(t, small(t), credential.SignOptions{}).Text(), "/credentialSubject/id", `"did:example:mallory"`)
	p, err := credential.SignPresentation(ctx, keyOf(t, "holder"), []byte(unsecuredPresentation(t, forged)), credential.SignOptions{})
	require.NoError(t, err, "a holder may be handed a forgery and show it")
	require.NoError(t, p.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
	requireCode(t, code.ProofInvalid, p.Unverified().Credentials[0].CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))

	p = presented(t, credential.SignOptions{})
	p, err = credential.ParsePresentation([]byte(edit(t, p.Text(), "/holder", `"`+keyOf(t, "mallory").DID().String()+`"`)))
	require.NoError(t, err)
	requireCode(t, code.ProofInvalid, p.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
	require.NoError(t, p.Unverified().Credentials[0].CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))
}

// MOD-05: a presentation is its holder's, or nobody's.
func TestMOD05HolderBinding(t *testing.T) {
	ctx := context.Background()
	text := unsecuredPresentation(t, signed(t, small(t), credential.SignOptions{}).Text())
	for name, doc := range map[string]string{"signer is not the holder": text, "holder missing": edit(t, text, "/holder", "")} {
		p, err := credential.SignPresentation(ctx, keyOf(t, "mallory"), []byte(doc), credential.SignOptions{})
		require.NoError(t, err, name)
		require.NoError(t, p.CheckProof(0, keyOf(t, "mallory").PublicKey(), did.Authentication), name)
		requireCode(t, code.ProofKeyNotAuthorized, p.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
	}
	p, err := credential.ParsePresentation([]byte(text))
	require.NoError(t, err)
	requireCode(t, code.ProofMissing, p.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
}

// A refusal from within a credential tells its place in the presentation,
// whichever part of the reading finds it.
func TestPresentationTellsPlaces(t *testing.T) {
	good := signed(t, small(t), credential.SignOptions{}).Text()
	bad := func(pointer, value string) string { return edit(t, good, pointer, value) }
	long := `"` + strings.Repeat("x", 17<<10) + `"`
	for name, c := range map[string]struct{ text, path string }{
		"the model":   {bad("/issuer", `"nobody"`), "/verifiableCredential/1/issuer"},
		"the profile": {bad("/credentialSubject/other", `"x"`), "/verifiableCredential/1/credentialSubject/other"},
		"a proof":     {bad("/proof/type", `7`), "/verifiableCredential/1/proof/type"},
		"the root":    {"7", "/verifiableCredential/1"},
		"an envelope": {`{"type":"EnvelopedVerifiableCredential","id":"x","@context":"https://www.w3.org/ns/credentials/v2"}`, "/verifiableCredential/1"},
		"twice":       {signed(t, small(t), credential.SignOptions{}).Text(), "/verifiableCredential/1"},
	} {
		_, err := credential.ParsePresentation([]byte(unsecuredPresentation(t, good, c.text)))
		require.ErrorContains(t, err, "at "+c.path+":", name)
	}
	_, err := credential.ParsePresentation([]byte(unsecuredPresentation(t, good, bad("/credentialSubject/name", long))), boxed{})
	require.ErrorContains(t, err, "at /verifiableCredential/1/credentialSubject/name:", "a long string, where envelopes may have some")

	// Under the other profile a credential may be there without a list, and what
	// RDF would lose shows when the graph is made.
	p := credential.Parser{Profile: credential.Conformance}
	for text, path := range map[string]string{
		unsecuredPresentation(t, good, bad("/credentialSubject/name",
			"null")): "/verifiableCredential/1/credentialSubject/name",
		strings.Replace(strings.Replace(unsecuredPresentation(t, bad("/credentialSubject/name", "null")),
			`"verifiableCredential":[`, `"verifiableCredential":`, 1), `}]`, `}`, 1): "/verifiableCredential/credentialSubject/name",
	} {
		vp, err := p.Presentation([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, "/issuer", vp.Unverified().Credentials[0].UnverifiedValue().Get("issuer").Path())
		_, err = credential.SignPresentation(context.Background(), keyOf(t, "holder"), []byte(text),
			credential.SignOptions{Suite: credential.SuiteRDFC, Profile: credential.Conformance})
		require.ErrorContains(t, err, "at "+path+":")
	}
}

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
	"github.com/safeconduct/safeconduct/internal/limits"
)

func documentCaps() credential.JSONCaps { return credential.JSONCaps(limits.Default().JSON(1 << 16)) }

func documentKey(t testing.TB) *did.KeyPair {
	t.Helper()
	k, err := did.GenerateKey()
	require.NoError(t, err)
	return k
}

func TestDocument(t *testing.T) {
	ctx, k := context.Background(), documentKey(t)
	text := ` {"b": [1, 2.50], "a": "é"} `
	d, err := credential.SignDocument(ctx, k, []byte(text), documentCaps(), credential.SignOptions{})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(d.Bytes()), `{"b": [1, 2.50], "a": "é","proof":{`), "the object is kept as it is")
	again, err := credential.ParseDocument(d.Bytes(), documentCaps())
	require.NoError(t, err)
	require.Equal(t, d.Digest(), again.Digest())
	require.Equal(t, "é", again.UnverifiedValue().Get("a").Str())
	require.Equal(t, k.KeyID(), again.Proof().VerificationMethod)
	require.Equal(t, did.AssertionMethod, again.Proof().Purpose)
	require.NoError(t, again.CheckProof(k.PublicKey(), did.AssertionMethod))
	require.NoError(t, again.CheckProofBy(ctx, k.DID(), did.KeyMethods(), did.AssertionMethod, time.Time{}))

	// Another text of the same object holds, another object does not.
	spaced := strings.Replace(string(d.Bytes()), `"b": [1, 2.50]`, `"b":[1,2.5]`, 1)
	again, err = credential.ParseDocument([]byte(spaced), documentCaps())
	require.NoError(t, err)
	require.NoError(t, again.CheckProof(k.PublicKey(), did.AssertionMethod))
	changed, err := credential.ParseDocument([]byte(strings.Replace(spaced, "2.5", "2.6", 1)), documentCaps())
	require.NoError(t, err)
	require.ErrorIs(t, changed.CheckProof(k.PublicKey(), did.AssertionMethod), code.ProofInvalid)

	require.ErrorIs(t, d.CheckProof(k.PublicKey(), did.Authentication), code.ProofPurposeMismatch)
	require.ErrorIs(t, d.CheckProof(documentKey(t).PublicKey(), did.AssertionMethod), code.ProofInvalid)
	none := did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) {
		t.Error("looked up")
		return nil, did.ErrNotFound
	})
	require.ErrorIs(t, d.CheckProofBy(ctx, documentKey(t).DID(), none, did.AssertionMethod, time.Time{}), code.ProofKeyNotAuthorized)
	require.ErrorIs(t, d.CheckProofBy(ctx, did.DID{}, none, did.AssertionMethod, time.Time{}), code.ProofKeyNotAuthorized)
}

// SIG-04 to SIG-18: what a secured document is not.
func TestSIGDocumentFaults(t *testing.T) {
	ctx, k := context.Background(), documentKey(t)
	d, err := credential.SignDocument(ctx, k, []byte(`{"a":1}`), documentCaps(), credential.SignOptions{})
	require.NoError(t, err)
	proof := d.UnverifiedValue().Get("proof").Raw()
	option := func(member string) string { return `{"a":1,"proof":{` + member + `,` + proof[1:] + `}` }
	for text, want := range map[string]code.Code{
		``:                                    code.EnvelopeMalformed,
		`[]`:                                  code.EnvelopeMalformed,
		`{"a":1}`:                             code.ProofMissing,
		`{"a":1,"a":1,"proof":` + proof + `}`: code.EnvelopeMalformed,
		`{"a":1,"proof":null}`:                code.EnvelopeMalformed,
		`{"a":1,"proof":[]}`:                  code.EnvelopeMalformed,
		`{"a":1,"proof":[` + proof + `]}`:     code.EnvelopeMalformed,
		`{"a":1,"proof":{}}`:                  code.EnvelopeMalformed,
		`{"a":1,"@context":[],"proof":` + proof + `}`:                                               code.EnvelopeContext,
		option(`"@context":[]`):                                                                     code.EnvelopeContext,
		option(`"previousProof":"urn:x:y"`):                                                         code.EnvelopeMalformed,
		option(`"capability":"x"`):                                                                  code.EnvelopeMalformed,
		strings.Replace(string(d.Bytes()), credential.SuiteJCS, "eddsa-rdfc-2022", 1):               code.ProofTransformation,
		strings.Replace(string(d.Bytes()), credential.TypeDataIntegrity, "Ed25519Signature2020", 1): code.ProofTransformation,
		`{"a":1,"proof":` + proof + `,"b":"` + strings.Repeat("x", 1<<16) + `"}`:                    code.EnvelopeTooLarge,
	} {
		_, err := credential.ParseDocument([]byte(text), documentCaps())
		require.ErrorIs(t, err, want, "%.200s", text)
	}
	// A credential and a document are never each other.
	_, err = credential.Parse(d.Bytes())
	require.ErrorIs(t, err, code.EnvelopeContext)
}

func TestSignDocumentRefuses(t *testing.T) {
	ctx, k := context.Background(), documentKey(t)
	sign := func(text string, o credential.SignOptions) error {
		_, err := credential.SignDocument(ctx, k, []byte(text), documentCaps(), o)
		return err
	}
	for _, text := range []string{`{}`, `{"a":1,"proof":{}}`} {
		require.ErrorIs(t, sign(text, credential.SignOptions{}), code.RequestInvalid, text)
	}
	require.ErrorIs(t, sign(`{"@context":[]}`, credential.SignOptions{}), code.EnvelopeContext)
	require.ErrorIs(t, sign(`{"a":1`, credential.SignOptions{}), code.EnvelopeMalformed)
	for _, o := range []credential.SignOptions{
		{Suite: "eddsa-rdfc-2022"}, {ProofID: "urn:x:y"}, {PreviousProof: []string{"urn:x:y"}}, {Profile: credential.Conformance}, {Purpose: did.KeyAgreement},
	} {
		require.ErrorIs(t, sign(`{"a":1}`, o), code.RequestInvalid, "%+v", o)
	}
	_, err := credential.SignDocument(ctx, nil, []byte(`{"a":1}`), documentCaps(), credential.SignOptions{})
	require.ErrorIs(t, err, code.RequestInvalid)
}

func FuzzParseDocument(f *testing.F) {
	f.Add([]byte(`{"a":1,"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022"}}`))
	f.Add([]byte(`{"proof":{}}`))
	f.Add([]byte(`[]`))
	key := documentKey(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := credential.ParseDocument(raw, documentCaps())
		if err == nil && d.CheckProof(key.PublicKey(), did.AssertionMethod) == nil {
			t.Errorf("nobody signed %q", raw)
		}
	})
}

package credential_test

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// CAN-31: the vectors of W3C vc-di-eddsa for eddsa-jcs-2022, byte for byte at
// each stage: canonical document and proof options, both hashes, what is
// signed, the signature; and the vectors' own key makes the same signature.
func TestCAN31VectorsJCS(t *testing.T) {
	const dir = "TestVectors/eddsa-jcs-2022/"
	read := func(name string) string { return string(testvectors.Read(t, "vc-di-eddsa", name)) }
	line := func(name string) string { return strings.TrimSpace(read(dir + name)) }
	loose := credential.Parser{Profile: credential.Conformance}
	s, err := loose.Credential([]byte(read(dir + "signedJCS.json")))
	require.NoError(t, err)

	h, err := s.HashProofJCS(0)
	require.NoError(t, err)
	require.Equal(t, line("canonDocJCS.txt"), h.Document)
	require.Equal(t, line("proofCanonJCS.txt"), h.Options)
	require.Equal(t, line("proofHashJCS.txt"), hex.EncodeToString(h.Sum[:32]))
	require.Equal(t, line("docHashJCS.txt"), hex.EncodeToString(h.Sum[32:]))
	require.Equal(t, line("combinedHashJCS.txt"), hex.EncodeToString(h.Sum[:]))

	pair := mustValue(t, read("TestVectors/keyPair.json"))
	key, err := did.ParseSecretMultikey(pair.Get("privateKeyMultibase").Str())
	require.NoError(t, err)
	public, err := did.ParseMultikey(pair.Get("publicKeyMultibase").Str())
	require.NoError(t, err)
	require.Equal(t, public, key.PublicKey())
	sig, err := key.Sign(context.Background(), h.Sum[:])
	require.NoError(t, err)
	require.Equal(t, line("sigHexJCS.txt"), hex.EncodeToString(sig))
	require.Equal(t, line("sigBTC58JCS.txt"), "z"+multibase.EncodeBase58(sig))
	require.NoError(t, s.CheckProof(0, public, did.AssertionMethod))

	// KEY-11: signing anew, from the unsigned document and the same options.
	unsigned := read("TestVectors/unsigned.json")
	config := mustValue(t, read(dir+"proofConfigJCS.json"))
	fresh, err := credential.SignJSON(context.Background(), key, []byte(unsigned), credential.SignOptions{
		Created: s.Proofs()[0].Created, Profile: credential.Conformance,
	})
	require.NoError(t, err)
	require.Equal(t, s.Digest(), fresh.Digest(), "the whole secured document is the vector's")
	require.Equal(t, config.Len()+1, fresh.UnverifiedValue().Get("proof").Len())
}

// The inputs of the W3C test suite for VC Data Model 2.0: names that end in
// -ok are accepted, those in -fail are not. The suite fills in the issuer
// before it posts; so does this test.
func TestMOD01DataModelInputs(t *testing.T) {
	dir := filepath.Join(testvectors.Dir(t, "vc-data-model-2.0"), "input")
	exceptions := map[string]string{
		"presentation-enveloped-vc-ok.json":       "the token inside is of an abandoned draft (application/vc-ld+jwt, a vc claim); no format takes it",
		"credential-proof-missing-type-fail.json": "refused when its proof is checked, with proof.transformation",
	}
	accept := map[string]bool{ // neither -ok nor -fail in the name
		"presentation-self-asserted-vc-no-holder.json":        true, // who presents is for the verifier to judge
		"presentation-self-asserted-vc-issuer-mismatch.json":  true,
		"presentation-self-asserted-vc-holder-mismatch.json":  true,
		"credential-no-context-fail-or-inject.json":           false,
		"credential-missing-base-context-fail-or-inject.json": false,
		"presentation-no-context-fail-or-inject.json":         false,
	}
	count := 0
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name := e.Name()
		want, known := accept[name]
		switch {
		case strings.HasSuffix(name, "-ok.json"):
			want = true
		case strings.HasSuffix(name, "-fail.json"):
		default:
			require.True(t, known, "%s: neither -ok nor -fail", name)
		}
		count++
		t.Run(strings.TrimSuffix(name, ".json"), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			p := credential.Parser{Profile: credential.Conformance}
			if strings.HasPrefix(name, "presentation") {
				_, err = p.Presentation(raw)
			} else {
				_, err = p.Credential([]byte(withIssuer(t, string(raw))))
			}
			if reason, ok := exceptions[name]; ok {
				require.Equal(t, want, err != nil, "no exception any more (%s): %v", reason, err)
				return
			}
			require.Equal(t, want, err == nil, "%v", err)
		})
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, count, 100)
}

// withIssuer does what the suite does: the issuer is the one who will sign, and
// dates are filled in.
func withIssuer(tb testing.TB, doc string) string {
	doc = strings.NewReplacer("PAST DATE", "2020-01-01T00:00:00Z", "FUTURE DATE", "2120-01-01T00:00:00Z").Replace(doc)
	v := mustValue(tb, doc)
	switch issuer := v.Get("issuer"); {
	case !issuer.Exists():
		return edit(tb, doc, "/issuer", `"did:example:issuer"`)
	case issuer.Raw() == "{}", !issuer.Get("id").Exists() && issuer.Len() > 0:
		return edit(tb, doc, "/issuer/id", `"did:example:issuer"`)
	}
	return doc
}

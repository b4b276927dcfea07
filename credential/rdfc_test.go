package credential_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

func TestRDFCRoundTrip(t *testing.T) {
	key := benchKey(t)
	text := []byte(strings.ReplaceAll(string(passportText(t)), "did:web:issuer.example", key.DID().String()))
	s, err := credential.SignJSON(context.Background(), key, text, credential.SignOptions{Suite: credential.SuiteRDFC, Created: time.Unix(1_800_000_000, 0)})
	require.NoError(t, err)
	require.NoError(t, s.CheckProof(0, key.PublicKey(), did.AssertionMethod))

	// Both suites on one document.
	both, err := credential.SignJSON(context.Background(), key, s.Bytes(), credential.SignOptions{})
	require.NoError(t, err)
	require.NoError(t, both.CheckProofs(context.Background(), did.KeyMethods(), did.AssertionMethod, time.Time{}))
	require.Len(t, both.Proofs(), 2)

	// SIG-10: relabelled.
	relabelled, err := credential.Parse([]byte(strings.Replace(s.Text(), "eddsa-rdfc-2022", "eddsa-jcs-2022", 1)))
	require.NoError(t, err)
	require.ErrorIs(t, relabelled.CheckProof(0, key.PublicKey(), did.AssertionMethod), code.ProofInvalid)
}

// CAN-31: the published vectors: proofs, sets and chains of eddsa-rdfc-2022.
func TestCAN31RDFCVectors(t *testing.T) {
	for _, name := range []string{
		"eddsa-rdfc-2022/signedDataInt.json", // employ/ needs a context that is not embedded; see internal/jsonld
		"proof-set-chain/signedProofSet1.json", "proof-set-chain/signedProofSet2.json",
		"proof-set-chain/signedProofChain1.json", "proof-set-chain/signedProofChain2.json",
	} {
		t.Run(name, func(t *testing.T) {
			raw := testvectors.Read(t, "vc-di-eddsa", "TestVectors/"+name)
			s, err := credential.Parser{Profile: credential.Conformance}.Credential(raw)
			require.NoError(t, err)
			for i, p := range s.Proofs() {
				key, err := did.ResolveKey(context.Background(), did.KeyMethods(), p.VerificationMethod, did.AssertionMethod, time.Time{})
				require.NoError(t, err)
				require.NoError(t, s.CheckProof(i, key, did.AssertionMethod), i)
			}
			// SIG-16: a chain without its first link.
			var doc map[string]any
			require.NoError(t, json.Unmarshal(raw, &doc))
			proofs, many := doc["proof"].([]any)
			if !many || !strings.Contains(name, "Chain") {
				return
			}
			doc["proof"] = proofs[1:]
			cut, err := json.Marshal(doc)
			require.NoError(t, err)
			s, err = credential.Parser{Profile: credential.Conformance}.Credential(cut)
			require.NoError(t, err)
			last := s.Proofs()[len(proofs)-2]
			require.NotEmpty(t, last.PreviousProof)
			broken := 0
			for i, p := range s.Proofs() {
				key, err := did.ResolveKey(context.Background(), did.KeyMethods(), p.VerificationMethod, did.AssertionMethod, time.Time{})
				require.NoError(t, err)
				if s.CheckProof(i, key, did.AssertionMethod) != nil {
					broken++
				}
			}
			require.NotZero(t, broken)
		})
	}
}

// CAN-32: what leaves the RDF as it was and changes the JSON
// is refused by the profile before the signature is looked at.
func TestCAN32SameRDFOtherJSON(t *testing.T) {
	key := benchKey(t)
	text := strings.ReplaceAll(string(passportText(t)), "did:web:issuer.example", key.DID().String())
	s, err := credential.SignJSON(context.Background(), key, []byte(text), credential.SignOptions{Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	require.NoError(t, s.CheckProof(0, key.PublicKey(), did.AssertionMethod))
	for name, edit := range map[string][2]string{
		"CAN-09 undefined member": {`"credentialSubject":{`, `"credentialSubject":{"evil":"x",`},
		"CAN-13 @id for id":       {`"credentialSubject":{`, `"credentialSubject":{"@id":"urn:x:y",`},
		"CAN-13 @index":           {`"credentialSubject":{`, `"credentialSubject":{"@index":"x",`},
		"CAN-12 key with colon":   {`"credentialSubject":{`, `"credentialSubject":{"evil:x":"x",`},
		"CAN-12 empty key":        {`"credentialSubject":{`, `"credentialSubject":{"":"x",`},
		"null member":             {`"credentialSubject":{`, `"credentialSubject":{"role":null,`},
		"full IRI for a term":     {`"humanPrincipal":`, `"https://w3id.org/safeconduct#humanPrincipal":`},
		"relative IRI":            {`"credentialSubject":{`, `"evidence":[{"id":"rel","type":"AIAgent"}],"credentialSubject":{`},
	} {
		t.Run(name, func(t *testing.T) {
			flat := strings.Replace(s.Text(), `"credentialSubject": {`, `"credentialSubject":{`, 1)
			broken := strings.Replace(flat, edit[0], edit[1], 1)
			require.NotEqual(t, flat, broken)
			_, err := credential.Parse([]byte(broken))
			require.Error(t, err)
		})
	}
}

// RES-01: the RDF of a presentation has a cap of its own, since that of its
// credentials is part of it: PresentationQuads, at the cap and one below.
func TestRES01PresentationQuads(t *testing.T) {
	key := benchKey(t)
	text := strings.ReplaceAll(string(passportText(t)), "did:web:issuer.example", key.DID().String())
	s, err := credential.SignJSON(context.Background(), key, []byte(text), credential.SignOptions{})
	require.NoError(t, err)
	vp, err := credential.SignPresentation(context.Background(), key,
		[]byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"`+
			key.DID().String()+`","verifiableCredential":[`+s.Text()+`]}`), credential.SignOptions{Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	check := func(quads int) error {
		again, err := credential.Parser{Bounds: credential.Bounds{PresentationQuads: quads}}.Presentation(vp.Bytes())
		require.NoError(t, err)
		return again.CheckProof(0, key.PublicKey(), did.Authentication)
	}
	low, high := 1, 4096 // the least that serves
	for low < high {
		if mid := (low + high) / 2; check(mid) == nil {
			high = mid
		} else {
			low = mid + 1
		}
	}
	require.Greater(t, low, 50)
	require.NoError(t, check(low))
	require.ErrorIs(t, check(low-1), code.ProofTooComplex)
}

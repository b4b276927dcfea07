package credential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// oldProofs are of kinds that others write and nobody checks here, by their name
// in a message.
var oldProofs = map[string]string{
	`"JsonWebSignature2020"`: `{"type":"JsonWebSignature2020","created":"2024-01-01T00:00:00Z",` + oldMethod +
		`"jws":"eyJhbGciOiJFZERTQSJ9..c2ln"}`,
	`"Ed25519Signature2018"`: `{"type":"Ed25519Signature2018","created":"2020-01-01T00:00:00+00:00",` + oldMethod +
		`"jws":"eyJhbGciOiJFZERTQSJ9..c2ln"}`,
	`"Ed25519Signature2020"`: `{"id":"urn:x:1","type":"Ed25519Signature2020","created":"2022-01-01T00:00:00Z",` + oldMethod + oldValue + `}`,
	`"BbsBlsSignature2020"`: `{"type":"BbsBlsSignature2020","created":"2021-01-01T00:00:00Z","proofPurpose":"assertionMethod",` +
		`"verificationMethod":"x","nonce":7,"requiredRevealStatements":[4,5]}`,
	`cryptosuite "eddsa-2022"`: `{"type":"DataIntegrityProof","cryptosuite":"eddsa-2022","created":"2023-01-01T00:00:00Z",` + oldMethod + oldValue + `}`,
	`cryptosuite "bbs-2023"`: `{"type":"DataIntegrityProof","cryptosuite":"bbs-2023",` + oldMethod +
		`"proofValue":"u2V0DhV","mandatoryPointers":["/issuer"]}`,
}

const (
	oldMethod = `"verificationMethod":"did:web:issuer.example#k1","proofPurpose":"assertionMethod",`
	oldValue  = `"proofValue":"z3FXQjecWufY46yg5abdVZsXqLhxhueuSoZgNSARiKBk9czhSePTFehP8c3PGfb6a22gkfUKods5D2UAUL5n2Brbx"`
)

// A proof of another kind is named, with those that are checked, and spoils
// no set in which one that is checked is the issuer's.
func TestProofsOfOtherKinds(t *testing.T) {
	good := signed(t, small(t), credential.SignOptions{}).Text()
	own := mustValue(t, good).Get("proof").Raw()
	for name, old := range oldProofs {
		t.Run(name, func(t *testing.T) {
			alone := edit(t, small(t), "/proof", old)
			s := mustParse(t, alone)
			require.False(t, s.Proof(0).Supported)
			for _, err := range []error{holds(alone), s.CheckProof(0, keyOf(t, "issuer").PublicKey(), "assertionMethod")} {
				requireCode(t, code.ProofTransformation, err)
				require.ErrorContains(t, err, name+" is not supported")
				require.ErrorContains(t, err, "eddsa-jcs-2022 or eddsa-rdfc-2022")
			}
			for _, set := range []string{"[" + old + "," + own + "]", "[" + own + "," + old + "]"} {
				require.NoError(t, holds(edit(t, small(t), "/proof", set)))
			}
			// One that holds and is a stranger's is not the issuer's.
			stranger := mustValue(t, addProof(t, mustParse(t, small(t)), "witness", credential.SignOptions{}).Text()).Get("proof").Raw()
			requireCode(t, code.ProofKeyNotAuthorized, holds(edit(t, small(t), "/proof", "["+old+","+stranger+"]")))
			// One that is supported and does not hold is not made good by it.
			broken := edit(t, own, "/created", `"2020-01-01T00:00:00Z"`)
			requireCode(t, code.ProofInvalid, holds(edit(t, small(t), "/proof", "["+old+","+broken+"]")))
		})
	}
	for _, none := range []string{`{"proofPurpose":"assertionMethod"}`, `{"type":"DataIntegrityProof"}`} {
		require.ErrorContains(t, holds(edit(t, small(t), "/proof", none)), "without")
		requireCode(t, code.ProofTransformation, holds(edit(t, small(t), "/proof", "["+none+","+own+"]")))
	}
}

// A presentation that names no holder cannot be held to one, and says so.
func TestNoHolder(t *testing.T) {
	shown := edit(t, unsecuredPresentation(t, small(t)), "/holder", "")
	vp, err := credential.SignPresentation(t.Context(), keyOf(t, "holder"), []byte(shown), credential.SignOptions{})
	require.NoError(t, err)
	require.ErrorContains(t, vp.CheckProofs(t.Context(), did.KeyMethods(), "authentication", created), "no holder")
}

// A claim of a token that nobody honours is told as one; in a document it is in
// the wrong place.
func TestClaimsThatAreNotHonoured(t *testing.T) {
	doc := edit(t, small(t), "/cnf", `{"kid":"urn:x:k"}`)
	_, err := credential.Parse([]byte(doc))
	require.ErrorContains(t, err, "cnf belongs into a token")
	_, err = credential.Parse([]byte(box(t, doc, credential.KindCredential, "issuer")), boxed{})
	require.ErrorContains(t, err, "the claim cnf is not honoured here")
}

// A context that lacks the terms of a proof is found when signing, and told at
// the proof and not at the document's own type.
func TestPlacesOfANewProof(t *testing.T) {
	old := `{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential"],"issuer":"` + keyOf(t, "issuer").DID().String() +
		`","issuanceDate":"2024-01-01T00:00:00Z","credentialSubject":{"id":"did:example:subject"}}`
	_, err := credential.SignJSON(t.Context(), keyOf(t, "issuer"), []byte(old), credential.SignOptions{Suite: credential.SuiteRDFC})
	requireCode(t, code.EnvelopeDataLoss, err)
	require.ErrorContains(t, err, "at /proof/type")
}

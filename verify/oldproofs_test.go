package verify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// withProofs puts further proofs of an older kind, by the issuer's key, beside
// the good one; alone takes that away.
func withProofs(t *testing.T, raw []byte, by string, alone bool) []byte {
	t.Helper()
	s, err := credential.Parser{StatusList: true}.Credential(raw)
	require.NoError(t, err)
	own := s.UnverifiedValue().Get("proof").Raw()
	old := `{"type":"JsonWebSignature2020","created":"2024-01-01T00:00:00Z","verificationMethod":"` + by +
		`","proofPurpose":"assertionMethod","jws":"eyJhbGciOiJFZERTQSJ9..c2ln"}`
	set := "[" + old + "," + own + "]"
	if alone {
		set = "[" + old + "," + strings.Replace(old, "c2ln", "c2ll", 1) + "]"
	}
	return []byte(strings.Replace(string(raw), own, set, 1))
}

// All proofs of a passport must verify, so one of a kind that is not
// checked refuses it. A list needs one that is, by its issuer.
func TestProofsOfOtherKinds(t *testing.T) {
	w := verifytest.NewWorld(t)
	by := w.Issuer.KeyID().String()
	_, err := w.Verifier().Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	verifytest.AssertAllowed(t, err)

	both, err := credential.Parse(withProofs(t, w.Issue(w.Passport()).Bytes(), by, false))
	require.NoError(t, err)
	_, err = w.Verifier().Verify(ctx, w.Present(both, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.ProofTransformation)
	require.ErrorContains(t, err, "JsonWebSignature2020")

	list := w.Lists.Get(verifytest.RevocationURL)
	w.Lists.Put(verifytest.RevocationURL, withProofs(t, list, by, false))
	v := w.Verifier()
	for range 2 { // also from memory
		_, err = v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
		verifytest.AssertAllowed(t, err)
	}
	w.Lists.Put(verifytest.RevocationURL, withProofs(t, list, by, true))
	_, err = w.Verifier().Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.StatusInvalid)
}

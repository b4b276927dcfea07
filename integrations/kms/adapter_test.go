package kms_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What every adapter must do, with an issuer and an agent whose keys are somewhere else:
// in both directions they are keys as any other.
func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T) *adaptertest.Adapter {
		w := verifytest.NewWorld(t)
		issued, err := passport.Issue(t.Context(), elsewhere(t, w.Issuer), w.Passport(),
			passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
		a := adaptertest.Direct{
			World: w, Verifier: w.Verifier(), Passport: issued, Agent: elsewhere(t, w.Agent),
		}.Adapter(t)
		a.Without["undeclared"] = "it decides nothing, so it has nothing to declare"
		return a
	})
}

// elsewhere is a key pair behind a service.
func elsewhere(t testing.TB, key *did.KeyPair) did.Signer {
	signer, err := kms.NewSigner(t.Context(), key.KeyID(), service{
		ed25519.PublicKey(key.PublicKey().Bytes()),
		func(message []byte) ([]byte, error) { return key.Sign(t.Context(), message) },
	})
	require.NoError(t, err)
	return signer
}

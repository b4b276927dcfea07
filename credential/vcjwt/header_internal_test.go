package vcjwt

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// The short way of reading a header accepts nothing that the long way would
// not, and reads the same kid.
func FuzzUsualHeader(f *testing.F) {
	for _, h := range []string{
		`{"alg":"EdDSA","kid":"did:example:a#k","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"did:example:a#k","typ":"vp+jwt"}`,
		`{"alg":"EdDSA","kid":"did:example:a#k","kid":"did:example:a#k","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"did:example:a#k\",\"typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"did:example:a#k","crit":[],"typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"did:example:a#\u006b","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"","typ":"vc+jwt"}`, `{"alg":"EdDSA","kid":"`, `{}`,
	} {
		f.Add([]byte(h))
	}
	f.Fuzz(func(t *testing.T, header []byte) {
		kid, alg, ok := usualHeader(string(header), "vc+jwt")
		if !ok {
			return
		}
		long, longAlg, err := readHeader(string(header), "vc+jwt", credential.KindCredential)
		require.NoError(t, err)
		require.Equal(t, long, kid)
		require.Equal(t, longAlg, alg)
	})
}

func TestUsualHeaderIsUsual(t *testing.T) {
	kid, alg, ok := usualHeader(`{"alg":"EdDSA","kid":"did:example:a#k","typ":"vc+jwt"}`, "vc+jwt")
	require.True(t, ok)
	require.Equal(t, "did:example:a#k", kid)
	require.Equal(t, did.Ed25519, alg)
	_, _, ok = usualHeader(`{"alg":"EdDSA","kid":"did:example:a#k","typ":"vc+jwt"}`, "vp+jwt")
	require.False(t, ok)
}

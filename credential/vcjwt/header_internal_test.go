package vcjwt

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
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
		kid, ok := usualHeader(string(header), "vc+jwt")
		if !ok {
			return
		}
		long, err := readHeader(string(header), "vc+jwt", credential.KindCredential)
		require.NoError(t, err)
		require.Equal(t, long, kid)
	})
}

func TestUsualHeaderIsUsual(t *testing.T) {
	kid, ok := usualHeader(`{"alg":"EdDSA","kid":"did:example:a#k","typ":"vc+jwt"}`, "vc+jwt")
	require.True(t, ok)
	require.Equal(t, "did:example:a#k", kid)
	_, ok = usualHeader(`{"alg":"EdDSA","kid":"did:example:a#k","typ":"vc+jwt"}`, "vp+jwt")
	require.False(t, ok)
}

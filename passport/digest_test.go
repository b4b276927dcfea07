package passport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
)

// The digest of a JSON message is that of what it says, not of how it is written.
func TestDigestJSON(t *testing.T) {
	digest := func(text string) string {
		v, err := credential.ParseValue(text)
		require.NoError(t, err)
		return passport.DigestJSON(v)
	}
	plain := `{"arguments":{"n":100,"to":"é"},"name":"pay"}`
	require.Equal(t, passport.Digest([]byte(plain)), digest(plain), "that of the canonical text")
	require.Equal(t, digest(plain), digest(` { "name":"pay", "arguments" : {"to":"\u00e9","n":1e2} }`))
	for _, other := range []string{
		`{"arguments":{"n":101,"to":"é"},"name":"pay"}`, `{"arguments":{"n":"100","to":"é"},"name":"pay"}`,
		`{"arguments":{"n":100,"to":"e\u0301"},"name":"pay"}`, `{"arguments":{"n":100,"to":"é"},"name":"Pay"}`,
	} {
		require.NotEqual(t, digest(plain), digest(other), other)
	}
}

package oap_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// P14: how the tools read the signature of a presentation: by the browsers' atob,
// behind padding of their own. The strict reading has one spelling.
func TestP14SignaturesAsTheToolsReadThem(t *testing.T) {
	key, public := testKey(1)
	agent, agentPublic := testKey(2)
	shown := present(t, agent, export(t, key, native()))
	end := []byte(`"}}`) // of jws, the last member
	require.True(t, bytes.HasSuffix(shown, end))
	for behind, ok := range map[string]bool{
		"": true, "=": true, "==": true, "===": false, "====": false, " ": false, `\n\n==`: false, `  \t\r`: true, "A": false,
		"*":      false,
		`\u00a0`: false,
	} {
		text := append(bytes.Clone(bytes.TrimSuffix(shown, end)), behind+string(end)...)
		err := oap.PresentationAsPeer(text, challenge, shop, agentPublic)
		require.Equal(t, ok, err == nil, "%q: %v", behind, err)
		if behind != "" {
			require.Error(t, readPresentation(public)(text), "%q", behind)
		}
	}
}

package verifya2a_test

import (
	"encoding/json"
	"testing"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2asrv"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a guard adds to Verify. The transport is not counted.
func BenchmarkOverhead(b *testing.B) {
	s := newShop(b)
	s.config.Verifier = adaptertest.Quiet(s.World)
	guard, err := verifya2a.New(s.config)
	require.NoError(b, err)
	agent := &a2asrv.InterceptedHandler{
		Handler:      handler{send: func() (a2a.SendMessageResult, error) { return &a2a.Message{}, nil }},
		Interceptors: []a2asrv.CallInterceptor{guard},
	}
	params := ask("charge", "0.01")
	params.Metadata = map[string]any{} // what is left when the presentation was taken out
	text, err := json.Marshal(map[string]any{"method": "message/send", "params": params})
	require.NoError(b, err)
	v, err := credential.ParseValue(string(text))
	require.NoError(b, err)
	call := skills()["charge"]
	act, err := call.Act(v.Get("params"))
	require.NoError(b, err)
	digest := passport.DigestJSON(v)
	adaptertest.Overhead(b, adaptertest.Show(s.World, act, digest), func(shown []byte) {
		mine := *params
		mine.Metadata = map[string]any{verifya2a.KeyPresentation: string(shown)}
		if _, err := agent.OnSendMessage(b.Context(), &mine); err != nil {
			b.Fatal(err)
		}
	}, adaptertest.Verify(b, adaptertest.Quiet(s.World), verify.Request{
		Audience: verifytest.Audience, Act: act, BodyDigest: digest,
	}))
}

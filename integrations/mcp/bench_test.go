package verifymcp_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a guard adds to Verify.
func BenchmarkOverhead(b *testing.B) {
	s := newShop(b)
	s.config.Verifier = adaptertest.Quiet(s.World)
	guard, err := verifymcp.New(s.config)
	require.NoError(b, err)
	handler := guard.Middleware(func(context.Context, string, mcp.Request) (mcp.Result, error) {
		return &mcp.CallToolResult{}, nil
	})
	arguments := json.RawMessage(`{"amount":"0.01","to":"did:web:shop.example"}`)
	v, err := credential.ParseValue(`{"name":"charge","arguments":` + string(arguments) + `}`)
	require.NoError(b, err)
	call := tools()["charge"]
	act, err := call.Act(v.Get("arguments"))
	require.NoError(b, err)
	digest := passport.DigestJSON(v)
	adaptertest.Overhead(b, adaptertest.Show(s.World, act, digest), func(shown []byte) {
		res, err := handler(b.Context(), "tools/call", &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{
			Meta: mcp.Meta{verifymcp.MetaPresentation: string(shown)}, Name: "charge", Arguments: arguments,
		}})
		if err != nil || res.(*mcp.CallToolResult).IsError {
			b.Fatal(res, err)
		}
	}, adaptertest.Verify(b, adaptertest.Quiet(s.World), verify.Request{
		Audience: verifytest.Audience, Act: act, BodyDigest: digest,
	}))
}

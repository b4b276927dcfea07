package verifymcp_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// The guard against Verify alone on the same presentations, and one Ed25519 check, in
// one run: what the guard adds is the difference.
func BenchmarkGuard(b *testing.B) {
	s := newShop(b)
	quiet := func() *verify.Verifier {
		return s.Verifier(func(c *verify.Config) { c.Ledger = ledger.NewMemory(ledger.Options{}); c.Bounds.LiveNonces = 1_000_000 })
	}
	s.config.Verifier = quiet()
	guard, err := verifymcp.New(s.config)
	require.NoError(b, err)
	handler := guard.Middleware(func(context.Context, string, mcp.Request) (mcp.Result, error) { return &mcp.CallToolResult{}, nil })
	arguments := json.RawMessage(`{"amount":"0.01","to":"did:web:shop.example"}`)
	v, err := credential.ParseValue(`{"name":"charge","arguments":` + string(arguments) + `}`)
	require.NoError(b, err)
	call := tools()["charge"]
	act, err := call.Act(v.Get("arguments"))
	require.NoError(b, err)
	q := verify.Request{Audience: verifytest.Audience, Act: act, BodyDigest: passport.DigestJSON(v)}
	shown := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = string(s.PresentChain(s.Agent, s.client.Chain, passport.Intent{Act: act, BodyDigest: q.BodyDigest}))
		}
		return out
	}
	b.Run("guard", func(b *testing.B) {
		texts := shown(b.N)
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			_, err := handler(context.Background(), "tools/call", &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{
				Meta: mcp.Meta{verifymcp.MetaPresentation: texts[i]}, Name: "charge", Arguments: arguments,
			}})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		verifier, texts := quiet(), shown(b.N)
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			d, err := verifier.Verify(context.Background(), []byte(texts[i]), q)
			if err != nil {
				b.Fatal(err)
			}
			_ = d.Commit(context.Background())
		}
	})
	b.Run("ed25519", func(b *testing.B) {
		public, private, _ := ed25519.GenerateKey(nil)
		message := make([]byte, 64)
		signature := ed25519.Sign(private, message)
		b.ResetTimer()
		for range b.N {
			if !ed25519.Verify(public, message, signature) {
				b.Fatal()
			}
		}
	})
}

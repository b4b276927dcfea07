//go:build interop

package verifymcp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// said is what the client of the TypeScript SDK prints.
type said struct {
	Digest string
	Tools  []struct {
		Name string
		Meta map[string]json.RawMessage `json:"_meta"`
	}
	First, Again struct {
		IsError bool
		Content []struct{ Text string }
		Meta    struct {
			Refusal *verifyhttp.Problem `json:"io.github.safeconduct/refusal"`
		} `json:"_meta"`
		Thrown struct {
			Message string
			Code    int
			Data    map[string]json.RawMessage
		}
	}
}

// typescript runs the client against a server: a URL, or a program with arguments.
func typescript(t *testing.T, amount, presentation string, server ...string) (out said) {
	if _, err := os.Stat("interop/node_modules"); err != nil {
		t.Fatal("interop/node_modules is missing: npm ci")
	}
	cmd := exec.Command("node", append([]string{"interop/client.mjs"}, server...)...)
	cmd.Env = append(os.Environ(), "AMOUNT="+amount, "PRESENTATION="+presentation)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	require.NoError(t, err, string(text))
	require.NoError(t, json.Unmarshal(text, &out), string(text))
	return out
}

// The client of the TypeScript SDK, on stdio and over streamable HTTP: one that knows
// nothing of passports gets a refusal that it can show; one that puts a presentation
// into _meta is let through, once; a model that asks for too much learns the limit.
func TestTypeScriptClient(t *testing.T) {
	w := verifytest.NewWorld(t)
	w.Clock.Set(time.Now()) // the shop has a clock of its own
	w.Lists.Publish()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "issuer"), []byte(w.Issuer.DID().String()), 0o600))
	for _, url := range []string{verifytest.RevocationURL, verifytest.SuspensionURL} {
		name, err := statuslist.FileName(url)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), w.Lists.Get(url), 0o600))
	}
	program := filepath.Join(t.TempDir(), "shop")
	out, err := exec.Command("go", "build", "-o", program, "./examples/shop").CombinedOutput()
	require.NoError(t, err, string(out))
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.ValidFrom, p.ValidUntil = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
		p.Authority.Categories, p.Authority.Rails = nil, nil // of which the shop's tool knows nothing
	}))
	show := func(amount, digest string) string {
		return string(w.Present(pass, passport.Intent{Act: passport.Act{
			Action: "payments.charge", Amount: passport.MustMoney(amount, "USD"), Payee: "did:web:cloud.example",
		}, BodyDigest: digest}))
	}
	server := newShop(t, func(s *shop) { s.config.RefuseWithErrors = true }).server
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	defer web.Close()

	stdio := []string{program, "-serve", folder}
	knows := typescript(t, "12.50", "", stdio...)
	require.True(t, knows.First.IsError)
	require.Contains(t, knows.First.Content[0].Text, "needs an agent's passport")
	require.Equal(t, "envelope.missing", string(knows.First.Meta.Refusal.Code))
	require.JSONEq(t, `{"action":"payments.charge","amount":"/amount","currency":"USD","payee":"/to"}`,
		string(knows.Tools[0].Meta[verifymcp.MetaCall]))

	allowed := typescript(t, "12.50", show("12.50", knows.Digest), stdio...)
	require.False(t, allowed.First.IsError, "%+v", allowed.First)
	require.Equal(t, "paid 12.50 USD to did:web:cloud.example", allowed.First.Content[0].Text)
	require.Equal(t, "ledger.replay", string(allowed.Again.Meta.Refusal.Code))

	tampered := typescript(t, "12.51", show("12.50", knows.Digest), stdio...)
	require.Equal(t, "proof.intent_mismatch", string(tampered.First.Meta.Refusal.Code))

	dear := typescript(t, "55.00", "", stdio...)
	dear = typescript(t, "55.00", show("55.00", dear.Digest), stdio...)
	require.Contains(t, dear.First.Content[0].Text, "limit: 50.00 USD; actual: 55.00 USD")
	require.Equal(t, "50.00 USD", dear.First.Meta.Refusal.Reasons[0].Limit)

	// As a JSON-RPC error, the SDK throws what can be shown.
	thrown := typescript(t, "12.50", "", web.URL).First.Thrown
	require.Equal(t, verifymcp.CodeRefused, thrown.Code)
	require.Contains(t, thrown.Message, "needs an agent's passport")
	require.Contains(t, string(thrown.Data[verifymcp.MetaRefusal]), "envelope.missing")
}

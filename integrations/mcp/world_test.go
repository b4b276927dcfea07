package verifymcp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// tools are what the calls of the shop mean, at the server and at the client.
func tools() map[string]verifymcp.Call {
	return map[string]verifymcp.Call{
		"charge": {
			Action: "payments.charge", Amount: "/amount", Currency: "USD", Category: "compute", Rail: "tempo", Payee: "/to",
		},
		"rows":    {Action: "data.read", Resource: "/table", Attributes: map[string]string{"rows": "/rows"}},
		"nowhere": {Action: "data.nothing"},
		"admin":   {Action: "admin.reset"},
	}
}

// shop is a guarded server in a world, and what its tools have seen.
type shop struct {
	*verifytest.World
	t        testing.TB
	server   *mcp.Server
	verifier *verify.Verifier
	ledger   verify.Ledger
	config   verifymcp.Config
	client   verifymcp.PresenterConfig
	ran      atomic.Int64
	bare     bool // knows nothing of passports
	charge   func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error)
}

func newShop(t testing.TB, edits ...func(*shop)) *shop {
	w := verifytest.NewWorld(t)
	s := &shop{World: w, t: t, ledger: ledger.NewMemory(ledger.Options{})}
	s.verifier = w.Verifier(func(c *verify.Config) { c.Ledger, c.Payments, c.Evidence = s.ledger, []string{"payments.*"}, true })
	s.config = verifymcp.Config{Verifier: s.verifier, Audience: verifytest.Audience, Tools: tools(), Now: w.Clock.Now}
	s.client = verifymcp.PresenterConfig{
		Agent: w.Agent, Audience: verifytest.Audience, Tools: tools(),
		Chain: passport.Chain{w.Issue(w.Passport())}, Present: passport.PresentOptions{Now: w.Clock.Now},
	}
	for _, edit := range edits {
		edit(s)
	}
	s.server = mcp.NewServer(&mcp.Implementation{Name: "shop", Version: "1"}, nil)
	object := map[string]any{"type": "object"}
	for _, name := range []string{"charge", "rows", "admin", "undeclared"} {
		s.server.AddTool(&mcp.Tool{Name: name, InputSchema: object}, s.run)
	}
	s.server.AddResource(&mcp.Resource{Name: "a", URI: "file:///a"}, func(ctx context.Context, _ *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		if _, ok := verify.FromContext(ctx); !ok {
			t.Error("a resource is read without a decision")
		}
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: "file:///a", Text: "hello"}}}, nil
	})
	guard, err := verifymcp.New(s.config)
	require.NoError(t, err)
	if !s.bare {
		s.server.AddReceivingMiddleware(guard.Middleware)
	}
	return s
}

func (s *shop) run(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	s.ran.Add(1)
	if s.bare {
		return &mcp.CallToolResult{}, nil
	}
	if _, shown := req.Params.Meta[verifymcp.MetaPresentation]; shown {
		s.t.Error("the tool sees the presentation")
	}
	if _, ok := verify.FromContext(ctx); !ok {
		s.t.Error("the tool runs without a decision")
	}
	if s.charge != nil {
		return s.charge(ctx, req)
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "done"}}}, nil
}

// transports are how a client reaches the server.
var transports = map[string]func(*shop) mcp.Transport{
	"in memory": func(s *shop) mcp.Transport {
		there, here := mcp.NewInMemoryTransports()
		_, err := s.server.Connect(context.Background(), there, nil)
		require.NoError(s.t, err)
		return here
	},
	"streamable HTTP": func(s *shop) mcp.Transport {
		web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s.server }, nil))
		s.t.Cleanup(web.Close)
		return &mcp.StreamableClientTransport{Endpoint: web.URL}
	},
}

// connect returns the session of a client that presents, and is changed on the wire
// by between, if that is not nil.
func (s *shop) connect(transport string, between mcp.Middleware) *mcp.ClientSession {
	client := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil)
	presenter, err := verifymcp.NewPresenter(s.client)
	require.NoError(s.t, err)
	if between != nil {
		client.AddSendingMiddleware(between)
	}
	client.AddSendingMiddleware(presenter.Middleware)
	return s.dial(client, transport)
}

// stock returns the session of a client that knows nothing of passports.
func (s *shop) stock(transport string) *mcp.ClientSession {
	return s.dial(mcp.NewClient(&mcp.Implementation{Name: "stock", Version: "1"}, nil), transport)
}

func (s *shop) dial(client *mcp.Client, transport string) *mcp.ClientSession {
	session, err := client.Connect(context.Background(), transports[transport](s), nil)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = session.Close() })
	return session
}

func call(session *mcp.ClientSession, tool string, arguments any) (*mcp.CallToolResult, error) {
	return session.CallTool(context.Background(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
}

func charge(amount any) map[string]any {
	return map[string]any{"amount": amount, "to": "did:web:shop.example"}
}

func text(t testing.TB, res *mcp.CallToolResult) string {
	require.Len(t, res.Content, 1)
	return res.Content[0].(*mcp.TextContent).Text
}

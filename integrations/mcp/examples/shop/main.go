// Shop is an MCP server with a tool that costs money, guarded by passports, and an
// agent that calls it.
//
//	go run ./examples/shop                 the agent starts the shop and talks to it on stdio
//	go run ./examples/shop -http           the same over streamable HTTP, on loopback
//	go run ./examples/shop -serve FOLDER   the shop alone, on stdio, for a client of yours
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/safeconduct/safeconduct/did"
	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

const audience = "did:web:shop.example"

// tools say what calls mean, at the shop and at the agent.
var tools = map[string]verifymcp.Call{
	"charge": {Action: "payments.charge", Amount: "/amount", Currency: "USD", Payee: "/to"},
}

func main() {
	serve := flag.String("serve", "", "serve on stdio, trusting the issuer that the folder names")
	overHTTP := flag.Bool("http", false, "talk over streamable HTTP")
	flag.Parse()
	ctx := context.Background()
	if *serve != "" {
		check(shop(*serve).Run(ctx, &mcp.StdioTransport{}))
		return
	}

	// The issuer gives an agent its passport. The shop is told whom to trust.
	folder := must(os.MkdirTemp("", "shop"))
	defer func() { _ = os.RemoveAll(folder) }()
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation,
	}))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Status: []statuslist.Entry{must(bits.Entry(must(bits.Allocate())))},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
			SpendLimits:    []passport.SpendLimit{{Money: passport.MustMoney("60.00", "USD"), Per: passport.PerDay}},
		},
	}, passport.IssueOptions{}))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: time.Now()}))
	check(lists.PutTo(ctx, statuslist.Dir(folder)))
	check(os.WriteFile(filepath.Join(folder, "issuer"), []byte(issuer.DID().String()), 0o600))

	// The agent: two lines make every call of its client carry a passport.
	presenter := must(verifymcp.NewPresenter(verifymcp.PresenterConfig{
		Agent: agent, Chain: passport.Chain{pass}, Audience: audience, Tools: tools,
	}))
	client := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil)
	client.AddSendingMiddleware(presenter.Middleware)
	transport, stop := reach(folder, *overHTTP)
	defer stop()
	session := must(client.Connect(ctx, transport, nil))
	defer func() { _ = session.Close() }()

	for _, amount := range []string{"12.50", "55.00", "49.00"} {
		res := must(session.CallTool(ctx, &mcp.CallToolParams{
			Name: "charge", Arguments: map[string]any{"amount": amount, "to": "did:web:cloud.example"},
		}))
		fmt.Printf("charge %s: %s\n", amount, first(res))
		if refusal, refused := verifymcp.ReadRefusal(res, nil); refused {
			fmt.Printf("  limit %s, actual %s\n", refusal.Reasons[0].Limit, refusal.Reasons[0].Actual)
		}
	}
}

// shop is the server. One line guards it.
func shop(folder string) *mcp.Server {
	issuer := must(did.Parse(string(must(os.ReadFile(filepath.Join(folder, "issuer"))))))
	guard := must(verifymcp.New(verifymcp.Config{
		Verifier: must(verify.New(verify.Config{
			Anchors: []verify.Anchor{{Issuer: issuer}}, Resolver: did.KeyMethods(),
			Status: statuslist.Dir(folder), Ledger: ledger.NewMemory(ledger.Options{}),
			Payments: []string{"payments.*"}, // they must say what they cost
		})),
		Audience: audience,
		Tools:    tools,
	}))
	server := mcp.NewServer(&mcp.Implementation{Name: "shop", Version: "1"}, nil)
	type order struct {
		Amount string `json:"amount"`
		To     string `json:"to"`
	}
	mcp.AddTool(server, &mcp.Tool{Name: "charge", Description: "Pays somebody."},
		func(_ context.Context, _ *mcp.CallToolRequest, o order) (*mcp.CallToolResult, any, error) {
			text := "paid " + o.Amount + " USD to " + o.To
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil, nil
		})
	check(guard.Covers(context.Background(), server)) // each tool means something, and each pointer leads somewhere
	server.AddReceivingMiddleware(guard.Middleware)
	return server
}

// reach starts the shop and returns the way to it.
func reach(folder string, overHTTP bool) (mcp.Transport, func()) {
	if !overHTTP {
		return &mcp.CommandTransport{Command: exec.Command(must(os.Executable()), "-serve", folder)}, func() {}
	}
	server := shop(folder)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	web := &http.Server{Handler: mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)}
	go func() { _ = web.Serve(listener) }()
	return &mcp.StreamableClientTransport{Endpoint: "http://" + listener.Addr().String()}, func() { _ = web.Close() }
}

func first(res *mcp.CallToolResult) string {
	text, _, _ := strings.Cut(res.Content[0].(*mcp.TextContent).Text, "\n")
	return text
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

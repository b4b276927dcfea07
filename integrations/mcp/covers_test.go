package verifymcp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
)

// What is declared amiss is found before the server serves.
func TestCovers(t *testing.T) {
	filled := json.RawMessage(`{"type": "object", "properties": {
		"rows": {"type": "integer", "default": 1000}, "most": {"type": "integer"},
		"page": {"type": "object", "default": {"size": 7}, "properties": {"size": {"type": "integer"}}}}}`)
	type order struct {
		Amount string `json:"amount"`
		To     struct {
			ID string `json:"id"`
		} `json:"to"`
		Rows []int `json:"rows"`
	}
	server := func() *mcp.Server {
		s := mcp.NewServer(&mcp.Implementation{Name: "shop", Version: "1"}, nil)
		for _, name := range []string{"charge", "refund"} {
			mcp.AddTool(s, &mcp.Tool{Name: name}, func(context.Context, *mcp.CallToolRequest, order) (*mcp.CallToolResult, any, error) {
				return &mcp.CallToolResult{}, nil, nil
			})
		}
		mcp.AddTool(s, &mcp.Tool{Name: "filled", InputSchema: filled}, func(_ context.Context, _ *mcp.CallToolRequest,
			in map[string]any) (*mcp.CallToolResult, any, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: fmt.Sprint(in["rows"])}}}, nil, nil
		})
		s.AddTool(&mcp.Tool{Name: "free", InputSchema: map[string]any{"type": "object"}},
			func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, nil })
		return s
	}
	good := func() map[string]verifymcp.Call {
		c := verifymcp.Call{Action: "payments.charge", Amount: "/amount", Currency: "USD", Payee: "/to/id",
			Attributes: map[string]string{"first": "/rows/0"}}
		return map[string]verifymcp.Call{"charge": c, "refund": c, "free": {Action: "data.read", Resource: "/any/thing"},
			"filled": {Action: "data.read", Attributes: map[string]string{"most": "/most"}}}
	}
	pointer := func(p string) func(map[string]verifymcp.Call) {
		return func(m map[string]verifymcp.Call) { m["charge"] = verifymcp.Call{Action: "data.read", Resource: p} }
	}
	rows := func(p string) func(map[string]verifymcp.Call) {
		return func(m map[string]verifymcp.Call) {
			m["filled"] = verifymcp.Call{Action: "data.read", Attributes: map[string]string{"rows": p}}
		}
	}
	const aDefault = ` of the tool "filled" that has a default, which no passport is asked about: want it required`
	for want, edit := range map[string]func(map[string]verifymcp.Call){
		"verifymcp: the pointer /rows leads to an argument" + aDefault:      rows("/rows"),
		"verifymcp: the pointer /page/size leads to an argument" + aDefault: rows("/page/size"),
		"": func(map[string]verifymcp.Call) {},
		`verifymcp: no Call is declared for the tools ["free" "refund"]`: func(m map[string]verifymcp.Call) {
			delete(m, "free")
			delete(m, "refund")
		},
		`verifymcp: the server has no tools ["chrage"]`:                                func(m map[string]verifymcp.Call) { m["chrage"] = m["charge"] },
		`verifymcp: the pointer /customer leads to no argument of the tool "charge"`:   pointer("/customer"),
		`verifymcp: the pointer /to/name leads to no argument of the tool "charge"`:    pointer("/to/name"),
		`verifymcp: the pointer /amount/usd leads to no argument of the tool "charge"`: pointer("/amount/usd"),
		`verifymcp: the pointer /rows/x leads to no argument of the tool "charge"`:     pointer("/rows/x"),
	} {
		s := newShop(t, func(s *shop) { s.config.Tools = good(); edit(s.config.Tools) })
		guard, err := verifymcp.New(s.config)
		require.NoError(t, err)
		err = guard.Covers(t.Context(), server())
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, want)
	}

	// It is the SDK that fills it in: the tool has rows that nobody was asked about.
	there, here := mcp.NewInMemoryTransports()
	_, err := server().Connect(t.Context(), there, nil)
	require.NoError(t, err)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "stock", Version: "1"}, nil).Connect(t.Context(), here, nil)
	require.NoError(t, err)
	res, err := call(session, "filled", map[string]any{})
	require.NoError(t, err)
	require.Equal(t, "1000", text(t, res))

	var none *verifymcp.Guard
	require.ErrorContains(t, none.Covers(t.Context(), server()), "not made by New")

	// Behind the middleware tools may be hidden: then it says so, and not that all is well.
	s := newShop(t, func(s *shop) { s.config.Tools, s.config.ListAllowed = good(), true })
	guard, err := verifymcp.New(s.config)
	require.NoError(t, err)
	hidden := server()
	hidden.AddReceivingMiddleware(guard.Middleware)
	require.ErrorContains(t, guard.Covers(t.Context(), hidden), "the server has no tools")
}

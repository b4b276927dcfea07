package verifymcp_test

import (
	"context"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
)

// What is declared amiss is found before the server serves.
func TestCovers(t *testing.T) {
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
		s.AddTool(&mcp.Tool{Name: "free", InputSchema: map[string]any{"type": "object"}},
			func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, nil })
		return s
	}
	good := func() map[string]verifymcp.Call {
		c := verifymcp.Call{Action: "payments.charge", Amount: "/amount", Currency: "USD", Payee: "/to/id",
			Attributes: map[string]string{"first": "/rows/0"}}
		return map[string]verifymcp.Call{"charge": c, "refund": c, "free": {Action: "data.read", Resource: "/any/thing"}}
	}
	pointer := func(p string) func(map[string]verifymcp.Call) {
		return func(m map[string]verifymcp.Call) { m["charge"] = verifymcp.Call{Action: "data.read", Resource: p} }
	}
	for want, edit := range map[string]func(map[string]verifymcp.Call){
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

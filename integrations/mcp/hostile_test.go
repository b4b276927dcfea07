package verifymcp_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// rawShop is a shop that takes what is posted, byte for byte, and what its tool has read.
func rawShop(t *testing.T) (s *shop, post func(body string) string, ran func() []string) {
	var seen []string
	s = newShop(t)
	s.charge = func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		seen = append(seen, string(req.Params.Arguments))
		return &mcp.CallToolResult{}, nil
	}
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s.server },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true}))
	t.Cleanup(web.Close)
	return s, func(body string) string {
		req, err := http.NewRequest(http.MethodPost, web.URL, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(text)
	}, func() []string { return seen }
}

// sign presents for one call, as the agent means it.
func (s *shop) sign(tool, arguments string) string {
	v, err := credential.ParseValue(`{"name":"` + tool + `","arguments":` + arguments + `}`)
	require.NoError(s.t, err)
	call := tools()[tool]
	act, err := call.Act(v.Get("arguments"))
	require.NoError(s.t, err)
	shown := s.PresentChain(s.Agent, s.client.Chain, passport.Intent{Act: act, BodyDigest: passport.DigestJSON(v)})
	quoted, err := json.Marshal(string(shown))
	require.NoError(s.t, err)
	return `"_meta":{"` + verifymcp.MetaPresentation + `":` + string(quoted) + `}`
}

// Whatever stands on the wire, a tool runs with what the agent has signed, or not at all.
func TestBytesOnTheWire(t *testing.T) {
	const meant, other = `{"amount":"12.50","to":"shop"}`, `{"amount":"49.00","to":"thief"}`
	const head, tail = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{`, `}}`
	for name, c := range map[string]struct {
		body func(meta string) string
		runs bool
	}{
		"good": {func(m string) string { return head + `"name":"charge","arguments":` + meant + `,` + m + tail }, true},
		"arguments twice": {func(m string) string {
			return head + `"name":"charge","arguments":` + meant + `,"arguments":` + other + `,` + m + tail
		}, false},
		"arguments in another case": {func(m string) string {
			return head + `"name":"charge","arguments":` + meant + `,"Arguments":` + other + `,` + m + tail
		}, true},
		"name twice": {func(m string) string {
			return head + `"name":"charge","name":"admin","arguments":` + meant + `,` + m + tail
		}, false},
		"a second _meta, with nothing in it": {func(m string) string {
			return head + `"name":"charge","arguments":` + meant + `,` + m + `,"_meta":{}` + tail
		}, true}, // the SDK has merged the two
		"_meta in another case": {func(m string) string {
			return head + `"name":"charge","arguments":` + meant + `,` + strings.Replace(m, "_meta", "_META", 1) + tail
		}, false},
		"method twice": {func(m string) string {
			return `{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"charge","arguments":` +
				other + `,` + m + tail
		}, false},
		"another order and spelling": {func(m string) string {
			return head + m + `, "arguments" : {"to":"\u0073hop","amount":"12.50"} , "name":"\u0063harge"` + tail
		}, true},
		"a member that is not known": {func(m string) string {
			return head + `"name":"charge","arguments":` + meant + `,"amount":"49.00",` + m + tail
		}, true}, // nobody reads it
	} {
		t.Run(name, func(t *testing.T) {
			s, post, ran := rawShop(t)
			answer := post(c.body(s.sign("charge", meant)))
			require.Equal(t, c.runs, len(ran()) == 1, answer)
			for _, arguments := range ran() {
				require.JSONEq(t, meant, arguments)
			}
		})
	}
}

// A batch is no way to show one presentation twice.
func TestBatch(t *testing.T) {
	const meant = `{"amount":"12.50","to":"shop"}`
	s, post, ran := rawShop(t)
	one := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"charge","arguments":` + meant + `,` +
		s.sign("charge", meant) + `}}`
	two := strings.Replace(one, `"id":1`, `"id":2`, 1)
	answer := post("[" + one + "," + two + "]")
	require.LessOrEqual(t, len(ran()), 1, answer)
	post(one)
	post(two)
	require.Len(t, ran(), 1)
}

// A name that looks like a declared one is another, and so is an argument.
func TestLookalikes(t *testing.T) {
	for _, name := range []string{"Charge", "сharge", " charge", "charge ", "charge\\u0000", "ｃharge", "cha\\u00adrge", "", "charge/"} {
		s, post, ran := rawShop(t)
		const meant = `{"amount":"12.50","to":"shop"}`
		answer := post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + name + `","arguments":` + meant +
			`,` + s.sign("charge", meant) + `}}`)
		require.Contains(t, answer, verify.AuthorityOperationUnknown, name)
		require.Empty(t, ran())
	}
	s, post, ran := rawShop(t) // é in one code point, and in two
	answer := post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"charge","arguments":` +
		`{"amount":"12.50","to":"caf` + "e\u0301" + `"},` + s.sign("charge", `{"amount":"12.50","to":"caf`+"\u00e9"+`"}`) + `}}`)
	require.Contains(t, answer, verify.ProofIntentMismatch)
	require.Empty(t, ran())
}

// A tool that panics has not said what became of the act: it counts as spent. A caller who
// has gone does not undo what was done.
func TestWhatIsLeftBehind(t *testing.T) {
	for name, open := range map[string]int{"a panic": 1, "caller gone": 0} {
		t.Run(name, func(t *testing.T) {
			var decision *verify.Decision
			s := newShop(t, func(s *shop) {
				s.config.Observe = func(_ context.Context, d *verify.Decision, _ error) { decision = d }
				s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
					p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
				}))}
			})
			guard, err := verifymcp.New(s.config)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			handler := guard.Middleware(func(context.Context, string, mcp.Request) (mcp.Result, error) {
				if cancel(); open > 0 {
					panic("oops")
				}
				return &mcp.CallToolResult{}, nil
			})
			const arguments = `{"amount":"12.50","to":"shop"}`
			var shown struct {
				Meta mcp.Meta `json:"_meta"`
			}
			require.NoError(t, json.Unmarshal([]byte("{"+s.sign("charge", arguments)+"}"), &shown))
			ask := func() {
				_, err = handler(ctx, "tools/call", &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{
					Meta: shown.Meta, Name: "charge", Arguments: json.RawMessage(arguments),
				}})
			}
			if open > 0 {
				require.Panics(t, ask)
			} else {
				ask()
				require.NoError(t, err)
			}
			budgets, err := s.verifier.Budgets(t.Context(), decision.Chain)
			require.NoError(t, err)
			require.Equal(t, open, budgets[0].Open)
			require.Equal(t, "12.50 USD", budgets[0].Text(budgets[0].Total()))
		})
	}
}

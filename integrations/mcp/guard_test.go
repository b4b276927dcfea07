package verifymcp_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// refused demands that a call was refused with a code, in a form that a client which
// knows nothing of passports can show, and that no tool has run.
func (s *shop) refused(res *mcp.CallToolResult, err error, code verify.Code) *verifyhttp.Problem {
	s.t.Helper()
	require.NoError(s.t, err)
	require.True(s.t, res.IsError)
	p, ok := verifymcp.ReadRefusal(res, err)
	require.True(s.t, ok, "%v", res)
	require.Equal(s.t, code, p.Code, text(s.t, res))
	require.Contains(s.t, text(s.t, res), string(code))
	require.Equal(s.t, p.Text(), text(s.t, res), "the model reads what the client reads")
	require.Zero(s.t, s.ran.Load())
	for _, secret := range []string{"z6Mk", "proofValue", ".go:"} {
		require.NotContains(s.t, text(s.t, res), secret)
	}
	return p
}

// onWire changes the params of tools/call on their way, behind the presenter.
func onWire(change func(*mcp.CallToolParams)) mcp.Middleware {
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			if p, ok := req.GetParams().(*mcp.CallToolParams); ok {
				change(p)
			}
			return next(ctx, method, req)
		}
	}
}

// Each row is one fault; its good twin is the same call without it. On every
// transport.
func TestToolsCall(t *testing.T) {
	type row struct {
		edit   func(*shop)
		wire   func(*mcp.CallToolParams)
		tool   string
		args   any
		code   verify.Code
		unsure bool
	}
	for name, c := range map[string]row{
		"allowed":           {args: charge("12.50")},
		"a number":          {args: charge(12.5)},
		"no arguments":      {tool: "rows"},
		"with an attribute": {tool: "rows", args: map[string]any{"rows": 5, "table": "t"}},
		"over the limit":    {args: charge("60.00"), code: verify.AuthorityAmountExceeded},
		"not granted":       {tool: "admin", args: map[string]any{}, code: verify.AuthorityActionNotAllowed},
		"an undeclared tool": {edit: func(s *shop) { s.client.Tools["undeclared"] = verifymcp.Call{Action: "data.read"} },
			tool: "undeclared", code: verify.AuthorityOperationUnknown},
		"status unknown": {
			edit: func(s *shop) { s.Lists.Fail(verifytest.RevocationURL, errors.New("down")) },
			args: charge("12.50"), code: verify.StatusUnavailable, unsure: true,
		},
		"a stale list": {edit: func(s *shop) { s.Clock.Advance(25 * time.Hour); s.reissue() }, args: charge("12.50"),
			code: verify.StatusStale, unsure: true},
		"an argument changed": {wire: func(p *mcp.CallToolParams) { p.Arguments = charge("12.51") }, args: charge("12.50"),
			code: verify.ProofIntentMismatch},
		"a bound argument changed": {wire: func(p *mcp.CallToolParams) { p.Arguments = map[string]any{"note": "b", "table": "t"} },
			args: map[string]any{"note": "a", "table": "t"}, tool: "rows", code: verify.ProofIntentMismatch},
		"an argument added": {wire: func(p *mcp.CallToolParams) {
			p.Arguments = map[string]any{"amount": "12.50", "to": "did:web:shop.example", "times": 2}
		}, args: charge("12.50"), code: verify.ProofIntentMismatch},
		"another tool": {wire: func(p *mcp.CallToolParams) { p.Name = "nowhere" }, args: map[string]any{}, tool: "rows",
			code: verify.ProofIntentMismatch},
		"a state added": {wire: func(p *mcp.CallToolParams) { p.RequestState = "confirmed" }, args: charge("12.50"),
			code: verify.ProofIntentMismatch},
		"no presentation": {wire: func(p *mcp.CallToolParams) { p.Meta = nil }, args: charge("12.50"), code: verify.EnvelopeMissing},
		"an empty presentation": {wire: func(p *mcp.CallToolParams) { p.Meta[verifymcp.MetaPresentation] = "" }, args: charge("12.50"),
			code: verify.EnvelopeMissing},
		"a presentation that is an object": {wire: func(p *mcp.CallToolParams) { p.Meta[verifymcp.MetaPresentation] = map[string]any{} },
			args: charge("12.50"), code: verify.EnvelopeMalformed},
		"rubbish": {wire: func(p *mcp.CallToolParams) { p.Meta[verifymcp.MetaPresentation] = "{" }, args: charge("12.50"),
			code: verify.EnvelopeMalformed},
		"for another server": {edit: func(s *shop) { s.client.Audience = "did:web:other.example" }, args: charge("12.50"),
			code: verify.ProofAudienceMismatch},
	} {
		for transport := range transports {
			t.Run(name+"/"+transport, func(t *testing.T) {
				var edits []func(*shop)
				if c.edit != nil {
					edits = append(edits, c.edit)
				}
				s := newShop(t, edits...)
				var between mcp.Middleware
				if c.wire != nil {
					between = onWire(c.wire)
				}
				if c.tool == "" {
					c.tool = "charge"
				}
				res, err := call(s.connect(transport, between), c.tool, c.args)
				if c.code == "" {
					require.NoError(t, err)
					require.Equal(t, "done", text(t, res))
					require.EqualValues(t, 1, s.ran.Load())
					return
				}
				p := s.refused(res, err, c.code)
				require.Equal(t, c.unsure, p.Verdict == verify.Undetermined)
			})
		}
	}
}

func (s *shop) reissue() {
	s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
		p.ValidFrom, p.ValidUntil = s.Clock.Now(), s.Clock.Now().Add(time.Hour)
	}))}
}

// Arguments that two readers could read differently are refused, whatever is signed.
func TestDoubtfulArguments(t *testing.T) {
	raw := func(text string) any { return rawJSON(text) }
	for name, c := range map[string]struct {
		args any
		code verify.Code
	}{
		"a name twice":            {raw(`{"amount":"1.00","amount":"50.00","to":"x"}`), verify.EnvelopeMalformed},
		"a name in another case":  {raw(`{"amount":"1.00","AMOUNT":"50.00","to":"x"}`), verify.EnvelopeMalformed},
		"only in another case":    {raw(`{"amount":"1.00","To":"x"}`), verify.EnvelopeMalformed},
		"a number nobody keeps":   {raw(`{"amount":"1.00","to":"x","n":9007199254740993}`), verify.EnvelopeMalformed},
		"an amount in exponents":  {raw(`{"amount":1e1,"to":"x"}`), verify.EnvelopeMalformed},
		"an amount below a cent":  {raw(`{"amount":"1.005","to":"x"}`), verify.EnvelopeMalformed},
		"a negative amount":       {raw(`{"amount":"-1.00","to":"x"}`), verify.EnvelopeMalformed},
		"an amount that is true":  {raw(`{"amount":true,"to":"x"}`), verify.EnvelopeMalformed},
		"an amount that is null":  {raw(`{"amount":null,"to":"x"}`), verify.EnvelopeMalformed},
		"no amount":               {raw(`{"to":"x"}`), verify.AuthorityAttributeMissing},
		"no arguments":            {nil, verify.AuthorityAttributeMissing},
		"a payee that is a list":  {raw(`{"amount":"1.00","to":["x"]}`), verify.EnvelopeMalformed},
		"arguments that are long": {map[string]any{"amount": "1.00", "to": "x", "note": strings.Repeat("x", 1<<20)}, verify.EnvelopeTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			session := s.connect("in memory", nil)
			_, err := call(session, "charge", c.args)
			if c.code != verify.EnvelopeTooLarge { // the client does not sign it either
				require.ErrorIs(t, err, c.code)
			}
			// A client that signs something else and sends this.
			res, err := call(s.connect("in memory", onWire(func(p *mcp.CallToolParams) { p.Arguments = c.args })), "charge", charge("1.00"))
			s.refused(res, err, c.code)
		})
	}
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// A presentation that was used is used, whoever sends it again.
func TestReplay(t *testing.T) {
	s := newShop(t)
	var taken string
	session := s.connect("in memory", onWire(func(p *mcp.CallToolParams) {
		if taken == "" {
			taken = p.Meta[verifymcp.MetaPresentation].(string)
		}
		p.Meta[verifymcp.MetaPresentation] = taken
	}))
	res, err := call(session, "charge", charge("12.50"))
	require.NoError(t, err)
	require.False(t, res.IsError)
	s.ran.Store(0)
	res, err = call(session, "charge", charge("12.50"))
	s.refused(res, err, verify.LedgerReplay)
}

// INT-02: one presentation used 32 times at once runs the tool once; as many
// presentations of a budget for three run it three times.
func TestINT02Concurrent(t *testing.T) {
	s := newShop(t)
	s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("40.00", "USD"), Per: passport.PerDay}}
	}))}
	session := s.connect("streamable HTTP", nil)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			res, err := call(session, "charge", charge("12.50"))
			if err != nil {
				t.Error(err)
			} else if p, refused := verifymcp.ReadRefusal(res, nil); refused && p.Code != verify.LedgerBudgetExceeded {
				t.Error(p)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 3, s.ran.Load())

	s.ran.Store(0)
	var once sync.Once
	var taken string
	same := s.connect("streamable HTTP", onWire(func(p *mcp.CallToolParams) {
		once.Do(func() { taken = p.Meta[verifymcp.MetaPresentation].(string) })
		p.Meta[verifymcp.MetaPresentation] = taken
	}))
	for range 32 {
		group.Go(func() { _, _ = call(same, "rows", nil) })
	}
	group.Wait()
	require.EqualValues(t, 1, s.ran.Load())
}

// A model that is refused learns the code, the limit and the actual value of its own
// passport; a stranger learns none, and nobody learns a rule of the host.
func TestWhatTheModelLearns(t *testing.T) {
	s := newShop(t, func(s *shop) {
		s.config.Verifier = s.Verifier(func(c *verify.Config) {
			c.Ledger = s.ledger
			c.Policy = []verify.Rule{{ID: "house", Check: func(verify.Facts) error {
				return &verify.Violation{Code: verify.PolicyDenied, Limit: "secret", Actual: "secret"}
			}}}
		})
	})
	session := s.connect("in memory", nil)
	res, err := call(session, "charge", charge("60.00"))
	p := s.refused(res, err, verify.AuthorityAmountExceeded)
	require.Len(t, p.Reasons, 1)
	require.Contains(t, text(t, res), "limit: 50.00 USD")
	require.Contains(t, text(t, res), "actual: 60.00 USD")
	require.NotContains(t, text(t, res), "secret")

	res, err = call(session, "charge", charge("12.50"))
	p = s.refused(res, err, verify.PolicyDenied)
	require.Empty(t, p.Reasons)
	require.NotContains(t, text(t, res), "secret")

	forged := s.connect("in memory", onWire(func(p *mcp.CallToolParams) {
		p.Meta[verifymcp.MetaPresentation] = strings.Replace(p.Meta[verifymcp.MetaPresentation].(string), "60.00", "61.00", 1)
	}))
	res, err = call(forged, "charge", charge("60.00"))
	require.Empty(t, s.refused(res, err, verify.ProofInvalid).Reasons)
}

// A budget that is used up says when it has room again.
func TestRefusalSaysWhen(t *testing.T) {
	s := newShop(t)
	s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
		p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("20.00", "USD"), Per: passport.PerDay}}
	}))}
	session := s.connect("in memory", nil)
	_, err := call(session, "charge", charge("12.50"))
	require.NoError(t, err)
	s.ran.Store(0)
	res, err := call(session, "charge", charge("12.50"))
	p := s.refused(res, err, verify.LedgerBudgetExceeded)
	require.Equal(t, s.Clock.Now().Add(24*time.Hour), p.Until.Truncate(time.Hour))
	require.Contains(t, text(t, res), "12.50 USD used")
	require.Contains(t, text(t, res), "Asking again makes sense from 2026-11-22T09:00:0")
}

// A stock client is refused with words that it can show; on request with an error.
func TestStockClient(t *testing.T) {
	for transport := range transports {
		s := newShop(t)
		res, err := call(s.stock(transport), "charge", charge("12.50"))
		s.refused(res, err, verify.EnvelopeMissing)
		require.Contains(t, text(t, res), "needs an agent's passport")

		s = newShop(t, func(s *shop) { s.config.RefuseWithErrors = true })
		_, err = call(s.stock(transport), "charge", charge("12.50"))
		var wire *jsonrpc.Error
		require.ErrorAs(t, err, &wire)
		require.EqualValues(t, verifymcp.CodeRefused, wire.Code)
		require.Contains(t, err.Error(), "needs an agent's passport")
		p, ok := verifymcp.ReadRefusal(nil, err)
		require.True(t, ok)
		require.Equal(t, verify.EnvelopeMissing, p.Code)
	}
}

// Methods are denied unless they are declared, or open by name.
func TestMethods(t *testing.T) {
	read := func(s *mcp.ClientSession) error {
		_, err := s.ReadResource(context.Background(), &mcp.ReadResourceParams{URI: "file:///a"})
		return err
	}
	code := func(err error) verify.Code {
		p, ok := verifymcp.ReadRefusal(nil, err)
		require.True(t, ok, "%v", err)
		return p.Code
	}
	s := newShop(t)
	stock := s.stock("in memory")
	require.Equal(t, verify.AuthorityOperationUnknown, code(read(stock)))
	_, err := stock.ListResources(context.Background(), nil)
	require.Equal(t, verify.AuthorityOperationUnknown, code(err))
	require.NoError(t, stock.Ping(context.Background(), nil))

	methods := map[string]verifymcp.Call{"resources/read": {Action: "data.read", Resource: "/uri"}}
	s = newShop(t, func(s *shop) {
		s.config.Methods, s.client.Methods = methods, methods
		s.config.Open = []string{"resources/list"}
	})
	require.Equal(t, verify.EnvelopeMissing, code(read(s.stock("in memory"))))
	require.NoError(t, read(s.connect("in memory", nil)))
	_, err = s.stock("in memory").ListResources(context.Background(), nil)
	require.NoError(t, err)
	_, err = s.stock("in memory").ListPrompts(context.Background(), &mcp.ListPromptsParams{})
	require.Equal(t, verify.AuthorityOperationUnknown, code(err))
}

// Tools say what calls of them mean; with an option the list has those alone that the
// passport allows.
func TestToolsList(t *testing.T) {
	names := func(session *mcp.ClientSession) (names []string) {
		res, err := session.ListTools(context.Background(), nil)
		require.NoError(t, err)
		for _, tool := range res.Tools {
			names = append(names, tool.Name)
		}
		return names
	}
	s := newShop(t)
	require.ElementsMatch(t, []string{"charge", "rows", "admin", "undeclared"}, names(s.stock("in memory")))
	res, err := s.stock("in memory").ListTools(context.Background(), nil)
	require.NoError(t, err)
	want := maps.Clone(tools())
	delete(want, "nowhere")
	require.Equal(t, want, verifymcp.CallsOf(res.Tools))

	some := func(s *shop) { s.config.ListAllowed, s.client.PresentLists = true, true }
	s = newShop(t, some)
	session := s.connect("streamable HTTP", nil)
	require.ElementsMatch(t, []string{"charge", "rows"}, names(session))
	require.ElementsMatch(t, []string{"charge", "rows"}, names(session), "nothing is used up")
	require.Empty(t, names(s.stock("in memory")))
	_, err = call(session, "charge", charge("12.50"))
	require.NoError(t, err)

	s = newShop(t, some, func(s *shop) { s.client.Audience = "did:web:other.example" })
	require.Empty(t, names(s.connect("in memory", nil)))
	s = newShop(t, some)
	revoked := s.Passport()
	s.client.Chain = passport.Chain{s.Issue(revoked)}
	s.Lists.Set(revoked.Status[0], 1)
	require.Empty(t, names(s.connect("in memory", nil)))
}

// What becomes of the reservation follows the result.
func TestSettling(t *testing.T) {
	fails := errors.New("no answer from the bank")
	for name, c := range map[string]struct {
		tool  func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error)
		spent string
		open  int
	}{
		"done": {nil, "12.50", 0},
		"a tool's error": {func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{IsError: true}, nil
		}, "0", 1},
		"an error": {func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, fails }, "0", 1},
		"released by the tool": {func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			d, _ := verify.FromContext(ctx)
			return &mcp.CallToolResult{IsError: true}, d.Release(ctx)
		}, "0", 0},
		"more input is wanted": {func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			//lint:ignore SA1019 it is what every client can answer
			return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"a": &mcp.ListRootsParams{}}}, nil
		}, "0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var chain []*passport.Passport
			s := newShop(t, func(s *shop) {
				s.config.Observe = func(_ context.Context, d *verify.Decision, err error) {
					if err == nil { // the SDK's client asks again by itself, with what it has shown
						chain = d.Chain
					}
				}
			})
			s.charge = c.tool
			s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
				p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("40.00", "USD"), Per: passport.PerDay}}
			}))}
			_, _ = call(s.connect("streamable HTTP", nil), "charge", charge("12.50"))
			budgets, err := s.verifier.Budgets(t.Context(), chain)
			require.NoError(t, err)
			require.Len(t, budgets, 1)
			require.Regexp(t, "^"+c.spent, budgets[0].Text(budgets[0].Spent))
			require.Equal(t, c.open, budgets[0].Open)
		})
	}
}

// What cannot be decided is refused, and a panic of the host's question too.
func TestNothingToDecideWith(t *testing.T) {
	var none *verifymcp.Guard
	for name, guard := range map[string]*verifymcp.Guard{"nil": none, "zero": {}} {
		_, err := guard.Middleware(nil)(t.Context(), "tools/call", nil)
		p, ok := verifymcp.ReadRefusal(nil, err)
		require.True(t, ok, name)
		require.Equal(t, verify.InternalError, p.Code)
	}
	for name, ask := range map[string]struct {
		with any
		code verify.Code
	}{"a panic": {"oops", verify.InternalError}, "an error": {errors.New("no"), verify.RequestInvalid}, "a code": {verify.StatusStale, verify.StatusStale}} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, func(s *shop) {
				asked := s.config.Tools["rows"]
				asked.Ask = func(_ context.Context, _ credential.Value, _ *verify.Request) error {
					if err, ok := ask.with.(error); ok {
						return err
					}
					panic(ask.with)
				}
				s.config.Tools["rows"] = asked
			})
			res, err := call(s.connect("in memory", nil), "rows", nil)
			s.refused(res, err, ask.code)
		})
	}
}

// The host's question counts, and cannot take the binding away.
func TestAsk(t *testing.T) {
	s := newShop(t, func(s *shop) {
		asked := s.config.Tools["rows"]
		asked.Ask = func(_ context.Context, args credential.Value, q *verify.Request) error {
			q.BodyDigest, q.Audience, q.AcceptRepeat = "", "did:web:other.example", true
			q.Resource = args.Get("table").Str() + "/all"
			return nil
		}
		s.config.Tools["rows"] = asked
	})
	res, err := call(s.connect("in memory", nil), "rows", map[string]any{"table": "t"})
	s.refused(res, err, verify.ProofIntentMismatch)
	s.client.Tools["rows"] = verifymcp.Call{Action: "data.read", Resource: "t/all"}
	res, err = call(s.connect("in memory", nil), "rows", map[string]any{"table": "t"})
	require.NoError(t, err)
	require.False(t, res.IsError, "%v", res)
}

func TestNewRefuses(t *testing.T) {
	good := newShop(t).config
	for want, edit := range map[string]func(*verifymcp.Config){
		"Verifier is nil":   func(c *verifymcp.Config) { c.Verifier = nil },
		"Audience is empty": func(c *verifymcp.Config) { c.Audience = "" },
		`the call "x"`:      func(c *verifymcp.Config) { c.Tools = map[string]verifymcp.Call{"x": {}} },
		"a currency without an amount": func(c *verifymcp.Config) {
			c.Tools = map[string]verifymcp.Call{"x": {Action: "a.b", Currency: "USD"}}
		},
		"tools/call cannot be declared": func(c *verifymcp.Config) { c.Methods = map[string]verifymcp.Call{"tools/call": {Action: "a.b"}} },
		"tools/call cannot be open":     func(c *verifymcp.Config) { c.Open = []string{"tools/call"} },
		"MaxCall":                       func(c *verifymcp.Config) { c.MaxCall = -1 },
	} {
		c := good
		edit(&c)
		_, err := verifymcp.New(c)
		require.ErrorContains(t, err, want)
	}
}

// A request may come without params, as the TypeScript SDK sends some. It is refused for
// the same reason as one with empty ones, and is observed.
func TestNoParams(t *testing.T) {
	var seen []verify.Code
	s := newShop(t, func(s *shop) {
		s.config.Methods = map[string]verifymcp.Call{"prompts/list": {Action: "data.read"}}
		s.config.Observe = func(_ context.Context, d *verify.Decision, _ error) { seen = append(seen, d.Code()) }
	})
	guard, err := verifymcp.New(s.config)
	require.NoError(t, err)
	handler := guard.Middleware(func(context.Context, string, mcp.Request) (mcp.Result, error) {
		t.Error("it was let through")
		return nil, nil
	})
	for i, c := range []struct {
		method string
		req    mcp.Request
		want   verify.Code
	}{
		{"resources/list", &mcp.ServerRequest[*mcp.ListResourcesParams]{}, verify.AuthorityOperationUnknown},
		{"resources/list", &mcp.ServerRequest[*mcp.ListResourcesParams]{Params: &mcp.ListResourcesParams{}},
			verify.AuthorityOperationUnknown},
		{"prompts/list", &mcp.ServerRequest[*mcp.ListPromptsParams]{}, verify.EnvelopeMissing},
		{"tools/call", &mcp.ServerRequest[*mcp.CallToolParamsRaw]{}, verify.AuthorityOperationUnknown},
	} {
		res, err := handler(context.Background(), c.method, c.req)
		p, refused := verifymcp.ReadRefusal(res, err)
		require.True(t, refused, c.method)
		require.Equal(t, c.want, p.Code, c.method)
		require.Len(t, seen, i+1)
		require.Equal(t, c.want, seen[i])
	}
}

// A model that is refused for an attribute learns which of them it was.
func TestAReasonNamesItsAttribute(t *testing.T) {
	s := newShop(t)
	s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
		p.Authority.Limits = []passport.Limit{passport.MaxOf("rows", 100), passport.MaxOf("files", 5)}
	}))}
	res, err := call(s.connect("in memory", nil), "rows", map[string]any{"rows": 101})
	p := s.refused(res, err, verify.AuthorityLimitExceeded)
	require.Equal(t, `attribute "rows" is beyond its limit`, p.Reasons[0].Detail)
	require.Contains(t, text(t, res), `attribute "rows" is beyond its limit; limit: at most 100; actual: 101`)
}

// An agent that calls what its own configuration does not declare is told that, and not
// that the server were at fault.
func TestTheAgentHasNotDeclared(t *testing.T) {
	_, err := call(newShop(t).connect("in memory", nil), "undeclared", nil)
	require.ErrorIs(t, err, verify.AuthorityOperationUnknown)
	require.ErrorContains(t, err, "PresenterConfig does not declare")
}

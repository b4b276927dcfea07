package verifymcp_test

import (
	"context"
	"errors"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// A presentation is shown to the server that it is for: another server of the same
// client, which could use it there, gets nothing.
func TestOneServer(t *testing.T) {
	s, other := newShop(t), newShop(t)
	client := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil)
	presenter, err := verifymcp.NewPresenter(s.client)
	require.NoError(t, err)
	client.AddSendingMiddleware(presenter.Middleware)
	here, there := s.dial(client, "in memory"), other.dial(client, "in memory")
	_, err = call(here, "rows", nil)
	require.NoError(t, err)
	_, err = call(there, "rows", nil)
	require.ErrorContains(t, err, "see Bind")
	require.Zero(t, other.ran.Load())
	again := s.dial(client, "in memory")
	presenter.Bind(again)
	_, err = call(again, "rows", nil)
	require.NoError(t, err)
	_, err = call(here, "rows", nil)
	require.Error(t, err)
}

// The caller's params stay as they are, and serve again.
func TestParamsAreTheCallers(t *testing.T) {
	s := newShop(t)
	session := s.connect("in memory", nil)
	params := &mcp.CallToolParams{Name: "charge", Arguments: charge("12.50"), Meta: mcp.Meta{"mine": "x"}}
	for range 2 {
		res, err := session.CallTool(t.Context(), params)
		require.NoError(t, err)
		require.False(t, res.IsError)
		require.Equal(t, "x", params.Meta["mine"])
		require.NotContains(t, params.Meta, verifymcp.MetaPresentation)
	}
}

// What the agent has not declared, cannot say or may not sign is not sent.
func TestNothingIsSent(t *testing.T) {
	gone := errors.New("gone")
	for name, c := range map[string]struct {
		edit func(*shop)
		tool string
		want error
	}{
		"an undeclared tool": {nil, "undeclared", verify.AuthorityOperationUnknown},
		"no amount":          {nil, "charge", verify.AuthorityAttributeMissing},
		"no passport":        {func(s *shop) { s.client.Renew = func(context.Context) (passport.Chain, error) { return nil, gone } }, "rows", gone},
		"an edit refuses": {func(s *shop) {
			s.client.Edit = func(context.Context, mcp.Params, *passport.Intent) error { return gone }
		}, "rows", gone},
		"another agent's": {func(s *shop) { s.client.Agent = s.Issuer }, "rows", verify.ProofHolderMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			if c.edit != nil {
				c.edit(s)
			}
			sent := false
			session := s.connect("in memory", onWire(func(*mcp.CallToolParams) { sent = true }))
			_, err := call(session, c.tool, nil)
			require.ErrorIs(t, err, c.want)
			require.False(t, sent)
		})
	}
}

// One intent id acts once, however often the call is made, and even if the host's
// question would take a repeat: there is no stored answer.
func TestIntentID(t *testing.T) {
	s := newShop(t, func(s *shop) {
		asked := s.config.Tools["charge"]
		asked.Ask = func(_ context.Context, _ credential.Value, q *verify.Request) error {
			q.AcceptRepeat = true
			return nil
		}
		s.config.Tools["charge"] = asked
	})
	s.client.Edit = func(_ context.Context, _ mcp.Params, in *passport.Intent) (err error) {
		in.ID, err = passport.IntentIDOf(s.Agent.DID(), s.client.Audience, "order-7")
		return err
	}
	session := s.connect("in memory", nil)
	_, err := call(session, "charge", charge("12.50"))
	require.NoError(t, err)
	s.ran.Store(0)
	res, err := call(session, "charge", charge("12.50"))
	s.refused(res, err, verify.LedgerRepeated)
}

func TestNewPresenterRefuses(t *testing.T) {
	good := newShop(t).client
	for want, edit := range map[string]func(*verifymcp.PresenterConfig){
		"Agent is nil":      func(c *verifymcp.PresenterConfig) { c.Agent = nil },
		"Audience is empty": func(c *verifymcp.PresenterConfig) { c.Audience = "" },
		"Chain is empty":    func(c *verifymcp.PresenterConfig) { c.Chain = nil },
		"Challenge is set":  func(c *verifymcp.PresenterConfig) { c.Present.Challenge = "x" },
		`the call "x"`:      func(c *verifymcp.PresenterConfig) { c.Tools = map[string]verifymcp.Call{"x": {}} },
	} {
		c := good
		edit(&c)
		_, err := verifymcp.NewPresenter(c)
		require.ErrorContains(t, err, want)
	}
}

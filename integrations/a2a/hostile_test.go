package verifya2a_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2asrv"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// captured is the body of a request that was signed and not sent.
func (s *shop) captured(p *a2a.MessageSendParams) string {
	stop := errors.New("taken")
	_, err := s.dial(stops{err: stop}).SendMessage(s.t.Context(), p)
	require.ErrorIs(s.t, err, stop)
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": p})
	require.NoError(s.t, err)
	return string(body)
}

// Whatever stands on the wire, the executor runs with what the caller has signed, or not at all.
func TestBytesOnTheWire(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		runs     bool
	}{
		"good":                        {"", "", true},
		"another order":               {`"jsonrpc":"2.0",`, `"jsonrpc" : "2.0" , `, true},
		"an amount twice":             {`"amount":"12.50"`, `"amount":"12.50","amount":"49.00"`, false},
		"an amount in another case":   {`"amount":"12.50"`, `"amount":"12.50","Amount":"49.00"`, false},
		"a message twice":             {`"message":{`, `"message":{"kind":"message","messageId":"x","role":"user","parts":[]},"message":{"taskId":"t",`, false},
		"a message in another case":   {`"message":{`, `"Message":{"taskId":"t"},"message":{`, false},
		"a skill that looks like it":  {`"charge"`, `"сharge"`, false},
		"a method twice":              {`"method":"message/send"`, `"method":"tasks/get","method":"message/send"`, true},
		"a method in another case":    {`"method":"message/send"`, `"method":"message/send","Method":"tasks/cancel"`, false},
		"the text in two code points": {`"messageId":"`, `"messageId":"e\u0301`, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			body := s.captured(ask("charge", "12.50"))
			require.Contains(t, body, c.old)
			resp, err := http.Post(s.url, "application/json", strings.NewReader(strings.Replace(body, c.old, c.new, 1)))
			require.NoError(t, err)
			defer func() { _ = resp.Body.Close() }()
			answer, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, c.runs, s.ran.Load() == 1, "%s", answer)
		})
	}
}

// a2a-go reads doubles. What it may have rounded is refused, for it is neither what was sent nor
// what was signed; the agent is told before it signs.
func TestNumbersThatAreRounded(t *testing.T) {
	const most = 1<<53 - 1
	signed := func(n any) *a2a.MessageSendParams {
		p := ask("charge", "12.50")
		p.Message.Parts[0] = a2a.DataPart{Data: map[string]any{"amount": "12.50", "deep": []any{map[string]any{"n": n}}}}
		return p
	}
	for _, n := range []any{most, -most, 0.1, 1e15, -2.5e-7} {
		s := newShop(t)
		_, err := s.dial().SendMessage(t.Context(), signed(n))
		require.NoError(t, err, n)
	}
	for _, n := range []any{most + 1, -most - 1, 1e300, json.Number("9007199254740993"), json.Number("-1e16")} {
		s := newShop(t)
		_, err := s.dial().SendMessage(t.Context(), signed(n))
		require.ErrorIs(t, err, verify.EnvelopeMalformed, n)
		require.ErrorContains(t, err, "send it as a text")
		require.Zero(t, s.ran.Load())
	}

	// A client of another kind signs what its reader has made of it.
	for _, sent := range []string{
		"9007199254740992", "9007199254740993", "-9007199254740993", "9007199254740992.5", "1e16",
	} {
		s := newShop(t)
		var n float64
		require.NoError(t, json.Unmarshal([]byte(sent), &n))
		p := signed(n)
		text, err := json.Marshal(map[string]any{"method": "message/send", "params": p})
		require.NoError(t, err)
		v, err := credential.ParseMessage(string(text), 1<<20)
		require.NoError(t, err)
		act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute",
			Rail: "tempo"}
		p.Metadata = map[string]any{verifya2a.KeyPresentation: string(s.PresentChain(s.Agent, s.client.Chain,
			passport.Intent{Act: act, BodyDigest: passport.DigestJSON(v)}))}
		body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": p})
		require.NoError(t, err)
		shortest, err := json.Marshal(n)
		require.NoError(t, err)
		resp, err := http.Post(s.url, "application/json",
			strings.NewReader(strings.Replace(string(body), `"n":`+string(shortest), `"n":`+sent, 1)))
		require.NoError(t, err)
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Contains(t, string(answer), "send it as a text", sent)
		require.Zero(t, s.ran.Load(), sent)
	}
}

// handler is an agent without its framework.
type handler struct {
	a2asrv.RequestHandler
	send func() (a2a.SendMessageResult, error)
}

func (h handler) OnSendMessage(context.Context, *a2a.MessageSendParams) (a2a.SendMessageResult, error) {
	return h.send()
}

// An agent that panics has not said what became of the act: it counts as spent. A caller
// who has gone does not undo what was done.
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
			p := ask("charge", "12.50")
			s.captured(p)
			guard, err := verifya2a.New(s.config)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			handler := &a2asrv.InterceptedHandler{
				Handler: handler{send: func() (a2a.SendMessageResult, error) {
					if cancel(); open > 0 {
						panic("oops")
					}
					return &a2a.Message{}, nil
				}},
				Interceptors: []a2asrv.CallInterceptor{guard},
			}
			if open > 0 {
				require.Panics(t, func() { _, _ = handler.OnSendMessage(ctx, p) })
			} else {
				_, err = handler.OnSendMessage(ctx, p)
				require.NoError(t, err)
			}
			budgets, err := s.verifier.Budgets(t.Context(), decision.Chain)
			require.NoError(t, err)
			require.Equal(t, open, budgets[0].Open)
			require.Equal(t, "12.50 USD", budgets[0].Text(budgets[0].Total()))
		})
	}
}

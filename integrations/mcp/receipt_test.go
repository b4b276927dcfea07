package verifymcp_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Receipts come back to whoever asks, of what was allowed and of what was refused,
// and prove what was decided.
func TestReceipts(t *testing.T) {
	key := verifytest.Key("shop")
	log, err := receipt.Open(t.Context(), t.TempDir(), receipt.Options{Origin: "shop.example", Signer: key, Key: key.PublicKey()})
	require.NoError(t, err)
	defer func() { _ = log.Close(context.Background()) }()
	keeper := &receipt.Keeper{Log: log, Signer: key}
	trust := receipt.Trust{Verifier: key.DID(), Resolver: did.KeyMethods(), LogKey: log.Key()}
	for _, withErrors := range []bool{false, true} {
		s := newShop(t, func(s *shop) {
			s.config.Receipt, s.client.WantReceipts, s.config.RefuseWithErrors = keeper.Keep, true, withErrors
		})
		session := s.connect("streamable HTTP", nil)
		for amount, want := range map[string]verify.Verdict{"12.50": verify.Allow, "60.00": verify.Deny} {
			res, callErr := call(session, "charge", charge(amount))
			var result mcp.Result
			if res != nil {
				result = res
			}
			r, err := verifymcp.ReadReceipt(result, callErr)
			require.NoError(t, err)
			says, err := receipt.Verify(t.Context(), r.Text, r.Proof, trust)
			require.NoError(t, err)
			require.Equal(t, want, says.Verdict)
		}
		// Nobody gets one unasked.
		s.client.WantReceipts = false
		res, err := call(s.connect("streamable HTTP", nil), "charge", charge("12.50"))
		require.NoError(t, err)
		_, err = verifymcp.ReadReceipt(res, nil)
		require.ErrorIs(t, err, verifyhttp.ErrNoReceipt)
	}
	require.EqualValues(t, 6, log.Size(), "they are kept all the same")
}

// A receipt or a settlement that cannot be kept is told, and stops nothing that was done.
func TestFailuresAreTold(t *testing.T) {
	disk := errors.New("disk full")
	var told []error
	s := newShop(t, func(s *shop) {
		s.config.Receipt = func(context.Context, *verify.Decision) (text, proof []byte, err error) { return nil, nil, disk }
		s.config.Failed = func(_ *verify.Decision, err error) { told = append(told, err) }
		s.config.Verifier = s.Verifier(func(c *verify.Config) { c.Ledger = failing{s.ledger, disk} })
	})
	res, err := call(s.connect("in memory", nil), "charge", charge("12.50"))
	require.NoError(t, err)
	require.False(t, res.IsError)
	require.Len(t, told, 2)
	for _, err := range told {
		require.ErrorIs(t, err, disk)
	}
}

type failing struct {
	verify.Ledger
	err error
}

func (l failing) Settle(context.Context, verify.Settlement) error { return l.err }

// A presentation as the bearer token of an HTTP server: it says who is connected, in
// which session, and serves once.
func TestTokenVerifier(t *testing.T) {
	s := newShop(t)
	pass := s.Passport(func(p *passport.Passport) {
		p.Authority.Capabilities = append(p.Authority.Capabilities, passport.Capability{Action: "mcp.connect"})
	})
	connect := passport.Act{Action: "mcp.connect"}
	door, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: s.verifier, Audience: verifytest.Audience, Headers: []string{verifyhttp.HeaderAuthorization},
		Request: func(*http.Request) (verify.Request, error) { return verify.Request{Act: connect}, nil },
	})
	require.NoError(t, err)
	var info *auth.TokenInfo
	server := mcp.NewStreamableHTTPHandler(func(r *http.Request) *mcp.Server {
		info = auth.TokenInfoFromContext(r.Context())
		require.Empty(t, r.Header.Get("Authorization"), "nothing behind sees the presentation")
		return s.server
	}, nil)
	opts := &auth.RequireBearerTokenOptions{Scopes: []string{"payments.charge"}, AllowMissingExpiration: true, ClockSkew: 1 << 62}
	web := httptest.NewServer(auth.RequireBearerToken(verifymcp.TokenVerifier(door), opts)(server))
	defer web.Close()

	tripper, err := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
		Agent: s.Agent, Chain: passport.Chain{s.Issue(pass)}, Audiences: map[string]string{web.URL: verifytest.Audience},
		Header: verifyhttp.HeaderAuthorization, Present: passport.PresentOptions{Now: s.Clock.Now},
		Intent: func(*http.Request) (passport.Intent, error) { return passport.Intent{Act: connect}, nil },
	})
	require.NoError(t, err)
	dial := func(http *http.Client) (*mcp.ClientSession, error) {
		client := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil)
		presenter, err := verifymcp.NewPresenter(s.client)
		require.NoError(t, err)
		client.AddSendingMiddleware(presenter.Middleware)
		return client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: web.URL, HTTPClient: http}, nil)
	}
	session, err := dial(&http.Client{Transport: tripper})
	require.NoError(t, err)
	defer func() { _ = session.Close() }()
	res, err := call(session, "charge", charge("12.50"))
	require.NoError(t, err)
	require.Equal(t, "done", text(t, res))
	require.Equal(t, s.Agent.DID().String(), info.UserID)
	require.Equal(t, pass.ValidUntil, info.Expiration)
	require.Contains(t, info.Scopes, "payments.charge")

	_, err = dial(nil)
	require.ErrorContains(t, err, "Unauthorized")

	// What cannot be decided is no bad token.
	s.Lists.Fail(verifytest.RevocationURL, errors.New("down"))
	s.Clock.Advance(1)
	fresh := verifymcp.TokenVerifier(door)
	_, err = fresh(t.Context(), "", httptest.NewRequest(http.MethodPost, web.URL, nil))
	require.ErrorIs(t, err, auth.ErrInvalidToken)
	require.ErrorContains(t, err, "envelope.missing")
}

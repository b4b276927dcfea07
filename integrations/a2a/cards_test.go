package verifya2a_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2aclient"
	"github.com/a2aproject/a2a-go/a2aclient/agentcard"
	"github.com/a2aproject/a2a-go/a2asrv"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const origin = "https://shop.example"

func newCard(edits ...func(*a2a.AgentCard)) *a2a.AgentCard {
	card := &a2a.AgentCard{
		Name: "shop", Description: "sells & charges", URL: origin + "/a2a", Version: "1.0.0",
		ProtocolVersion: "0.3.0", PreferredTransport: a2a.TransportProtocolJSONRPC,
		Capabilities:      a2a.AgentCapabilities{Extensions: []a2a.AgentExtension{verifya2a.Extension()}},
		DefaultInputModes: []string{"application/json"}, DefaultOutputModes: []string{"application/json"},
		Skills: []a2a.AgentSkill{{ID: "charge", Name: "charge", Description: "charges", Tags: []string{"payments"}}},
	}
	for _, edit := range edits {
		edit(card)
	}
	return card
}

// signedCard returns a card, signed by keys, as it is sent.
func signedCard(t testing.TB, card *a2a.AgentCard, keys ...did.Signer) string {
	for _, key := range keys {
		require.NoError(t, verifya2a.SignCard(t.Context(), key, card))
	}
	text, err := json.Marshal(card)
	require.NoError(t, err)
	return string(text)
}

// Each row is one fault; its good twin is the same card without it.
func TestCheckCard(t *testing.T) {
	key, other := verifytest.Key("shop"), verifytest.Key("other")
	pinned := verifya2a.CardKeys{
		origin: {other.PublicKey(), key.PublicKey()}, "https://else.example": {other.PublicKey()},
	}
	good := signedCard(t, newCard(), key)
	header := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	mine := header(fmt.Sprintf(`{"alg":"EdDSA","kid":%q,"typ":"JOSE"}`, key.KeyID().String()))
	// resigned has signatures under another protected header, which hold.
	resigned := func(protected string) string {
		card := newCard()
		signedCard(t, card, key)
		for i := range card.Signatures {
			card.Signatures[i].Protected = protected
		}
		unsigned, err := json.Marshal(newCard())
		require.NoError(t, err)
		payload := canonicalText(t, unsigned)
		sig, err := key.Sign(t.Context(), []byte(protected+"."+base64.RawURLEncoding.EncodeToString(payload)))
		require.NoError(t, err)
		signature := base64.RawURLEncoding.EncodeToString(sig)
		card.Signatures = []a2a.AgentCardSignature{{Protected: protected, Signature: signature}}
		text, err := json.Marshal(card)
		require.NoError(t, err)
		return string(text)
	}
	swap := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.ReplaceAll(good, old, new)
	}
	for name, row := range map[string]struct {
		text, origin, says string
	}{
		"good":                    {good, origin, ""},
		"in another layout":       {swap(`"name":"shop",`, "\n \"name\" : \"sh\\u006fp\" ,"), origin, ""},
		"two keys have signed":    {signedCard(t, newCard(), verifytest.Key("third"), key), origin, ""},
		"under its header again":  {resigned(mine), origin, ""},
		"RFC 9864":                {resigned(header(`{"alg":"Ed25519","kid":"a","jku":"https://evil.example"}`)), origin, ""},
		"another name":            {swap(`"name":"shop"`, `"name":"shap"`), origin, "no key that is pinned"},
		"another URL":             {swap(origin+"/a2a", "https://evil.example/a2a"), origin, "no key that is pinned"},
		"a member added":          {swap(`"name":"shop"`, `"name":"shop","iconUrl":"https://evil.example"`), origin, "no key"},
		"a default that is not":   {swap(`"0.3.0"`, `"0.2.0"`), origin, "no key that is pinned"},
		"another transport":       {swap(`"JSONRPC"`, `"GRPC"`), origin, "no key that is pinned"},
		"another origin":          {good, "https://evil.example", "no key is pinned for"},
		"no origin":               {good, "", "no key is pinned for"},
		"a key of another origin": {good, "https://else.example", "no key that is pinned"},
		"a member twice":          {swap(`"name":"shop"`, `"name":"evil","name":"shop"`), origin, "listed twice"},
		"not signed":              {signedCard(t, newCard()), origin, "no signatures"},
		"not a card":              {`[]`, origin, "a card is a JSON object"},
		"signatures not a list":   {`{"signatures":{"0":{}}}`, origin, "no signatures"},
		"17 signatures": {signedCard(t, newCard(func(c *a2a.AgentCard) {
			c.Signatures = make([]a2a.AgentCardSignature, 17)
		})), origin, "want 16 at most"},
		"another algorithm": {resigned(header(`{"alg":"ES256","kid":"a"}`)), origin, "not understood"},
		"no algorithm":      {resigned(header(`{"kid":"a"}`)), origin, "no alg"},
		"another type":      {resigned(header(`{"alg":"EdDSA","typ":"at+jwt"}`)), origin, "not understood"},
		"crit":              {resigned(header(`{"alg":"EdDSA","crit":["b64"],"b64":false}`)), origin, "not understood"},
		"alg twice":         {resigned(header(`{"alg":"none","alg":"EdDSA"}`)), origin, "a protected header"},
		"a line break":      {swap(`"signature":"`, `"signature":"\n`), origin, "not base64url"},
		"one in a header":   {swap(`"protected":"`, `"protected":"\n`), origin, "not base64url"},
		"not base64url":     {swap(`"protected":"`, `"protected":"=`), origin, "not base64url"},
	} {
		checked, err := verifya2a.CheckCard([]byte(row.text), row.origin, pinned)
		if row.says != "" {
			require.ErrorIs(t, err, verifya2a.ErrCard, name)
			require.ErrorContains(t, err, row.says, name)
			require.Nil(t, checked, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, key.PublicKey(), checked.Key)
		card, err := checked.Card()
		require.NoError(t, err, name)
		require.Equal(t, newCard(), card, name)
	}
	_, err := verifya2a.CheckCard([]byte(good), origin, nil)
	require.ErrorIs(t, err, verifya2a.ErrCard)
}

// canonicalText is the canonical form of a card that is flat enough for encoding/json.
func canonicalText(t testing.TB, text []byte) []byte {
	var v map[string]any
	require.NoError(t, json.Unmarshal(text, &v))
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(v))
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// What was not signed is not in what CheckCard returns, though a signature of a form
// without it holds.
func TestOnlyWhatWasSigned(t *testing.T) {
	key := verifytest.Key("shop")
	pinned := verifya2a.CardKeys{origin: {key.PublicKey()}}
	text := signedCard(t, newCard(func(c *a2a.AgentCard) { c.Description = "" }), key)
	require.Equal(t, 3, strings.Count(text, `"protected"`), "this card has three forms")
	checked, err := verifya2a.CheckCard([]byte(text), origin, pinned)
	require.NoError(t, err)
	require.Contains(t, string(checked.Text), `"description":""`)

	const empties = `"iconUrl":"","security":[],"provider":{"url":""}`
	slipped := strings.Replace(text, `"name":"shop"`, `"name":"shop",`+empties, 1)
	checked, err = verifya2a.CheckCard([]byte(slipped), origin, pinned)
	require.NoError(t, err, "empty members are nothing to the SDK for Python")
	for _, name := range []string{"iconUrl", "security", "provider", "signatures"} {
		require.NotContains(t, string(checked.Text), name)
	}
	require.Contains(t, string(checked.Text), `"protocolVersion":"0.3.0"`, "a default means what an absent member does")

	slipped = strings.Replace(text, `"required":true`, `"required":true,"protocolVersion":"0.3.0"`, 1)
	_, err = verifya2a.CheckCard([]byte(slipped), origin, pinned)
	require.ErrorIs(t, err, verifya2a.ErrCard, "it is a default of the card alone")

	bare := newCard(func(c *a2a.AgentCard) { c.Description = "" })
	require.NoError(t, verifya2a.SignCard(t.Context(), key, bare))
	bare.Signatures = bare.Signatures[2:]
	checked, err = verifya2a.CheckCard([]byte(signedCard(t, bare)), origin, pinned)
	require.NoError(t, err, "as the SDK for Python signs")
	require.Contains(t, string(checked.Text), `"protocolVersion":"0.3.0"`)

	noDefaults := func(c *a2a.AgentCard) { c.ProtocolVersion, c.PreferredTransport = "0.3", "GRPC" }
	full := signedCard(t, newCard(noDefaults), key)
	require.Equal(t, 1, strings.Count(full, `"protected"`), "this one has one form")
}

// Signing again replaces, and a number that others would not keep is not signed.
func TestSignCard(t *testing.T) {
	key := verifytest.Key("shop")
	card := newCard()
	signedCard(t, card, key, key, verifytest.Key("second"))
	require.Len(t, card.Signatures, 4, "two keys, two forms")
	card.Name = "renamed"
	text := signedCard(t, card, key)
	require.Len(t, card.Signatures, 4)
	checked, err := verifya2a.CheckCard([]byte(text), origin, verifya2a.CardKeys{origin: {key.PublicKey()}})
	require.NoError(t, err)
	require.Contains(t, string(checked.Text), "renamed")

	card.Capabilities.Extensions[0].Params = map[string]any{"most": json.Number("12345678901234567890")}
	require.ErrorContains(t, verifya2a.SignCard(t.Context(), key, card), "digits")
	require.Error(t, verifya2a.SignCard(t.Context(), nil, card))
	require.Error(t, verifya2a.SignCard(t.Context(), key, nil))
	_, err = verifya2a.SignCardJSON(t.Context(), key, []byte(`{`))
	require.Error(t, err)
}

// The resolver and the server of a2a-go: a card that is served signed is believed, and its
// agent is called; one by another key, one that was changed, and one behind a redirect are
// not.
func TestResolver(t *testing.T) {
	s := newShop(t)
	key, other := verifytest.Key("shop"), verifytest.Key("other")
	card := newCard(func(c *a2a.AgentCard) { c.URL = s.url })
	require.NoError(t, verifya2a.SignCard(t.Context(), key, card))
	changed := *card
	changed.URL = "https://evil.example"
	serve := func(h http.Handler) *httptest.Server {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server
	}
	good := serve(a2asrv.NewStaticAgentCardHandler(card))
	resolve := func(url string, keys ...did.PublicKey) (*a2a.AgentCard, error) {
		transport := &verifya2a.CardTransport{Keys: verifya2a.CardKeys{good.URL: keys, url: keys}}
		return agentcard.NewResolver(&http.Client{Transport: transport}).Resolve(t.Context(), url)
	}
	got, err := resolve(good.URL, key.PublicKey())
	require.NoError(t, err)
	client, err := a2aclient.NewFromCard(t.Context(), got, a2aclient.WithInterceptors(s.presenter()))
	require.NoError(t, err)
	_, err = client.SendMessage(t.Context(), ask("charge", "12.50"))
	require.NoError(t, err)
	require.EqualValues(t, 1, s.ran.Load())

	for name, server := range map[string]*httptest.Server{
		"changed":  serve(a2asrv.NewStaticAgentCardHandler(&changed)),
		"unsigned": serve(a2asrv.NewStaticAgentCardHandler(newCard())),
		"redirect": serve(http.RedirectHandler(good.URL+a2asrv.WellKnownAgentCardPath, http.StatusFound)),
		"long": serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"a":"` + strings.Repeat("x", 1<<20) + `"}`))
		})),
	} {
		_, err := resolve(server.URL, key.PublicKey())
		require.ErrorIs(t, err, verifya2a.ErrCard, name)
	}
	_, err = resolve(good.URL, other.PublicKey())
	require.ErrorIs(t, err, verifya2a.ErrCard)
	transport := &verifya2a.CardTransport{Keys: verifya2a.CardKeys{good.URL: {key.PublicKey()}}}
	resp, err := (&http.Client{Transport: transport}).Get(good.URL + a2asrv.WellKnownAgentCardPath)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NotContains(t, string(text), "signatures", "what was signed is handed on, and nothing else")
	transport.Base = endless{}
	_, err = (&http.Client{Transport: transport}).Get(good.URL)
	require.ErrorIs(t, err, verifya2a.ErrCard)
	_, err = resolve(serve(http.NotFoundHandler()).URL, key.PublicKey())
	var status *agentcard.ErrStatusNotOK
	require.ErrorAs(t, err, &status)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = agentcard.NewResolver(&http.Client{Transport: &verifya2a.CardTransport{}}).Resolve(ctx, good.URL)
	require.ErrorIs(t, err, context.Canceled)
	var none *verifya2a.CardTransport
	_, err = (&http.Client{Transport: none}).Get(good.URL + a2asrv.WellKnownAgentCardPath)
	require.ErrorIs(t, err, verifya2a.ErrCard, "a nil one believes nothing")
}

// endless is a server whose card has no end.
type endless struct{}

func (e endless) RoundTrip(*http.Request) (*http.Response, error) {
	pipe, write := io.Pipe()
	go func() {
		written := 0
		for {
			n, err := write.Write(make([]byte, 64<<10))
			if written += n; err != nil || written > 4<<20 {
				_ = write.CloseWithError(errors.New("more than 4 MiB were read"))
				return
			}
		}
	}()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: pipe}, nil
}

// No text makes it panic, and none is believed that was not signed.
func FuzzCheckCard(f *testing.F) {
	key := verifytest.Key("shop")
	good := signedCard(f, newCard(), key)
	f.Add(good)
	f.Add(`{"signatures":[{"protected":"e30","signature":""}],"a":[[],{"b":null}]}`)
	want, err := verifya2a.CheckCard([]byte(good), origin, verifya2a.CardKeys{origin: {key.PublicKey()}})
	require.NoError(f, err)
	var meant map[string]any
	require.NoError(f, json.Unmarshal(want.Text, &meant))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := verifya2a.CheckCard([]byte(text), origin, verifya2a.CardKeys{origin: {key.PublicKey()}})
		if err != nil {
			return
		}
		var v map[string]any
		require.NoError(t, json.Unmarshal(got.Text, &v))
		for name, value := range defaultsOf03 { // absent or said, they mean the same
			if v[name] == nil {
				v[name] = value
			}
		}
		require.Equal(t, meant, v)
	})
}

var defaultsOf03 = map[string]string{"protocolVersion": "0.3.0", "preferredTransport": "JSONRPC"}

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// newRecord makes a passport of APort's calls.
func (o *testOffice) newRecord(t *testing.T, x *tenant, body string) string {
	t.Helper()
	m := o.does(t, 201, aport, x.apk, "POST", "/api/passports/create", fmt.Sprintf(
		`{"name":"n","role":"agent","description":"d","owner_id":%q,"status":"active",%s}`, x.owner.ID, body))
	return m["data"].(map[string]any)["agent_id"].(string)
}

// P14: go-jose verifies a decision token with the key set, and the decision in it, by itself.
func TestP14DecisionTokens(t *testing.T) {
	o := newTestOffice(t)
	x, y := o.tenants[0], o.tenants[1]
	id := o.newRecord(t, x, `"capabilities":[{"id":"messaging.send"}],"limits":{"msgs_per_day":2}`)
	const path = "/api/verify/token/messaging.message.send.v1"
	body := fmt.Sprintf(`{"context": {"message":"hello","agent_id":%q,"channel_id":"c","message_type":"text"}}`, id)
	m := o.does(t, 200, aport, x.apk, "POST", path, body)
	token := m["token"].(string)
	require.Equal(t, 30.0, m["expires_in"])

	var keys jose.JSONWebKeySet
	a := o.ask(nil, "GET", "/aport/jwks.json", "")
	require.NoError(t, json.Unmarshal([]byte(a.body), &keys))
	require.Equal(t, a.body, o.ask(nil, "GET", "/aport/.well-known/oap/jwks.json", "").body)
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.EdDSA})
	require.NoError(t, err)
	key := keys.Key(signed.Signatures[0].Header.KeyID)
	require.Len(t, key, 1)
	payload, err := signed.Verify(key[0])
	require.NoError(t, err)
	var claims decisionClaims
	require.NoError(t, json.Unmarshal(payload, &claims))
	require.Equal(t, "https://issuer.example/aport", claims.Issuer)
	require.Equal(t, id, claims.Subject)
	require.Equal(t, o.clock.Now().Add(30*time.Second).Unix(), claims.Expires)
	canonical := fmt.Sprintf(`{"agent_id":%q,"channel_id":"c","message":"hello","message_type":"text"}`, id)
	sum := sha256.Sum256([]byte(canonical))
	require.Equal(t, "sha256:"+hex.EncodeToString(sum[:]), claims.Context, "what was asked is signed, too")
	require.Equal(t, o.server.Packs["messaging.message.send.v1"].pack.Digest(), claims.Policy)

	d, err := oap.ParseDecision(claims.Decision, oap.Strict)
	require.NoError(t, err)
	public, err := did.PublicKeyOf(key[0].Key)
	require.NoError(t, err)
	require.NoError(t, d.Verify(public, o.clock.Now()))
	require.Error(t, d.Verify(public, o.clock.Now().Add(31*time.Second)))
	require.True(t, d.Allow)
	require.Equal(t, claims.ID, d.ID)
	require.Equal(t, key[0].KeyID, d.KeyID)

	validate := func(by, token string) answer {
		return o.ask(bearer(by), "POST", "/aport/api/verify/token/validate", fmt.Sprintf(`{"token":%q}`, token))
	}
	got := validate(x.apk, token)
	require.Equal(t, 200, got.status, got.body)
	var decision json.RawMessage
	var answered struct{ Decision *json.RawMessage }
	answered.Decision = &decision
	require.NoError(t, json.Unmarshal([]byte(got.body), &answered))
	require.JSONEq(t, string(claims.Decision), string(decision))
	parts := strings.Split(token, ".")
	grants := o.newTokens(t, x, x.agent.ID, `"payments:mpp:inference"`, "1h")["grantToken"].(string)
	fresh := o.does(t, 200, aport, x.apk, "POST", path, body)["token"].(string)
	for name, bad := range map[string]string{
		"another payload":   parts[0] + "." + b64.EncodeToString([]byte(strings.Replace(string(payload), id, "ap_x", 1))) + "." + parts[2],
		"alg none":          b64.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"another system's":  grants,
		"without signature": parts[0] + "." + parts[1] + ".",
		"expired":           token, // the clock has gone on
		"text behind":       fresh + ".x",
	} {
		requireShape(t, aport, validate(x.apk, bad), 400)
		require.Contains(t, validate(x.apk, bad).body, "INVALID_TOKEN", name)
	}
	require.Equal(t, blind(validate(y.apk, "x")), blind(validate(y.apk, fresh)), "another tenant's reads as none")
	require.Equal(t, 200, validate(x.apk, fresh).status)

	third := o.does(t, 200, aport, x.apk, "POST", path, body)
	require.Equal(t, false, third["decision"].(map[string]any)["allow"], "each token that allows was counted")
	o.does(t, 200, aport, x.apk, "PUT", "/api/passports/"+id, `{"limits":{"msgs_per_day":9}}`)
	fresh = o.does(t, 200, aport, x.apk, "POST", path, body)["token"].(string)
	o.does(t, 200, aport, x.apk, "PUT", "/api/passports/"+id, `{"status":"suspended"}`)
	o.clock.Advance(-time.Minute)
	requireShape(t, aport, validate(x.apk, fresh), 400)
}

// P13, P14: a decision by itself is signed, and is for one act: it holds for a second.
func TestP14DecisionsAreSigned(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	id := o.newRecord(t, x, `"capabilities":[{"id":"messaging.send"}],"limits":{"msgs_per_day":2}`)
	draft := o.does(t, 201, aport, x.apk, "POST", "/api/passports/create", fmt.Sprintf(`{"name":"n","role":"agent",
		"description":"d","owner_id":%q,"capabilities":[{"id":"messaging.send"}],"limits":{"msgs_per_day":2},
		"status":"draft"}`, x.owner.ID))["data"].(map[string]any)["agent_id"].(string)
	for agent, allow := range map[string]bool{id: true, draft: false} {
		a := o.ask(bearer(x.apk), "POST", "/aport/api/verify/policy/messaging.message.send.v1", fmt.Sprintf(
			`{"context":{"message":"hello","agent_id":%q,"channel_id":"c","message_type":"text"}}`, agent))
		var got struct{ Decision json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(a.body), &got))
		d, err := oap.ParseDecision(got.Decision, oap.Strict)
		require.NoError(t, err)
		require.Equal(t, allow, d.Allow)
		key := o.server.Issuers[0].(*did.KeyPair).PublicKey()
		require.NoError(t, d.VerifyAsPeer(key))
		require.NoError(t, d.Verify(key, d.CreatedAt))
		require.ErrorContains(t, d.Verify(key, d.CreatedAt.Add(2*time.Second)), "expired")
		other, err := did.GenerateKey()
		require.NoError(t, err)
		require.Error(t, d.VerifyAsPeer(other.PublicKey()))
	}
}
